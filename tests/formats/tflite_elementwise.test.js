// SPDX-License-Identifier: MIT
//
// TFLite's elementwise operators that are small graphs of others, and what only they say.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, given, list, quantized, runTflite } from './one_tflite.js';
import { table, u8 } from './write_tflite.js';

const CODE = { ADD: 0, CAST: 53, FLOOR_DIV: 90, FLOOR_MOD: 95, GELU: 150, L2_NORMALIZATION: 11, LOG_SOFTMAX: 50,
  LOGICAL_AND: 86, LOGICAL_OR: 84, NOT_EQUAL: 72, REDUCE_ANY: 91, SELECT: 64, SELECT_V2: 123, SQUARED_DIFFERENCE: 99 };
const fed = (/** @type {any} */ spec) => ({ ...spec, given: true });
const whole = (/** @type {number[]} */ ...values) => fed(list(...values));
const bools = (/** @type {number[]} */ ...values) =>
  fed({ dtype: 'bool', shape: [values.length], data: Uint8Array.from(values) });
const near = (/** @type {number[]} */ got, /** @type {number[]} */ wanted) =>
  got.forEach((value, i) => assert(Math.abs(value - wanted[i]) < 1e-5, `${got} is not ${wanted}`));

test('a fused activation clips integers too', async () => {
  const [y] = await runTflite(CODE.ADD, [whole(-5, 2, 5), whole(1, 1, 4)], [{ dtype: 'int32', shape: [3] }],
    { options: table(u8(3)) });
  assert.deepEqual(y.numbers, [0, 3, 6]);
});

test('NOT_EQUAL, LOGICAL_AND, LOGICAL_OR, REDUCE_ANY', async () => {
  const to = [{ dtype: /** @type {const} */ ('bool'), shape: [2] }];
  assert.deepEqual((await runTflite(CODE.NOT_EQUAL, [whole(1, 2), whole(1, 3)], to))[0].numbers, [0, 1]);
  assert.deepEqual((await runTflite(CODE.LOGICAL_AND, [bools(1, 1), bools(1, 0)], to))[0].numbers, [1, 0]);
  assert.deepEqual((await runTflite(CODE.LOGICAL_OR, [bools(0, 1), bools(0, 0)], to))[0].numbers, [0, 1]);
  const [any] = await runTflite(CODE.REDUCE_ANY, [bools(0, 1, 0), { ...whole(0), given: false }],
    [{ dtype: 'bool', shape: [] }], { options: table(u8(0)) });
  assert.deepEqual(any.numbers, [1]);
});

test('FLOOR_DIV and FLOOR_MOD round down, of either type', async () => {
  const to = [{ dtype: /** @type {const} */ ('int32'), shape: [4] }], x = whole(7, -7, 7, -7), y = whole(2, 2, -2, -2);
  assert.deepEqual((await runTflite(CODE.FLOOR_DIV, [x, y], to))[0].numbers, [3, -4, -4, 3]);
  assert.deepEqual((await runTflite(CODE.FLOOR_MOD, [x, y], to))[0].numbers, [1, 1, -1, -1]);
  const [z] = await runTflite(CODE.FLOOR_DIV, [given([2], [7, -7]), given([2], [2, 2])], [{ shape: [2] }]);
  assert.deepEqual(z.numbers, [3, -4]);
});

test('SELECT picks rows by a list, SELECT_V2 broadcasts it; int8 keeps its bytes', async () => {
  const x = given([2, 2], [1, 2, 3, 4]), y = given([2, 2], [-1, -2, -3, -4]);
  assert.deepEqual((await runTflite(CODE.SELECT, [bools(1, 0), x, y], [{ shape: [2, 2] }]))[0].numbers, [1, 2, -3, -4]);
  const [v2] = await runTflite(CODE.SELECT_V2, [bools(1, 0), x, y], [{ shape: [2, 2] }]);
  assert.deepEqual(v2.numbers, [1, -2, 3, -4]);
  const a = fed(quantized('int8', [2], [-128, 3], 0.5, 7)), b = fed(quantized('int8', [2], [1, 127], 0.5, 7));
  const [z] = await runTflite(CODE.SELECT_V2, [bools(1, 0), a, b], [quantized('int8', [2], [], 0.5, 7)].map(
    ({ data: _, ...spec }) => spec));
  assert.deepEqual(z.numbers, [-128, 127]);
});

test('SQUARED_DIFFERENCE, in float and quantized', async () => {
  const [y] = await runTflite(CODE.SQUARED_DIFFERENCE, [given([2], [1, -2]), constant([1], [3])], [{ shape: [2] }]);
  assert.deepEqual(y.numbers, [4, 25]);
  const { data: _, ...to } = quantized('int8', [2], [], 0.25, -10);
  const [z] = await runTflite(CODE.SQUARED_DIFFERENCE,
    [fed(quantized('int8', [2], [12, 8], 0.5, 10)), fed(quantized('int8', [2], [6, 1], 0.5, 0))], [to]);
  assert.deepEqual(z.numbers, [(1 - 3) ** 2 * 4 - 10, (-1 - 0.5) ** 2 * 4 - 10]);
});

test('L2_NORMALIZATION and LOG_SOFTMAX, in float and quantized', async () => {
  const rows = given([2, 2], [3, 4, 0, 0]);
  near((await runTflite(CODE.L2_NORMALIZATION, [rows], [{ shape: [2, 2] }]))[0].numbers, [0.6, 0.8, 0, 0]);
  near((await runTflite(CODE.LOG_SOFTMAX, [rows], [{ shape: [2, 2] }]))[0].numbers,
    [-Math.log(1 + Math.E), 1 - Math.log(1 + Math.E), -Math.log(2), -Math.log(2)]);
  const { data: _, ...to } = quantized('int8', [1, 2], [], 1 / 128, 0);
  const [y] = await runTflite(CODE.L2_NORMALIZATION, [fed(quantized('int8', [1, 2], [40, 50], 0.1, 10))], [to]);
  assert.deepEqual(y.numbers, [Math.round(0.6 * 128), Math.round(0.8 * 128)]);
});

test('GELU by tanh where it is approximate', async () => {
  const by = (/** @type {number} */ approximate) => runTflite(CODE.GELU, [given([1], [1])], [{ shape: [1] }],
    { options: table(u8(approximate)) });
  near((await by(0))[0].numbers, [0.8413447]);
  near((await by(1))[0].numbers, [0.8411920]);
});

test('CAST of a quantized tensor takes its integers as they stand', async () => {
  const [y] = await runTflite(CODE.CAST, [fed(quantized('int8', [2], [-128, 3], 0.5, 7))], [{ shape: [2] }]);
  assert.deepEqual(y.numbers, [-128, 3]);
});
