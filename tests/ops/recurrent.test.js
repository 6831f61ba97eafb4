// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { constant, distance, f32, noise, noiseTensor, runNode } from './one_node.js';

/** @typedef {import('./one_node.js').Input} Input */
/** @typedef {'LSTM' | 'GRU' | 'RNN'} Op */

const GATES = { LSTM: 4, GRU: 3, RNN: 1 };
const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
const { tanh } = Math;

/**
 * One direction of what the ONNX specification says, in doubles.
 * @param {Op} op
 * @param {object} o
 * @param {(t: number, b: number) => number[]} o.x
 * @param {number[][]} o.w rows of weights, a gate's rows together
 * @param {number[][]} o.r
 * @param {number[]} [o.bias]
 * @param {number[]} [o.peepholes]
 * @param {number[][]} [o.h] per batch
 * @param {number[][]} [o.c]
 * @param {number[]} o.lengths
 * @param {boolean} [o.backwards]
 * @param {any} [o.options] clip, couple, linearBeforeReset, f, g, h
 */
function reference(op, { x, w, r, bias, peepholes, h: h0, c: c0, lengths, backwards = false, options = {} }) {
  const hidden = r[0].length, gates = GATES[op];
  const { clip = Infinity, couple, linearBeforeReset, f = op === 'RNN' ? tanh : sigmoid, g = tanh, out = tanh } = options;
  const limit = (/** @type {number} */ v) => Math.min(clip, Math.max(-clip, v));
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const y = new Map();
  const states = lengths.map((length, b) => {
    let h = h0?.[b] ?? Array(hidden).fill(0), c = c0?.[b] ?? Array(hidden).fill(0);
    for (let s = 0; s < length; s++) {
      const t = backwards ? length - 1 - s : s, now = x(t, b), before = h, cell = c;
      const wx = (/** @type {number} */ row) => dot(w[row], now) + (bias?.[row] ?? 0);
      const rh = (/** @type {number} */ row, state = before) => dot(r[row], state) + (bias?.[gates * hidden + row] ?? 0);
      const units = Array.from({ length: hidden }, (_, j) => j);
      const peep = (/** @type {number} */ gate, /** @type {number} */ j, /** @type {number[]} */ of) =>
        (peepholes?.[gate * hidden + j] ?? 0) * of[j];
      const sum = (/** @type {number} */ gate, /** @type {number} */ j) => wx(gate * hidden + j) + rh(gate * hidden + j);
      if (op === 'LSTM') {
        const input = units.map((j) => f(limit(sum(0, j) + peep(0, j, cell))));
        const forget = units.map((j) => (couple ? 1 - input[j] : f(limit(sum(2, j) + peep(2, j, cell)))));
        c = units.map((j) => forget[j] * cell[j] + input[j] * g(limit(sum(3, j))));
        const next = c;
        h = units.map((j) => f(limit(sum(1, j) + peep(1, j, next))) * out(next[j]));
      } else if (op === 'GRU') {
        const z = units.map((j) => f(limit(sum(0, j)))), reset = units.map((j) => f(limit(sum(1, j))));
        const through = units.map((j) => reset[j] * before[j]);
        h = units.map((j) => {
          const row = 2 * hidden + j;
          const candidate = g(limit(wx(row) + (linearBeforeReset ? reset[j] * rh(row) : rh(row, through))));
          return (1 - z[j]) * candidate + z[j] * before[j];
        });
      } else {
        h = units.map((j) => f(limit(sum(0, j))));
      }
      y.set(`${t},${b}`, h);
    }
    return { h, c };
  });
  return { at: (/** @type {number} */ t, /** @type {number} */ b) => y.get(`${t},${b}`) ?? Array(hidden).fill(0), states };
}

const rowsOf = (/** @type {number[]} */ data, /** @type {number} */ width) =>
  Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));

/**
 * Runs a node and compares all of its outputs with the reference.
 * @param {Op} op
 * @param {any} options
 */
