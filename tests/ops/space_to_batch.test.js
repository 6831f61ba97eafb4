// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { given, list, runTflite } from '../formats/one_tflite.js';

const SPACE_TO_BATCH_ND = 38, BATCH_TO_SPACE_ND = 37;
const count = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i + 1);
const pads = (/** @type {number[]} */ ...values) => ({ ...list(...values), shape: [values.length / 2, 2] });

test('every second row and column become an image', async () => {
  const [y] = await runTflite(SPACE_TO_BATCH_ND, [given([1, 4, 4, 1], count(16)), list(2, 2), pads(0, 0, 0, 0)],
    [{ shape: [4, 2, 2, 1] }]);
  assert.deepEqual([y.shape, y.numbers], [[4, 2, 2, 1], [1, 3, 9, 11, 2, 4, 10, 12, 5, 7, 13, 15, 6, 8, 14, 16]]);
});

test('a border is filled with zero before, and cropped after', async () => {
  const [y] = await runTflite(SPACE_TO_BATCH_ND, [given([1, 2, 2, 1], [1, 2, 3, 4]), list(3, 1), pads(1, 0, 0, 1)],
    [{ shape: [3, 1, 3, 1] }]);
  assert.deepEqual(y.numbers, [0, 0, 0, 1, 2, 0, 3, 4, 0]);
  const [x] = await runTflite(BATCH_TO_SPACE_ND, [given([3, 1, 3, 1], y.numbers), list(3, 1), pads(1, 0, 0, 1)],
    [{ shape: [1, 2, 2, 1] }]);
  assert.deepEqual([x.shape, x.numbers], [[1, 2, 2, 1], [1, 2, 3, 4]]);
});

test('two images, pixels of several channels', async () => {
  const x = given([2, 2, 1, 3], count(12));
  const [y] = await runTflite(SPACE_TO_BATCH_ND, [x, list(2, 1), pads(0, 0, 0, 0)], [{ shape: [4, 1, 1, 3] }]);
  assert.deepEqual(y.numbers, [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12]);
  const [back] = await runTflite(BATCH_TO_SPACE_ND, [given([4, 1, 1, 3], y.numbers), list(2, 1), pads(0, 0, 0, 0)],
    [{ shape: [2, 2, 1, 3] }]);
  assert.deepEqual(back.numbers, count(12));
});

test('one dimension', async () => {
  const [y] = await runTflite(SPACE_TO_BATCH_ND, [given([1, 4, 2], count(8)), list(2), pads(0, 0)],
    [{ shape: [2, 2, 2] }]);
  assert.deepEqual([y.shape, y.numbers], [[2, 2, 2], [1, 2, 5, 6, 3, 4, 7, 8]]);
});

test('int8 is padded with the zero point', async () => {
  const quant = { scale: [0.5], zero: [-7] };
  const x = { dtype: /** @type {const} */ ('int8'), shape: [1, 1, 1, 1], data: Int8Array.of(5), quant, given: true };
  const [y] = await runTflite(SPACE_TO_BATCH_ND, [x, list(1, 2), pads(0, 0, 0, 1)],
    [{ dtype: 'int8', shape: [2, 1, 1, 1], quant }]);
  assert.deepEqual(y.numbers, [5, -7]);
});

for (const [what, blocks, border] of /** @type {const} */ ([
  ['a size that is no multiple of the block', [2, 2], [0, 1, 0, 0]],
  ['a block of 0', [0, 1], [0, 0, 0, 0]],
  ['a negative pad', [1, 1], [-1, 1, 0, 0]],
  ['a pad too few', [1, 1], [0, 0]],
])) {
  test(`${what} is refused`, async () => {
    const run = runTflite(SPACE_TO_BATCH_ND, [given([1, 2, 2, 1], count(4)), list(...blocks), pads(...border)],
      [{ shape: [1, 2, 2, 1] }]);
    await assert.rejects(run, { code: 'invalid_shape', message: /blocks or pads/ });
  });
}
