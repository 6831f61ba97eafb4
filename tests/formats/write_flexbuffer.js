// SPDX-License-Identifier: MIT
//
// Writes a flexbuffer for tests: one map of numbers, everything 4 bytes wide.

const KIND = { int: 1, float: 3, map: 9, bool: 26 };
const typed = (/** @type {number} */ kind) => (kind << 2) | 2; // 2: 1 << 2 bytes wide

/**
 * @param {Record<string, number | boolean>} numbers whole ones become integers
 * @returns {Uint8Array}
 */
export function flexMap(numbers) {
  const names = Object.keys(numbers).sort();
  /** @type {number[]} */
  const out = [];
  const word = (/** @type {number} */ value, float = false) =>
    out.push(...new Uint8Array((float ? Float32Array : Int32Array).of(value).buffer));
  const texts = names.map((name) => {
    const at = out.length;
    out.push(...new TextEncoder().encode(name), 0);
    return at;
  });
  while (out.length % 4) out.push(0);
  word(names.length);
  const keys = out.length;
  for (const text of texts) word(out.length - text);
  word(out.length - keys);
  word(4);
  word(names.length);
  const map = out.length;
  const isWhole = (/** @type {string} */ name) => typeof numbers[name] === 'boolean' || Number.isInteger(numbers[name]);
  for (const name of names) word(Number(numbers[name]), !isWhole(name));
  for (const name of names) {
    out.push(typed(typeof numbers[name] === 'boolean' ? KIND.bool : isWhole(name) ? KIND.int : KIND.float));
  }
  while (out.length % 4) out.push(0);
  word(out.length - map);
  out.push(typed(KIND.map), 4);
  return Uint8Array.from(out);
}
