// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { f32, numbers } from './one_node.js';

/** @typedef {import('../helpers/onnx_model.js').Graph} Graph */
/** @typedef {import('../helpers/onnx_model.js').Node} Node */

const float = (/** @type {(number | string)[]} */ ...shape) => ({ dtype: 'float32', shape });
const bool = { dtype: 'bool', shape: [] }, long = { dtype: 'int64', shape: [] };
const i64 = (/** @type {number} */ value) => new Tensor('int64', [], [BigInt(value)]);
const yes = (/** @type {number} */ value) => new Tensor('bool', [], [value]);
const same = { op: 'Identity', inputs: ['go'], outputs: ['on'] };

/** @param {Node[]} nodes @param {string[]} carried @param {string[]} outputs @returns {Graph} */
const body = (nodes, carried, outputs, shapes = carried.map(() => float(2))) => ({
  inputs: { turn: long, go: bool, ...Object.fromEntries(carried.map((name, i) => [name, shapes[i]])) },
  outputs: Object.fromEntries(['on', ...outputs].map((name) => [name, undefined])), nodes,
});
/** @param {string[]} inputs @param {string[]} outputs @param {Graph} graph @returns {Node} */
const loop = (inputs, outputs, graph) => ({ op: 'Loop', name: 'turns', inputs, outputs, attributes: { body: graph } });

/** @param {Partial<Graph> & { nodes: Node[] }} graph */
const load = (graph) => loadModel(onnxModel({ inputs: { n: long, x: float(2) }, outputs: { y: undefined }, ...graph }));
const code = (/** @type {Promise<any>} */ promise) => promise.then(() => 'ok', (error) => error.code);

test('a Loop takes as many turns as it is told, none at all among them', async () => {
  const double = body([same, { op: 'Add', inputs: ['v', 'v'], outputs: ['w'] }], ['v'], ['w']);
  const model = await load({ nodes: [loop(['n', '', 'x'], ['y'], double)] });
  for (const [n, factor] of [[0, 1], [1, 2], [5, 32], [-3, 1]]) {
    assert.deepEqual(numbers((await model.run({ n: i64(n), x: f32([2], [1, 3]) })).y), [factor, 3 * factor]);
  }
  await model.dispose();
});

test('it ends when its condition does, which may come from data, and knows its turn', async () => {
  const graph = body([
    { op: 'Cast', inputs: ['turn'], outputs: ['t'], attributes: { to: 1 } },
    { op: 'Add', inputs: ['v', 't'], outputs: ['w'] },
    { op: 'ReduceMax', inputs: ['w'], outputs: ['most'], attributes: { keepdims: 0 } },
    { op: 'Less', inputs: ['most', 'limit'], outputs: ['on'] }], ['v'], ['w']);
  const model = await load({ inputs: { x: float(2), limit: float() },
    nodes: [loop(['', '', 'x'], ['y'], graph)] });
  const of = async (/** @type {number} */ limit) =>
    numbers((await model.run({ x: f32([2], [0, 1]), limit: f32([], [limit]) })).y);
  assert.deepEqual([await of(0), await of(5), await of(8)], [[0, 1], [6, 7], [10, 11]]);
  await model.dispose();
});

test('a first condition that is false means no turn, one that is true means nothing', async () => {
  const graph = body([same, { op: 'Neg', inputs: ['v'], outputs: ['w'] }], ['v'], ['w']);
  const model = await load({ inputs: { n: long, c: bool, x: float(2) }, nodes: [loop(['n', 'c', 'x'], ['y'], graph)] });
  const of = async (/** @type {number} */ c) => numbers((await model.run({ n: i64(3), c: yes(c), x: f32([2], [1, 2]) })).y);
  assert.deepEqual([await of(0), await of(1)], [[1, 2], [-1, -2]]);
  await model.dispose();
});

test('carried values that change places do so at once', async () => {
  const graph = body([same, { op: 'Identity', inputs: ['b'], outputs: ['c'] },
    { op: 'Identity', inputs: ['a'], outputs: ['d'] }], ['a', 'b'], ['c', 'd']);
  const model = await load({ inputs: { n: long, x: float(2), z: float(2) }, outputs: { y: undefined, w: undefined },
    nodes: [loop(['n', '', 'x', 'z'], ['y', 'w'], graph)] });
  const of = async (/** @type {number} */ n) => {
    const { y, w } = await model.run({ n: i64(n), x: f32([2], [1, 2]), z: f32([2], [3, 4]) });
    return [...numbers(y), ...numbers(w)];
  };
  assert.deepEqual([await of(1), await of(2)], [[3, 4, 1, 2], [1, 2, 3, 4]]);
  await model.dispose();
});

test('what each turn gives is put together, and what stands around it can be read', async () => {
  const graph = body([same, { op: 'Add', inputs: ['v', 'x'], outputs: ['w'] },
    { op: 'Mul', inputs: ['w', 'w'], outputs: ['square'] }], ['v'], ['w', 'square']);
  const model = await load({ outputs: { y: undefined, squares: undefined },
    nodes: [loop(['n', '', 'x'], ['y', 'squares'], graph)] });
  const { y, squares } = await model.run({ n: i64(3), x: f32([2], [1, 2]) });
  assert.deepEqual([numbers(y), squares.shape, numbers(squares)], [[4, 8], [3, 2], [4, 16, 9, 36, 16, 64]]);
  const none = await model.run({ n: i64(0), x: f32([2], [1, 2]) });
  assert.deepEqual(none.squares.shape, [0, 2]);
  await model.dispose();
});

