// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, f32, i64, noiseTensor, numbers, runNode } from './one_node.js';

const ten = f32([10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

for (const [starts, ends, steps, wanted] of [
  [[2], [5], [1], [2, 3, 4]], [[-3], [100], [1], [7, 8, 9]], [[0], [-1], [4], [0, 4, 8]],
  [[-1], [-100], [-3], [9, 6, 3, 0]], [[5], [2], [1], []], [[100], [0], [-1], [9, 8, 7, 6, 5, 4, 3, 2, 1]],
  [[0], [2 ** 53], [9], [0, 9]],
]) {
  test(`elements ${starts} to ${ends} by ${steps}`, async () => {
    const [y] = await runNode('Slice', [ten, i64(...starts), i64(...ends), i64(0), i64(...steps)]);
    assert.deepEqual([y.shape, y.numbers], [[wanted.length], wanted]);
  });
}

test('some axes, out of order and counted from the end', async () => {
  const x = noiseTensor([3, 4, 5]);
  const [y] = await runNode('Slice', [x, i64(1, 0), i64(3, 2), i64(-1, 0)]);
  assert.deepEqual(y.shape, [2, 4, 2]);
  const at = (/** @type {number[]} */ [i, j, k]) => numbers(x)[(i * 4 + j) * 5 + k];
  assert.deepEqual(y.numbers, [0, 1].flatMap((i) => [0, 1, 2, 3].flatMap((j) => [1, 2].map((k) => at([i, j, k])))));
});

test('a slice of everything is the tensor', async () => {
  assert.deepEqual((await runNode('Slice', [ten, i64(0), i64(10)]))[0].numbers, numbers(ten));
});

test('a step of 0 is refused', async () => {
  await assert.rejects(runNode('Slice', [ten, i64(0), i64(1), i64(0), i64(0)]),
    { code: 'invalid_model', message: /step 0/ });
});

test('an axis out of range is refused', async () => {
  await assert.rejects(runNode('Slice', [ten, i64(0), i64(1), i64(1)]), { code: 'invalid_model', message: /axis 1/ });
});

test('lists of different lengths are refused', async () => {
  await assert.rejects(runNode('Slice', [ten, i64(0), i64(1, 2)]), { code: 'invalid_model', message: /1 starts, 2 ends/ });
});

test('bounds may come with the run; more of them than there are dimensions are refused', async () => {
  const starts = Object.assign(i64(3), { constant: false });
  assert.deepEqual((await runNode('Slice', [ten, starts, i64(5)]))[0].numbers, [3, 4]);
  const many = Object.assign(i64(...Array(1025).fill(0)), { constant: false });
  await assert.rejects(runNode('Slice', [ten, many, i64(1)]), { code: 'invalid_model', message: /at most 8/ });
});

test('constants are sliced when the model is read', async () => {
  const [y] = await runNode('Slice', [constant(f32([3], [1, 2, 3])), i64(1), i64(3)]);
  assert.deepEqual(y.numbers, [2, 3]);
});
