// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, i64, runNode } from './one_node.js';

test('dimensions of 1 stretch on either side', async () => {
  const [y] = await runNode('Expand', [f32([3, 1], [1, 2, 3]), i64(2, 1, 2)]);
  assert.deepEqual([y.shape, y.numbers], [[2, 3, 2], [1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3]]);
});

test('a row becomes a matrix', async () => {
  const [y] = await runNode('Expand', [f32([2], [1, 2]), i64(3, 2)]);
  assert.deepEqual(y.numbers, [1, 2, 1, 2, 1, 2]);
});

test('nothing to stretch', async () => {
  const [y] = await runNode('Expand', [f32([2], [1, 2]), i64(1, 1)]);
  assert.deepEqual([y.shape, y.numbers], [[1, 2], [1, 2]]);
});

test('shapes that do not fit, and absurd sizes, are refused', async () => {
  await assert.rejects(runNode('Expand', [f32([2], [1, 2]), i64(3)]), { code: 'invalid_shape', message: /\[2\] to \[3\]/ });
  await assert.rejects(runNode('Expand', [f32([1], [1]), i64(2 ** 30, 2 ** 30)]), { code: 'invalid_shape', message: /1 GiB/ });
});
