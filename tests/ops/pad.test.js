// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, f32, i64, noiseBytes, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

const row = f32([1, 4], [1, 2, 3, 4]);

for (const [mode, pads, wanted] of /** @type {[string, number[], number[]][]} */ ([
  ['constant', [0, 2, 0, 1], [0, 0, 1, 2, 3, 4, 0]], ['reflect', [0, 3, 0, 2], [4, 3, 2, 1, 2, 3, 4, 3, 2]],
  ['edge', [0, 2, 0, 3], [1, 1, 1, 2, 3, 4, 4, 4, 4]], ['constant', [0, -1, 0, -2], [2]],
  ['constant', [0, -1, 0, 2], [2, 3, 4, 0, 0]],
])) {
  test(`${mode} by ${pads}`, async () => {
    const [y] = await runNode('Pad', [row, i64(...pads)], { attributes: { mode } });
    assert.deepEqual(y.numbers, wanted);
  });
}

test('corners of a reflected image come from the opposite corner', async () => {
  const x = f32([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const [y] = await runNode('Pad', [x, i64(0, 0, 1, 1, 0, 0, 1, 1)], { attributes: { mode: 'reflect' } });
  assert.deepEqual(y.numbers, [5, 4, 5, 6, 5, 2, 1, 2, 3, 2, 5, 4, 5, 6, 5, 8, 7, 8, 9, 8, 5, 4, 5, 6, 5]);
});

test('a value of one’s own', async () => {
  const [y] = await runNode('Pad', [row, i64(0, 1, 0, 0), constant(f32([], [-7]))]);
  assert.deepEqual(y.numbers, [-7, 1, 2, 3, 4]);
});

test('quantized padding is the zero point, not 0', async () => {
  const x = noiseBytes('uint8', [1, 2, 5, 5]), by = { scale: 0.1, zero: 77 };
  const y = await runQuantized('Pad', [x, i64(0, 0, 1, 1, 0, 0, 0, 0)], [by, null], { ...by, dtype: 'uint8' });
  assert.deepEqual(y.shape, [1, 2, 6, 6]);
  assert.deepEqual(y.numbers.slice(0, 13), [...Array(6).fill(77), 77, ...numbers(x).slice(0, 5), 77]);
});

test('quantized padding to another scale', async () => {
  const x = noiseBytes('int8', [1, 2, 3, 3]), by = { scale: 0.1, zero: 7 };
  const to = /** @type {const} */ ({ scale: 0.13, zero: -20, dtype: 'int8' });
  const y = await runQuantized('Pad', [x, i64(0, 0, 0, 0, 0, 0, 0, 1)], [by, null], to);
  const q = numbers(x).map((value) => quantized(real(value, by), to));
  assert.deepEqual(y.numbers, [0, 1, 2, 3, 4, 5].flatMap((i) => [...q.slice(3 * i, 3 * i + 3), -20]));
});

test('more reflection than there is image is refused', async () => {
  await assert.rejects(runNode('Pad', [row, i64(0, 4, 0, 0)], { attributes: { mode: 'reflect' } }),
    { code: 'invalid_shape', message: /size 4 by 4/ });
});

test('cropping more than there is, or by absurd numbers, is refused', async () => {
  for (const pads of [[0, -5, 0, 0], [0, -(2 ** 31), 0, 2 ** 31 - 1], [0, 2 ** 40, 0, 0]]) {
    await assert.rejects(runNode('Pad', [row, i64(...pads)]), { code: 'invalid_shape' });
  }
});

test('pads for the wrong number of dimensions are refused', async () => {
  await assert.rejects(runNode('Pad', [row, i64(1, 1)]), { code: 'invalid_model', message: /2 pads for 2 dimensions/ });
});

test('wrapped around, along named axes, and to a size from the middle', async () => {
  const x = f32([1, 3], [1, 2, 3]);
  assert.deepEqual((await runNode('Pad', [x, i64(0, 2, 0, 4)], { attributes: { mode: 'wrap' }, opset: 19 }))[0].numbers, [2, 3, 1, 2, 3, 1, 2, 3, 1]);
  assert.deepEqual((await runNode('Pad', [x, i64(1, 1), null, i64(-1)], { opset: 18 }))[0].numbers, [0, 1, 2, 3, 0]);
  const attributes = { axes: [1] };
  assert.deepEqual((await runNode('CenterCropPad', [x, i64(6)], { attributes, opset: 18 }))[0].numbers, [0, 1, 2, 3, 0, 0]);
  assert.deepEqual((await runNode('CenterCropPad', [x, i64(1)], { attributes, opset: 18 }))[0].numbers, [2]);
});
