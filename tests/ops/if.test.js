// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { f32, i64, numbers } from './one_node.js';

/** @typedef {import('../helpers/onnx_model.js').Graph} Graph */
/** @typedef {import('../helpers/onnx_model.js').Node} Node */

const float = (/** @type {(number | string)[]} */ ...shape) => ({ dtype: 'float32', shape });
const bool = (/** @type {boolean} */ value) => new Tensor('bool', [], [Number(value)]);
const one = { one: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } };

/** A branch of one node. @param {string} op @param {string[]} inputs @param {string} output @returns {Graph} */
const branch = (op, inputs, output, attributes = {}) =>
  ({ outputs: { [output]: undefined }, nodes: [{ op, inputs, outputs: [output], attributes }] });

/** @param {Graph} then @param {Graph} otherwise @returns {Node} */
const ifNode = (then, otherwise, condition = 'c', output = 'y') =>
  ({ op: 'If', name: 'choice', inputs: [condition], outputs: [output],
    attributes: { then_branch: then, else_branch: otherwise } });

/** @param {Partial<Graph> & { nodes: Node[] }} graph */
const load = (graph) => loadModel(onnxModel({ inputs: { c: { dtype: 'bool', shape: [] }, x: float(2) },
  outputs: { y: undefined }, ...graph }));

test('the branch that the data asks for is run, the other is not', async () => {
  const model = await load({ nodes: [ifNode(branch('Exp', ['x'], 'a'), branch('Neg', ['x'], 'b'))] });
  const x = f32([2], [0, 1]);
  assert.deepEqual(numbers((await model.run({ c: bool(true), x })).y), [1, Math.fround(Math.E)]);
  assert.deepEqual(numbers((await model.run({ c: bool(false), x })).y), [-0, -1]);
  assert.deepEqual(numbers((await model.run({ c: bool(true), x })).y), [1, Math.fround(Math.E)]);
  const [step] = /** @type {any} */ (model.plan).steps;
  assert.deepEqual(step.bodies.map((/** @type {any} */ body) => body.map((/** @type {any} */ { type }) => type)),
    [['Exp'], ['Neg']]);
  await model.dispose();
});

test('a branch reads values and constants from around it, and gives either back as they are', async () => {
  const model = await load({
    constants: one,
    nodes: [{ op: 'Mul', inputs: ['x', 'x'], outputs: ['square'] },
      ifNode(branch('Add', ['square', 'one'], 'a'), branch('Identity', ['square'], 'b')),
      { op: 'Sub', inputs: ['square', 'x'], outputs: ['z'] }],
    outputs: { y: undefined, z: undefined },
  });
  const x = f32([2], [3, 4]);
  for (const [value, wanted] of /** @type {const} */ ([[true, [10, 17]], [false, [9, 16]]])) {
    const { y, z } = await model.run({ c: bool(value), x });
    assert.deepEqual([numbers(y), numbers(z)], [wanted, [6, 12]]);
  }
  await model.dispose();
});

test('a branch may give a constant, and have nodes whose results nobody reads', async () => {
  const model = await load({
    constants: { two: { dtype: 'float32', shape: [2], data: Float32Array.of(5, 6) } },
    nodes: [ifNode(branch('Identity', ['two'], 'a'),
      { outputs: { b: undefined }, nodes: [{ op: 'Exp', inputs: ['x'], outputs: ['unread'] },
        { op: 'Abs', inputs: ['x'], outputs: ['b'] }] })],
  });
  const x = f32([2], [-3, 4]);
  assert.deepEqual(numbers((await model.run({ c: bool(true), x })).y), [5, 6]);
  assert.deepEqual(numbers((await model.run({ c: bool(false), x })).y), [3, 4]);
  await model.dispose();
});

test('an If inside an If captures from the outermost graph', async () => {
  const inner = ifNode(branch('Exp', ['x'], 'p'), branch('Neg', ['x'], 'q'), 'd', 'a');
  const model = await load({
    inputs: { c: { dtype: 'bool', shape: [] }, d: { dtype: 'bool', shape: [] }, x: float(1) },
    nodes: [ifNode({ outputs: { a: undefined }, nodes: [inner] }, branch('Abs', ['x'], 'b'))],
  });
  const of = async (/** @type {boolean} */ c, /** @type {boolean} */ d) =>
    numbers((await model.run({ c: bool(c), d: bool(d), x: f32([1], [-1]) })).y)[0];
  assert.deepEqual([await of(true, true), await of(true, false), await of(false, true)],
    [Math.fround(Math.exp(-1)), 1, 1]);
  await model.dispose();
});

test('a constant condition leaves nothing but its branch, which then folds and fuses as if it had stood there', async () => {
  const model = await load({
    inputs: { x: float(2) },
    constants: { ...one, c: { dtype: 'bool', shape: [1], data: Uint8Array.of(1) } },
    nodes: [ifNode(branch('Add', ['x', 'one'], 'a'), branch('Exp', ['x'], 'b'), 'c', 'sum'),
      { op: 'Relu', inputs: ['sum'], outputs: ['y'] }],
  });
  const { y } = await model.run({ x: f32([2], [-3, 4]) });
  assert.deepEqual(numbers(y), [0, 5]);
  assert.deepEqual(/** @type {any} */ (model.plan).steps.map((/** @type {any} */ { type }) => type), ['Add']);
  await model.dispose();
});

