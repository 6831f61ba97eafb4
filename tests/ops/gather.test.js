// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, f32, i64, runNode } from './one_node.js';

const table = f32([3, 2], [1, 2, 3, 4, 5, 6]);

test('rows in any order, counted from the end too', async () => {
  const [y] = await runNode('Gather', [table, i64(2, 0, -1)], { attributes: { axis: 0 } });
  assert.deepEqual([y.shape, y.numbers], [[3, 2], [5, 6, 1, 2, 5, 6]]);
});

test('a scalar index drops the axis', async () => {
  const [y] = await runNode('Gather', [table, constant(new Tensor('int64', [], [1n]))], { attributes: { axis: 1 } });
  assert.deepEqual([y.shape, y.numbers], [[3], [2, 4, 6]]);
});

test('indices that only the run knows, of int32 and any shape', async () => {
  const [y] = await runNode('Gather', [table, new Tensor('int32', [1, 2], [1, -3])], { attributes: { axis: 0 } });
  assert.deepEqual([y.shape, y.numbers], [[1, 2, 2], [3, 4, 1, 2]]);
});

test('an index out of range is refused when it is constant', async () => {
  await assert.rejects(runNode('Gather', [table, i64(3)]), { code: 'invalid_model', message: /element 3 of 3/ });
});

test('an index out of range takes the nearest element when only the run knows it', async () => {
  const indices = new Tensor('int64', [3], [3n, -4n, 2n ** 62n]);
  assert.deepEqual((await runNode('Gather', [table, indices]))[0].numbers, [5, 6, 1, 2, 5, 6]);
});

test('indices of float are refused', async () => {
  await assert.rejects(runNode('Gather', [table, f32([1], [0])]), { code: 'unsupported_model', message: /float32/ });
});
