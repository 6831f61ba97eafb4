// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, f32, noiseTensor, numbers, quantized, runNode } from './one_node.js';

const parameters = (/** @type {number} */ scale, /** @type {any} */ dtype, /** @type {number} */ zero) =>
  [constant(f32([], [scale])), constant(new Tensor(dtype, [], [zero]))];

for (const dtype of /** @type {const} */ (['int8', 'uint8'])) {
  test(`floats to ${dtype}: divided, rounded half to even, saturated`, async () => {
    const values = [...numbers(noiseTensor([100])), 0.05, 0.15, -0.25, 1e30, -1e30, Infinity, -Infinity];
    const [y] = await runNode('QuantizeLinear', [f32([107], values), ...parameters(0.1, dtype, 3)]);
    assert.deepEqual([y.dtype, y.numbers], [dtype, values.map((x) => quantized(x, { scale: 0.1, zero: 3, dtype }))]);
  });
}

test('what is not a number becomes a byte all the same', async () => {
  const [y] = await runNode('QuantizeLinear', [f32([1], [NaN]), ...parameters(0.1, 'uint8', 3)]);
  assert.equal(y.numbers[0], 0);
});

test('without a zero point the type is uint8', async () => {
  const [y] = await runNode('QuantizeLinear', [f32([3], [-1, 0.5, 3]), constant(f32([], [0.25]))]);
  assert.deepEqual([y.dtype, y.numbers], ['uint8', [0, 2, 12]]);
});

test('a scale that is not positive is refused', async () => {
  for (const scale of [0, -1, NaN, Infinity]) {
    await assert.rejects(runNode('QuantizeLinear', [f32([1], [1]), ...parameters(scale, 'int8', 0)]),
      { code: 'invalid_model', message: /scale/ });
  }
});
