// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyByte, numbers, quantized, real, runQuantized } from './one_node.js';

// A model's int8 and uint8 activations have one form inside, in the sign that the machine likes; at the model's edges
// their bytes are seen anew.

for (const [from, to] of /** @type {const} */ ([['int8', 'int8'], ['uint8', 'uint8']])) {
  test(`${from} in and ${to} out keep every byte`, async () => {
    const by = { scale: 0.1, zero: 5 };
    const y = await runQuantized('Transpose', [everyByte(from, [1, 256])], [by], { ...by, dtype: to });
    assert.deepEqual([y.dtype, y.numbers], [to, numbers(everyByte(from))]);
  });
}

test('int8 in and uint8 out of the same numbers', async () => {
  const by = { scale: 0.1, zero: -100 }, to = /** @type {const} */ ({ scale: 0.1, zero: 28, dtype: 'uint8' });
  const y = await runQuantized('Transpose', [everyByte('int8', [1, 256])], [by], to);
  assert.deepEqual([y.dtype, y.numbers], ['uint8', numbers(everyByte('int8')).map((q) => quantized(real(q, by), to))]);
});
