// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, count, distance, f32, noise, noiseTensor, runNode } from '../ops/one_node.js';

test('parameters that come with the run are computed with', async () => {
  const x = f32([4], [-1, 0, 0.26, 99]), scale = f32([], [0.1]), zero = new Tensor('int8', [], [3]);
  const [q] = await runNode('QuantizeLinear', [x, scale, zero]);
  assert.deepEqual([q.dtype, q.numbers], ['int8', [-7, 3, 6, 127]]);
  const [y] = await runNode('DequantizeLinear', [new Tensor('int8', [2], [-7, 6]), scale, zero]);
  assert.deepEqual(y.numbers.map((n) => Math.round(n * 1e6)), [-1000000, 300000]);
});

test('a scale for each channel of an activation, and for each block', async () => {
  const x = new Tensor('uint8', [2, 2, 1], [10, 20, 30, 40]);
  const [y] = await runNode('DequantizeLinear', [x, constant(f32([2], [1, 2]))]);
  assert.deepEqual(y.numbers, [10, 40, 30, 80]);
  const attributes = { axis: 0, block_size: 2 };
  const [z] = await runNode('DequantizeLinear', [new Tensor('int8', [4], [1, 2, 3, 4]), constant(f32([2], [1, 10]))], { attributes, opset: 21 });
  assert.deepEqual(z.numbers, [1, 2, 30, 40]);
});

test('DynamicQuantizeLinear covers the range and 0', async () => {
  const [q, scale, zero] = await runNode('DynamicQuantizeLinear', [f32([3], [0, 2, -3])], { outputs: 3 });
  assert.deepEqual([q.dtype, q.numbers, zero.numbers], ['uint8', [153, 255, 0], [153]]);
  assert.ok(Math.abs(scale.numbers[0] - 5 / 255) < 1e-8);
});

test('whole sums of bytes, zero points a row and a column', async () => {
  const a = new Tensor('uint8', [2, 2], [11, 7, 200, 3]), b = new Tensor('int8', [2, 2], [1, -4, 2, 5]);
  const zeros = [constant(new Tensor('uint8', [2], [10, 0])), constant(new Tensor('int8', [2], [0, 1]))];
  const [y] = await runNode('MatMulInteger', [a, b, ...zeros]);
  assert.deepEqual([y.dtype, y.numbers], ['int32', [1 - 6, -5 - 12, 200 + 6, -1000 + 12]]);
});

/** Bytes that look random. @param {'int8' | 'uint8'} dtype @param {number[]} shape @param {number} seed */
function noisy(dtype, shape, seed) {
  const low = dtype === 'int8' ? -128 : 0;
  return new Tensor(dtype, shape, noise(count(shape), seed).map((value) => Math.floor((value + 1) * 127.999) + low));
}

for (const [a, b] of /** @type {const} */ ([['uint8', 'int8'], ['uint8', 'uint8'], ['int8', 'int8'], ['int8', 'uint8']])) {
  for (const [batch, m, k, n] of [[1, 1, 40, 40], [1, 13, 37, 11], [2, 3, 5, 9], [1, 7, 3000, 3]]) {
    test(`${a} [${batch}, ${m}, ${k}] times constant ${b} is exact, with zero points that are computed`, async () => {
      const x = noisy(a, [batch, m, k], 1), w = noisy(b, [k, n], 2);
      if (k > 1000) x.data.fill(a === 'int8' ? -128 : 255), w.data.fill(b === 'int8' ? -128 : 255); // beyond 2^24
      const zeros = [noisy(a, [], 3), constant(noisy(b, [n], 4))];
      const [y] = await runNode('MatMulInteger', [x, constant(w), ...zeros]);
      assert.deepEqual([y.dtype, y.shape], ['int32', [batch, m, n]]);
      assert.ok(y.steps.some((/** @type {any} */ step) => step.kernel.startsWith('gemm_qs8')));
      const wanted = Array.from({ length: batch * m * n }, (_, at) => {
        let sum = 0;
        for (let i = 0; i < k; i++) {
          sum += (x.data[Math.floor(at / n) * k + i] - zeros[0].data[0]) * (w.data[i * n + (at % n)] - zeros[1].data[at % n]);
        }
        return sum;
      });
      assert.deepEqual(y.numbers, wanted);
    });
  }
}

test('a zero point a row, and none at all', async () => {
  const x = noisy('uint8', [3, 8], 1), w = noisy('int8', [8, 5], 2), zero = noisy('uint8', [3], 3);
  const sums = (/** @type {number[]} */ zeros) => Array.from({ length: 15 }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < 8; i++) sum += (x.data[Math.floor(at / 5) * 8 + i] - zeros[Math.floor(at / 5)]) * w.data[i * 5 + (at % 5)];
    return sum;
  });
  const [y] = await runNode('MatMulInteger', [x, constant(w), zero]);
  assert.deepEqual(y.numbers, sums([...zero.data]));
  const [z] = await runNode('MatMulInteger', [x, constant(w)]);
  assert.deepEqual(z.numbers, sums([0, 0, 0]));
});

