// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import {
  constant, f32, i64, noiseBytes, noiseTensor, numbers, quantized, real, runNode, runQuantized,
} from './one_node.js';

const OPERATORS = /** @type {Record<string, (x: number, y: number) => number>} */ ({
  Add: (x, y) => x + y, Sub: (x, y) => x - y, Mul: (x, y) => x * y, Div: (x, y) => x / y,
  Max: Math.max, Min: Math.min,
});

/** The definition of broadcasting. @param {Tensor} a @param {Tensor} b @param {(x: number, y: number) => number} f */
function broadcast(a, b, f) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [sa, sb] = [a, b].map(({ shape }) => [...Array(rank - shape.length).fill(1), ...shape]);
  const shape = sa.map((dim, i) => Math.max(dim, sb[i]));
  const at = (/** @type {number[]} */ dims, /** @type {number[]} */ index) =>
    dims.reduce((sum, dim, i) => sum * dim + (dim === 1 ? 0 : index[i]), 0);
  const values = Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, flat) => {
    const index = shape.map((dim, i) => Math.floor(flat / shape.slice(i + 1).reduce((p, d) => p * d, 1)) % dim);
    return f(numbers(a)[at(sa, index)], numbers(b)[at(sb, index)]);
  });
  return { shape, values };
}

for (const [op, f] of Object.entries(OPERATORS)) {
  test(`${op} of one shape`, async () => {
    const [a, b] = [noiseTensor([3, 37]), noiseTensor([3, 37], 2)];
    assert.deepEqual((await runNode(op, [a, b]))[0].numbers, broadcast(a, b, (x, y) => Math.fround(f(x, y))).values);
  });
}

for (const [a, b] of [
  [[2, 3, 4], [4]], [[2, 3, 4], []], [[1], [2, 5]], [[2, 1, 4], [3, 1]], [[1, 3, 5, 5], [1, 3, 1, 1]], [[5, 5], [1, 3, 5, 5]],
  [[2, 1, 3, 1, 2], [1, 4, 1, 5, 1]],
]) {
  test(`[${a}] and [${b}] broadcast`, async () => {
    const [x, y] = [noiseTensor(a), noiseTensor(b, 2)];
    const [difference] = await runNode('Sub', [x, y]);
    const { shape, values } = broadcast(x, y, (p, q) => Math.fround(p - q));
    assert.deepEqual([difference.shape, difference.numbers], [shape, values]);
  });
}

test('a constant channel vector beside an image', async () => {
  const x = noiseTensor([1, 3, 4, 4]), by = constant(f32([3, 1, 1], [1, 10, 100]));
  assert.deepEqual((await runNode('Mul', [x, by]))[0].numbers, broadcast(x, by, (p, q) => Math.fround(p * q)).values);
});

test('comparisons give bool', async () => {
  const [a, b] = [f32([3], [1, 2, 3]), f32([3], [2, 2, 2])];
  for (const [op, wanted] of [['Equal', [0, 1, 0]], ['Less', [1, 0, 0]], ['Greater', [0, 0, 1]]]) {
    const [y] = await runNode(/** @type {string} */ (op), [a, b]);
    assert.deepEqual([y.dtype, y.numbers], ['bool', wanted]);
  }
});

test('integers wrap, and dividing by zero is defined', async () => {
  const int32 = (/** @type {number[]} */ ...data) => new Tensor('int32', [data.length], data);
  assert.deepEqual((await runNode('Add', [int32(2 ** 31 - 1, 5), int32(1, -7)]))[0].numbers, [-(2 ** 31), -2]);
  assert.deepEqual((await runNode('Div', [int32(-7, 7, -(2 ** 31)), int32(2, 0, -1)]))[0].numbers, [-3, 0, -(2 ** 31)]);
});

test('shape arithmetic of int64 happens before the run', async () => {
  const [y] = await runNode('Mul', [i64(3, -4), i64(5, 6)]);
  assert.deepEqual([y.data, y.steps.length], [BigInt64Array.of(15n, -24n), 0]);
});