async function check(op, { time = 5, batch = 2, in: features = 3, hidden = 4, both = false, reverse = false,
  batchFirst = false, bias = true, states = false, peepholes = false, lengths, computed = false, attributes = {},
  reference: behaviour = {} } = {}) {
  const gates = GATES[op], directions = both ? 2 : 1, rows = gates * hidden;
  const half = (/** @type {number} */ length, /** @type {number} */ seed) => noise(length, seed).map((v) => v / 2);
  const data = { x: noise(time * batch * features, 1), w: half(directions * rows * features, 2),
    r: half(directions * rows * hidden, 3), bias: half(directions * 2 * rows, 4), h: noise(directions * batch * hidden, 5),
    c: noise(directions * batch * hidden, 6), peepholes: half(directions * 3 * hidden, 7) };
  const weight = (/** @type {Tensor} */ tensor) => (computed ? tensor : constant(tensor));
  const stateShape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  /** @type {(Input | null)[]} */
  const inputs = [
    f32(batchFirst ? [batch, time, features] : [time, batch, features], data.x),
    weight(f32([directions, rows, features], data.w)), weight(f32([directions, rows, hidden], data.r)),
    bias ? weight(f32([directions, 2 * rows], data.bias)) : null,
    lengths ? new Tensor('int32', [batch], Int32Array.from(lengths)) : null,
    states ? f32(stateShape, data.h) : null,
    states && op === 'LSTM' ? f32(stateShape, data.c) : null,
    peepholes ? weight(f32([directions, 3 * hidden], data.peepholes)) : null];
  const results = await runNode(op, op === 'LSTM' ? inputs : inputs.slice(0, 6), { outputs: op === 'LSTM' ? 3 : 2,
    attributes: { hidden_size: hidden, ...(both ? { direction: 'bidirectional' } : reverse ? { direction: 'reverse' } : {}),
      ...(batchFirst ? { layout: 1 } : {}), ...attributes } });

  const wanted = Array.from({ length: directions }, (_, d) => {
    const part = (/** @type {number[]} */ all) => all.slice(d * all.length / directions, (d + 1) * all.length / directions);
    const state = (/** @type {number[]} */ all) => Array.from({ length: batch }, (_b, b) => {
      const at = (batchFirst ? b * directions + d : d * batch + b) * hidden;
      return all.slice(at, at + hidden);
    });
    return reference(op, {
      x: (t, b) => data.x.slice((batchFirst ? b * time + t : t * batch + b) * features).slice(0, features),
      w: rowsOf(part(data.w), features), r: rowsOf(part(data.r), hidden), bias: bias ? part(data.bias) : undefined,
      peepholes: peepholes ? part(data.peepholes) : undefined, h: states ? state(data.h) : undefined,
      c: states ? state(data.c) : undefined, lengths: lengths ?? Array(batch).fill(time), backwards: reverse || d === 1,
      options: behaviour });
  });
  const steps = Array.from({ length: time }, (_, t) => t), batches = Array.from({ length: batch }, (_, b) => b);
  const y = batchFirst ? batches.flatMap((b) => steps.flatMap((t) => wanted.flatMap(({ at }) => at(t, b))))
    : steps.flatMap((t) => wanted.flatMap(({ at }) => batches.flatMap((b) => at(t, b))));
  const last = (/** @type {'h' | 'c'} */ which) => (batchFirst
    ? batches.flatMap((b) => wanted.flatMap(({ states: all }) => all[b][which]))
    : wanted.flatMap(({ states: all }) => all.flatMap((state) => state[which])));
  assert.ok(distance(results[0], y) < 1e-5, `${op} y: off by ${distance(results[0], y)}`);
  assert.ok(distance(results[1], last('h')) < 1e-5, `${op} h: off by ${distance(results[1], last('h'))}`);
  if (op === 'LSTM') assert.ok(distance(results[2], last('c')) < 1e-5, `c: off by ${distance(results[2], last('c'))}`);
  assert.deepEqual(results[0].shape, batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden]);
  assert.deepEqual(results[1].shape, stateShape);
}

