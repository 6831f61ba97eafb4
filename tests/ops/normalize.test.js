// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, noise, noiseTensor, numbers, runNode } from './one_node.js';

/** Mean 0 and variance 1. @param {number[]} group */
function normal(group, epsilon = 1e-5) {
  const mean = group.reduce((sum, x) => sum + x, 0) / group.length;
  const variance = group.reduce((sum, x) => sum + (x - mean) ** 2, 0) / group.length;
  return group.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
}
/** @param {number[]} list @param {number} size */
const pieces = (list, size) => Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));

const x = noiseTensor([2, 4, 3]), data = numbers(x);

test('a layer from any axis on, with scale and bias, and what it was divided by', async () => {
  const scale = noise(12, 2), bias = noise(12, 3);
  const [y, mean, factor] = await runNode('LayerNormalization', [x, f32([4, 3], scale), f32([4, 3], bias)], { attributes: { axis: 1 }, outputs: 3 });
  const wanted = pieces(data, 12).flatMap((group) => normal(group).map((v, i) => v * scale[i] + bias[i]));
  assert.ok(distance(y, wanted) < 1e-5);
  assert.deepEqual([mean.shape, factor.shape], [[2, 1, 1], [2, 1, 1]]);
});

test('each channel of each image, and groups of channels', async () => {
  const scale = [1, 2, 3, 4], bias = [0, 1, 0, 1];
  const affine = (/** @type {number[]} */ list) => list.map((v, i) => v * scale[Math.floor(i / 3) % 4] + bias[Math.floor(i / 3) % 4]);
  const [y] = await runNode('InstanceNormalization', [x, f32([4], scale), f32([4], bias)]);
  assert.ok(distance(y, affine(pieces(data, 3).flatMap((group) => normal(group)))) < 1e-5);
  const attributes = { num_groups: 2 };
  const [z] = await runNode('GroupNormalization', [x, f32([4], scale), f32([4], bias)], { attributes, opset: 21 });
  assert.ok(distance(z, affine(pieces(data, 6).flatMap((group) => normal(group)))) < 1e-5);
});

test('a scale that does not fit, and groups that do not divide, are refused', async () => {
  await assert.rejects(runNode('LayerNormalization', [x, f32([2], [1, 1])]), { code: 'invalid_shape', message: /2 elements/ });
  const attributes = { num_groups: 3 };
  await assert.rejects(runNode('GroupNormalization', [x, f32([4], [1, 1, 1, 1]), f32([4], [0, 0, 0, 0])], { attributes, opset: 21 }),
    { code: 'invalid_shape', message: /3 groups/ });
});
