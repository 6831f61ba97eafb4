// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, f32, runNode } from './one_node.js';

const FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6, INT64 = 7, BOOL = 9;
const cast = async (/** @type {Tensor} */ x, /** @type {number} */ to) => (await runNode('Cast', [x], { attributes: { to } }))[0];

test('floats are truncated and saturated', async () => {
  const x = f32([7], [1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]);
  assert.deepEqual((await cast(x, INT8)).numbers, [1, -1, 127, -128, 0, 127, -128]);
  assert.deepEqual((await cast(x, UINT8)).numbers, [1, 0, 255, 0, 0, 255, 0]);
  assert.deepEqual((await cast(x, INT32)).numbers.slice(4), [0, 2 ** 31 - 1, -(2 ** 31)]);
  assert.deepEqual((await cast(x, INT64)).data[5], 2n ** 63n - 1n);
});

test('integers wrap', async () => {
  const x = new Tensor('int32', [3], [300, -1, 2 ** 31 - 1]);
  assert.deepEqual((await cast(x, UINT8)).numbers, [44, 255, 255]);
  assert.deepEqual((await cast(x, INT64)).data, BigInt64Array.of(300n, -1n, 2n ** 31n - 1n));
});

test('int64 becomes float, rounded', async () => {
  const x = new Tensor('int64', [3], [-7n, 2n ** 53n + 1n, 0n]);
  assert.deepEqual((await cast(x, FLOAT)).numbers, [-7, 2 ** 53, 0]);
});

test('bool is what is not zero', async () => {
  const y = await cast(f32([4], [0, -0, 0.25, NaN]), BOOL);
  assert.deepEqual([y.dtype, y.numbers], ['bool', [0, 0, 1, 1]]);
  assert.deepEqual((await cast(new Tensor('int64', [2], [0n, 2n ** 40n]), BOOL)).numbers, [0, 1]);
  assert.deepEqual((await cast(new Tensor('bool', [2], [0, 1]), FLOAT)).numbers, [0, 1]);
});

test('a constant is cast before the run', async () => {
  const y = await cast(constant(f32([1], [2.5])), INT64);
  assert.deepEqual([y.numbers, y.steps.length], [[2], 0]);
});
