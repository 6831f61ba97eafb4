// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, noiseTensor, numbers, runNode } from './one_node.js';

test('the first of the largest, along an inner axis', async () => {
  const [y] = await runNode('ArgMax', [f32([2, 3, 2], [1, 9, 5, 2, 5, 9, 0, 0, 0, 0, 0, 0])], { attributes: { axis: 1 } });
  assert.deepEqual([y.dtype, y.shape, y.numbers], ['int64', [2, 1, 2], [1, 0, 0, 0]]);
});

test('the smallest, along the last axis, which goes', async () => {
  const [y] = await runNode('ArgMin', [f32([2, 3], [3, 1, 2, -1, -1, 0])], { attributes: { axis: -1, keepdims: 0 } });
  assert.deepEqual([y.shape, y.numbers], [[2], [1, 0]]);
});

test('along the channels of an image', async () => {
  const x = noiseTensor([1, 4, 3, 3]);
  const [y] = await runNode('ArgMax', [x], { attributes: { axis: 1, keepdims: 0 } });
  const column = (/** @type {number} */ i) => [0, 1, 2, 3].map((c) => numbers(x)[c * 9 + i]);
  assert.deepEqual(y.numbers, Array.from({ length: 9 }, (_, i) => column(i).indexOf(Math.max(...column(i)))));
});

test('an axis out of range, and an empty one, are refused', async () => {
  await assert.rejects(runNode('ArgMax', [noiseTensor([2])], { attributes: { axis: 1 } }), { code: 'invalid_model' });
  await assert.rejects(runNode('ArgMax', [noiseTensor([2, 0])], { attributes: { axis: 1 } }), { code: 'invalid_shape' });
});
