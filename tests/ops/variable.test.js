// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { ADD, ASSIGN_VARIABLE, CALL_ONCE, handle, READ_VARIABLE, sumModel, varHandle } from '../formats/variables.js';
import { i32, table, tfliteModel } from '../formats/write_tflite.js';
import { f32, numbers } from './one_node.js';

test('what is assigned in one run is read in the next, until a reset', async () => {
  const model = await loadModel(sumModel({ start: Float32Array.of(10, 20) }));
  assert.deepEqual(model.variables, [{ name: 'sum', dtype: 'float32', shape: [2] }]);
  const next = async () => {
    const { y, old } = await model.run({ x: f32([2], [1, 2]) });
    return [...numbers(old), ...numbers(y)];
  };
  assert.deepEqual(await next(), [10, 20, 11, 22]);
  assert.deepEqual(await next(), [11, 22, 12, 24]);
  await model.reset();
  assert.deepEqual(await next(), [10, 20, 11, 22]);
  await model.dispose();
  await assert.rejects(model.reset(), { code: 'disposed' });
});

test('a warm-up leaves the variables as they were, though its zeros are none once dequantized', async () => {
  const model = await loadModel(sumModel({ quant: { scale: [0.5], zero: [-3] } }), { warmup: true });
  const { old } = await model.run({ x: new Tensor('int8', [2], Int8Array.of(0, 0)) });
  assert.deepEqual([...old.data], [-3, -3]);
  await model.dispose();
});

test('a reset waits for its turn, as a run does', async () => {
  const model = await loadModel(sumModel({ start: Float32Array.of(0, 0) }));
  const x = f32([2], [1, 1]);
  const [first, , second] = await Promise.all([model.run({ x }), model.reset(), model.run({ x })]);
  assert.deepEqual([numbers(first.y), numbers(second.y)], [[1, 1], [1, 1]]);
  await model.dispose();
});

test('a variable that nothing initializes starts as zero, a quantized one as its zero point', async () => {
  const plain = await loadModel(sumModel());
  assert.deepEqual(numbers((await plain.run({ x: f32([2], [1, 2]) })).y), [1, 2]);
  await plain.dispose();
  const model = await loadModel(sumModel({ quant: { scale: [0.5], zero: [-3] } }));
  const x = new Tensor('int8', [2], [-1, 1]); // 1 and 2
  assert.deepEqual(numbers((await model.run({ x })).old), [-3, -3]);
  assert.deepEqual(numbers((await model.run({ x })).y), [1, 5]);
  await model.dispose();
});

test('two models of one file keep their state apart, and memory tells of it before it is taken', async () => {
  const bytes = sumModel({ start: Float32Array.of(0, 0) });
  const [a, b] = [await loadModel(bytes), await loadModel(bytes)];
  assert.ok(/** @type {any} */ (a.memory).variables >= 8);
  await a.run({ x: f32([2], [1, 1]) });
  assert.deepEqual(numbers((await b.run({ x: f32([2], [1, 1]) })).y), [1, 1]);
  await Promise.all([a.dispose(), b.dispose()]);
});

/** A model of these operators over x [2], two handles, and tensors [2]; y is tensor 3. */
const model = (/** @type {any[]} */ operators, /** @type {any} */ rest = {}) => tfliteModel({
  tensors: [{ name: 'x', shape: [2] }, handle('h'), handle('g'), { name: 'y', shape: [2] }, { name: 'z', shape: [2] },
    { name: 'wide', shape: [3], data: Float32Array.of(1, 2, 3) }],
  inputs: [0], outputs: [3], operators, ...rest,
});

test('variables of two names are two, one name is one variable however many handles it has', async () => {
  const loaded = await loadModel(model([
    varHandle(1, 'a'), varHandle(2, 'a'),
    { code: ASSIGN_VARIABLE, in: [1, 0], out: [] }, { code: READ_VARIABLE, in: [2], out: [3] }]));
  assert.deepEqual(numbers((await loaded.run({ x: f32([2], [5, 6]) })).y), [5, 6]);
  await loaded.dispose();
  const swapped = await loadModel(model([ // y gets what x was two runs ago
    varHandle(1, 'a'), varHandle(2, 'b'),
    { code: READ_VARIABLE, in: [1], out: [4] }, { code: READ_VARIABLE, in: [2], out: [3] },
    { code: ASSIGN_VARIABLE, in: [2, 4], out: [] }, { code: ASSIGN_VARIABLE, in: [1, 0], out: [] }]));
  const seen = [];
  for (let i = 1; i < 5; i++) seen.push(numbers((await swapped.run({ x: f32([2], [i, -i]) })).y)[0]);
  assert.deepEqual(seen, [0, 0, 1, 2]);
  await swapped.dispose();
});

test('a value that was read stays what it was when the variable is assigned anew', async () => {
  const loaded = await loadModel(model([
    varHandle(1, 'a'), { code: READ_VARIABLE, in: [1], out: [4] }, { code: ASSIGN_VARIABLE, in: [1, 0], out: [] },
    { code: ADD, in: [4, 0], out: [3] }]));
  assert.deepEqual(numbers((await loaded.run({ x: f32([2], [5, 6]) })).y), [5, 6]);
  assert.deepEqual(numbers((await loaded.run({ x: f32([2], [1, 1]) })).y), [6, 7]);
  await loaded.dispose();
});

test('handles that are none, shapes that differ, initializers without end are refused', async () => {
  const code = (/** @type {Uint8Array} */ bytes) => loadModel(bytes).then(() => 'ok', ({ code: found }) => found);
  const add = { code: ADD, in: [0, 0], out: [3] };
  assert.equal(await code(model([varHandle(1, 'a'), add])), 'ok');
  assert.equal(await code(model([{ code: READ_VARIABLE, in: [1], out: [3] }])), 'invalid_model');
  assert.equal(await code(model([{ code: READ_VARIABLE, in: [0], out: [3] }])), 'invalid_model');
  assert.equal(await code(model([varHandle(1, 'a'), { code: ASSIGN_VARIABLE, in: [1], out: [] }, add])), 'invalid_model');
  assert.equal(await code(model([varHandle(1, 'a'), { code: ASSIGN_VARIABLE, in: [1, 0], out: [] },
    { code: ASSIGN_VARIABLE, in: [1, 5], out: [] }, add])), 'unsupported_model');
  const once = (/** @type {number} */ index) => ({ code: CALL_ONCE, in: [], out: [], options: table(i32(index)) });
  for (const index of [-1, 1, 1 << 30]) assert.equal(await code(model([once(index), add])), 'invalid_model');
  assert.equal(await code(model([once(0), add])), 'unsupported_model', 'a subgraph that initializes itself');
  const computed = { tensors: [handle('h'), { name: 'wide', shape: [3], data: Float32Array.of(1, 2, 3) },
    { name: 'sum', shape: [2] }], inputs: [], outputs: [], operators: [varHandle(0, 'a'),
    { code: ADD, in: [1, 1], out: [2] }, { code: ASSIGN_VARIABLE, in: [0, 2], out: [] }] };
  assert.equal(await code(model([once(1), varHandle(1, 'a'), { code: READ_VARIABLE, in: [1], out: [3] }],
    { others: [computed] })), 'unsupported_model', 'an initializer of another shape than it says');
});
