// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, everyByte, f32, numbers, real, runNode } from './one_node.js';

for (const dtype of /** @type {const} */ (['int8', 'uint8'])) {
  test(`every ${dtype}`, async () => {
    const by = { scale: 0.1, zero: 5 };
    const [y] = await runNode('DequantizeLinear',
      [everyByte(dtype), constant(f32([], [by.scale])), constant(new Tensor(dtype, [], [by.zero]))]);
    assert.deepEqual(y.numbers, numbers(everyByte(dtype)).map((q) => real(q, by)));
  });
}

test('a constant with a scale for each channel', async () => {
  const q = constant(new Tensor('int8', [2, 2], [1, -2, 3, -4]));
  const [y] = await runNode('DequantizeLinear', [q, constant(f32([2], [1, 10])), constant(new Tensor('int8', [2], [0, 1]))],
    { attributes: { axis: 1 } });
  assert.deepEqual(y.numbers, [1, -30, 3, -50]);
});

test('a constant of int32, as biases are', async () => {
  const q = constant(new Tensor('int32', [2], [100000, -7]));
  const [y] = await runNode('DequantizeLinear', [q, constant(f32([], [0.5]))]);
  assert.deepEqual(y.numbers, [50000, -3.5]);
});

test('as many scales as the axis has elements, or it is refused', async () => {
  const q = constant(new Tensor('int8', [2, 3], [1, 2, 3, 4, 5, 6]));
  await assert.rejects(runNode('DequantizeLinear', [q, constant(f32([2], [1, 10]))], { attributes: { axis: 1 } }),
    { code: 'invalid_model' });
});
