// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

/**
 * The definition, one channel at a time.
 * @param {import('../../js/index.js').Tensor} x
 * @param {{ kernel: number[], strides?: number[], pads?: number[], dilations?: number[], average?: boolean,
 *   countPadding?: boolean, ceil?: boolean }} window
 */
function pooled(x, { kernel, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], average, countPadding, ceil }) {
  const [n, c, ...size] = x.shape;
  const out = size.map((dim, i) => {
    const span = dim + pads[i] + pads[i + 2] - (kernel[i] - 1) * dilations[i] - 1;
    const steps = (ceil ? Math.ceil : Math.floor)(span / strides[i]);
    return steps + 1 - (ceil && steps * strides[i] >= dim + pads[i] ? 1 : 0);
  });
  const values = [];
  for (let plane = 0; plane < n * c; plane++) {
    for (let y = 0; y < out[0]; y++) {
      for (let z = 0; z < out[1]; z++) {
        const seen = [];
        let reach = 0;
        for (let ky = 0; ky < kernel[0]; ky++) {
          for (let kx = 0; kx < kernel[1]; kx++) {
            const row = y * strides[0] - pads[0] + ky * dilations[0], column = z * strides[1] - pads[1] + kx * dilations[1];
            if (row < size[0] + pads[2] && column < size[1] + pads[3]) reach++;
            if (row < 0 || row >= size[0] || column < 0 || column >= size[1]) continue;
            seen.push(numbers(x)[(plane * size[0] + row) * size[1] + column]);
          }
        }
        const sum = seen.reduce((a, b) => a + b, 0);
        values.push(average ? sum / (countPadding ? reach : seen.length) : Math.max(...seen));
      }
    }
  }
  return { shape: [n, c, ...out], values };
}

/** @type {[string, any, any][]} */
const WINDOWS = [
  ['2x2 by 2', { kernel: [2, 2], strides: [2, 2] }, { kernel_shape: [2, 2], strides: [2, 2] }],
  ['3x2 with padding', { kernel: [3, 2], pads: [1, 0, 2, 1] }, { kernel_shape: [3, 2], pads: [1, 0, 2, 1] }],
  ['3x3 by 2, the last window partly outside', { kernel: [3, 3], strides: [2, 2], ceil: true },
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  ['2x2 with holes', { kernel: [2, 2], dilations: [2, 3] }, { kernel_shape: [2, 2], dilations: [2, 3] }],
];

const x = noiseTensor([2, 3, 6, 8]);

for (const [name, window, attributes] of WINDOWS) {
  test(`maximum, ${name}`, async () => {
    const [y] = await runNode('MaxPool', [x], { attributes });
    const { shape, values } = pooled(x, window);
    assert.deepEqual([y.shape, y.numbers], [shape, values]);
  });

  for (const countPadding of [false, true]) {
    test(`average, ${name}${countPadding ? ', padding counted' : ''}`, async () => {
      const [y] = await runNode('AveragePool', [x],
        { attributes: { ...attributes, count_include_pad: Number(countPadding) }, opset: 19 });
      const { shape, values } = pooled(x, { ...window, average: true, countPadding });
      assert.deepEqual(y.shape, shape);
      assert.ok(distance(y, values) < 1e-6);
    });
  }
}

test('the same padding at the upper and the lower end', async () => {
  const row = f32([1, 1, 1, 4], [1, 4, 2, 3]);
  for (const [auto_pad, wanted] of [['SAME_UPPER', [4, 4, 3, 3]], ['SAME_LOWER', [1, 4, 4, 3]], ['VALID', [4, 4, 3]]]) {
    const [y] = await runNode('MaxPool', [row], { attributes: { kernel_shape: [1, 2], auto_pad } });
    assert.deepEqual(y.numbers, wanted);
  }
});

test('a quantized maximum keeps its bytes', async () => {
  const bytes = noiseBytes('int8', [1, 5, 7, 7]), by = { scale: 0.1, zero: 3 };
  const y = await runQuantized('MaxPool', [bytes], [by], { ...by, dtype: 'int8' },
    { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } });
  assert.deepEqual(y.numbers, pooled(bytes, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }).values);
});

test('a quantized average rounds once, by the scales of both sides', async () => {
  const bytes = noiseBytes('uint8', [1, 20, 7, 7]), from = { scale: 0.1, zero: 103 };
  const to = /** @type {const} */ ({ scale: 0.07, zero: 90, dtype: 'uint8' });
  const y = await runQuantized('AveragePool', [bytes], [from], to, { attributes: { kernel_shape: [3, 3] } });
  const floats = f32([...bytes.shape], numbers(bytes).map((q) => real(q, from)));
  const { values } = pooled(floats, { kernel: [3, 3], average: true });
  assert.ok(distance(y, values.map((value) => quantized(Math.fround(value), to))) <= 1);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'POOL' && step.q8));
});

test('a window larger than the image is refused with its numbers', async () => {
  await assert.rejects(runNode('MaxPool', [x], { attributes: { kernel_shape: [7, 1] } }),
    { code: 'invalid_shape', message: /window of 7/ });
});

test('absurd strides, kernels and pads are refused or give the one window that fits', async () => {
  for (const attributes of [{ kernel_shape: [2 ** 31 - 1, 1] }, { kernel_shape: [1, 1], strides: [0, 1] },
    { kernel_shape: [2, 2], pads: [-1, 0, 0, 0] }, { kernel_shape: [2, 2], dilations: [2 ** 31 - 1, 1] },
    { kernel_shape: [1, 1], strides: [2 ** 31 - 1, 1] }, { kernel_shape: [2, 2], pads: [0, 2 ** 30, 0, 2 ** 30] }]) {
    await assert.rejects(runNode('MaxPool', [x], { attributes }), { code: /invalid_shape|invalid_model/ });
  }
  const [y] = await runNode('MaxPool', [x], { attributes: { kernel_shape: [1, 1], strides: [2 ** 24, 2 ** 24] } });
  assert.deepEqual(y.shape, [2, 3, 1, 1]);
});
