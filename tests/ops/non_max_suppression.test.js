// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, i64, noise, noiseTensor, runNode } from './one_node.js';

const boxes = f32([1, 3, 4], [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 5, 1, 6]);
const scores = f32([1, 1, 3], [0.5, 0.9, 0.3]);
const half = f32([1], [0.5]);

test('the better of two that overlap, best first; no more than asked for, none below the score', async () => {
  const [y] = await runNode('NonMaxSuppression', [boxes, scores, i64(9), half]);
  assert.deepEqual([y.dtype, y.shape, y.numbers], ['int64', [2, 3], [0, 0, 1, 0, 0, 2]]);
  assert.deepEqual((await runNode('NonMaxSuppression', [boxes, scores, i64(1), half]))[0].shape, [1, 3]);
  assert.deepEqual((await runNode('NonMaxSuppression', [boxes, scores, i64(9), half, f32([1], [0.4])]))[0].shape, [1, 3]);
  assert.deepEqual((await runNode('NonMaxSuppression', [boxes, scores]))[0].shape, [0, 3]);
});

test('boxes by centre and size', async () => {
  const centred = f32([1, 2, 4], [0.5, 0.5, 1, 1, 0.6, 0.5, 1, 1]);
  const [y] = await runNode('NonMaxSuppression', [centred, f32([1, 1, 2], [1, 2]), i64(9), half], { attributes: { center_point_box: 1 } });
  assert.deepEqual(y.numbers, [0, 0, 1]);
});

test('of many equal boxes the best', async () => {
  const many = f32([1, 3000, 4], Array(3000).fill([0, 0, 1, 1]).flat());
  const [y] = await runNode('NonMaxSuppression', [many, f32([1, 1, 3000], noise(3000)), i64(9), half]);
  assert.deepEqual(y.numbers, [0, 0, noise(3000).indexOf(Math.max(...noise(3000)))]);
});

test('scores that do not fit, and boxes of a type that it does not take, are refused', async () => {
  await assert.rejects(runNode('NonMaxSuppression', [new Tensor('int32', [1, 300, 4], Array(1200).fill(0)), noiseTensor([1, 1, 300])]),
    { code: 'unsupported_model', message: /'i0'/ });
  await assert.rejects(runNode('NonMaxSuppression', [boxes, new Tensor('float32', [1, 1, 2], [0, 0])]), { code: 'invalid_shape' });
});
