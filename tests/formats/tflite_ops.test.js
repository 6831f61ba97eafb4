// SPDX-License-Identifier: MIT
//
// What TFLite operators say in ways of their own: masks, shapes as inputs, options in a struct. The operators'
// arithmetic is tested in tests/ops.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, given, list, quantized, runTflite } from './one_tflite.js';
import { i32, table, u8 } from './write_tflite.js';

const CODE = { ADD_N: 106, BATCH_MATMUL: 126, BROADCAST_TO: 130, CUSTOM: 32, EMBEDDING_LOOKUP: 7, FILL: 94, RANK: 110,
  REVERSE_V2: 105, STRIDED_SLICE: 45, ZEROS_LIKE: 93 };
const x = given([2, 3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

/** begin, end, ellipsis, new axis, shrink @param {number[]} masks */
const slice = (...masks) => ({ options: table(...masks.map((mask) => i32(mask))) });

test('STRIDED_SLICE: an ellipsis stands for all dimensions that are not named', async () => {
  const [y] = await runTflite(CODE.STRIDED_SLICE, [x, list(0, 1), list(0, 2), list(1, 1)], [{ shape: [2, 3, 1] }],
    slice(0, 0, 1, 0, 0));
  assert.deepEqual([y.shape, y.numbers], [[2, 3, 1], [2, 4, 6, 8, 10, 12]]);
});

test('STRIDED_SLICE: a new axis, a shrunk one after an ellipsis, masks by their own places', async () => {
  const [y] = await runTflite(CODE.STRIDED_SLICE, [x, list(9, 1, 9, 0), list(9, 2, 9, 9), list(1, 1, 1, 1)],
    [{ shape: [1, 1, 3] }], slice(0, 0, 4, 1, 8));
  assert.deepEqual([y.shape, y.numbers], [[1, 1, 3], [7, 9, 11]]);
});

test('STRIDED_SLICE: two ellipses, and more entries than dimensions, are refused', async () => {
  const run = (/** @type {number} */ ellipsis) => runTflite(CODE.STRIDED_SLICE,
    [x, list(0, 0, 0, 0, 0), list(1, 1, 1, 1, 1), list(1, 1, 1, 1, 1)], [{ shape: [1] }], slice(0, 0, ellipsis, 0, 0));
  await assert.rejects(run(3), { code: 'unsupported_model', message: /masks/ });
  await assert.rejects(run(1), { code: 'unsupported_model', message: /masks/ });
});

test('FILL, BROADCAST_TO: a value that is computed, of any type', async () => {
  const [y] = await runTflite(CODE.FILL, [list(2, 2), given([], [3])], [{ shape: [2, 2] }]);
  assert.deepEqual(y.numbers, [3, 3, 3, 3]);
  const quant = { scale: [0.5], zero: [-7] };
  const row = { dtype: /** @type {const} */ ('int8'), shape: [2], data: Int8Array.of(1, -128), quant, given: true };
  const [z] = await runTflite(CODE.BROADCAST_TO, [row, list(2, 2)], [{ dtype: 'int8', shape: [2, 2], quant }]);
  assert.deepEqual(z.numbers, [1, -128, 1, -128]);
});

test('REVERSE_V2 along two axes', async () => {
  const [y] = await runTflite(CODE.REVERSE_V2, [x, list(0, 2)], [{ shape: [2, 3, 2] }]);
  assert.deepEqual(y.numbers, [8, 7, 10, 9, 12, 11, 2, 1, 4, 3, 6, 5]);
});

test('RANK and ZEROS_LIKE ask only for the shape', async () => {
  const [rank] = await runTflite(CODE.RANK, [x], [{ dtype: 'int32', shape: [] }]);
  assert.deepEqual([rank.shape, rank.numbers], [[], [3]]);
  const [zeros] = await runTflite(CODE.ZEROS_LIKE, [x], [{ shape: [2, 3, 2] }]);
  assert.deepEqual([zeros.shape, zeros.numbers], [[2, 3, 2], Array(12).fill(0)]);
});

test('ADD_N of three, EMBEDDING_LOOKUP of rows', async () => {
  const [sum] = await runTflite(CODE.ADD_N, [given([2], [1, 2]), given([2], [10, 20]), constant([2], [0.5, 0.5])],
    [{ shape: [2] }]);
  assert.deepEqual(sum.numbers, [11.5, 22.5]);
  const rows = { ...list(2, 0), given: true };
  const [found] = await runTflite(CODE.EMBEDDING_LOOKUP, [rows, constant([3, 2], [1, 2, 3, 4, 5, 6])],
    [{ shape: [2, 2] }]);
  assert.deepEqual(found.numbers, [5, 6, 1, 2]);
});

test('BATCH_MATMUL: adjoints, and both sides computed in int8', async () => {
  const [y] = await runTflite(CODE.BATCH_MATMUL, [given([2, 1], [1, 2]), given([3, 2], [1, 2, 3, 4, 5, 6])],
    [{ shape: [1, 3] }], { options: table(u8(1), u8(1)) });
  assert.deepEqual(y.numbers, [5, 11, 17]);
  const int8 = (/** @type {number[]} */ shape, /** @type {number[]} */ data, /** @type {number} */ zero) =>
    quantized('int8', shape, data, 0.5, zero);
  const a = { ...int8([1, 2], [11, -9], 1), given: true }, b = { ...int8([2, 2], [127, -128, 3, 4], 3), given: true };
  // (10, -10) times (124, -131; 0, 1), in quarters, to steps of 100
  const to = { dtype: /** @type {const} */ ('int8'), shape: [1, 2], quant: { scale: [100], zero: [2] } };
  const [z] = await runTflite(CODE.BATCH_MATMUL, [a, b], [to]);
  assert.deepEqual(z.numbers, [3 + 2, -3 + 2]);
});

test('Convolution2DTransposeBias: MediaPipe\u2019s, options in a struct', async () => {
  const options = new Uint8Array(Int32Array.of(1, 2, 2).buffer);
  const run = (/** @type {Uint8Array} */ customOptions) => runTflite(CODE.CUSTOM,
    [given([1, 1, 2, 1], [1, 2]), constant([1, 2, 2, 1], [1, 2, 3, 4]), constant([1], [10])],
    [{ shape: [1, 2, 4, 1] }], { custom: 'Convolution2DTransposeBias', customOptions });
  const [y] = await run(options);
  assert.deepEqual([y.shape, y.numbers], [[1, 2, 4, 1], [11, 12, 12, 14, 13, 14, 16, 18]]);
  await assert.rejects(run(options.slice(0, 8)), { code: 'unsupported_model', message: /options/ });
});

test('int16: computed in float, rounded to the tensor\u2019s steps after every operator', async () => {
  const quant = (/** @type {number} */ scale) => ({ scale: [scale], zero: [0] });
  const wide = { dtype: /** @type {const} */ ('int16'), shape: [1, 3], data: Int16Array.of(30000, -20000, 1),
    given: true };
  const w = quantized('int8', [2, 3], [127, 1, 0, 1, 1, 127], 0.25, 0);
  const bias = { dtype: /** @type {const} */ ('int64'), shape: [2], data: BigInt64Array.of(7n, 2n ** 33n),
    quant: quant(0.125) };
  const FULLY_CONNECTED = 9;
  const [y] = await runTflite(FULLY_CONNECTED, [{ ...wide, quant: quant(0.5) }, w, bias],
    [{ dtype: 'int16', shape: [1, 2], quant: quant(100) }]);
  assert.deepEqual([y.dtype, y.numbers], ['int16', [Math.round((30000 * 127 - 20000 + 7) / 800), 32767]]);
});
