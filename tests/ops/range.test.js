// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, runNode } from './one_node.js';

const int = (/** @type {number} */ value) => new Tensor('int64', [], [value]);
const float = (/** @type {number} */ value) => f32([], [value]);

test('up, down, by fractions, and nothing', async () => {
  assert.deepEqual((await runNode('Range', [int(3), int(9), int(3)]))[0].numbers, [3, 6]);
  assert.deepEqual((await runNode('Range', [int(2), int(-2), int(-1)]))[0].numbers, [2, 1, 0, -1]);
  assert.deepEqual((await runNode('Range', [float(0), float(1), float(0.25)]))[0].numbers, [0, 0.25, 0.5, 0.75]);
  assert.deepEqual((await runNode('Range', [int(5), int(1), int(1)]))[0].shape, [0]);
});

test('steps of 0 and endless ones are refused', async () => {
  await assert.rejects(runNode('Range', [int(0), int(5), int(0)]), { code: 'invalid_model', message: /steps of 0/ });
  await assert.rejects(runNode('Range', [float(0), float(Infinity), float(1)]), { code: 'invalid_model' });
  await assert.rejects(runNode('Range', [int(0), float(5), int(1)]), { code: 'unsupported_model' });
});
