// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, noiseTensor, numbers, runNode } from './one_node.js';

const eight = f32([1, 8, 1, 1], [0, 1, 2, 3, 4, 5, 6, 7]);

test('channels become a block of pixels, channels last or first within it', async () => {
  const [y] = await runNode('DepthToSpace', [eight], { attributes: { blocksize: 2 } });
  assert.deepEqual([y.shape, y.numbers], [[1, 2, 2, 2], [0, 2, 4, 6, 1, 3, 5, 7]]);
  const [z] = await runNode('DepthToSpace', [eight], { attributes: { blocksize: 2, mode: 'CRD' } });
  assert.deepEqual(z.numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('the way back is the way back', async () => {
  const x = noiseTensor([2, 3, 4, 6]);
  const [deep] = await runNode('SpaceToDepth', [x], { attributes: { blocksize: 2 } });
  const [y] = await runNode('DepthToSpace', [f32([...deep.shape], deep.numbers)], { attributes: { blocksize: 2 } });
  assert.deepEqual([y.shape, y.numbers], [[2, 3, 4, 6], numbers(x)]);
});

test('blocks that do not fit are refused', async () => {
  for (const blocksize of [0, 3, 2 ** 30])
    await assert.rejects(runNode('DepthToSpace', [eight], { attributes: { blocksize } }), { code: 'invalid_shape', message: /blocks of/ });
});
