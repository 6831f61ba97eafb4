// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, f32, noiseTensor, runNode } from './one_node.js';

test('the places of what is not 0, of a small input and of a constant', async () => {
  const x = f32([2, 3], [0, 1, 0, 2, 0, NaN]);
  for (const input of [x, constant(f32([2, 3], [0, 1, 0, 2, 0, NaN]))]) {
    const [y] = await runNode('NonZero', [input]);
    assert.deepEqual([y.dtype, y.shape, y.numbers], ['int64', [2, 3], [0, 1, 1, 1, 0, 2]]);
  }
  assert.deepEqual((await runNode('NonZero', [f32([2], [0, 0])]))[0].shape, [1, 0]);
});

test('Compress takes what the condition says', async () => {
  const condition = new Tensor('bool', [3], [0, 1, 1]);
  const [y] = await runNode('Compress', [f32([2, 3], [1, 2, 3, 4, 5, 6]), condition], { attributes: { axis: 1 } });
  assert.deepEqual([y.shape, y.numbers], [[2, 2], [2, 3, 5, 6]]);
});

test('an image, whose count only a run can know', async () => {
  const [y] = await runNode('NonZero', [noiseTensor([1, 1, 64, 64])]);
  assert.deepEqual([y.shape, y.numbers.slice(-2)], [[4, 4096], [62, 63]]);
});
