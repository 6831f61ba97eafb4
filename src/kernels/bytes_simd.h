// SPDX-License-Identifier: MIT
//
// What the SIMD kernels over bytes share: 16 bytes to and from four vectors of 32 bits.
#ifndef OCT_KERNELS_BYTES_SIMD_H
#define OCT_KERNELS_BYTES_SIMD_H

#include "kernels/simd.h"

OCT_INLINE v128_t oct_clamp_bytes(v128_t bytes, v128_t lo, v128_t hi) {
#if OCT_ACT_SIGNED
  return wasm_i8x16_min(wasm_i8x16_max(bytes, lo), hi);
#else
  return wasm_u8x16_min(wasm_u8x16_max(bytes, lo), hi);
#endif
}

/// Four vectors of integers to 16 bytes, saturated.
OCT_INLINE v128_t oct_narrow_bytes(v128_t a, v128_t b, v128_t c, v128_t d) {
  const v128_t low = wasm_i16x8_narrow_i32x4(a, b), high = wasm_i16x8_narrow_i32x4(c, d);
#if OCT_ACT_SIGNED
  return wasm_i8x16_narrow_i16x8(low, high);
#else
  return wasm_u8x16_narrow_i16x8(low, high);
#endif
}

/// Words 0..3 and 4..7 as 32-bit integers; bytes widened to words are never negative in an unsigned build.
OCT_INLINE v128_t oct_words_low(v128_t words) { return wasm_i32x4_extend_low_i16x8(words); }
OCT_INLINE v128_t oct_words_high(v128_t words) { return wasm_i32x4_extend_high_i16x8(words); }

/// Integers that stand in floats (|value| < 2^22), rounded half to even where they are none.
OCT_INLINE v128_t oct_float_to_int(v128_t value) {
  const v128_t magic = wasm_f32x4_const_splat(OCT_REQUANT_MAGIC);
  return wasm_i32x4_sub(wasm_f32x4_add(value, magic), wasm_i32x4_const_splat(0x4B400000));
}

/// Stores the first `count` (1..15) bytes.
static inline void oct_store_part(void *to, v128_t bytes, size_t count) {
  uint8_t *out = to;
  if (count & 8) {
    wasm_v128_store64_lane(out, bytes, 0);
    bytes = wasm_i64x2_shuffle(bytes, bytes, 1, 1);
    out += 8;
  }
  oct_store_bytes(out, bytes, (int32_t)(count & 7));
}

/// Stores all bytes, or the first `count` where those are fewer (not 0).
OCT_INLINE void oct_store_up_to_16(void *to, v128_t bytes, size_t count) {
  if (count >= 16) wasm_v128_store(to, bytes);
  else oct_store_part(to, bytes, count);
}

#endif
