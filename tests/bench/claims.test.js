// SPDX-License-Identifier: MIT
//
// How claims are judged. (Whether they are met is no test's business: machines differ.)
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { claimedBuilds, claimedModels, claims, judgeClaims, ownContests } from '../../bench/claims.js';

const MODEL = 'coral_mnv2_100_224_quant';
const row = (runtime, p50, more = {}) => ({
  model: MODEL, runtime, build: 'x', isChosen: true, threads: 1, p50, startMs: p50, wasmBytes: p50, difference: 0, ...more,
});

/** The state of the claims whose text begins so. */
const states = (rows, text) =>
  judgeClaims(rows).filter((claim) => claim.text.startsWith(text)).map(({ state }) => state);

const FASTER = `${MODEL}: octavo at least 3.5x @litertjs/core`;
const THREADS = `${MODEL}: octavo 2 threads`;

test('a claim is met from its ratio on', () => {
  const own = row('octavo', 2, { build: 'relaxed_u8' });
  assert.deepEqual(states([own, row('@litertjs/core', 7)], FASTER), ['met']);
  assert.deepEqual(states([own, row('@litertjs/core', 6.9)], FASTER), ['not met']);
});

test('without the instruction that a claim needs it is not judged, and one whose rows are missing is not measured', () => {
  const own = row('octavo', 2, { build: 'simd128' });
  assert.deepEqual(states([own, row('@litertjs/core', 7)], FASTER), ['not measurable here']);
  assert.deepEqual(states([own], FASTER), ['not measured']);
  assert.deepEqual(states([own, { ...row('@litertjs/core'), refusal: 'no' }], FASTER), ['not measured']);
});

test('rows of a build that was asked for count for the claims that name it, and no others', () => {
  const own = row('octavo', 2, { build: 'simd128' });
  const compat = row('@litertjs/core', 4, { build: 'compat', isChosen: false });
  const rows = [own, row('@litertjs/core', 2), compat];
  assert.deepEqual(states(rows, `${MODEL}: octavo simd128`), ['met']);
  assert.deepEqual(judgeClaims(rows).at(-1).state, 'met');
  assert.deepEqual(claimedBuilds(MODEL, '@litertjs/core'), ['compat']);
  assert.deepEqual(claimedBuilds('page_clean', 'octavo'), []);
});

test('more threads must give the same bits', () => {
  const two = row('octavo', 1, { threads: 2 });
  assert.deepEqual(states([row('octavo', 2), two], THREADS), ['met']);
  assert.deepEqual(states([row('octavo', 2), { ...two, difference: 0.01 }], THREADS), ['not met']);
});

test('a model that is slower than on the fastest peer is named, with how much', () => {
  const { text, state, why } = judgeClaims([row('octavo', 4), row('a', 5), row('b', 3)]).at(-1);
  assert.equal(state, 'not met');
  assert.match(text, /0 of 1/);
  assert.equal(why, `${MODEL} 0.75x`);
});

test('claims are about models by name; only those of a run are told', () => {
  assert.ok(claims.every(({ model }) => claimedModels.has(model)));
  assert.deepEqual(judgeClaims([row('octavo', 1, { model: 'other' })]).length, 1);
});

test('Octavo is compared with itself in turns, where both sides are measured at all', () => {
  const all = ownContests(claimedModels, [1, 2]);
  assert.ok(all.every(({ sides }) => sides.length === 2));
  const [threads] = ownContests(new Set([MODEL]), [1, 2]);
  assert.deepEqual(threads.sides.map((side) => [side.model, side.threads]), [[MODEL, 2], [MODEL, 1]]);
  assert.deepEqual(ownContests(new Set([MODEL]), [1]), []);
  const before = [row('octavo', 2), row('octavo', 2, { threads: 2 })];
  assert.deepEqual(states(before, THREADS), ['not met']);
  const contest = threads.contest;
  const inTurns = [row('octavo', 2, { contest }), row('octavo', 1, { threads: 2, contest })];
  assert.deepEqual(states([...before, ...inTurns], THREADS), ['met']);
  assert.deepEqual(states([...before, ...inTurns], FASTER), ['not measured']);
});
