// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, distance, f32, noise, noiseTensor, runNode } from './one_node.js';

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

/** The sum that a transform is. @param {number[]} x pairs @param {number} n */
const slow = (x, n) => Array.from({ length: 2 * n }, (_, at) => {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const angle = (-2 * Math.PI * i * (at >> 1)) / n, [c, s] = [Math.cos(angle), Math.sin(angle)];
    sum += at % 2 ? x[2 * i] * s + x[2 * i + 1] * c : x[2 * i] * c - x[2 * i + 1] * s;
  }
  return sum;
});

for (const length of [1, 2, 3, 8, 13, 30, 49, 400, 202]) {
  test(`${length} numbers, by their factors, are what the sum says`, async () => {
    const x = noiseTensor([1, length, 2]);
    assert.ok(distance((await runNode('DFT', [x]))[0], slow(Array.from(x.data, Number), length)) < 3e-5);
  });
}

test('lines along a middle axis, cut off and lengthened', async () => {
  const x = noiseTensor([2, 5, 3, 1]);
  for (const length of [4, 6]) {
    const [y] = await runNode('DFT', [x, constant(new Tensor('int64', [], [BigInt(length)]))], { attributes: { axis: 1 } });
    assert.deepEqual(y.shape, [2, length, 3, 2]);
    for (let line = 0; line < 6; line++) {
      const at = (/** @type {number} */ i, /** @type {number} */ of) => (Math.floor(line / 3) * of + i) * 3 + (line % 3);
      const from = Array.from({ length: 2 * length }, (_, i) => (i % 2 || i >= 10 ? 0 : x.data[at(i / 2, 5)]));
      const got = Array.from({ length: 2 * length }, (_, i) => y.data[2 * at(i >> 1, length) + (i % 2)]);
      assert.ok(slow(from, length).every((value, i) => Math.abs(value - got[i]) < 1e-5));
    }
  }
});

test('STFT transforms frames that overlap, with a window and without', async () => {
  const signal = noiseTensor([2, 50, 1]), step = constant(new Tensor('int64', [], [7n]));
  const window = constant(noiseTensor([16], 3)), length = constant(new Tensor('int64', [], [16n]));
  for (const inputs of [[signal, step, window, length], [signal, step, window], [signal, step, null, length]]) {
    for (const onesided of [0, 1]) {
      const [y] = await runNode('STFT', inputs, { attributes: { onesided } });
      const bins = onesided ? 9 : 16;
      assert.deepEqual(y.shape, [2, 5, bins, 2]);
      for (let frame = 0; frame < 10; frame++) {
        const from = Array.from({ length: 32 }, (_, i) => (i % 2 ? 0
          : signal.data[Math.floor(frame / 5) * 50 + (frame % 5) * 7 + i / 2] * (inputs[2] ? window.data[i / 2] : 1)));
        const got = y.data.subarray(frame * bins * 2, (frame + 1) * bins * 2);
        assert.ok(slow(from, 16).slice(0, bins * 2).every((value, i) => Math.abs(value - got[i]) < 1e-5));
      }
    }
  }
  await assert.rejects(runNode('STFT', [signal, step]), { code: 'unsupported_model' });
});

test('MelWeightMatrix has a triangle for each band', async () => {
  const whole = (/** @type {number} */ value) => constant(new Tensor('int64', [], [BigInt(value)]));
  const real = (/** @type {number} */ value) => constant(f32([], [value]));
  const [y] = await runNode('MelWeightMatrix', [whole(8), whole(64), whole(16000), real(0), real(8000)]);
  assert.deepEqual(y.shape, [33, 8]);
  const mel = (/** @type {number} */ hertz) => 2595 * Math.log10(1 + hertz / 700);
  const edges = Array.from({ length: 10 }, (_, i) =>
    Math.floor((65 * 700 * (10 ** ((mel(8000) * i) / 10 / 2595) - 1)) / 16000));
  for (let band = 0; band < 8; band++) {
    const [low, middle, high] = edges.slice(band, band + 3);
    for (let line = 0; line < 33; line++) {
      const inside = line >= low && line < high;
      const wanted = line === middle ? 1 : !inside ? 0
        : line < middle ? (line - low) / (middle - low) : (high - line) / (high - middle);
      assert.ok(Math.abs(y.data[line * 8 + band] - wanted) < 1e-6, `line ${line} of band ${band}`);
    }
  }
  await assert.rejects(runNode('MelWeightMatrix', [whole(0), whole(64), whole(16000), real(0), real(8000)]),
    { code: 'unsupported_model' });
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
