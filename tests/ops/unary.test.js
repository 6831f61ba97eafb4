// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import {
  constant, distance, everyByte, f32, noiseTensor, numbers, quantized, real, runNode, runQuantized,
} from './one_node.js';

const clip = (/** @type {number} */ x, low = 0, high = 1) => Math.min(high, Math.max(low, x));

/** @type {[string, any, (x: number) => number][]} */
const FUNCTIONS = [
  ['Relu', {}, (x) => Math.max(0, x)], ['Sigmoid', {}, (x) => 1 / (1 + Math.exp(-x))], ['Tanh', {}, Math.tanh],
  ['HardSigmoid', { alpha: { float: 0.25 }, beta: { float: 0.4 } }, (x) => clip(0.25 * x + 0.4)],
  ['HardSwish', {}, (x) => x * clip(x / 6 + 0.5)], ['LeakyRelu', { alpha: { float: 0.125 } }, (x) => (x < 0 ? x / 8 : x)],
  ['Elu', {}, (x) => (x < 0 ? Math.expm1(x) : x)], ['Exp', {}, Math.exp], ['Abs', {}, Math.abs], ['Neg', {}, (x) => -x],
  ['Floor', {}, Math.floor], ['Ceil', {}, Math.ceil], ['Reciprocal', {}, (x) => 1 / x],
  ['Sin', {}, Math.sin], ['Cos', {}, Math.cos], ['Atan', {}, Math.atan], ['Sinh', {}, Math.sinh], ['Cosh', {}, Math.cosh],
  ['Asinh', {}, Math.asinh], ['Sign', {}, Math.sign], ['Softsign', {}, (x) => x / (1 + Math.abs(x))],
  ['Softplus', {}, (x) => Math.log1p(Math.exp(x))], ['Mish', {}, (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  ['Selu', { alpha: { float: 2 }, gamma: { float: 3 } }, (x) => 3 * (x > 0 ? x : 2 * Math.expm1(x))],
  ['Celu', { alpha: { float: 2 } }, (x) => (x > 0 ? x : 2 * Math.expm1(x / 2))],
  ['ThresholdedRelu', {}, (x) => (x > 1 ? x : 0)],
  ['Shrink', { lambd: { float: 2 }, bias: { float: 1.5 } }, (x) => (x > 2 ? x - 1.5 : x < -2 ? x + 1.5 : 0)],
];

const x = f32([2, 33], numbers(noiseTensor([2, 33])).map((value) => 5 * value));

for (const [op, attributes, f] of FUNCTIONS) {
  test(`${op} of floats`, async () => {
    const [y] = await runNode(op, [x], { attributes });
    assert.ok(numbers(y).every((value, i) => Math.abs(value - f(numbers(x)[i])) <= 2e-6 * (1 + Math.abs(value))));
  });
}

for (const [op, attributes, f] of FUNCTIONS.slice(0, 6)) {
  for (const dtype of /** @type {const} */ (['int8', 'uint8'])) {
    test(`${op} of every ${dtype}`, async () => {
      const from = { scale: 0.05, zero: dtype === 'int8' ? -3 : 100 };
      const to = { scale: op === 'Sigmoid' ? 1 / 256 : 0.04, zero: dtype === 'int8' ? -20 : 90, dtype };
      const y = await runQuantized(op, [everyByte(dtype)], [from], to, { attributes });
      const wanted = numbers(everyByte(dtype)).map((q) => quantized(Math.fround(f(real(q, from))), to));
      // Where the function's last bit decides, either neighbour is right; that is rare.
      assert.ok(distance(y, wanted) <= 1);
      assert.ok(y.numbers.filter((q, i) => q !== wanted[i]).length <= 1);
    });
  }
}

test('square roots and logarithms, of what has none too', async () => {
  assert.deepEqual((await runNode('Sqrt', [f32([3], [4, 0, -1])]))[0].numbers, [2, 0, NaN]);
  assert.deepEqual((await runNode('Log', [f32([3], [1, 0, -1])]))[0].numbers, [0, -Infinity, NaN]);
});

test('halves round to even', async () => {
  assert.deepEqual((await runNode('Round', [f32([6], [0.5, 1.5, 2.5, -0.5, -1.5, 2.4])]))[0].numbers, [0, 2, 2, -0, -2, 2]);
});

test('Erf', async () => {
  const [y] = await runNode('Erf', [f32([3], [-1, 0, 0.5])]);
  assert.ok(distance(y, [-0.8427008, 0, 0.5204999]) < 1e-6);
});

test('Clip takes its limits as inputs, either may be absent', async () => {
  const values = f32([4], [-2, -0.5, 0.5, 2]), [low, high] = [constant(f32([], [-1])), constant(f32([], [1]))];
  assert.deepEqual((await runNode('Clip', [values, low, high]))[0].numbers, [-1, -0.5, 0.5, 1]);
  assert.deepEqual((await runNode('Clip', [values, null, high]))[0].numbers, [-2, -0.5, 0.5, 1]);
  assert.deepEqual((await runNode('Clip', [values, low]))[0].numbers, [-1, -0.5, 0.5, 2]);
});

test('a quantized Clip that keeps the scale is a clamp', async () => {
  const by = { scale: 0.05, zero: 10 };
  const inputs = [everyByte('uint8'), constant(f32([], [0])), constant(f32([], [6]))];
  const y = await runQuantized('Clip', inputs, [by, null, null], { ...by, dtype: 'uint8' });
  assert.deepEqual(y.numbers, numbers(everyByte('uint8')).map((q) => clip(q, 10, 130)));
});

test('Not of bool', async () => {
  assert.deepEqual((await runNode('Not', [new Tensor('bool', [2], [0, 1])]))[0].numbers, [1, 0]);
});

test('Neg of int64, the smallest too', async () => {
  const [y] = await runNode('Neg', [new Tensor('int64', [2], [5n, -(2n ** 63n)])]);
  assert.deepEqual(y.data, BigInt64Array.of(-5n, -(2n ** 63n)));
});

test('a type that the function does not take is refused by name', async () => {
  await assert.rejects(runNode('Sigmoid', [new Tensor('int32', [1], [1])]),
    { code: 'unsupported_model', message: /Sigmoid.*int32/ });
});

test('IsNaN and IsInf give bools, IsInf of the sign that is asked for', async () => {
  const odd = f32([4], [NaN, Infinity, -Infinity, 1]);
  assert.deepEqual((await runNode('IsNaN', [odd]))[0].numbers, [1, 0, 0, 0]);
  const [negative] = await runNode('IsInf', [odd], { attributes: { detect_positive: 0 } });
  assert.deepEqual([negative.dtype, negative.numbers], ['bool', [0, 0, 1, 0]]);
});

test('integers of every width, at their ends', async () => {
  const bytes = new Tensor('int8', [4], [-128, -1, 0, 127]);
  assert.deepEqual((await runNode('BitwiseNot', [bytes], { opset: 18 }))[0].numbers, [127, 0, -1, -128]);
  assert.deepEqual((await runNode('Neg', [bytes]))[0].numbers, [-128, 1, 0, -127]);
  assert.deepEqual((await runNode('Sign', [bytes]))[0].numbers, [-1, -1, 0, 1]);
  const bounds = [-1, 100].map((bound) => constant(new Tensor('int8', [], [bound])));
  assert.deepEqual((await runNode('Clip', [bytes, ...bounds]))[0].numbers, [-1, -1, 0, 100]);
  await assert.rejects(runNode('Sin', [bytes]), { code: 'unsupported_model', message: /int8/ });
});
