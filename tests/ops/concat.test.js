// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, f32, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

test('rows are joined along an inner axis', async () => {
  const [y] = await runNode('Concat', [f32([2, 1], [1, 4]), f32([2, 2], [2, 3, 5, 6])], { attributes: { axis: 1 } });
  assert.deepEqual([y.shape, y.numbers], [[2, 3], [1, 2, 3, 4, 5, 6]]);
});

test('a negative axis counts from the end, and an empty input adds nothing', async () => {
  const [y] = await runNode('Concat', [f32([1, 2], [1, 2]), constant(f32([1, 0], [])), f32([1, 1], [3])],
    { attributes: { axis: -1 } });
  assert.deepEqual([y.shape, y.numbers], [[1, 3], [1, 2, 3]]);
});

test('images are joined along their channels', async () => {
  const [a, b] = [noiseTensor([1, 2, 3, 3]), noiseTensor([1, 1, 3, 3], 2)];
  const [y] = await runNode('Concat', [a, b], { attributes: { axis: 1 } });
  assert.deepEqual([y.shape, y.numbers], [[1, 3, 3, 3], [...numbers(a), ...numbers(b)]]);
});

test('quantized inputs of other scales are requantized, each by its own', async () => {
  const parts = [{ scale: 0.02, zero: 3 }, { scale: 0.05, zero: -7 }];
  const to = /** @type {const} */ ({ scale: 0.05, zero: -7, dtype: 'int8' });
  const inputs = [noiseBytes('int8', [4, 40]), noiseBytes('int8', [4, 25], 2)];
  const y = await runQuantized('Concat', inputs, parts, to, { attributes: { axis: 1 } });
  const [a, b] = inputs.map((x, i) => numbers(x).map((q) => quantized(real(q, parts[i]), to)));
  const rows = [0, 1, 2, 3].flatMap((row) => [...a.slice(row * 40, row * 40 + 40), ...b.slice(row * 25, row * 25 + 25)]);
  assert.deepEqual([y.shape, y.numbers], [[4, 65], rows]);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'CONCAT' && step.q8));
});

test('shapes that do not fit are refused by name', async () => {
  await assert.rejects(runNode('Concat', [f32([2], [1, 2]), f32([1, 2], [1, 2])], { attributes: { axis: 0 } }),
    { code: 'invalid_shape', message: /i1/ });
});
