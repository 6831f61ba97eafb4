// SPDX-License-Identifier: MIT
//
// TFLite's way of saying which elements to pick, place, order or make.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, given, list, quantized, runTflite } from './one_tflite.js';
import { f32, i32, table, u8 } from './write_tflite.js';

const CODE = { CUMSUM: 128, DEPTH_TO_SPACE: 5, GATHER: 36, GATHER_ND: 107, L2_POOL_2D: 12, LRN: 13, ONE_HOT: 85,
  RANGE: 96, RESIZE_NEAREST_NEIGHBOR: 97, REVERSE_SEQUENCE: 112, SCATTER_ND: 122, SPACE_TO_DEPTH: 26, TILE: 69,
  TOPK_V2: 48 };
const x = given([2, 3], [1, 5, 3, 9, 7, 8]);
const scalar = (/** @type {number} */ value) => ({ ...list(value), shape: [] });

test('GATHER with batch dimensions picks from each by its own', async () => {
  const [y] = await runTflite(CODE.GATHER, [x, { ...list(2, 0, 1, 1), shape: [2, 2] }], [{ shape: [2, 2] }],
    { options: table(i32(1), i32(1)) });
  assert.deepEqual(y.numbers, [3, 1, 7, 7]);
  const apart = runTflite(CODE.GATHER, [given([2, 1, 3], [1, 5, 3, 9, 7, 8]), { ...list(0, 1), shape: [2, 1] }],
    [{ shape: [2, 1, 1] }], { options: table(i32(2), i32(1)) });
  await assert.rejects(apart, { code: 'unsupported_model', message: /batch dimensions/ });
});

test('GATHER_ND, SCATTER_ND (which adds), REVERSE_SEQUENCE', async () => {
  const [picked] = await runTflite(CODE.GATHER_ND, [x, { ...list(1, 2, 0, 1), shape: [2, 2] }], [{ shape: [2] }]);
  assert.deepEqual(picked.numbers, [8, 5]);
  const [placed] = await runTflite(CODE.SCATTER_ND,
    [{ ...list(2, 0, 2), shape: [3, 1] }, given([3], [1, 2, 4]), list(4)], [{ shape: [4] }]);
  assert.deepEqual(placed.numbers, [2, 0, 5, 0]);
  const [turned] = await runTflite(CODE.REVERSE_SEQUENCE, [x, list(2, 3)], [{ shape: [2, 3] }],
    { options: table(i32(1), i32(0)) });
  assert.deepEqual(turned.numbers, [5, 1, 3, 8, 7, 9]);
});

test('TOPK_V2 of int8, TILE, CUMSUM', async () => {
  const bytes = quantized('int8', [1, 4], [-128, 3, 127, 3], 0.5, 7), { data: _, ...like } = bytes;
  const [values, places] = await runTflite(CODE.TOPK_V2, [{ ...bytes, given: true }, scalar(3)],
    [{ ...like, shape: [1, 3] }, { dtype: 'int32', shape: [1, 3] }]);
  assert.deepEqual([values.numbers, places.dtype, places.numbers], [[127, 3, 3], 'int32', [2, 1, 3]]);
  const [tiled] = await runTflite(CODE.TILE, [given([1, 2], [1, 2]), list(2, 2)], [{ shape: [2, 4] }]);
  assert.deepEqual(tiled.numbers, [1, 2, 1, 2, 1, 2, 1, 2]);
  const [sums] = await runTflite(CODE.CUMSUM, [x, scalar(1)], [{ shape: [2, 3] }], { options: table(u8(1), u8(1)) });
  assert.deepEqual(sums.numbers, [8, 3, 0, 15, 8, 0]);
});

test('ONE_HOT: a negative index names nothing; RANGE', async () => {
  const [hot] = await runTflite(CODE.ONE_HOT,
    [{ ...list(-1, 1, 2), given: true }, scalar(2), constant([], [5]), constant([], [1])], [{ shape: [3, 2] }], { options: table(i32(-1)) });
  assert.deepEqual(hot.numbers, [1, 1, 1, 5, 1, 1]);
  const [range] = await runTflite(CODE.RANGE, [scalar(1), scalar(8), scalar(3)], [{ dtype: 'int32', shape: [3] }]);
  assert.deepEqual(range.numbers, [1, 4, 7]);
});

test('SPACE_TO_DEPTH and back', async () => {
  const image = given([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), options = table(i32(2));
  const [deep] = await runTflite(CODE.SPACE_TO_DEPTH, [image], [{ shape: [1, 1, 1, 8] }], { options });
  assert.deepEqual([deep.shape, deep.numbers], [[1, 1, 1, 8], [1, 2, 3, 4, 5, 6, 7, 8]]);
  const [flat] = await runTflite(CODE.DEPTH_TO_SPACE, [given([1, 1, 1, 8], deep.numbers)], [{ shape: [1, 2, 2, 2] }],
    { options });
  assert.deepEqual(flat.numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('L2_POOL_2D: the root of the mean square; LOCAL_RESPONSE_NORMALIZATION: by the channels around', async () => {
  const options = table(u8(1), i32(1), i32(1), i32(2), i32(1), u8(0));
  const [pooled] = await runTflite(CODE.L2_POOL_2D, [given([1, 1, 3, 1], [3, 4, 0])], [{ shape: [1, 1, 2, 1] }],
    { options });
  pooled.numbers.forEach((value, i) => assert(Math.abs(value - [Math.sqrt(12.5), Math.sqrt(8)][i]) < 1e-6));
  const values = [1, 2, 3, -4], radius = 1, bias = 0.5, alpha = 0.25, beta = 0.75;
  const [y] = await runTflite(CODE.LRN, [given([1, 1, 1, 4], values)], [{ shape: [1, 1, 1, 4] }],
    { options: table(i32(radius), f32(bias), f32(alpha), f32(beta)) });
  y.numbers.forEach((value, i) => {
    const around = values.slice(Math.max(0, i - 1), i + 2).reduce((sum, other) => sum + other * other, 0);
    assert(Math.abs(value - values[i] / (bias + alpha * around) ** beta) < 1e-5);
  });
});

test('RESIZE to a line of a million and more pixels is refused, not tabulated', async () => {
  const run = runTflite(CODE.RESIZE_NEAREST_NEIGHBOR, [given([1, 1, 1, 1], [1]), list((1 << 20) + 1, 1)],
    [{ shape: [1, 1, 1, 1] }]);
  await assert.rejects(run, { code: 'unsupported_model', message: /would turn dimension 1 from 1 to 1048577/ });
});
