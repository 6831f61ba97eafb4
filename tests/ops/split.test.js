// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, i64, noiseTensor, numbers, runNode } from './one_node.js';

const six = f32([2, 3], [1, 2, 3, 4, 5, 6]);

test('equal parts along an inner axis', async () => {
  const parts = await runNode('Split', [six], { attributes: { axis: 1 }, outputs: 3, opset: 11 });
  assert.deepEqual(parts.map(({ numbers }) => numbers), [[1, 4], [2, 5], [3, 6]]);
});

test('parts of given sizes, one of them empty', async () => {
  const parts = await runNode('Split', [six, i64(2, 0, 1)], { attributes: { axis: -1 }, outputs: 3 });
  assert.deepEqual(parts.map(({ shape, numbers }) => [shape, numbers]),
    [[[2, 2], [1, 2, 4, 5]], [[2, 0], []], [[2, 1], [3, 6]]]);
});

test('channels of an image', async () => {
  const x = noiseTensor([1, 4, 3, 3]);
  const [a, b] = await runNode('Split', [x, i64(1, 3)], { attributes: { axis: 1 }, outputs: 2 });
  assert.deepEqual([a.numbers, b.numbers], [numbers(x).slice(0, 9), numbers(x).slice(9)]);
});

test('sizes that do not add up are refused', async () => {
  await assert.rejects(runNode('Split', [six, i64(1, 1)], { attributes: { axis: 1 }, outputs: 2 }),
    { code: 'invalid_model', message: /add up/ });
});
