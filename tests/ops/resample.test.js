// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, distance, f32, i64, noiseTensor, numbers, runNode } from './one_node.js';

const none = null;
const x = f32([4], [1, 2, 4, 8]);
/** @param {number[]} list */
const scales = (...list) => constant(f32([list.length], list));

test('one dimension, and three', async () => {
  const [y] = await runNode('Resize', [x, none, scales(2)], { attributes: { mode: 'linear', coordinate_transformation_mode: 'asymmetric' } });
  assert.deepEqual(y.numbers, [1, 1.5, 2, 3, 4, 6, 8, 8]);
  const cube = noiseTensor([1, 1, 2, 2, 2]);
  const [z] = await runNode('Resize', [cube, none, none, i64(1, 1, 4, 2, 2)]);
  assert.deepEqual([z.shape, z.numbers.slice(0, 8)], [[1, 1, 4, 2, 2], [...numbers(cube).slice(0, 4), ...numbers(cube).slice(0, 4)]]);
});

test('cubic keeps a line a line; without what is outside its ends stay within', async () => {
  const line = f32([6], [0, 1, 2, 3, 4, 5]);
  const attributes = { mode: 'cubic', coordinate_transformation_mode: 'align_corners' };
  const [y] = await runNode('Resize', [line, none, none, i64(11)], { attributes });
  assert.ok(distance(f32([7], y.numbers.slice(2, 9)), [1, 1.5, 2, 2.5, 3, 3.5, 4]) < 1e-5);
});

test('antialiased shrinking averages what it skips', async () => {
  const [y] = await runNode('Resize', [f32([8], [0, 0, 0, 0, 8, 8, 8, 8]), none, none, i64(2)], { attributes: { mode: 'linear', antialias: 1 }, opset: 18 });
  assert.ok(Math.abs(y.numbers[0] + y.numbers[1] - 8) < 1e-5 && y.numbers[0] > 0);
});

test('named axes only, and one scale for all where the aspect is kept', async () => {
  const attributes = { axes: [3, 2], keep_aspect_ratio_policy: 'not_larger' };
  const [y] = await runNode('Resize', [noiseTensor([1, 1, 4, 8]), none, none, i64(4, 4)], { attributes, opset: 18 });
  assert.deepEqual(y.shape, [1, 1, 2, 4]);
});

test('a region, and what lies outside it', async () => {
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: { float: -1 } };
  const [y] = await runNode('Resize', [x, scales(0, 2), none, i64(3)], { attributes });
  assert.deepEqual(y.numbers, [1, 8, -1]);
});

test('a size of nothing and lists that do not fit are refused', async () => {
  await assert.rejects(runNode('Resize', [x, none, none, i64(0)]), { code: 'invalid_shape', message: /4 to 0/ });
  await assert.rejects(runNode('Resize', [x, none, scales(1, 2)]), { code: 'unsupported_model', message: /1 numbers/ });
});
