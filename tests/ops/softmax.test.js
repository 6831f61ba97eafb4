// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

/** @param {number[]} values */
function softmax(values) {
  const largest = Math.max(...values), e = values.map((x) => Math.exp(x - largest));
  return e.map((x) => x / e.reduce((a, b) => a + b, 0));
}

const rows = (/** @type {number[]} */ values, /** @type {number} */ size) =>
  Array.from({ length: values.length / size }, (_, i) => softmax(values.slice(i * size, i * size + size))).flat();

test('along the last axis', async () => {
  const x = noiseTensor([3, 10]);
  assert.ok(distance((await runNode('Softmax', [x]))[0], rows(numbers(x), 10)) < 1e-6);
});

test('along an inner axis', async () => {
  const x = noiseTensor([2, 3, 4]);
  const [y] = await runNode('Softmax', [x], { attributes: { axis: 1 } });
  for (let n = 0; n < 2; n++) {
    for (let i = 0; i < 4; i++) {
      const column = (/** @type {number[]} */ v) => [0, 1, 2].map((k) => v[(n * 3 + k) * 4 + i]);
      assert.ok(distance(f32([3], column(y.numbers)), softmax(column(numbers(x)))) < 1e-6);
    }
  }
});

test('before opset 13 all axes from the given one on are one', async () => {
  const x = noiseTensor([2, 3, 4]);
  assert.ok(distance((await runNode('Softmax', [x], { opset: 11 }))[0], rows(numbers(x), 12)) < 1e-6);
});

test('large numbers do not overflow', async () => {
  assert.deepEqual((await runNode('Softmax', [f32([1, 2], [1000, 1000])]))[0].numbers, [0.5, 0.5]);
  assert.deepEqual((await runNode('Softmax', [f32([1, 2], [-1e30, 1e30])]))[0].numbers, [0, 1]);
});

test('quantized', async () => {
  const x = noiseBytes('int8', [4, 20]), from = { scale: 0.05, zero: 7 };
  const to = /** @type {const} */ ({ scale: 1 / 256, zero: -128, dtype: 'int8' });
  const y = await runQuantized('Softmax', [x], [from], to);
  const wanted = rows(numbers(x).map((q) => real(q, from)), 20).map((value) => quantized(value, to));
  assert.ok(distance(y, wanted) <= 1);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'SOFTMAX' && step.q8));
});

test('an axis out of range is refused', async () => {
  await assert.rejects(runNode('Softmax', [noiseTensor([2, 2])], { attributes: { axis: 2 } }),
    { code: 'invalid_model', message: /axis 2/ });
});
