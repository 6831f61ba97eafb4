// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, i64, runNode } from './one_node.js';

test('each dimension as often as it says, none included', async () => {
  const x = f32([2, 2], [1, 2, 3, 4]);
  const [y] = await runNode('Tile', [x, i64(2, 3)]);
  assert.deepEqual([y.shape, y.numbers], [[4, 6], [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]]);
  assert.deepEqual((await runNode('Tile', [x, i64(0, 1)]))[0].shape, [0, 2]);
  assert.deepEqual((await runNode('Tile', [f32([1, 1, 2], [1, 2]), i64(2, 2, 1)]))[0].numbers, [1, 2, 1, 2, 1, 2, 1, 2]);
});

test('too few numbers, negative ones and absurd ones are refused', async () => {
  for (const repeats of [i64(2), i64(-1), i64(2 ** 31)])
    await assert.rejects(runNode('Tile', [f32([1, 2], [1, 2]), repeats]), { code: 'invalid_shape', message: /repeats/ });
  await assert.rejects(runNode('Tile', [f32([2], [1, 2]), i64(2 ** 30)]), { code: 'invalid_shape' });
});