test('a Loop in a Loop, and an If in a Loop', async () => {
  const inner = { ...loop(['two', '', 'v'], ['w'], body([{ op: 'Identity', inputs: ['g2'], outputs: ['on'] },
    { op: 'Add', inputs: ['u', 'x'], outputs: ['s'] }], ['u'], ['s'])) };
  /** @type {any} */ (inner.attributes).body.inputs = { t2: long, g2: bool, u: float(2) };
  const choice = { op: 'If', inputs: ['even'], outputs: ['z'], attributes: {
    then_branch: { outputs: { a: undefined }, nodes: [{ op: 'Identity', inputs: ['w'], outputs: ['a'] }] },
    else_branch: { outputs: { b: undefined }, nodes: [{ op: 'Neg', inputs: ['w'], outputs: ['b'] }] } } };
  const graph = body([same, inner, { op: 'Equal', inputs: ['turn', 'zero'], outputs: ['even'] }, choice], ['v'], ['z']);
  const model = await load({
    constants: { two: { dtype: 'int64', shape: [], data: BigInt64Array.of(2n) },
      zero: { dtype: 'int64', shape: [], data: BigInt64Array.of(0n) } },
    nodes: [loop(['n', '', 'x'], ['y'], graph)] });
  assert.deepEqual(numbers((await model.run({ n: i64(1), x: f32([2], [1, 2]) })).y), [3, 6]);
  assert.deepEqual(numbers((await model.run({ n: i64(2), x: f32([2], [1, 2]) })).y), [-5, -10]);
  await model.dispose();
});

/** @param {Record<string, any>} attributes @param {number[]} shape */
async function scan(attributes, shape) {
  const sum = { inputs: { s: float(2), v: float(2) }, outputs: { t: undefined, out: undefined },
    nodes: [{ op: 'Add', inputs: ['s', 'v'], outputs: ['t'] }, { op: 'Identity', inputs: ['t'], outputs: ['out'] }] };
  const model = await loadModel(onnxModel({ inputs: { s0: float(2), x: float(...shape) }, outputs: { last: undefined, all: undefined },
    nodes: [{ op: 'Scan', inputs: ['s0', 'x'], outputs: ['last', 'all'],
      attributes: { body: sum, num_scan_inputs: 1, ...attributes } }] }));
  const results = await model.run({ s0: f32([2], [0, 0]), x: f32(shape, [1, 2, 3, 4, 5, 6]) });
  await model.dispose();
  return [numbers(results.last), results.all.shape, numbers(results.all)];
}

test('a Scan goes over an axis, forwards or backwards, and puts its outputs together along any', async () => {
  assert.deepEqual(await scan({}, [3, 2]), [[9, 12], [3, 2], [1, 2, 4, 6, 9, 12]]);
  assert.deepEqual(await scan({ scan_input_directions: [1] }, [3, 2]), [[9, 12], [3, 2], [5, 6, 8, 10, 9, 12]]);
  assert.deepEqual(await scan({ scan_output_directions: [1] }, [3, 2]), [[9, 12], [3, 2], [9, 12, 4, 6, 1, 2]]);
  assert.deepEqual(await scan({ scan_input_axes: [1], scan_output_axes: [-1] }, [2, 3]),
    [[6, 15], [2, 3], [1, 3, 6, 4, 9, 15]]);
});

test('a value that grows, a number of outputs that data decide, and bodies that do not fit are refused', async () => {
  const grows = body([same, { op: 'Concat', inputs: ['v', 'x'], outputs: ['w'], attributes: { axis: 0 } }], ['v'], ['w'],
    [float('any')]);
  const constants = { three: { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) } };
  const inputs = { x: float(2) };
  assert.equal(await code(load({ inputs, constants, nodes: [loop(['three', '', 'x'], ['y'], grows)] })), 'unsupported_model');
  const ends = body([{ op: 'ReduceMax', inputs: ['v'], outputs: ['most'], attributes: { keepdims: 0 } },
    { op: 'Less', inputs: ['most', 'most'], outputs: ['on'] }, { op: 'Neg', inputs: ['v'], outputs: ['w'] },
    { op: 'Abs', inputs: ['v'], outputs: ['p'] }], ['v'], ['w', 'p']);
  assert.equal(await code(load({ inputs, constants, outputs: { y: undefined, z: undefined },
    nodes: [loop(['three', '', 'x'], ['y', 'z'], ends)] })), 'unsupported_model');
  const fits = body([same, { op: 'Neg', inputs: ['v'], outputs: ['w'] }], ['v'], ['w']);
  assert.equal(await code(load({ inputs, constants, nodes: [loop(['three', '', 'x'], ['y'], fits)] })), 'ok');
  assert.equal(await code(load({ inputs, constants, nodes: [loop(['three', '', 'x', 'x'], ['y'], fits)] })), 'invalid_model');
  assert.equal(await code(load({ inputs, constants, nodes: [loop(['three', '', 'x'], ['y', 'z', 'w'], fits)] })), 'invalid_model');
  const odd = await load({ inputs, constants, nodes: [loop(['x', '', 'x'], ['y'], fits)] });
  assert.equal(await code(odd.run({ x: f32([2], [1, 2]) })), 'invalid_model', 'turns that are no number');
  await odd.dispose();
});
