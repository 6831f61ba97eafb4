// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, noiseTensor, numbers, runNode } from './one_node.js';

const x = f32([1, 1, 2, 2], [1, 2, 3, 4]);
/** @param {number[]} points */
const grid = (...points) => f32([1, 1, points.length / 2, 2], points);

test('corners, the middle, and half outside', async () => {
  const attributes = { align_corners: 1 };
  const [y] = await runNode('GridSample', [x, grid(-1, -1, 1, 1, 0, 0, 1, -1)], { attributes });
  assert.deepEqual(y.numbers, [1, 4, 2.5, 2]);
  const [z] = await runNode('GridSample', [x, grid(-1, -1)]);
  assert.deepEqual(z.numbers, [0.25]);
});

test('padding repeats the border or mirrors it', async () => {
  for (const [padding_mode, wanted] of [['zeros', 0], ['border', 4], ['reflection', 1]]) {
    const [y] = await runNode('GridSample', [x, grid(2.9, 2.9)], { attributes: { padding_mode, mode: 'nearest' } });
    assert.deepEqual(y.numbers, [wanted], String(padding_mode));
  }
});

test('cubic through the pixels, three dimensions, points that are not numbers', async () => {
  const image = noiseTensor([1, 2, 5, 5]);
  const centre = await runNode('GridSample', [image, grid(0, 0)], { attributes: { mode: 'cubic' }, opset: 20 });
  assert.ok(distance(centre[0], [numbers(image)[12], numbers(image)[37]]) < 1e-6);
  const [cube] = await runNode('GridSample', [f32([1, 1, 2, 1, 1], [2, 4]), f32([1, 1, 1, 1, 3], [0, 0, 0])], { opset: 20 });
  assert.deepEqual(cube.numbers, [3]);
  assert.equal((await runNode('GridSample', [x, grid(NaN, Infinity)]))[0].shape.length, 4);
});

test('a grid of other rank is refused', async () => {
  await assert.rejects(runNode('GridSample', [x, f32([1, 1, 1, 3], [0, 0, 0])]), { code: 'invalid_shape', message: /grid/ });
});