for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max']) {
  test(`quantized ${op} computes what the float operators between the quantizers mean`, async () => {
    const [a, b] = [noiseBytes('int8', [1, 7, 5, 9]), noiseBytes('int8', [1, 7, 5, 9], 2)];
    const [qa, qb] = [{ scale: 0.031, zero: 4 }, { scale: 0.017, zero: -19 }];
    const to = /** @type {const} */ ({ scale: op === 'Div' ? 0.5 : 0.025, zero: 11, dtype: 'int8' });
    const y = await runQuantized(op, [a, b], [qa, qb], to);
    const wanted = numbers(a).map((q, i) =>
      quantized(Math.fround(OPERATORS[op](real(q, qa), real(numbers(b)[i], qb))), to));
    // 0 / 0 is not a number, which has no byte.
    const differing = y.numbers.filter((q, i) => !Number.isNaN(wanted[i]) && q !== wanted[i]);
    assert.deepEqual(differing, []);
  });
}

test('a quantized channel vector broadcasts', async () => {
  const [a, b] = [noiseBytes('uint8', [1, 20, 3, 3]), noiseBytes('uint8', [1, 20, 1, 1], 2)];
  const [qa, qb] = [{ scale: 0.031, zero: 4 }, { scale: 0.017, zero: 190 }];
  const to = /** @type {const} */ ({ scale: 0.05, zero: 128, dtype: 'uint8' });
  const y = await runQuantized('Mul', [a, b], [qa, qb], to);
  const wanted = broadcast(a, b, (p, q) => quantized(Math.fround(real(p, qa) * real(q, qb)), to));
  assert.deepEqual(y.numbers, wanted.values);
  assert.ok(y.steps.some((/** @type {any} */ step) => step.op === 'BINARY' && step.q8));
});

test('shapes that do not broadcast are refused with both shapes', async () => {
  await assert.rejects(runNode('Add', [noiseTensor([2, 3]), noiseTensor([2, 4])]),
    { code: 'invalid_shape', message: /\[2, 3\].*\[2, 4\]/ });
});

test('types that do not fit together are refused', async () => {
  await assert.rejects(runNode('Add', [f32([1], [1]), new Tensor('int32', [1], [1])]),
    { code: 'unsupported_model', message: /float32, int32/ });
});

test('integers of every width: remainders of either sign, shifts, bits, powers', async () => {
  const x = new Tensor('int32', [4], [7, -7, 7, -7]), y = new Tensor('int32', [4], [3, 3, -3, -3]);
  assert.deepEqual((await runNode('Mod', [x, y]))[0].numbers, [1, 2, -2, -1]);
  assert.deepEqual((await runNode('Mod', [x, y], { attributes: { fmod: 1 } }))[0].numbers, [1, -1, 1, -1]);
  assert.deepEqual((await runNode('Div', [x, new Tensor('int32', [1], [0])]))[0].numbers, [0, 0, 0, 0]);
  const bytes = new Tensor('uint8', [3], [255, 129, 3]), two = new Tensor('uint8', [1], [2]);
  const shift = (/** @type {string} */ direction) => runNode('BitShift', [bytes, two], { attributes: { direction } });
  assert.deepEqual((await shift('LEFT'))[0].numbers, [252, 4, 12]);
  assert.deepEqual((await shift('RIGHT'))[0].numbers, [63, 32, 0]);
  assert.deepEqual((await runNode('BitwiseXor', [bytes, two], { opset: 18 }))[0].numbers, [253, 131, 1]);
  assert.deepEqual((await runNode('Pow', [x, new Tensor('int64', [1], [3n])]))[0].numbers, [343, -343, 343, -343]);
});

test('comparisons give bools, and bools are joined', async () => {
  const x = f32([3], [1, 2, NaN]), y = f32([1], [2]);
  for (const [op, wanted] of /** @type {[string, number[]][]} */ ([['LessOrEqual', [1, 1, 0]], ['GreaterOrEqual', [0, 1, 0]]])) {
    const [z] = await runNode(op, [x, y]);
    assert.deepEqual([z.dtype, z.numbers], ['bool', wanted]);
  }
  const a = new Tensor('bool', [4], [0, 0, 1, 1]), b = new Tensor('bool', [4], [0, 1, 0, 1]);
  for (const [op, wanted] of /** @type {[string, number[]][]} */ ([['And', [0, 0, 0, 1]], ['Or', [0, 1, 1, 1]], ['Xor', [0, 1, 1, 0]]]))
    assert.deepEqual((await runNode(op, [a, b]))[0].numbers, wanted);
  await assert.rejects(runNode('Add', [a, b]), { code: 'unsupported_model', message: /bool/ });
});