for (const op of /** @type {const} */ (['RNN', 'GRU', 'LSTM'])) {
  test(`${op} forwards, backwards and both ways`, async () => {
    await check(op);
    await check(op, { reverse: true });
    await check(op, { both: true, states: true });
  });

  test(`${op} without biases, of one step, of one unit, of a batch wider than a tile`, async () => {
    await check(op, { bias: false });
    await check(op, { time: 1, hidden: 1, in: 1, batch: 1 });
    await check(op, { batch: 7, hidden: 9, in: 5, states: true });
  });

  test(`${op} with sequences that end early, none at all among them`, async () => {
    await check(op, { lengths: [2, 5, 0], batch: 3, both: true, states: true });
  });

  test(`${op} with the batch first, and with weights that are computed`, async () => {
    await check(op, { batchFirst: true, both: true, states: true });
    await check(op, { computed: true, both: true });
  });

  test(`${op} clips what its gates sum up`, () => check(op, { attributes: { clip: { float: 0.25 } }, reference: { clip: 0.25 } }));
}

test('LSTM with peepholes, with coupled gates', async () => {
  await check('LSTM', { peepholes: true, states: true, both: true });
  await check('LSTM', { attributes: { input_forget: 1 }, reference: { couple: true } });
});

test('GRU resets before or after the product', () =>
  check('GRU', { both: true, attributes: { linear_before_reset: 1 }, reference: { linearBeforeReset: true } }));

test('each activation by name, with its own alpha and beta or the usual ones', async () => {
  const LINES = /** @type {[string, number[], number[], (x: number) => number][]} */ ([
    ['Relu', [], [], (x) => Math.max(0, x)],
    ['Affine', [0.5], [0.25], (x) => 0.5 * x + 0.25],
    ['LeakyRelu', [], [], (x) => (x < 0 ? 0.01 * x : x)],
    ['ThresholdedRelu', [0.1], [], (x) => (x < Math.fround(0.1) ? 0 : x)],
    ['ScaledTanh', [0.5], [2], (x) => 0.5 * tanh(2 * x)],
    ['HardSigmoid', [], [], (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5))],
    ['Elu', [0.5], [], (x) => (x < 0 ? 0.5 * (Math.exp(x) - 1) : x)],
    ['Softsign', [], [], (x) => x / (1 + Math.abs(x))],
    ['Softplus', [], [], (x) => Math.log1p(Math.exp(x))],
    ['Sigmoid', [], [], sigmoid],
    ['Tanh', [], [], tanh],
  ]);
  for (const [name, alpha, beta, f] of LINES) {
    await check('RNN', { reference: { f }, attributes: { activations: { strings: [name] },
      ...(alpha.length ? { activation_alpha: { floats: alpha } } : {}),
      ...(beta.length ? { activation_beta: { floats: beta } } : {}) } });
  }
  await check('LSTM', { reference: { f: (/** @type {number} */ x) => Math.max(0, Math.min(1, 0.2 * x + 0.5)), g: sigmoid,
    out: (/** @type {number} */ x) => Math.max(0, x) }, attributes: { activations: { strings: ['HardSigmoid', 'Sigmoid', 'Relu'] } } });
});

test('shapes that do not fit, and functions that nobody knows, are refused', async () => {
  const code = (/** @type {(Input | null)[]} */ inputs, attributes = {}) =>
    runNode('LSTM', inputs, { attributes }).then(() => 'ok', ({ code: found }) => found);
  const x = noiseTensor([2, 1, 3]), w = noiseTensor([1, 8, 3]), r = noiseTensor([1, 8, 2]);
  assert.equal(await code([x, w, r]), 'ok');
  assert.equal(await code([noiseTensor([2, 3]), w, r]), 'invalid_shape');
  assert.equal(await code([x, noiseTensor([1, 9, 3]), r]), 'invalid_model');
  assert.equal(await code([x, w, r, noiseTensor([1, 8])]), 'invalid_model');
  assert.equal(await code([x, w]), 'invalid_model');
  assert.equal(await code([x, w, r], { direction: 'sideways' }), 'unsupported_model');
  assert.equal(await code([x, w, r], { activations: { strings: ['Sigmoid'] } }), 'invalid_model');
  assert.equal(await code([x, w, r], { activations: { strings: ['Sigmoid', 'Cube', 'Tanh'] } }), 'unsupported_model');
});
