// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeCorners } from '../../js/corners.js';
import { Tensor } from '../../js/tensor.js';

const CELLS = 64;

/**
 * Heatmaps with single cells set: for each corner a list of [x, y, p], x and y in fractions.
 * @param {number[][][]} peaks
 */
function heatmapsOf(peaks) {
  const data = new Float32Array(4 * CELLS * CELLS);
  peaks.forEach((list, corner) => list.forEach(([x, y, p]) => {
    data[(corner * CELLS + Math.floor(y * CELLS)) * CELLS + Math.floor(x * CELLS)] = p;
  }));
  return new Tensor('float32', [1, 4, CELLS, CELLS], data);
}

const near = (one, other) => Math.max(Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1])) <= 1 / CELLS;

test('a sheet wins over a slanted outline of likelier corners, because its diagonals agree', () => {
  // Two sheets on a heap: the right corners of one and decoys of another, a little likelier each.
  const sheet = [[0.39, 0.2], [0.617, 0.208], [0.643, 0.754], [0.357, 0.782]];
  const found = decodeCorners(heatmapsOf([
    [[...sheet[0], 0.6]],
    [[...sheet[1], 0.285], [0.864, 0.234, 0.3]],
    [[...sheet[2], 0.7]],
    [[...sheet[3], 0.285], [0.227, 0.821, 0.3]],
  ]));
  assert(found);
  found.corners.forEach((corner, k) => assert(near(corner, sheet[k]), `corner ${k} is at ${corner}`));
});

test('one covered corner is completed as a parallelogram has it', () => {
  const found = decodeCorners(heatmapsOf([[[0.2, 0.2, 0.9]], [[0.8, 0.2, 0.9]], [], [[0.2, 0.9, 0.9]]]));
  assert(found);
  assert(near(found.corners[2], [0.8, 0.9]));
});

test('two covered corners are no page', () => {
  assert.equal(decodeCorners(heatmapsOf([[[0.2, 0.2, 0.9]], [], [], [[0.2, 0.9, 0.9]]])), null);
});
