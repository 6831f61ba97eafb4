// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { i64, runNode } from './one_node.js';

test('a tensor of zeros where no value is given', async () => {
  const [y] = await runNode('ConstantOfShape', [i64(2, 3)]);
  assert.deepEqual([y.dtype, y.shape, y.numbers], ['float32', [2, 3], [0, 0, 0, 0, 0, 0]]);
});

test('an empty shape is a scalar, and a dimension of 0 an empty tensor', async () => {
  assert.deepEqual((await runNode('ConstantOfShape', [i64()]))[0].numbers, [0]);
  assert.deepEqual((await runNode('ConstantOfShape', [i64(3, 0)]))[0].shape, [3, 0]);
});

test('negative and absurd shapes are refused', async () => {
  await assert.rejects(runNode('ConstantOfShape', [i64(-1)]), { code: 'invalid_shape' });
  await assert.rejects(runNode('ConstantOfShape', [i64(2 ** 40)]), { code: 'invalid_shape' });
});
