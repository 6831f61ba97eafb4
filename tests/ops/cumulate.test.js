// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { f32, i64, runNode } from './one_node.js';

const x = f32([2, 3], [1, 2, 3, 4, 5, 6]);

test('running sums, with and without the element, forwards and backwards', async () => {
  for (const [exclusive, reverse, wanted] of /** @type {[number, number, number[]][]} */ ([
    [0, 0, [1, 3, 6, 4, 9, 15]], [1, 0, [0, 1, 3, 0, 4, 9]], [0, 1, [6, 5, 3, 15, 11, 6]], [1, 1, [5, 3, 0, 11, 6, 0]],
  ])) {
    const [y] = await runNode('CumSum', [x, i64(-1)], { attributes: { exclusive, reverse } });
    assert.deepEqual(y.numbers, wanted);
  }
  assert.deepEqual((await runNode('CumSum', [x, i64(0)]))[0].numbers, [1, 2, 3, 5, 7, 9]);
});

test('integers wrap; bools and an axis out of range are refused', async () => {
  assert.deepEqual((await runNode('CumSum', [new Tensor('int32', [2], [2 ** 31 - 1, 1]), i64(0)]))[0].numbers, [2147483647, -(2 ** 31)]);
  await assert.rejects(runNode('CumSum', [new Tensor('bool', [1], [1]), i64(0)]), { code: 'unsupported_model' });
  await assert.rejects(runNode('CumSum', [x, i64(2)]), { code: 'invalid_model', message: /axis 2/ });
});
