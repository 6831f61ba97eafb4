// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distance, f32, i64, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized } from './one_node.js';

/** The definition. @param {import('../../js/index.js').Tensor} x @param {number[]} axes @param {(v: number[]) => number} f */
function reduced(x, axes, f) {
  const { shape } = x;
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const groups = Array.from({ length: kept.reduce((p, d) => p * d, 1) }, () => /** @type {number[]} */ ([]));
  numbers(x).forEach((value, flat) => {
    const index = shape.map((dim, i) => Math.floor(flat / shape.slice(i + 1).reduce((p, d) => p * d, 1)) % dim);
    groups[kept.reduce((at, dim, i) => at * dim + (dim === 1 ? 0 : index[i]), 0)].push(value);
  });
  return { shape: kept, values: groups.map(f) };
}

const mean = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0) / values.length;
const x = noiseTensor([2, 3, 4, 5]);

for (const axes of [[0], [1], [3], [0, 2], [1, 3], [2, 3], [1, 2], [0, 1, 2, 3]]) {
  test(`mean over axes ${axes}`, async () => {
    const [y] = await runNode('ReduceMean', [x, i64(...axes)], { opset: 18 });
    const { shape, values } = reduced(x, axes, mean);
    assert.deepEqual(y.shape, shape);
    assert.ok(distance(y, values) < 1e-6);
  });
}

test('no axes are all axes, and dimensions may go', async () => {
  const [y] = await runNode('ReduceMax', [x], { attributes: { keepdims: 0 } });
  assert.deepEqual([y.shape, y.numbers], [[], [Math.max(...numbers(x))]]);
});

test('axes as an attribute, from the end', async () => {
  const [y] = await runNode('ReduceMin', [x], { attributes: { axes: [-1], keepdims: 0 }, opset: 11 });
  assert.deepEqual([y.shape, y.numbers], [[2, 3, 4], reduced(x, [3], (v) => Math.min(...v)).values]);
});

test('sums of int64 happen before the run', async () => {
  const [y] = await runNode('ReduceSum', [i64(3, 4, 5)], { attributes: { keepdims: 0 } });
  assert.deepEqual(y.numbers, [12]);
});

test('the global average of an image', async () => {
  const [y] = await runNode('GlobalAveragePool', [x]);
  assert.deepEqual(y.shape, [2, 3, 1, 1]);
  assert.ok(distance(y, reduced(x, [2, 3], mean).values) < 1e-6);
});

test('a quantized global average rounds once', async () => {
  const bytes = noiseBytes('int8', [1, 33, 7, 7]), from = { scale: 0.11, zero: -9 };
  const to = /** @type {const} */ ({ scale: 0.013, zero: 21, dtype: 'int8' });
  const y = await runQuantized('GlobalAveragePool', [bytes], [from], to);
  const floats = f32([...bytes.shape], numbers(bytes).map((q) => real(q, from)));
  assert.ok(distance(y, reduced(floats, [2, 3], mean).values.map((value) => quantized(Math.fround(value), to))) <= 1);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'REDUCE' && step.q8));
});

test('over nothing: 0 for a sum, 1 for a product, no bound for a maximum, not a number for a mean', async () => {
  const nothing = noiseTensor([2, 0]);
  for (const [op, wanted] of /** @type {const} */ ([['ReduceSum', 0], ['ReduceProd', 1], ['ReduceMax', -Infinity], ['ReduceMean', NaN]])) {
    assert.deepEqual((await runNode(op, [nothing, i64(1)], { opset: 18 }))[0].numbers, [wanted, wanted]);
  }
});

test('an axis out of range is refused', async () => {
  await assert.rejects(runNode('ReduceMean', [x, i64(4)], { opset: 18 }), { code: 'invalid_model', message: /axis 4/ });
});
