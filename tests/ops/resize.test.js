// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, distance, f32, i64, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

/** ONNX's coordinate transformations, along one axis: output index, scale, input and output size. */
const COORDINATES = /** @type {Record<string, (i: number, s: number, n: number, m: number) => number>} */ ({
  half_pixel: (i, s) => (i + 0.5) / s - 0.5, asymmetric: (i, s) => i / s,
  align_corners: (i, s, n, m) => (m === 1 ? 0 : (i * (n - 1)) / (m - 1)),
  pytorch_half_pixel: (i, s, n, m) => (m > 1 ? (i + 0.5) / s - 0.5 : 0),
});

const NEAREST = /** @type {Record<string, (x: number) => number>} */ ({
  round_prefer_floor: (x) => Math.ceil(x - 0.5), round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor, ceil: Math.ceil,
});

/**
 * The definition, for a tensor [n, c, h, w].
 * @param {import('../../js/index.js').Tensor} x
 * @param {number[]} size
 * @param {string} coordinates
 * @param {string | null} nearest null: linear
 */
function resized(x, size, coordinates, nearest) {
  const [n, c, ...from] = x.shape;
  const taps = size.map((m, axis) => Array.from({ length: m }, (_, i) => {
    const last = from[axis] - 1, at = COORDINATES[coordinates](i, m / from[axis], from[axis], m);
    if (nearest) return [[Math.min(last, Math.max(0, NEAREST[nearest](at))), 1]];
    const inside = Math.min(last, Math.max(0, at)), low = Math.floor(inside);
    return [[low, 1 - (inside - low)], [Math.min(last, low + 1), inside - low]];
  }));
  const values = [];
  for (let plane = 0; plane < n * c; plane++) {
    for (const rows of taps[0]) {
      for (const columns of taps[1]) {
        let sum = 0;
        for (const [y, v] of rows) {
          for (const [z, h] of columns) sum += v * h * numbers(x)[(plane * from[0] + y) * from[1] + z];
        }
        values.push(sum);
      }
    }
  }
  return values;
}

const x = noiseTensor([2, 3, 5, 7]);
const resize = (/** @type {any} */ input, /** @type {number[]} */ size, /** @type {any} */ attributes) =>
  runNode('Resize', [input, null, null, i64(...input.shape.slice(0, 2), ...size)], { attributes });

for (const coordinate_transformation_mode of Object.keys(COORDINATES)) {
  for (const size of [[10, 14], [3, 4], [8, 9], [1, 1]]) {
    test(`linear to ${size}, ${coordinate_transformation_mode}`, async () => {
      const [y] = await resize(x, size, { mode: 'linear', coordinate_transformation_mode });
      assert.deepEqual(y.shape, [2, 3, ...size]);
      assert.ok(distance(y, resized(x, size, coordinate_transformation_mode, null)) < 1e-5);
    });
  }
}

for (const nearest_mode of Object.keys(NEAREST)) {
  for (const coordinate_transformation_mode of ['half_pixel', 'asymmetric']) {
    test(`nearest by ${nearest_mode}, ${coordinate_transformation_mode}`, async () => {
      for (const size of [[10, 14], coordinate_transformation_mode === 'asymmetric' ? [3, 5] : [3, 4]]) {
        const [y] = await resize(x, size, { mode: 'nearest', nearest_mode, coordinate_transformation_mode });
        assert.deepEqual(y.numbers, resized(x, size, coordinate_transformation_mode, nearest_mode));
      }
    });
  }
}

test('by scales, of which the size is the whole part', async () => {
  const scales = constant(f32([4], [1, 1, 1.5, 0.5]));
  const [y] = await runNode('Resize', [x, null, scales], { attributes: { mode: 'nearest' } });
  assert.deepEqual(y.shape, [2, 3, 7, 3]);
});

test('Upsample of opset 9', async () => {
  const [y] = await runNode('Upsample', [f32([1, 1, 1, 2], [1, 2]), constant(f32([4], [1, 1, 2, 2]))],
    { attributes: { mode: 'nearest' }, opset: 9 });
  assert.deepEqual(y.numbers, [1, 1, 2, 2, 1, 1, 2, 2]);
});

for (const to of /** @type {const} */ ([{ scale: 0.1, zero: 30, dtype: 'uint8' }, { scale: 0.13, zero: 99, dtype: 'uint8' }])) {
  test(`quantized linear to scale ${to.scale}`, async () => {
    const bytes = noiseBytes('uint8', [1, 5, 4, 6]), from = { scale: 0.1, zero: 30 };
    const y = await runQuantized('Resize', [bytes, null, null, i64(1, 5, 7, 11)], [from, null, null, null], to,
      { attributes: { mode: 'linear' } });
    const floats = f32([...bytes.shape], numbers(bytes).map((q) => real(q, from)));
    const wanted = resized(floats, [7, 11], 'half_pixel', null).map((value) => quantized(Math.fround(value), to));
    assert.ok(distance(y, wanted) <= 1);
    assert.ok(y.numbers.filter((q, i) => q !== wanted[i]).length < 5);
    assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'RESIZE' && step.q8));
  });
}

test('quantized nearest keeps its bytes', async () => {
  const bytes = noiseBytes('int8', [1, 2, 3, 3]), by = { scale: 0.1, zero: 3 };
  const y = await runQuantized('Resize', [bytes, null, null, i64(1, 2, 6, 6)], [by, null, null, null],
    { ...by, dtype: 'int8' }, { attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } });
  assert.deepEqual(y.numbers, resized(bytes, [6, 6], 'asymmetric', 'floor'));
});

test('resizing channels, to nothing, or to absurd sizes is refused', async () => {
  for (const size of [[2, 6, 5, 7], [2, 3, 0, 7], [2, 3, -1, 7]]) {
    await assert.rejects(runNode('Resize', [x, null, null, i64(...size)]), { code: 'unsupported_model' });
  }
  await assert.rejects(resize(x, [2 ** 30, 4], {}), { code: 'unsupported_model', message: /1048576 pixels/ });
  await assert.rejects(resize(x, [2 ** 20, 2 ** 20], {}), { code: 'invalid_shape', message: /1 GiB/ });
  const scales = constant(f32([4], [1, 1, NaN, 1]));
  await assert.rejects(runNode('Resize', [x, null, scales]), { code: /unsupported_model|invalid_model/ });
});
