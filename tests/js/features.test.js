// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasSimd, isExact, usableVariants } from '../../js/features.js';

const unsigned = (/** @type {number} */ byte) => byte & 255;
const signed = (/** @type {number} */ byte) => byte;
const saturate = (/** @type {number} */ value) => Math.max(-32768, Math.min(32767, value));

test('a machine that reads the second operand unsigned, exactly, is told from one that reads it signed', () => {
  const vnni = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ start) =>
    start + 4 * a * (b & 255);
  const sdot = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ start) => start + 4 * a * b;
  assert.ok(isExact(vnni, unsigned) && !isExact(vnni, signed));
  assert.ok(isExact(sdot, signed) && !isExact(sdot, unsigned));
});

test('a machine that saturates pairs of products to 16 bits is exact in neither way', () => {
  const maddubs = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ start) =>
    start + 2 * saturate(2 * a * (b & 255));
  const wrapped = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ start) =>
    start + 2 * (((2 * a * b) << 16) >> 16);
  assert.ok(!isExact(maddubs, unsigned) && !isExact(maddubs, signed));
  assert.ok(!isExact(wrapped, unsigned) && !isExact(wrapped, signed));
});

test('plain SIMD is always the last resort', () => {
  assert.ok(hasSimd());
  const variants = usableVariants();
  assert.equal(variants.at(-1), 'simd128');
  assert.ok(variants.length <= 3);
});
