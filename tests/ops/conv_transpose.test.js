// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { convTranspose } from './linear_reference.js';
import {
  constant, distance, f32, noise, noiseBytes, noiseTensor, numbers, quantized, runNode, runQuantized,
} from './one_node.js';

const image = (/** @type {any} */ tensor) => ({ shape: tensor.shape, numbers: numbers(tensor) });

/** @type {[string, number[], number[], import('./linear_reference.js').Window][]} */
const cases = [
  ['a kernel of 2 and stride 2: every pixel from one', [1, 8, 4, 5], [8, 6, 2, 2], { strides: [2, 2] }],
  ['windows side by side along a row only', [1, 5, 4, 5], [5, 3, 3, 2], { strides: [2, 2], pads: [1, 0, 1, 0] }],
  ['two output channels: a pixel to a panel', [2, 5, 3, 4], [5, 2, 2, 2], { strides: [2, 2] }],
  ['groups side by side', [1, 6, 3, 4], [6, 2, 2, 2], { group: 2, strides: [2, 2] }],
  ['a kernel of 3 and stride 2: phases of other taps', [2, 5, 4, 3], [5, 7, 3, 3],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }],
  ['a kernel of 4 and stride 2', [1, 16, 3, 4], [16, 9, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['one output channel', [1, 16, 5, 6], [16, 1, 2, 2], { strides: [2, 2] }],
  ['one output channel, a pixel to three in a row', [2, 5, 3, 7], [5, 1, 1, 3], { strides: [1, 3] }],
  ['one output channel whose windows overlap', [1, 6, 4, 5], [6, 1, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['one output channel and a border left out', [1, 6, 4, 5], [6, 1, 2, 2], { strides: [2, 2], pads: [0, 1, 0, 1] }],
  ['one output channel and a border that gets the bias alone', [1, 6, 4, 5], [6, 1, 2, 2], { strides: [2, 2], output_padding: [1, 1] }],
  ['stride 1', [1, 3, 4, 4], [3, 4, 3, 3], { pads: [1, 1, 1, 1] }],
  ['a stride larger than the kernel: pixels that get the bias alone', [1, 4, 3, 3], [4, 3, 2, 2], { strides: [3, 3] }],
  ['dilated taps', [1, 4, 4, 4], [4, 2, 3, 2], { strides: [2, 1], dilations: [2, 3], pads: [1, 0, 2, 1] }],
  ['groups', [1, 6, 3, 3], [6, 2, 3, 3], { group: 3, strides: [2, 2] }],
];

for (const [what, xShape, wShape, window] of cases) {
  const outputs = wShape[1] * (window.group ?? 1);
  test(`${what}, in float`, async () => {
    const x = noiseTensor(xShape), w = constant(noiseTensor(wShape, 2)), bias = noise(outputs, 3);
    const [y] = await runNode('ConvTranspose', [x, w, constant(f32([outputs], bias))],
      { attributes: { ...window, kernel_shape: wShape.slice(2) } });
    const wanted = convTranspose(image(x), image(w), bias, window);
    assert.deepEqual(y.shape, wanted.shape);
    assert.ok(distance(y, wanted.numbers) < 1e-5, `off by ${distance(y, wanted.numbers)}`);
  });

  test(`${what}, in integers`, async () => {
    const x = noiseBytes('uint8', xShape), w = constant(noiseBytes('int8', wShape, 2));
    const by = { scale: 1 / 64, zero: 100 }, to = /** @type {const} */ ({ scale: 1 / 4, zero: 120, dtype: 'uint8' });
    const y = await runQuantized('ConvTranspose', [x, w], [by, { scale: 1 / 32, zero: 0 }], to,
      { attributes: { ...window, kernel_shape: wShape.slice(2) } });
    const real = (/** @type {any} */ tensor, /** @type {number} */ scale, /** @type {number} */ zero) =>
      ({ shape: tensor.shape, numbers: numbers(tensor).map((q) => (q - zero) * scale) });
    const wanted = convTranspose(real(x, by.scale, by.zero), real(w, 1 / 32, 0), null, window);
    assert.deepEqual([y.shape, y.numbers], [wanted.shape, wanted.numbers.map((value) => quantized(value, to))]);
    assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'CONV_TRANSPOSE' && step.q8));
  });
}

test('a scale for each channel, of windows side by side', async () => {
  const x = noiseBytes('uint8', [1, 5, 3, 4]), w = constant(noiseBytes('int8', [5, 3, 2, 2], 2)), window = { strides: [2, 2] };
  const scales = [1 / 32, 1 / 64, 1 / 128], to = /** @type {const} */ ({ scale: 1 / 4, zero: 120, dtype: 'uint8' });
  const y = await runQuantized('ConvTranspose', [x, w], [{ scale: 1 / 64, zero: 100 }, { scale: scales, zero: 0, axis: 1 }],
    to, { attributes: { ...window, kernel_shape: [2, 2] } });
  const real = { shape: x.shape, numbers: numbers(x).map((q) => (q - 100) / 64) };
  const weights = { shape: w.shape, numbers: numbers(w).map((q, i) => q * scales[Math.floor(i / 4) % 3]) };
  const wanted = convTranspose(real, weights, null, window);
  assert.deepEqual([y.shape, y.numbers], [wanted.shape, wanted.numbers.map((value) => quantized(value, to))]);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'CONV_TRANSPOSE' && step.q8));
});
