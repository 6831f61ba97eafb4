// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, i64, noiseBytes, runNode, runQuantized, real } from './one_node.js';

const square = f32([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
/** @param {number[]} shape @param {number[]} data */
const ints = (shape, data) => new Tensor('int64', shape, data);

test('triangles above and below any diagonal', async () => {
  assert.deepEqual((await runNode('Trilu', [square]))[0].numbers, [1, 2, 3, 0, 5, 6, 0, 0, 9]);
  const lower = await runNode('Trilu', [square, ints([], [-1])], { attributes: { upper: 0 } });
  assert.deepEqual(lower[0].numbers, [0, 0, 0, 4, 0, 0, 7, 8, 0]);
  assert.deepEqual((await runNode('Trilu', [square, ints([], [9])]))[0].numbers, Array(9).fill(0));
  await assert.rejects(runNode('Trilu', [f32([3], [1, 2, 3])]), { code: 'invalid_shape' });
});

test('the diagonal of EyeLike is two triangles of ones', async () => {
  const [y] = await runNode('EyeLike', [ints([2, 3], [0, 0, 0, 0, 0, 0])], { attributes: { k: 1 } });
  assert.deepEqual([y.dtype, y.numbers], ['int64', [0, 1, 0, 0, 0, 1]]);
});

test('sequences of several lengths backwards, one longer than there is', async () => {
  const attributes = { batch_axis: 0, time_axis: 1 };
  const [y] = await runNode('ReverseSequence', [square, ints([3], [1, 2, 99])], { attributes });
  assert.deepEqual(y.numbers, [1, 2, 3, 5, 4, 6, 9, 8, 7]);
});

test('elements by index, negative ones from the end, those outside from the edge', async () => {
  const [y] = await runNode('GatherElements', [square, ints([2, 3], [0, -1, 99, 1, -99, 0])], { attributes: { axis: 0 } });
  assert.deepEqual(y.numbers, [1, 8, 9, 4, 2, 3]);
  await assert.rejects(runNode('GatherElements', [square, ints([2], [0, 0])]), { code: 'invalid_shape', message: /\[2\]/ });
});

test('slices by tuples, with batch dimensions and without', async () => {
  const x = f32([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual((await runNode('GatherND', [x, ints([2, 2], [0, 1, 1, 0])]))[0].numbers, [2, 3, 4, 5]);
  const [y] = await runNode('GatherND', [x, ints([2, 1], [1, 0])], { attributes: { batch_dims: 1 } });
  assert.deepEqual([y.shape, y.numbers], [[2, 2], [2, 3, 4, 5]]);
  await assert.rejects(runNode('GatherND', [x, ints([1, 4], [0, 0, 0, 0])]), { code: 'invalid_shape' });
});

test('quantized elements are moved as they are', async () => {
  const x = noiseBytes('uint8', [4]), q = { scale: 0.5, zero: 3 };
  const y = await runQuantized('GatherElements', [x, i64(3, 0)], [q, null], { ...q, dtype: 'uint8' });
  assert.deepEqual(y.numbers.map((n) => real(n, q)), [x.data[3], x.data[0]].map((n) => real(Number(n), q)));
});
