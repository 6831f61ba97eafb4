// SPDX-License-Identifier: MIT
//
// Adding quantized bytes, 16 at a time. The 22-bit factors are split into 15 low bits and the rest, so that the 16-bit
// dot product forms a * a_factor + b * b_factor, exactly, where a 32-bit multiplication would cost twice as much.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

typedef struct constants {
  v128_t low, high; // of both factors: words a, b, a, b, ...
  v128_t bias, zero_point, lo, hi;
  uint32_t shift;
} constants;

OCT_INLINE v128_t sum_4(v128_t pairs, const constants *k) {
  const v128_t low = wasm_i32x4_add(wasm_i32x4_dot_i16x8(pairs, k->low), k->bias);
  const v128_t high = wasm_i32x4_shl(wasm_i32x4_dot_i16x8(pairs, k->high), 15);
  return wasm_i32x4_shr(wasm_i32x4_add(low, high), k->shift);
}

/// 8 words of each input to 8 words of output.
OCT_INLINE v128_t sum_8(v128_t a, v128_t b, const constants *k) {
  const v128_t low = wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const v128_t high = wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  return wasm_i16x8_add_sat(wasm_i16x8_narrow_i32x4(sum_4(low, k), sum_4(high, k)), k->zero_point);
}

OCT_INLINE v128_t sum_16(v128_t a, v128_t b, const constants *k) {
  const v128_t low = sum_8(oct_widen_low(a), oct_widen_low(b), k);
  const v128_t high = sum_8(oct_widen_high(a), oct_widen_high(b), k);
#if OCT_ACT_SIGNED
  return oct_clamp_bytes(wasm_i8x16_narrow_i16x8(low, high), k->lo, k->hi);
#else
  return oct_clamp_bytes(wasm_u8x16_narrow_i16x8(low, high), k->lo, k->hi);
#endif
}

/// Two words, a in the lower one.
OCT_INLINE v128_t splat_pair(int32_t a, int32_t b) {
  return wasm_i32x4_splat((int32_t)((uint32_t)(a & 0xffff) | (uint32_t)b << 16));
}

void oct_add_qs8__simd128(const oct_act *a, const oct_act *b, int b_step, size_t count,
                          const oct_add_qs8_params *params, oct_act *out) {
  const constants k = {
      .low = splat_pair(params->a_factor & 0x7fff, params->b_factor & 0x7fff),
      .high = splat_pair(params->a_factor >> 15, params->b_factor >> 15),
      .bias = wasm_i32x4_splat(params->bias),
      .zero_point = wasm_i16x8_splat((int16_t)params->zero_point),
      .lo = wasm_i8x16_splat((int8_t)params->lo),
      .hi = wasm_i8x16_splat((int8_t)params->hi),
      .shift = (uint32_t)params->shift,
  };
  const v128_t still = wasm_v128_load8_splat(b);
  const size_t step = b_step ? 16 : 0;
  for (; count >= 16; count -= 16, a += 16, b += step, out += 16)
    wasm_v128_store(out, sum_16(oct_load(a), step ? oct_load(b) : still, &k));
  if (count) oct_store_part(out, sum_16(oct_load(a), step ? oct_load(b) : still, &k), count);
}
