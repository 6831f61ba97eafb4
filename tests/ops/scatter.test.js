// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, runNode } from './one_node.js';

/** @param {number[]} shape @param {number[]} data */
const ints = (shape, data) => new Tensor('int64', shape, data);
const x = f32([5], [1, 2, 3, 4, 5]);

test('elements are replaced, the last of two in one place stays', async () => {
  const [y] = await runNode('ScatterElements', [x, ints([3], [0, -1, 0]), f32([3], [10, 20, 30])]);
  assert.deepEqual(y.numbers, [30, 2, 3, 4, 20]);
});

test('or joined, floats and integers', async () => {
  const two = ints([2], [1, 1]), y = f32([2], [10, 0.5]);
  for (const [reduction, wanted] of [['add', 12.5], ['mul', 10], ['max', 10], ['min', 0.5]]) {
    const [z] = await runNode('ScatterElements', [x, two, y], { attributes: { reduction }, opset: 18 });
    assert.deepEqual(z.numbers, [1, wanted, 3, 4, 5]);
  }
  const whole = new Tensor('int8', [2], [100, 1]), more = new Tensor('int8', [1], [100]);
  const [z] = await runNode('ScatterND', [whole, ints([1, 1], [0]), more], { attributes: { reduction: 'add' }, opset: 18 });
  assert.deepEqual(z.numbers, [-56, 1]);
});

test('whole slices by tuples; an index outside goes to the edge', async () => {
  const [y] = await runNode('ScatterND', [f32([3, 2], [0, 0, 0, 0, 0, 0]), ints([2, 1], [9, 0]), f32([2, 2], [1, 2, 3, 4])]);
  assert.deepEqual(y.numbers, [3, 4, 0, 0, 1, 2]);
});

test('shapes that do not fit and reductions that there are not are refused', async () => {
  await assert.rejects(runNode('ScatterElements', [x, ints([2], [0, 1]), f32([3], [1, 2, 3])]), { code: 'invalid_shape' });
  await assert.rejects(runNode('ScatterND', [x, ints([1, 2], [0, 0]), f32([1], [1])]), { code: 'invalid_shape' });
  const attributes = { reduction: 'mean' };
  await assert.rejects(runNode('ScatterND', [x, ints([1, 1], [0]), f32([1], [1])], { attributes }), { code: 'unsupported_model' });
});
