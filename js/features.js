// SPDX-License-Identifier: MIT
//
// What can this machine do? Asked by running tiny modules, never by reading a user agent.
//
// The relaxed dot product multiplies signed bytes with bytes that it may read as signed or as unsigned, and it may
// saturate in between, as the machine likes. A build that relies on it is right only where every product is exact, so
// the probe multiplies the extremes, which a saturating machine gets wrong. Such a machine still fuses multiplication and
// addition of floats: the build `relaxed` has that, and simd128's integers.

/** @typedef {'simd128' | 'relaxed' | 'relaxed_u8' | 'relaxed_s8'} Variant */

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

// (module (func (export "dot") (param i32 i32 i32) (result i32)
//   local.get 0 i8x16.splat local.get 1 i8x16.splat local.get 2 i32x4.splat
//   i32x4.relaxed_dot_i8x16_i7x16_add_s i32x4.extract_lane 0))
const RELAXED_DOT = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 127, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 100, 111, 116, 0, 0, 10,
  22, 1, 20, 0, 32, 0, 253, 15, 32, 1, 253, 15, 32, 2, 253, 17, 253, 147, 2, 253, 27, 0, 11,
]);

const EXTREMES = [-128, -127, -1, 0, 1, 64, 127];
const START = 1000003;

/** Does the machine have the instructions that every build needs? */
export const hasSimd = () => typeof WebAssembly === 'object' && WebAssembly.validate(SIMD);

/** @type {Variant[] | undefined} */
let usable;

/** The builds that compute right results here, best first. Empty where not even SIMD is there. */
export const usableVariants = () => [...(usable ??= probe())];

/** @returns {Variant[]} */
function probe() {
  if (!hasSimd()) return [];
  const dot = relaxedDot();
  if (!dot) return ['simd128'];
  if (isExact(dot, (byte) => byte & 255)) return ['relaxed_u8', 'relaxed', 'simd128'];
  if (isExact(dot, (byte) => byte)) return ['relaxed_s8', 'relaxed', 'simd128'];
  return ['relaxed', 'simd128'];
}

/** @typedef {(a: number, b: number, start: number) => number} Dot four products of a and b, added to start */

/** @returns {Dot | undefined} */
function relaxedDot() {
  try {
    if (!WebAssembly.validate(RELAXED_DOT)) return undefined;
    const { dot } = new WebAssembly.Instance(new WebAssembly.Module(RELAXED_DOT)).exports;
    return /** @type {Dot} */ (dot);
  } catch {
    return undefined;
  }
}

/**
 * @param {Dot} dot
 * @param {(byte: number) => number} read how the second operand's signed byte is read
 */
export const isExact = (dot, read) =>
  EXTREMES.every((a) => EXTREMES.every((b) => dot(a, b, START) === START + 4 * a * read(b)));
