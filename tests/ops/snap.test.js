// SPDX-License-Identifier: MIT
//
// int8 weights beside float activations, as LiteRT multiplies them: every row of the activations is quantized to 256
// steps of its own range first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, given, runTflite } from '../formats/one_tflite.js';
import { i32, table, u8 } from '../formats/write_tflite.js';

const CODE = { BATCH_MATMUL: 126, CONV_2D: 3, FULLY_CONNECTED: 9 };
const weights = (/** @type {number[]} */ shape, /** @type {number[]} */ values) =>
  ({ dtype: /** @type {const} */ ('int8'), shape, data: Int8Array.from(values), quant: { scale: [0.5], zero: [0] } });

/** A row of numbers on its own 256 steps. @param {number[]} row */
function snapped(row) {
  const low = Math.min(0, ...row), high = Math.max(0, ...row);
  if (low === high) return row;
  const step = (high - low) / 255, zero = Math.round(-128 - low / step);
  return row.map((x) => (Math.max(-128, Math.min(127, Math.round(x / step) + zero)) - zero) * step);
}

const rows = [[0.1, -1.37, 2.9, 0.7], [5, 5.3, 5.77, 9], [0, 0, 0, 0], [-1, -2, -3, -4.4]];
const near = (/** @type {number[]} */ got, /** @type {number[]} */ wanted) =>
  got.forEach((value, i) => assert(Math.abs(value - wanted[i]) < 1e-4, `${got} is not ${wanted}`));

test('FULLY_CONNECTED: ranges of either sign, of one sign, and of nothing', async () => {
  const w = [[127, -5, 9, 1], [1, 1, 1, -128]];
  const [y] = await runTflite(CODE.FULLY_CONNECTED,
    [given([4, 4], rows.flat()), weights([2, 4], w.flat()), constant([2], [1, -1])], [{ shape: [4, 2] }]);
  near(y.numbers, rows.flatMap((row) => w.map((line, n) =>
    snapped(row).reduce((sum, x, k) => sum + x * line[k] / 2, n ? -1 : 1))));
  assert(y.steps.some((/** @type {any} */ { op }) => op === 'SNAP'));
});

test('FULLY_CONNECTED of a longer tensor: rows are as long as the weights', async () => {
  const [y] = await runTflite(CODE.FULLY_CONNECTED,
    [given([2, 2, 4], rows.flat()), weights([1, 8], Array(8).fill(2)), null], [{ shape: [2, 1] }]);
  near(y.numbers, [[...rows[0], ...rows[1]], [...rows[2], ...rows[3]]].map((row) =>
    snapped(row).reduce((sum, x) => sum + x)));
});

test('CONV_2D: one range for an image', async () => {
  const options = table(u8(0), i32(1), i32(1), u8(0), i32(1), i32(1));
  const [y] = await runTflite(CODE.CONV_2D,
    [given([2, 2, 2, 2], rows.flat()), weights([1, 1, 1, 2], [2, 4]), constant([1], [0])], [{ shape: [2, 2, 2, 1] }],
    { options });
  near(y.numbers, [[...rows[0], ...rows[1]], [...rows[2], ...rows[3]]].flatMap((image) => {
    const x = snapped(image);
    return [0, 2, 4, 6].map((i) => x[i] + 2 * x[i + 1]);
  }));
});

test('BATCH_MATMUL rounds rows unless x is adjoint', async () => {
  const run = (/** @type {number} */ adjoint) => runTflite(CODE.BATCH_MATMUL,
    [given([4, 4], rows.flat()), weights([4, 1], [2, 2, 2, 2])], [{ shape: [4, 1] }],
    { options: table(u8(adjoint), u8(0)) });
  const [y] = await run(0), [z] = await run(1);
  near(y.numbers, rows.map((row) => snapped(row).reduce((sum, x) => sum + x)));
  near(z.numbers, rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0)));
});
