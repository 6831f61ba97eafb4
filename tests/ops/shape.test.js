// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noiseTensor, runNode } from './one_node.js';

const x = noiseTensor([2, 3, 4]);

test('all dimensions, as int64', async () => {
  const [y] = await runNode('Shape', [x]);
  assert.deepEqual([y.dtype, y.numbers], ['int64', [2, 3, 4]]);
});

test('some dimensions, counted from either end and brought into range', async () => {
  assert.deepEqual((await runNode('Shape', [x], { attributes: { start: 1 } }))[0].numbers, [3, 4]);
  assert.deepEqual((await runNode('Shape', [x], { attributes: { start: -2, end: -1 } }))[0].numbers, [3]);
  assert.deepEqual((await runNode('Shape', [x], { attributes: { start: -100, end: 100 } }))[0].numbers, [2, 3, 4]);
  assert.deepEqual((await runNode('Shape', [x], { attributes: { start: 2, end: 1 } }))[0].numbers, []);
});

test('the shape of an image is the file’s, whatever the order inside', async () => {
  assert.deepEqual((await runNode('Shape', [noiseTensor([1, 3, 5, 7])]))[0].numbers, [1, 3, 5, 7]);
});
