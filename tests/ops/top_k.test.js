// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, i64, runNode } from './one_node.js';

test('the largest with their places, the first of equals first', async () => {
  const [y, at] = await runNode('TopK', [f32([6], [3, 9, 1, 9, 5, 3]), i64(4)], { outputs: 2 });
  assert.deepEqual([y.numbers, at.dtype, at.numbers], [[9, 9, 5, 3], 'int64', [1, 3, 4, 0]]);
});

test('the smallest, along an axis that is not the last; none; integers', async () => {
  const x = new Tensor('int64', [3, 2], [5, 1, 4, 2, 6, 0]);
  const [y, at] = await runNode('TopK', [x, i64(2)], { attributes: { axis: 0, largest: 0 }, outputs: 2 });
  assert.deepEqual([y.numbers, at.numbers], [[4, 0, 5, 1], [1, 2, 0, 0]]);
  assert.deepEqual((await runNode('TopK', [x, i64(0)], { outputs: 2 }))[0].shape, [3, 0]);
});

test('before opset 10 k is an attribute', async () => {
  const [y] = await runNode('TopK', [f32([3], [1, 3, 2])], { attributes: { k: 1 }, outputs: 2, opset: 9 });
  assert.deepEqual(y.numbers, [3]);
});

test('more than there are is refused', async () => {
  await assert.rejects(runNode('TopK', [f32([2], [1, 2]), i64(3)], { outputs: 2 }), { code: 'invalid_shape', message: /3 of 2/ });
});
