// SPDX-License-Identifier: MIT
//
// Where TFLite's integer kernels scale in fixed point, Octavo gives their bits: the formulas are those of its reference
// kernels. Factors are such that a float would round some values otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyInt8, fixedTimes, int8, quantized, runTflite } from './one_tflite.js';

const CODE = { ABS: 101, PRELU: 54, QUANTIZE: 114, RELU6: 21, SQRT: 75 };
const { fround } = Math;
const x = { ...quantized('int8', [1, 256], everyInt8, 0.02, -7), given: true };
const to = (/** @type {number} */ scale, /** @type {number} */ zero) =>
  ({ dtype: /** @type {const} */ ('int8'), shape: [1, 256], quant: { scale: [scale], zero: [zero] } });
const ratio = fround(fround(0.02) / fround(0.04)); // halves, which go away from zero

test('RELU6 and ABS to another scale', async () => {
  const [relu] = await runTflite(CODE.RELU6, [x], [to(0.04, -20)]);
  const top = Math.round(6 / 0.04) - 20;
  assert.deepEqual(relu.numbers,
    everyInt8.map((q) => int8(Math.min(top, Math.max(-20, fixedTimes(q + 7, ratio) - 20)))));
  const [abs] = await runTflite(CODE.ABS, [x], [to(0.04, -20)]);
  assert.deepEqual(abs.numbers, everyInt8.map((q) => int8(fixedTimes(Math.abs(q + 7), ratio) - 20)));
});

test('SQRT drops the fraction', async () => {
  const positive = { ...quantized('int8', [1, 256], everyInt8, 0.02, -128), given: true };
  const [y] = await runTflite(CODE.SQRT, [positive], [to(0.01, -100)]);
  const root = (/** @type {number} */ q) => fround(Math.sqrt(fround(fround(0.02) * (q + 128))));
  assert.deepEqual(y.numbers, everyInt8.map((q) => int8(Math.trunc(fround(root(q) / fround(0.01))) - 100)));
});

test('QUANTIZE from uint8 to int8 of another scale', async () => {
  const bytes = everyInt8.map((q) => q + 128);
  const [y] = await runTflite(CODE.QUANTIZE, [{ ...quantized('uint8', [1, 256], bytes, 0.02, 121), given: true }],
    [to(0.04, -20)]);
  assert.deepEqual(y.numbers, bytes.map((q) => int8(fixedTimes(q - 121, ratio) - 20)));
});

test('PRELU with slopes in int8, one for each channel and one for all', async () => {
  const shape = [128, 2], slopes = [90, -128], zero = -3;
  const given = { ...quantized('int8', shape, everyInt8, 0.02, -7), given: true };
  const factor = fround(fround(fround(0.02) * fround(0.005)) / fround(0.03));
  const positive = fround(fround(0.02) / fround(0.03));
  const wanted = (/** @type {number} */ q, /** @type {number} */ slope) => int8(5 +
    (q >= -7 ? fixedTimes(q + 7, positive) : fixedTimes((q + 7) * (slope - zero), factor)));
  const out = { ...to(0.03, 5), shape };
  const [each] = await runTflite(CODE.PRELU, [given, quantized('int8', [2], slopes, 0.005, zero)], [out]);
  assert.deepEqual(each.numbers, everyInt8.map((q, i) => wanted(q, slopes[i % 2])));
  const [one] = await runTflite(CODE.PRELU, [given, quantized('int8', [1], [90], 0.005, zero)], [out]);
  assert.deepEqual(one.numbers, everyInt8.map((q) => wanted(q, 90)));
});
