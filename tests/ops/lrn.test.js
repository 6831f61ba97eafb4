// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, noiseTensor, numbers, runNode } from './one_node.js';

const x = noiseTensor([1, 5, 2, 2]);

test('a window of channels, cut off at the ends, of even and odd size', async () => {
  for (const size of [1, 2, 3, 9]) {
    const attributes = { size, alpha: { float: 0.5 }, beta: { float: 0.75 }, bias: { float: 2 } };
    const [y] = await runNode('LRN', [x], { attributes });
    const data = numbers(x);
    const wanted = data.map((value, i) => {
      const channel = Math.floor(i / 4);
      let sum = 0;
      for (let c = Math.max(0, channel - Math.floor((size - 1) / 2)); c <= Math.min(4, channel + Math.ceil((size - 1) / 2)); c++)
        sum += data[c * 4 + (i % 4)] ** 2;
      return value / (2 + (0.5 / size) * sum) ** 0.75;
    });
    assert.ok(distance(y, wanted) < 1e-5);
  }
});

test('a size of nothing is refused', async () => {
  await assert.rejects(runNode('LRN', [x], { attributes: { size: 0 } }), { code: 'invalid_shape' });
});
