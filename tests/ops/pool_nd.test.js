// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, noiseTensor, runNode } from './one_node.js';

const cube = f32([1, 1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);

test('three dimensions: the maximum and the average of everything', async () => {
  const attributes = { kernel_shape: [2, 2, 2] };
  assert.deepEqual((await runNode('MaxPool', [cube], { attributes }))[0].numbers, [8]);
  assert.deepEqual((await runNode('AveragePool', [cube], { attributes }))[0].numbers, [4.5]);
});

test('where the maxima are, rows or columns first', async () => {
  const x = f32([1, 1, 2, 3], [1, 9, 2, 3, 4, 5]);
  for (const [storage_order, wanted] of [[0, [1, 1]], [1, [2, 2]]]) {
    const [y, at] = await runNode('MaxPool', [x], { attributes: { kernel_shape: [2, 2], storage_order }, outputs: 2 });
    assert.deepEqual([y.numbers, at.dtype, at.numbers], [[9, 9], 'int64', wanted]);
  }
});

test('norms, padding counted or not, bytes', async () => {
  const x = f32([1, 1, 2], [3, -4]);
  assert.deepEqual((await runNode('LpPool', [x], { attributes: { kernel_shape: [2] } }))[0].numbers, [5]);
  assert.deepEqual((await runNode('LpPool', [x], { attributes: { kernel_shape: [2], p: 1 } }))[0].numbers, [7]);
  const attributes = { kernel_shape: [2, 2, 2], pads: [1, 0, 0, 0, 0, 0], count_include_pad: 1 };
  assert.deepEqual((await runNode('AveragePool', [cube], { attributes }))[0].numbers, [1.25, 4.5]);
  const bytes = new Tensor('uint8', [1, 1, 2, 2], [200, 1, 2, 3]);
  assert.deepEqual((await runNode('MaxPool', [bytes], { attributes: { kernel_shape: [2, 2] } }))[0].numbers, [200]);
});

test('windows that do not fit and ranks that differ are refused', async () => {
  await assert.rejects(runNode('MaxPool', [cube], { attributes: { kernel_shape: [3, 1, 1] } }), { code: 'invalid_shape', message: /window of 3/ });
  await assert.rejects(runNode('LpPool', [noiseTensor([1, 1, 4, 4])], { attributes: { kernel_shape: [2] } }), { code: 'invalid_shape' });
});
