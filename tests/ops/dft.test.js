// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { distance, f32, noise, noiseTensor, runNode } from './one_node.js';

test('of real numbers, half of it, and padded with zeros', async () => {
  const x = f32([1, 4, 1], [1, 2, 3, 4]);
  const whole = [10, 0, -2, 2, -2, 0, -2, -2];
  assert.ok(distance((await runNode('DFT', [x]))[0], whole) < 1e-5);
  const [half] = await runNode('DFT', [x], { attributes: { onesided: 1 } });
  assert.ok(half.shape[1] === 3 && distance(half, whole.slice(0, 6)) < 1e-5);
});

test('back again is what it was', async () => {
  const [there] = await runNode('DFT', [noiseTensor([2, 6, 2])]);
  const [back] = await runNode('DFT', [f32([2, 6, 2], there.numbers)], { attributes: { inverse: 1 } });
  assert.ok(distance(back, noise(24)) < 1e-5);
});

test('windows of one period, its end within or beyond', async () => {
  const four = new Tensor('int64', [], [4n]);
  assert.ok(distance((await runNode('HannWindow', [four]))[0], [0, 0.5, 1, 0.5]) < 1e-6);
  assert.ok(distance((await runNode('HannWindow', [four], { attributes: { periodic: 0 } }))[0], [0, 0.75, 0.75, 0]) < 1e-6);
});

test('neither real nor complex, and half of a complex one, are refused', async () => {
  await assert.rejects(runNode('DFT', [noiseTensor([1, 4, 3])]), { code: 'invalid_shape' });
  await assert.rejects(runNode('DFT', [noiseTensor([1, 4, 2])], { attributes: { onesided: 1 } }), { code: 'invalid_shape' });
});
