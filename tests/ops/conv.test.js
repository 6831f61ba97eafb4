// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { conv } from './linear_reference.js';
import {
  constant, distance, f32, noise, noiseBytes, noiseTensor, numbers, quantized, runNode, runQuantized,
} from './one_node.js';

/** @type {[string, number[], number[], import('./linear_reference.js').Window][]} */
const cases = [
  ['1x1', [1, 16, 5, 5], [24, 16, 1, 1], {}],
  ['1x1 with a stride, and channels that do not fill a step', [2, 7, 6, 5], [9, 7, 1, 1], { strides: [2, 3] }],
  ['the 3x3 of a colour image', [1, 3, 9, 8], [10, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['3x3 with padding at the end only', [1, 3, 8, 8], [8, 3, 3, 3], { strides: [2, 2], pads: [0, 0, 1, 1] }],
  ['3x3 of many channels, with tiles inside the image', [1, 16, 6, 20], [17, 16, 3, 3], { pads: [1, 1, 1, 1] }],
  ['3x3 of several tiles and images', [2, 11, 13, 10], [9, 11, 3, 3], { pads: [1, 1, 1, 1] }],
  ['3x3 of many tiles, padded unevenly', [1, 32, 30, 33], [40, 32, 3, 3], { pads: [0, 2, 1, 0] }],
  ['dilated', [1, 20, 9, 9], [4, 20, 3, 3], { dilations: [2, 3], pads: [2, 3, 2, 3] }],
  ['a kernel larger than the image', [1, 16, 3, 3], [5, 16, 5, 5], { pads: [2, 2, 2, 2] }],
  ['groups', [1, 12, 5, 6], [6, 4, 3, 3], { group: 3, pads: [1, 1, 1, 1] }],
  ['groups of many channels', [1, 32, 5, 6], [10, 16, 3, 3], { group: 2, pads: [1, 1, 1, 1] }],
  ['depthwise 3x3', [2, 21, 7, 9], [21, 1, 3, 3], { group: 21, pads: [1, 1, 1, 1] }],
  ['depthwise 3x3 with stride 2', [1, 32, 8, 9], [32, 1, 3, 3], { group: 32, strides: [2, 2], pads: [0, 1, 1, 1] }],
  ['depthwise 5x5', [1, 5, 7, 7], [5, 1, 5, 5], { group: 5, pads: [2, 2, 2, 2] }],
  ['depthwise 7x1, dilated', [1, 18, 15, 4], [18, 1, 7, 1], { group: 18, dilations: [2, 1], pads: [6, 0, 6, 0] }],
  ['depthwise with a multiplier', [1, 6, 5, 5], [18, 1, 3, 3], { group: 6, pads: [1, 1, 1, 1] }],
  ['a row longer than a piece', [1, 4, 3, 700], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }],
];

/** A tensor's shape and real numbers. @param {any} tensor */
const image = (tensor, scale = 1, zero = 0) =>
  ({ shape: tensor.shape, numbers: numbers(tensor).map((q) => (q - zero) * scale) });

for (const [what, xShape, wShape, window] of cases) {
  const attributes = { ...window, kernel_shape: wShape.slice(2) };
  test(`${what}, in float`, async () => {
    const x = noiseTensor(xShape), w = constant(noiseTensor(wShape, 2)), bias = noise(wShape[0], 3);
    const [y] = await runNode('Conv', [x, w, constant(f32([wShape[0]], bias))], { attributes });
    const wanted = conv(image(x), image(w), bias, window);
    assert.deepEqual(y.shape, wanted.shape);
    const part = distance(y, wanted.numbers) / Math.max(1, ...wanted.numbers.map(Math.abs));
    assert.ok(part < 1e-5, `off by ${part} of the largest`);
  });

  for (const zero of [0, -90]) {
    test(`${what}, in integers, weights around ${zero}`, async () => {
      const x = noiseBytes('uint8', xShape), w = constant(noiseBytes('int8', wShape, 2));
      const by = { scale: 1 / 64, zero: 100 }, weights = { scale: 1 / 32, zero };
      const to = /** @type {const} */ ({ scale: 1 / 2, zero: 120, dtype: 'uint8' });
      const y = await runQuantized('Conv', [x, w], [by, weights], to, { attributes });
      const wanted = conv(image(x, by.scale, by.zero), image(w, weights.scale, zero), null, window);
      assert.deepEqual([y.shape, y.numbers], [wanted.shape, wanted.numbers.map((value) => quantized(value, to))]);
      assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'CONV' && step.q8));
    });
  }
}

test('float weights below 2^-60 of the largest count as zero, so that decayed ones make no subnormal products', async () => {
  const x = f32([1, 2, 1, 2], [3, -5, 2 ** 66, -(2 ** 66)]);
  for (const [small, wanted] of [[2 ** -61, [3, -5]], [2 ** -59, [3 + 2 ** 7, -5 - 2 ** 7]]]) {
    const [y] = await runNode('Conv', [x, constant(f32([1, 2, 1, 1], [1, small]))]);
    assert.deepEqual(numbers(y), wanted);
  }
});

test('a bias in steps of the sum is added before requantization', async () => {
  const x = noiseBytes('int8', [1, 8, 2, 2]), w = constant(noiseBytes('int8', [3, 8, 1, 1], 2));
  const bias = constant(new Tensor('int32', [3], Int32Array.of(40000, -40000, 7)));
  const to = /** @type {const} */ ({ scale: 1, zero: 1, dtype: 'int8' });
  const scales = [{ scale: 1 / 32, zero: 5 }, { scale: 1 / 16, zero: 0 }, { scale: 1 / 512, zero: 0 }];
  const y = await runQuantized('Conv', [x, w, bias], scales, to);
  const wanted = conv(image(x, 1 / 32, 5), image(w, 1 / 16), numbers(bias).map((b) => b / 512), {});
  assert.deepEqual(y.numbers, wanted.numbers.map((value) => quantized(value, to)));
});

test('a scale so large that sums leave the fast range still saturates', async () => {
  const x = noiseBytes('uint8', [1, 64, 3, 3]), w = constant(noiseBytes('int8', [8, 64, 1, 1], 2));
  const to = /** @type {const} */ ({ scale: 2 ** -12, zero: 128, dtype: 'uint8' });
  const y = await runQuantized('Conv', [x, w], [{ scale: 1, zero: 128 }, { scale: 1, zero: 0 }], to);
  const wanted = conv(image(x, 1, 128), image(w), null, {});
  assert.deepEqual(y.numbers, wanted.numbers.map((value) => quantized(value, to)));
});

test('channels, groups and bias that contradict each other are refused by number', async () => {
  const x = noiseTensor([1, 4, 3, 3]);
  const refused = (/** @type {number[]} */ shape, group = 1) =>
    runNode('Conv', [x, constant(noiseTensor(shape))], { attributes: { group, kernel_shape: shape.slice(2) } });
  await assert.rejects(refused([2, 3, 1, 1]), { code: 'invalid_model', message: /3 inputs.*4 channels/ });
  await assert.rejects(refused([3, 2, 1, 1], 2), { code: 'invalid_model', message: /2 groups/ });
  await assert.rejects(refused([2, 4, 5, 5]), { code: 'invalid_shape', message: /window of 5/ });
  const bias = constant(f32([3], [1, 2, 3]));
  const biased = runNode('Conv', [x, constant(noiseTensor([2, 4, 1, 1])), bias]);
  await assert.rejects(biased, { code: 'invalid_model', message: /3 numbers/ });
});
