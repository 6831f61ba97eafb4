// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, f32, runNode } from '../ops/one_node.js';

test('parameters that come with the run are computed with', async () => {
  const x = f32([4], [-1, 0, 0.26, 99]), scale = f32([], [0.1]), zero = new Tensor('int8', [], [3]);
  const [q] = await runNode('QuantizeLinear', [x, scale, zero]);
  assert.deepEqual([q.dtype, q.numbers], ['int8', [-7, 3, 6, 127]]);
  const [y] = await runNode('DequantizeLinear', [new Tensor('int8', [2], [-7, 6]), scale, zero]);
  assert.deepEqual(y.numbers.map((n) => Math.round(n * 1e6)), [-1000000, 300000]);
});

test('a scale for each channel of an activation, and for each block', async () => {
  const x = new Tensor('uint8', [2, 2, 1], [10, 20, 30, 40]);
  const [y] = await runNode('DequantizeLinear', [x, constant(f32([2], [1, 2]))]);
  assert.deepEqual(y.numbers, [10, 40, 30, 80]);
  const attributes = { axis: 0, block_size: 2 };
  const [z] = await runNode('DequantizeLinear', [new Tensor('int8', [4], [1, 2, 3, 4]), constant(f32([2], [1, 10]))], { attributes, opset: 21 });
  assert.deepEqual(z.numbers, [1, 2, 30, 40]);
});

test('DynamicQuantizeLinear covers the range and 0', async () => {
  const [q, scale, zero] = await runNode('DynamicQuantizeLinear', [f32([3], [0, 2, -3])], { outputs: 3 });
  assert.deepEqual([q.dtype, q.numbers, zero.numbers], ['uint8', [153, 255, 0], [153]]);
  assert.ok(Math.abs(scale.numbers[0] - 5 / 255) < 1e-8);
});

test('whole sums of bytes, zero points a row and a column', async () => {
  const a = new Tensor('uint8', [2, 2], [11, 7, 200, 3]), b = new Tensor('int8', [2, 2], [1, -4, 2, 5]);
  const zeros = [constant(new Tensor('uint8', [2], [10, 0])), constant(new Tensor('int8', [2], [0, 1]))];
  const [y] = await runNode('MatMulInteger', [a, b, ...zeros]);
  assert.deepEqual([y.dtype, y.numbers], ['int32', [1 - 6, -5 - 12, 200 + 6, -1000 + 12]]);
});
