// SPDX-License-Identifier: MIT
//
// Where TFLite's integer kernels scale in fixed point, Octavo gives their bits: the formulas are those of its reference
// kernels. Factors are such that a float would round some values otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyInt8, fixedTimes, int8, quantized, runTflite } from './one_tflite.js';

const CODE = { ABS: 101, HARD_SWISH: 117, MEAN: 40, PRELU: 54, QUANTIZE: 114, RELU6: 21, SQRT: 75 };
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

/**
 * HARD_SWISH as TFLite counts it, in 16 bits.
 * @param {number} x steps above zero
 * @param {number} from scale
 * @param {number} to scale
 */
function hardSwish(x, from, to) {
  const parts = (/** @type {number} */ real) => {
    const shift = Math.floor(Math.log2(real)) + 1;
    return { shift, upper: Math.min(32767, Math.floor((Math.round(real / 2 ** shift * 2 ** 31) + 2 ** 15) / 2 ** 16)) };
  };
  const saturate = (/** @type {number} */ value) => Math.max(-32768, Math.min(32767, value));
  const away = (/** @type {number} */ value) => Math.sign(value) * Math.round(Math.abs(value));
  const fine = fround(fround(from) / 128), out = parts(fround(fine / fround(to)));
  const slope = parts(fround(fine / fround(3 / 32768)));
  let ramp = saturate(x * 128 * 2 ** Math.max(0, slope.shift - 1));
  ramp = away(ramp * slope.upper / 2 ** 15);
  ramp = slope.shift > 0 ? saturate(2 * ramp) : away(ramp / 2 ** -slope.shift);
  ramp = Math.floor((ramp + 2 ** 15) / 2);
  return away(Math.trunc(ramp * away(x * 128 * out.upper / 2 ** 15) / 2 ** 15) / 2 ** -out.shift);
}

for (const scale of [0.02, 0.06]) {
  test(`HARD_SWISH in 16 bits, steps of ${scale}`, async () => {
    const given = { ...quantized('int8', [1, 256], everyInt8, scale, -7), given: true };
    const [y] = await runTflite(CODE.HARD_SWISH, [given], [to(0.015, -100)]);
    assert.deepEqual(y.numbers, everyInt8.map((q) => int8(hardSwish(q + 7, scale, 0.015) - 100)));
  });
}

test('MEAN between equal scales is that of the bytes, halves to even', async () => {
  const pairs = { ...quantized('int8', [1, 3, 2], [-8, -7, 13, 14, -11, -10], 0.1, 30), given: true };
  const axis = { dtype: /** @type {const} */ ('int32'), shape: [1], data: Int32Array.of(2) };
  const [y] = await runTflite(CODE.MEAN, [pairs, axis], [{ ...to(0.1, 30), shape: [1, 3] }]);
  assert.deepEqual(y.numbers, [-8, 14, -10]);
});