test('DynamicQuantizeMatMul and MatMulIntegerToFloat are near the product of what the bytes stand for', async () => {
  const x = noiseTensor([6, 33]), w = noisy('int8', [33, 10], 2), scale = constant(f32([10], noise(10, 5).map((s) => s * s / 99)));
  const bias = noiseTensor([10], 7);
  const product = (/** @type {(at: number) => number} */ left) => Array.from({ length: 60 }, (_, at) => {
    let sum = bias.data[at % 10];
    for (let i = 0; i < 33; i++) sum += left(Math.floor(at / 10) * 33 + i) * w.data[i * 10 + (at % 10)] * scale.data[at % 10];
    return sum;
  });
  const [y] = await runNode('com.microsoft.DynamicQuantizeMatMul', [x, constant(w), scale, null, constant(bias)]);
  assert.ok(distance(y, product((at) => x.data[at])) < 0.05);
  const bytes = noisy('uint8', [6, 33], 8);
  const [z] = await runNode('com.microsoft.MatMulIntegerToFloat',
    [bytes, constant(w), f32([], [0.01]), scale, new Tensor('uint8', [], [100]), null, constant(bias)]);
  assert.ok(distance(z, product((at) => (bytes.data[at] - 100) * 0.01)) < 1e-4);
});

/**
 * What ConvInteger of [1, channels, height, width] by [outputs, channels / group, kh, kw] is, with padding of zero points.
 * @param {Tensor} x @param {Tensor} w @param {number} xZero @param {ArrayLike<number>} wZeros
 * @param {{ group: number, pad: number, stride: number }} attributes
 */
function convolution(x, w, xZero, wZeros, { group, pad, stride }) {
  const [, , height, width] = x.shape, [outputs, inputs, kh, kw] = w.shape;
  const [outHeight, outWidth] = [[height, kh], [width, kw]].map(([size, k]) => Math.floor((size + 2 * pad - k) / stride) + 1);
  return Array.from({ length: outputs * outHeight * outWidth }, (_, at) => {
    const n = Math.floor(at / (outHeight * outWidth)), top = (Math.floor(at / outWidth) % outHeight) * stride - pad;
    const left = (at % outWidth) * stride - pad, first = Math.floor((n * group) / outputs) * inputs;
    let sum = 0;
    for (let tap = 0; tap < inputs * kh * kw; tap++) {
      const c = Math.floor(tap / (kh * kw)), row = top + (Math.floor(tap / kw) % kh), column = left + (tap % kw);
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      sum += (x.data[((first + c) * height + row) * width + column] - xZero) * (w.data[n * inputs * kh * kw + tap] - wZeros[n]);
    }
    return sum;
  });
}

for (const [a, b] of /** @type {const} */ ([['uint8', 'int8'], ['uint8', 'uint8'], ['int8', 'int8']])) {
  for (const { shape, outputs, kernel, ...attributes } of [
    { shape: [1, 5, 6, 7], outputs: 9, kernel: [3, 3], group: 1, pad: 1, stride: 1 },
    { shape: [1, 4, 7, 7], outputs: 6, kernel: [2, 3], group: 2, pad: 2, stride: 2 },
    { shape: [1, 3, 4, 4], outputs: 3, kernel: [3, 3], group: 3, pad: 1, stride: 1 },
    { shape: [1, 600, 3, 3], outputs: 2, kernel: [3, 3], group: 1, pad: 0, stride: 1 },
  ]) {
    const { group, pad, stride } = attributes;
    test(`${a} ${shape} convolved with ${b}, ${group} groups, ${kernel} by ${stride}, is exact`, async () => {
      const x = noisy(a, shape, 1), w = noisy(b, [outputs, shape[1] / group, ...kernel], 2);
      if (shape[1] > 500) x.data.fill(a === 'int8' ? -128 : 255), w.data.fill(b === 'int8' ? -128 : 255); // beyond 2^24
      const zeros = [noisy(a, [], 3), constant(noisy(b, [outputs], 4))];
      const run = { attributes: { group, pads: [pad, pad, pad, pad], strides: [stride, stride] } };
      const [y] = await runNode('ConvInteger', [x, constant(w), ...zeros], run);
      assert.equal(y.dtype, 'int32');
      const inIntegers = y.steps.some((/** @type {any} */ step) => step.kernel.startsWith('gemm_qs8'));
      assert.equal(inIntegers, group < shape[1]);
      assert.deepEqual(y.numbers, convolution(x, w, zeros[0].data[0], zeros[1].data, attributes));
    });
  }
}

test('ConvInteger along one dimension, and without zero points', async () => {
  const x = noisy('uint8', [1, 4, 9], 1), w = noisy('int8', [5, 4, 3], 2);
  const image = new Tensor('uint8', [1, 4, 1, 9], x.data), row = new Tensor('int8', [5, 4, 1, 3], w.data);
  const [y] = await runNode('ConvInteger', [x, constant(w)]);
  assert.deepEqual([y.dtype, y.shape], ['int32', [1, 5, 7]]);
  assert.deepEqual(y.numbers, convolution(image, row, 0, new Array(5).fill(0), { group: 1, pad: 0, stride: 1 }));
  assert.ok(y.steps.some((/** @type {any} */ step) => step.kernel.startsWith('gemm_qs8')));
});
