// SPDX-License-Identifier: MIT
//
// Operators of com.microsoft, which no conformance suite has, against what they are by definition: those on bytes are
// DequantizeLinear, the operator in floats, QuantizeLinear.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { constant } from './constant.js';

const ROWS = 2, COLUMNS = 8, COUNT = ROWS * COLUMNS;
const SHAPE = [1, ROWS, 2, 4]; // as NCHW: two channels
const A = { scale: 0.05, zero: 120 }, B = { scale: 0.02, zero: 140 }, OUT = { scale: 0.04, zero: 100 };
const RESULT = { scale: 1 / 256, zero: 0 };
const bytes = (/** @type {number} */ factor) => Uint8Array.from({ length: COUNT }, (_, i) => (i * factor + 11) % 256);
const a = bytes(37), b = bytes(91);

/** @typedef {{ scale: number, zero: number }} Quant */
/** @param {Uint8Array} from @param {Quant} quant */
const reals = (from, { scale, zero }) => Array.from(from, (byte) => Math.fround(Math.fround(scale) * (byte - zero)));
/** Half to even. @param {number} value */
const round = (value) => (value - Math.floor(value) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** @param {number[]} values @param {Quant} quant */
const toBytes = (values, { scale, zero }) => values.map((value) => {
  const steps = Math.fround(Math.fround(value) / Math.fround(scale));
  return Math.min(255, Math.max(0, round(steps) + zero));
});

/** @param {string} name @param {Quant} quant */
const quantOf = (name, { scale, zero }) => ({
  [`${name}s`]: constant('float32', [], [scale]), [`${name}z`]: constant('uint8', [], [zero]),
});

/**
 * Runs one node of com.microsoft.
 * @param {string} op
 * @param {string[]} inputs of the node
 * @param {Record<string, { shape: number[], data: Uint8Array | Float32Array }>} given
 * @param {object} [options]
 * @param {Record<string, any>} [options.attributes]
 * @param {Record<string, import('../helpers/onnx_model.js').Constant>} [options.constants]
 */
async function run(op, inputs, given, { attributes, constants } = {}) {
  const typed = Object.entries(given).map(([name, { shape, data }]) => {
    return [name, { dtype: data instanceof Uint8Array ? 'uint8' : 'float32', shape }];
  });
  const model = await loadModel(onnxModel({
    inputs: Object.fromEntries(typed), outputs: { y: undefined }, constants,
    nodes: [{ op, domain: 'com.microsoft', inputs, outputs: ['y'], attributes }],
  }));
  const { y } = await model.run(Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data])));
  await model.dispose();
  return Array.from(/** @type {ArrayLike<number>} */ (y.data));
}

const x = { a: { shape: SHAPE, data: a } };
const both = { ...x, b: { shape: SHAPE, data: b } };
const quants = { ...quantOf('a', A), ...quantOf('b', B), ...quantOf('y', OUT), ...quantOf('r', RESULT) };

/** @param {number[]} found @param {number[]} expected @param {number} [most] */
function close(found, expected, most = 0) {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => assert(Math.abs(value - expected[i]) <= most, `${i}: ${value}, not ${expected[i]}`));
}

for (const [op, compute] of /** @type {[string, (p: number, q: number) => number][]} */ ([
  ['QLinearAdd', (p, q) => p + q], ['QLinearMul', (p, q) => p * q],
])) {
  test(op, async () => {
    const q = reals(b, B);
    const found = await run(op, ['a', 'as', 'az', 'b', 'bs', 'bz', 'ys', 'yz'], both, { constants: quants });
    close(found, toBytes(reals(a, A).map((p, i) => compute(p, q[i])), OUT));
  });
}

test('QLinearConcat', async () => {
  const inputs = ['ys', 'yz', 'a', 'as', 'az', 'b', 'bs', 'bz'];
  const found = await run('QLinearConcat', inputs, both, { constants: quants, attributes: { axis: 0 } });
  close(found, toBytes([...reals(a, A), ...reals(b, B)], OUT));
});

const one = ['a', 'as', 'az', 'ys', 'yz'], toResult = ['a', 'as', 'az', 'rs', 'rz'];

test('QLinearSigmoid', async () => {
  const expected = toBytes(reals(a, A).map((p) => 1 / (1 + Math.exp(-p))), RESULT);
  close(await run('QLinearSigmoid', toResult, x, { constants: quants }), expected, 1);
});

test('QLinearLeakyRelu', async () => {
  const expected = toBytes(reals(a, A).map((p) => (p < 0 ? 0.25 * p : p)), OUT);
  close(await run('QLinearLeakyRelu', one, x, { constants: quants, attributes: { alpha: { float: 0.25 } } }), expected, 1);
});

