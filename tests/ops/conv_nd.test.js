// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, noise, noiseTensor, runNode } from './one_node.js';

test('three dimensions with one pixel each are a matrix product, with bias and groups', async () => {
  const [y] = await runNode('Conv', [f32([1, 2, 1, 1, 1], [3, 4]), f32([2, 2, 1, 1, 1], [1, 2, 3, 4]), f32([2], [10, 20])]);
  assert.deepEqual([y.shape, y.numbers], [[1, 2, 1, 1, 1], [21, 45]]);
  const [z] = await runNode('Conv', [f32([1, 2, 1, 1, 1], [3, 4]), f32([2, 1, 1, 1, 1], [5, 6])], { attributes: { group: 2 } });
  assert.deepEqual(z.numbers, [15, 24]);
});

test('with a depth of one they are what two dimensions are, strided, padded and dilated', async () => {
  const x = noiseTensor([1, 2, 6, 5]), w = noiseTensor([3, 2, 3, 2], 4);
  const [flat] = await runNode('Conv', [x, w], { attributes: { strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] } });
  const attributes = { strides: [1, 2, 1], pads: [0, 1, 0, 0, 1, 1], dilations: [1, 1, 2] };
  const [y] = await runNode('Conv', [f32([1, 2, 1, 6, 5], noise(60)), f32([3, 2, 1, 3, 2], noise(36, 4))], { attributes });
  assert.deepEqual([...y.shape].filter((_, i) => i !== 2), [...flat.shape]);
  assert.ok(distance(y, flat.numbers) < 1e-5);
  const turned = { strides: [2, 1], pads: [1, 0, 0, 1], output_padding: [1, 0] };
  const [back] = await runNode('ConvTranspose', [f32([1, 3, 3, 2], noise(18)), f32([3, 2, 3, 2], noise(36, 5))], { attributes: turned });
  const wide = { strides: [1, 2, 1], pads: [0, 1, 0, 0, 0, 1], output_padding: [0, 1, 0] };
  const [deep] = await runNode('ConvTranspose', [f32([1, 3, 1, 3, 2], noise(18)), f32([3, 2, 1, 3, 2], noise(36, 5))], { attributes: wide });
  assert.ok(distance(deep, back.numbers) < 1e-5);
});

test('weights that do not fit are refused', async () => {
  await assert.rejects(runNode('Conv', [noiseTensor([1, 2, 2, 2, 2]), noiseTensor([1, 3, 1, 1, 1])]), { code: 'invalid_shape', message: /weights/ });
});
