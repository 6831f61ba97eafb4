// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  constant, count, distance, f32, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized,
} from './one_node.js';

/**
 * a [m, k] times b [k, n].
 * @param {number[]} a @param {number[]} b
 * @param {number} m @param {number} k @param {number} n
 */
function product(a, b, m, k, n) {
  return Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += a[Math.floor(i / n) * k + j] * b[j * n + (i % n)];
    return sum;
  });
}

/** @param {number[]} a @param {number} rows @param {number} columns */
const transposed = (a, rows, columns) =>
  Array.from({ length: a.length }, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);

for (const fixed of [true, false]) {
  const second = (/** @type {import('../../js/tensor.js').Tensor} */ tensor) => (fixed ? constant(tensor) : tensor);
  const kind = fixed ? 'a constant' : 'a computed';

  test(`a matrix times ${kind} one`, async () => {
    const a = noiseTensor([7, 19]), b = second(noiseTensor([19, 13], 2));
    const [y] = await runNode('MatMul', [a, b]);
    assert.deepEqual(y.shape, [7, 13]);
    assert.ok(distance(y, product(numbers(a), numbers(b), 7, 19, 13)) < 1e-5);
  });

  test(`vectors times ${kind} matrix and vector`, async () => {
    const a = noiseTensor([5]), b = second(noiseTensor([5, 3], 2)), c = second(noiseTensor([5], 3));
    const [row] = await runNode('MatMul', [a, b]);
    assert.deepEqual(row.shape, [3]);
    assert.ok(distance(row, product(numbers(a), numbers(b), 1, 5, 3)) < 1e-5);
    const [dot] = await runNode('MatMul', [a, c]);
    assert.deepEqual(dot.shape, []);
    assert.ok(distance(dot, product(numbers(a), numbers(c), 1, 5, 1)) < 1e-5);
  });

  test(`batches broadcast over ${kind} b`, async () => {
    const a = noiseTensor([2, 1, 3, 4]), b = second(noiseTensor([3, 4, 5], 2));
    const [y] = await runNode('MatMul', [a, b]);
    const wanted = [0, 1].flatMap((i) => [0, 1, 2].flatMap((j) =>
      product(numbers(a).slice(i * 12, i * 12 + 12), numbers(b).slice(j * 20, j * 20 + 20), 3, 4, 5)));
    assert.deepEqual(y.shape, [2, 3, 3, 5]);
    assert.ok(distance(y, wanted) < 1e-5);
  });

  test(`Gemm turns both operands, with factors, beside ${kind} b`, async () => {
    const a = noiseTensor([6, 4]), b = second(noiseTensor([9, 6], 2)), bias = constant(noiseTensor([9], 3));
    const [y] = await runNode('Gemm', [a, b, bias],
      { attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } } });
    const plain = product(transposed(numbers(a), 6, 4), transposed(numbers(b), 9, 6), 4, 6, 9);
    assert.ok(distance(y, plain.map((value, i) => 0.5 * value + 2 * numbers(bias)[i % 9])) < 1e-5);
  });
}

test('a bias of rows, and one that is computed, are added too', async () => {
  const a = noiseTensor([4, 6]), b = constant(noiseTensor([6, 3], 2));
  const plain = product(numbers(a), numbers(b), 4, 6, 3);
  for (const bias of [constant(noiseTensor([4, 1], 3)), noiseTensor([4, 3], 3), noiseTensor([3], 3)]) {
    const [y] = await runNode('Gemm', [a, b, bias]);
    const at = (/** @type {number} */ i) => ({ 3: i % 3, 4: Math.floor(i / 3) })[count(bias.shape)] ?? i;
    assert.ok(distance(y, plain.map((value, i) => value + numbers(bias)[at(i)])) < 1e-5, `bias of ${bias.shape}`);
  }
});

test('quantized: one row and many, columns that do not fill a panel', async () => {
  for (const [m, k, n] of [[1, 100, 37], [1, 64, 3], [13, 30, 50], [6, 5, 8], [7, 1600, 701]]) {
    const a = noiseBytes('int8', [m, k]), b = constant(noiseBytes('int8', [k, n], 2));
    const by = { scale: 1 / 64, zero: -20 }, weights = { scale: 1 / 32, zero: 0 };
    const to = /** @type {const} */ ({ scale: 1, zero: 3, dtype: 'int8' });
    const y = await runQuantized('MatMul', [a, b], [by, weights], to);
    const wanted = product(numbers(a).map((q) => real(q, by)), numbers(b).map((q) => real(q, weights)), m, k, n);
    assert.deepEqual(y.numbers, wanted.map((value) => quantized(value, to)));
    assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'MATMUL' && step.q8));
  }
});

test('weights beyond the cache are taken in blocks of columns', async () => {
  const a = noiseTensor([7, 600]), b = constant(noiseTensor([600, 501], 2));
  const [y] = await runNode('MatMul', [a, b]);
  assert.ok(distance(y, product(numbers(a), numbers(b), 7, 600, 501)) < 1e-4);
});

test('inner dimensions that differ are refused with both shapes', async () => {
  await assert.rejects(runNode('MatMul', [f32([2, 3], [1, 2, 3, 4, 5, 6]), constant(f32([2, 1], [1, 2]))]),
    { code: 'invalid_shape', message: /\[2, 3\].*\[2, 1\]/ });
});