test('QLinearGlobalAveragePool', async () => {
  const p = reals(a, A);
  const means = [0, 1].map((c) => p.slice(c * 8, c * 8 + 8).reduce((sum, value) => sum + value, 0) / 8);
  const attributes = { channels_last: 0 };
  close(await run('QLinearGlobalAveragePool', one, x, { constants: quants, attributes }), toBytes(means, OUT));
});

test('QLinearSoftmax', async () => {
  const given = { a: { shape: [ROWS, COLUMNS], data: a } };
  const powers = reals(a, A).map(Math.exp);
  const sums = [0, 1].map((row) => powers.slice(row * 8, row * 8 + 8).reduce((sum, value) => sum + value, 0));
  const expected = toBytes(powers.map((power, i) => power / sums[i >> 3]), RESULT);
  close(await run('QLinearSoftmax', toResult, given, { constants: quants, attributes: { axis: 1, opset: 13 } }), expected, 1);
});

test('MatMulNBits, of 4 and 8 bits', async () => {
  const K = 32, N = 3, BLOCK = 16, blocks = K / BLOCK;
  const left = Float32Array.from({ length: 2 * K }, (_, i) => ((i * 7) % 11) - 5);
  const scales = Array.from({ length: N * blocks }, (_, i) => (i + 1) / 8);
  for (const bits of [4, 8]) {
    const levels = Array.from({ length: N * K }, (_, i) => (i * 29) % 2 ** bits);
    const packed = bits === 8 ? levels : levels.flatMap((low, i) => (i % 2 ? [] : [low + 16 * levels[i + 1]]));
    const weight = (/** @type {number} */ n, /** @type {number} */ k) =>
      (levels[n * K + k] - 2 ** (bits - 1)) * scales[n * blocks + Math.floor(k / BLOCK)];
    const expected = Array.from({ length: 2 * N }, (_, i) =>
      Array.from({ length: K }, (_, k) => left[Math.floor(i / N) * K + k] * weight(i % N, k)).reduce((p, q) => p + q));
    const found = await run('MatMulNBits', ['left', 'w', 'scales'], { left: { shape: [2, K], data: left } }, {
      attributes: { K, N, bits, block_size: BLOCK },
      constants: {
        w: constant('uint8', [N, blocks, (BLOCK * bits) / 8], packed), scales: constant('float32', [N * blocks], scales),
      },
    });
    close(found, expected, 1e-3);
  }
});

test('QGemm', async () => {
  const p = reals(a, A), q = reals(b, B), bias = [300, -200], step = Math.fround(A.scale) * Math.fround(B.scale);
  const expected = Array.from({ length: 4 }, (_, i) => {
    const [row, column] = [i >> 1, i & 1];
    return p.slice(row * 8, row * 8 + 8).reduce((sum, value, k) => sum + value * q[k * 2 + column], bias[column] * step);
  });
  const found = await run('QGemm', ['a', 'as', 'az', 'w', 'bs', 'bz', 'bias', 'ys', 'yz'],
    { a: { shape: [2, 8], data: a } },
    { constants: { ...quants, w: constant('uint8', [8, 2], [...b]), bias: constant('int32', [2], bias) } });
  close(found, toBytes(expected, OUT));
});

test('Gelu', async () => {
  const data = Float32Array.of(-3, -1, 0, 0.5, 1, 2);
  const known = [-0.00404969, -0.15865525, 0, 0.34573123, 0.84134475, 1.95449974]; // x times the normal distribution
  close(await run('Gelu', ['p'], { p: { shape: [6], data } }), known, 1e-5);
});

test('SkipLayerNormalization', async () => {
  const given = (/** @type {number} */ factor) => Float32Array.from({ length: 8 }, (_, i) => ((i * factor) % 7) - 3);
  const [p, skip, gamma, beta] = [3, 5, 2, 4].map(given);
  const sums = p.map((value, i) => value + skip[i]);
  const mean = sums.reduce((sum, value) => sum + value) / 8;
  const variance = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8;
  const expected = Array.from(sums, (value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gamma[i] + beta[i]);
  const inputs = { p: { shape: [1, 1, 8], data: p }, skip: { shape: [1, 1, 8], data: skip } };
  const found = await run('SkipLayerNormalization', ['p', 'skip', 'gamma', 'beta'], inputs, {
    attributes: { epsilon: { float: 1e-5 } },
    constants: { gamma: constant('float32', [8], [...gamma]), beta: constant('float32', [8], [...beta]) },
  });
  close(found, expected, 1e-5);
});
