// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, noiseTensor, runNode } from './one_node.js';

/** @param {number[]} shape @param {number[]} data */
const bool = (shape, data) => new Tensor('bool', shape, data);

test('picks element by element', async () => {
  const [y] = await runNode('Where', [bool([3], [1, 0, 1]), f32([3], [1, 2, 3]), f32([3], [4, 5, 6])]);
  assert.deepEqual([y.dtype, y.numbers], ['float32', [1, 5, 3]]);
});

test('all three broadcast', async () => {
  const [y] = await runNode('Where', [bool([2, 1], [1, 0]), f32([3], [1, 2, 3]), f32([], [9])]);
  assert.deepEqual([y.shape, y.numbers], [[2, 3], [1, 2, 3, 9, 9, 9]]);
});

test('elements of any type, and none at all', async () => {
  const x = new Tensor('int64', [2], [5n, -6n]), zero = new Tensor('int64', [1], [0n]);
  assert.deepEqual((await runNode('Where', [bool([2], [0, 1]), x, zero]))[0].numbers, [0, -6]);
  assert.deepEqual((await runNode('Where', [bool([0], []), f32([1], [1]), f32([1], [2])]))[0].shape, [0]);
});

test('a mask of channels, for an image', async () => {
  const [y] = await runNode('Where', [bool([1, 2, 1, 1], [1, 0]), noiseTensor([1, 2, 4, 4]), f32([1], [7])]);
  assert.ok(y.numbers.slice(16).every((number) => number === 7));
});

test('shapes that do not fit and types that differ are refused', async () => {
  const one = bool([1], [1]);
  await assert.rejects(runNode('Where', [one, f32([2], [1, 2]), f32([3], [1, 2, 3])]), { code: 'invalid_shape', message: /\[3\]/ });
  await assert.rejects(runNode('Where', [one, f32([1], [1]), new Tensor('int32', [1], [1])]), { code: 'unsupported_model' });
  await assert.rejects(runNode('Where', [f32([1], [1]), one, one]), { code: 'unsupported_model', message: /Where/ });
});
