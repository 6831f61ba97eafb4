// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, i64, runNode } from './one_node.js';

const indices = new Tensor('int64', [4], [0, -1, 3, 1]);

test('on where the index says, negative from the end, nowhere outside', async () => {
  const [y] = await runNode('OneHot', [indices, i64(3), f32([2], [0, 5])]);
  assert.deepEqual([y.shape, y.numbers], [[4, 3], [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0]]);
});

test('along another axis, values of another type', async () => {
  const [y] = await runNode('OneHot', [indices, i64(2), new Tensor('int8', [2], [-1, 1])], { attributes: { axis: 0 } });
  assert.deepEqual([y.dtype, y.numbers], ['int8', [1, -1, -1, -1, -1, 1, -1, 1]]);
});

test('three values, and a negative depth, are refused', async () => {
  await assert.rejects(runNode('OneHot', [indices, i64(3), f32([3], [0, 1, 2])]), { code: 'invalid_shape' });
  await assert.rejects(runNode('OneHot', [indices, i64(-3), f32([2], [0, 1])]), { code: 'invalid_shape', message: /-3/ });
});
