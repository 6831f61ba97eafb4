// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, distance, f32, noiseTensor, numbers, runNode } from './one_node.js';

const [scale, bias, mean, variance] = [[1, 2, -3], [0.5, 0, 1], [0, 0.25, -1], [1, 4, 0.5]];
const parameters = [scale, bias, mean, variance].map((values) => constant(f32([3], values)));
const normalized = (/** @type {number} */ x, /** @type {number} */ c) =>
  ((x - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * scale[c] + bias[c];

for (const shape of [[2, 3, 4, 5], [2, 3], [2, 3, 7]]) {
  test(`channels of [${shape}]`, async () => {
    const x = noiseTensor(shape), inner = shape.slice(2).reduce((p, d) => p * d, 1);
    const [y] = await runNode('BatchNormalization', [x, ...parameters]);
    assert.ok(distance(y, numbers(x).map((value, i) => normalized(value, Math.floor(i / inner) % 3))) < 1e-5);
  });
}

test('parameters of the wrong length are refused by name', async () => {
  await assert.rejects(runNode('BatchNormalization', [noiseTensor([1, 4, 2, 2]), ...parameters]),
    { code: 'invalid_shape', message: /i1/ });
});