test('a condition that shapes decide is settled in each plan, and the branches may differ in rank', async () => {
  const model = await load({
    inputs: { x: float('rows', 2) },
    constants: { first: { dtype: 'int64', shape: [1], data: BigInt64Array.of(0n) },
      single: { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) } },
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { op: 'Gather', inputs: ['shape', 'first'], outputs: ['rows'] },
      { op: 'Equal', inputs: ['rows', 'single'], outputs: ['c'] },
      ifNode(branch('Squeeze', ['x', 'first'], 'a'), branch('Identity', ['x'], 'b'), 'c', 'z'),
      { op: 'Neg', inputs: ['z'], outputs: ['y'] },
    ],
  });
  const one = await model.run({ x: f32([1, 2], [1, 2]) });
  assert.deepEqual([one.y.shape, numbers(one.y)], [[2], [-1, -2]]);
  const two = await model.run({ x: f32([2, 2], [1, 2, 3, 4]) });
  assert.deepEqual([two.y.shape, numbers(two.y)], [[2, 2], [-1, -2, -3, -4]]);
  await model.dispose();
});

test('a convolution in a branch has its weights packed and its layout turned', async () => {
  const conv = { w: { dtype: 'float32', shape: [2, 2, 1, 1], data: Float32Array.of(0, 1, 2, 0) } };
  const model = await load({
    inputs: { c: { dtype: 'bool', shape: [] }, x: float(1, 2, 2, 2) },
    constants: conv,
    nodes: [ifNode(branch('Conv', ['x', 'w'], 'a'), branch('Relu', ['x'], 'b'))],
  });
  const x = f32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(numbers((await model.run({ c: bool(true), x })).y), [5, 6, 7, 8, 2, 4, 6, 8]);
  assert.deepEqual(numbers((await model.run({ c: bool(false), x })).y), numbers(x));
  assert.ok(/** @type {any} */ (model.memory).weights > 0);
  await model.dispose();
});

test('branches of different shapes: the run goes on with the one that it takes', async () => {
  const model = await load({ nodes: [ifNode(branch('Exp', ['x'], 'a'), branch('Concat', ['x', 'x'], 'b', { axis: 0 }))] });
  assert.deepEqual(model.outputs.map(({ shape }) => shape), [null]);
  const x = f32([2], [0, 1]);
  assert.deepEqual(numbers((await model.run({ c: bool(true), x })).y), [1, Math.fround(Math.E)]);
  assert.deepEqual(numbers((await model.run({ c: bool(false), x })).y), [0, 1, 0, 1]);
  await model.dispose();
});

test('inside a Loop they are refused by name, with the remedy', async () => {
  const body = { inputs: { turn: { dtype: 'int64', shape: [] }, go: { dtype: 'bool', shape: [] }, v: float(2) },
    outputs: { go2: undefined, y2: undefined },
    nodes: [{ op: 'Identity', inputs: ['go'], outputs: ['go2'] }, { op: 'Cast', inputs: ['turn'], outputs: ['later'], attributes: { to: 9 } },
      ifNode(branch('Exp', ['v'], 'a'), branch('Concat', ['v', 'v'], 'b', { axis: 0 }), 'later', 'y2')] };
  await assert.rejects(load({ constants: { three: i64(3) }, nodes: [{ op: 'Loop', inputs: ['three', '', 'x'], outputs: ['y'], attributes: { body } }] }),
    (/** @type {any} */ error) => {
      assert.equal(error.code, 'unsupported_model');
      assert.equal(error.node, 'choice');
      assert.match(error.message, /'a' as float32 \[2\] and as float32 \[4\].*same shape/);
      return true;
    });
});

test('an If without a branch, with branches of other counts, or nested too deep is refused', async () => {
  const code = (/** @type {Node[]} */ nodes) => load({ nodes }).then(() => 'ok', ({ code }) => code);
  assert.equal(await code([{ op: 'If', inputs: ['c'], outputs: ['y'], attributes: {} }]), 'invalid_model');
  assert.equal(await code([{ ...ifNode(branch('Exp', ['x'], 'a'), branch('Exp', ['x'], 'b')), outputs: ['y', 'z'] }]),
    'invalid_model');
  assert.equal(await code([ifNode(branch('Exp', ['nowhere'], 'a'), branch('Exp', ['x'], 'b'))]), 'invalid_model');
  assert.equal(await code([ifNode(branch('Fancy', ['x'], 'a'), branch('Exp', ['x'], 'b'))]), 'unsupported_model');
  const nested = (/** @type {number} */ depth) => {
    let body = branch('Exp', ['x'], 'deepest');
    for (let level = 0; level < depth; level++)
      body = { outputs: { [`o${level}`]: undefined }, nodes: [ifNode(body, branch('Neg', ['x'], `n${level}`), 'c', `o${level}`)] };
    return [ifNode(body, branch('Neg', ['x'], 'n'))];
  };
  assert.equal(await code(nested(7)), 'ok');
  assert.equal(await code(nested(8)), 'unsupported_model');
  assert.equal(await code(nested(100)), 'unsupported_model');
});
