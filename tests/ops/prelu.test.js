// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, f32, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

test('a slope for each channel', async () => {
  const x = noiseTensor([1, 2, 3, 3]), slope = constant(f32([2, 1, 1], [0.5, -2]));
  const [y] = await runNode('PRelu', [x, slope]);
  assert.deepEqual(y.numbers, numbers(x).map((value, i) => (value < 0 ? value * (i < 9 ? 0.5 : -2) : value)));
});

test('one slope for all', async () => {
  const [y] = await runNode('PRelu', [f32([3], [-1, 0, 1]), f32([1], [0.25])]);
  assert.deepEqual(y.numbers, [-0.25, 0, 1]);
});

test('quantized, a slope for each channel', async () => {
  const x = noiseBytes('int8', [1, 20, 4, 5]), slope = constant(f32([20, 1, 1], numbers(noiseTensor([20]))));
  const from = { scale: 0.03, zero: -11 }, to = /** @type {const} */ ({ scale: 0.027, zero: 5, dtype: 'int8' });
  const y = await runQuantized('PRelu', [x, slope], [from, null], to);
  const wanted = numbers(x).map((q, i) => {
    const value = real(q, from);
    return quantized(value < 0 ? Math.fround(value * numbers(slope)[Math.floor(i / 20)]) : value, to);
  });
  assert.deepEqual(y.numbers, wanted);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'PRELU' && step.q8));
});

test('a slope that does not broadcast to the input is refused by name', async () => {
  await assert.rejects(runNode('PRelu', [noiseTensor([1, 3]), f32([2, 1], [1, 2])]), { code: 'invalid_shape', message: /i1/ });
});
