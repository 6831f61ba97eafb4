// SPDX-License-Identifier: MIT
//
// TFLite keeps the gates of an LSTM in tensors of their own: here they are computed one by one.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noise } from '../ops/one_node.js';
import { constant, given, loadTflite, quantized, runTflite } from './one_tflite.js';
import { f32, table, u8 } from './write_tflite.js';

const UNIDIRECTIONAL_SEQUENCE_LSTM = 44, TANH = 4, IN = 2, HIDDEN = 3, TIME = 4, BATCH = 2;
const INPUT = 0, FORGET = 1, CELL = 2, OUTPUT = 3; // TFLite's order of gates
const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

const gate = (/** @type {number} */ seed) => ({
  w: noise(HIDDEN * IN, seed), r: noise(HIDDEN * HIDDEN, seed + 10), bias: noise(HIDDEN, seed + 20),
  peephole: noise(HIDDEN, seed + 30),
});
const gates = [1, 2, 3, 4].map(gate);
const sequence = noise(BATCH * TIME * IN, 99).map((x) => 3 * x);

/**
 * One sequence [time, in] to [time, hidden].
 * @param {number[]} x
 * @param {{ peepholes: boolean, clip: number }} how
 */
function reference(x, { peepholes, clip }) {
  /** @type {number[]} */
  let h = Array(HIDDEN).fill(0), c = Array(HIDDEN).fill(0);
  return Array.from({ length: TIME }, (_, t) => {
    const sum = (/** @type {number} */ g, /** @type {number} */ n, /** @type {number[]} */ cell) =>
      gates[g].bias[n] + (peepholes ? gates[g].peephole[n] * cell[n] : 0) +
      x.slice(t * IN, t * IN + IN).reduce((all, value, k) => all + value * gates[g].w[n * IN + k], 0) +
      h.reduce((all, value, k) => all + value * gates[g].r[n * HIDDEN + k], 0);
    const none = Array(HIDDEN).fill(0);
    const next = c.map((value, n) => Math.max(-clip, Math.min(clip,
      sigmoid(sum(FORGET, n, c)) * value + sigmoid(sum(INPUT, n, c)) * Math.tanh(sum(CELL, n, none)))));
    h = next.map((value, n) => sigmoid(sum(OUTPUT, n, next)) * Math.tanh(value));
    c = next;
    return h;
  });
}

/** @typedef {{ peepholes?: boolean, clip?: number, timeMajor?: boolean, missing?: number }} How */

/** @param {How} how @returns {Parameters<typeof runTflite>} */
function lstm({ peepholes = false, clip = 10, timeMajor = false, missing = -1 }) {
  const turn = timeMajor ? Array.from(sequence, (_, i) => {
    const t = Math.floor(i / (BATCH * IN)), b = Math.floor(i / IN) % BATCH;
    return sequence[(b * TIME + t) * IN + i % IN];
  }) : sequence;
  const peephole = (/** @type {number} */ g) => (peepholes ? constant([HIDDEN], gates[g].peephole) : null);
  const variable = { shape: [BATCH, HIDDEN], variable: true };
  const inputs = [
    given(timeMajor ? [TIME, BATCH, IN] : [BATCH, TIME, IN], turn),
    ...gates.map(({ w }) => constant([HIDDEN, IN], w)), ...gates.map(({ r }) => constant([HIDDEN, HIDDEN], r)),
    peephole(INPUT), peephole(FORGET), peephole(OUTPUT), ...gates.map(({ bias }) => constant([HIDDEN], bias)),
    null, null, variable, variable,
  ].map((input, i) => (i === missing ? null : input));
  return [UNIDIRECTIONAL_SEQUENCE_LSTM, inputs,
    [{ shape: timeMajor ? [TIME, BATCH, HIDDEN] : [BATCH, TIME, HIDDEN] }],
    { options: table(u8(TANH), f32(clip), f32(0), u8(timeMajor ? 1 : 0)) }];
}

/** @param {How} how */
const run = async (how) => (await runTflite(...lstm(how)))[0];
/** @param {Parameters<typeof loadTflite>} how */
const load = (how) => loadTflite(...how);

/** The cell gate has no peephole. @param {{ peepholes: boolean, clip: number }} how */
const wanted = (how) => {
  const cell = gates[CELL].peephole;
  gates[CELL].peephole = Array(HIDDEN).fill(0);
  const all = [0, 1].map((b) => reference(sequence.slice(b * TIME * IN, (b + 1) * TIME * IN), how));
  gates[CELL].peephole = cell;
  return all;
};

/** @param {number[]} got @param {number[]} values */
const near = (got, values) => got.forEach((value, i) => assert(Math.abs(value - values[i]) < 1e-5, `${got} ${values}`));

test('batch first', async () => {
  const y = await run({});
  assert.deepEqual(y.shape, [BATCH, TIME, HIDDEN]);
  near(y.numbers, wanted({ peepholes: false, clip: 10 }).flat(2));
});

test('time first, with peepholes and a cell that is clipped', async () => {
  const y = await run({ timeMajor: true, peepholes: true, clip: 0.3 });
  const [a, b] = wanted({ peepholes: true, clip: 0.3 });
  assert.deepEqual(y.shape, [TIME, BATCH, HIDDEN]);
  near(y.numbers, a.flatMap((row, t) => [...row, ...b[t]]));
});

test('weights in int8 are dequantized', async () => {
  const bytes = Array.from({ length: HIDDEN * IN }, (_, i) => 20 * i - 50);
  const inputs = [given([1, 1, IN], [1, 2]), ...gates.map(() => quantized('int8', [HIDDEN, IN], bytes, 0.01, 0)),
    ...gates.map(({ r }) => constant([HIDDEN, HIDDEN], r)), null, null, null,
    ...gates.map(({ bias }) => constant([HIDDEN], bias))];
  const [y] = await runTflite(UNIDIRECTIONAL_SEQUENCE_LSTM, inputs, [{ shape: [1, 1, HIDDEN] }],
    { options: table(u8(TANH)) });
  const sum = (/** @type {number} */ g, /** @type {number} */ n) =>
    gates[g].bias[n] + 0.01 * (bytes[2 * n] + 2 * bytes[2 * n + 1]);
  near(y.numbers, [0, 1, 2].map((n) =>
    sigmoid(sum(OUTPUT, n)) * Math.tanh(sigmoid(sum(INPUT, n)) * Math.tanh(sum(CELL, n)))));
});

test('the state goes on from run to run, until it is reset', async () => {
  const { model, feeds } = await load(lstm({}));
  const out = async () => Array.from(/** @type {any} */ ((await model.run(feeds)).o0.data), Number);
  const first = await out(), second = await out();
  near(first, wanted({ peepholes: false, clip: 10 }).flat(2));
  assert.notDeepEqual(second, first);
  await model.reset();
  assert.deepEqual(await out(), first);
  await model.dispose();
});

test('what is missing is refused by name', async () => {
  const code = 'unsupported_model';
  await assert.rejects(run({ missing: 1 }), { code, message: /lacks weights or biases of a gate/ });
  await assert.rejects(run({ peepholes: true, missing: 10 }), { code, message: /lacks a peephole/ });
});
