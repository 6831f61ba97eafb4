// SPDX-License-Identifier: MIT
//
// How fast could this machine be? Measured, not read off a data sheet: loops of nothing but the instruction that a
// build multiplies with, on registers alone. No kernel can be faster (only one that multiplies less, as Winograd's), and a
// good one comes near. The modules are written here, and not a part of the engine: nobody has to download them. Like
// measure.js, this runs in Node and in a page.

/** So many sums run beside each other that the multiplier never waits; with two operands they fit V8's registers. */
const SUMS = 12;
const UNROLLED = 4;
const [COUNT, VALUE, FIRST_SUM] = [0, 1, 2];
const [A, B] = [FIRST_SUM + SUMS, FIRST_SUM + SUMS + 1];

const MILLISECONDS = 4;
const ROUNDS = 12;

/** @param {number} value @returns {number[]} as unsigned LEB128 */
const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)]);
const get = (/** @type {number} */ local) => [0x20, local];
const set = (/** @type {number} */ local) => [0x21, local];
const simd = (/** @type {number} */ code) => [0xfd, ...leb(code)];

const i32x4_splat = simd(0x11);
const i32x4_extract_lane_0 = [...simd(0x1b), 0];
const i32x4_add = simd(0xae);
const i32x4_dot_i16x8_s = simd(0xba);
const f32x4_add = simd(0xe4);
const f32x4_mul = simd(0xe6);
const f32x4_convert_i32x4_s = simd(0xfa);
const f32x4_relaxed_madd = simd(0x105);
const i32x4_relaxed_dot_i8x16_i7x16_add_s = simd(0x113);

/**
 * What is done to one sum. Where multiplying and adding are two instructions, the sum itself is multiplied, or else V8
 * would see that every product is the same, and make it once.
 * @typedef {{ name: string, macs: number, isFloat?: boolean, step: (sum: number) => number[] }} Loop
 */

/** @type {Record<string, Loop>} */
const LOOPS = {
  dot: {
    name: 'i32x4.dot_i16x8_s, i32x4.add',
    macs: 8,
    step: (sum) => [...get(sum), ...get(A), ...i32x4_dot_i16x8_s, ...get(B), ...i32x4_add, ...set(sum)],
  },
  relaxedDot: {
    name: 'i32x4.relaxed_dot_i8x16_i7x16_add_s',
    macs: 16,
    step: (sum) => [...get(A), ...get(B), ...get(sum), ...i32x4_relaxed_dot_i8x16_i7x16_add_s, ...set(sum)],
  },
  mulAdd: {
    name: 'f32x4.mul, f32x4.add',
    macs: 4,
    isFloat: true,
    step: (sum) => [...get(sum), ...get(A), ...f32x4_mul, ...get(B), ...f32x4_add, ...set(sum)],
  },
  relaxedMadd: {
    name: 'f32x4.relaxed_madd',
    macs: 4,
    isFloat: true,
    step: (sum) => [...get(sum), ...get(A), ...get(B), ...f32x4_relaxed_madd, ...set(sum)],
  },
};

/**
 * (module (func (export "run") (param $count i32) (param $value i32) (result i32)
 *   (local $sum0 ... $sum11 $a $b v128)
 *   every local = splat($value + its number), as floats if the loop has floats
 *   loop: the step of every sum, four times; br_if while (--$count)
 *   lane 0 of all sums together))
 * @param {Loop} loop
 */
function moduleOf({ isFloat, step }) {
  const locals = Array.from({ length: SUMS + 2 }, (_, i) => FIRST_SUM + i);
  const sums = locals.slice(0, SUMS);
  const begin = locals.flatMap((local) => [
    ...[...get(VALUE), 0x41, local, 0x6a, ...i32x4_splat], // i32.const, i32.add
    ...(isFloat ? f32x4_convert_i32x4_s : []),
    ...set(local),
  ]);
  const body = Array.from({ length: UNROLLED }, () => sums.flatMap(step)).flat();
  const again = [...get(COUNT), 0x41, 1, 0x6b, 0x22, COUNT, 0x0d, 0]; // i32.const 1, i32.sub, local.tee, br_if 0
  const total = [...get(sums[0]), ...sums.slice(1).flatMap((sum) => [...get(sum), ...i32x4_add])];
  const code = [...begin, 0x03, 0x40, ...body, ...again, 0x0b, ...total, ...i32x4_extract_lane_0, 0x0b];
  const func = [1, ...leb(locals.length), 0x7b, ...code];
  const section = (/** @type {number} */ id, /** @type {number[]} */ bytes) => [id, ...leb(bytes.length), ...bytes];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...[...'run'].map((letter) => letter.charCodeAt(0)), 0, 0]),
    ...section(10, [1, ...leb(func.length), ...func]),
  ]);
}

/**
 * Billions of multiplications a second, the best of some rounds.
 * @param {Loop} loop
 * @param {number} threads
 */
async function peakOf(loop, threads) {
  const { instance } = await WebAssembly.instantiate(moduleOf(loop));
  const run = /** @type {(count: number, value: number) => number} */ (instance.exports.run);
  let count = 1000;
  let best = 0;
  for (let round = 0; round < ROUNDS; ) {
    const begin = performance.now();
    run(count, 1);
    const ms = performance.now() - begin;
    if (ms < MILLISECONDS / 2) {
      count *= 2; // not long enough to be timed; and the engine gets to compile it well
      continue;
    }
    best = Math.max(best, (count * UNROLLED * SUMS * loop.macs) / ms / 1e6);
    round++;
  }
  return { instruction: loop.name, gmacs: best * threads };
}

/**
 * What a build could reach here with its multiplying instructions: so many times what one thread does.
 * @param {string} variant
 * @param {number} threads
 */
export async function peaks(variant, threads) {
  const hasDot = variant.startsWith('relaxed_');
  return {
    int8: await peakOf(hasDot ? LOOPS.relaxedDot : LOOPS.dot, threads),
    float32: await peakOf(variant !== 'simd128' ? LOOPS.relaxedMadd : LOOPS.mulAdd, threads),
  };
}

/** @typedef {Awaited<ReturnType<typeof peaks>>} Peaks */

/** @typedef {Awaited<ReturnType<import('../js/index.js').Model['profile']>>['steps'][number]} Step */

/**
 * A step beside what the machine could do: billions of multiplications, and of bytes read and written, a second.
 * @param {Step} step
 * @param {Peaks} peak
 */
export function rate({ macs, ms, q8, inputs, outputs }, peak) {
  const bytes = [...inputs, ...outputs].reduce((sum, tensor) => sum + tensor.bytes, 0);
  const perSecond = (/** @type {number} */ amount) => (ms > 0 ? amount / ms / 1e6 : 0);
  const gmacs = perSecond(macs);
  return { bytes, gmacs, gigabytes: perSecond(bytes), ofPeak: gmacs / (q8 ? peak.int8 : peak.float32).gmacs };
}
