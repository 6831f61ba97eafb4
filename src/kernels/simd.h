// SPDX-License-Identifier: MIT
//
// What SIMD kernels share: unaligned loads, requantization of vectors, stores of partial vectors.
#ifndef OCT_KERNELS_SIMD_H
#define OCT_KERNELS_SIMD_H

#include <wasm_simd128.h>

#include "base/requant.h"

#define OCT_INLINE static inline __attribute__((always_inline))
#define OCT_UNROLL _Pragma("clang loop unroll(full)")

OCT_INLINE v128_t oct_load(const void *from) { return wasm_v128_load(from); }

/// Sums to integers around the zero point, as base/requant.h says; `wide` is a constant where it is inlined.
OCT_INLINE v128_t oct_requantize_4(v128_t acc, v128_t scale, const oct_requant *params, bool wide) {
  v128_t value = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(acc), scale), oct_load(params->magic));
  if (wide) value = wasm_i32x4_max(value, oct_load(params->floor));
  return wasm_i32x4_sub(value, oct_load(params->magic_less_zero));
}

/// 16 words to clamped bytes.
OCT_INLINE v128_t oct_narrow_clamp(v128_t low, v128_t high, const oct_requant *params) {
#if OCT_ACT_SIGNED
  const v128_t bytes = wasm_i8x16_narrow_i16x8(low, high);
  return wasm_i8x16_min(wasm_i8x16_max(bytes, oct_load(params->lo)), oct_load(params->hi));
#else
  const v128_t bytes = wasm_u8x16_narrow_i16x8(low, high);
  return wasm_u8x16_min(wasm_u8x16_max(bytes, oct_load(params->lo)), oct_load(params->hi));
#endif
}

/// Activation bytes 0..7 and 8..15 as words.
OCT_INLINE v128_t oct_widen_low(v128_t bytes) {
#if OCT_ACT_SIGNED
  return wasm_i16x8_extend_low_i8x16(bytes);
#else
  return wasm_u16x8_extend_low_u8x16(bytes);
#endif
}
OCT_INLINE v128_t oct_widen_high(v128_t bytes) {
#if OCT_ACT_SIGNED
  return wasm_i16x8_extend_high_i8x16(bytes);
#else
  return wasm_u16x8_extend_high_u8x16(bytes);
#endif
}

/// Stores the first `count` (1..7) bytes of a vector.
static inline void oct_store_bytes(uint8_t *out, v128_t bytes, int32_t count) {
  if (count & 4) {
    wasm_v128_store32_lane(out, bytes, 0);
    bytes = wasm_u64x2_shr(bytes, 32);
    out += 4;
  }
  if (count & 2) {
    wasm_v128_store16_lane(out, bytes, 0);
    bytes = wasm_u64x2_shr(bytes, 16);
    out += 2;
  }
  if (count & 1) wasm_v128_store8_lane(out, bytes, 0);
}

/// Stores 8 bytes, or the `count` that there are.
OCT_INLINE void oct_store_columns(uint8_t *out, v128_t bytes, int32_t count) {
  if (count >= 8) wasm_v128_store64_lane(out, bytes, 0);
  else oct_store_bytes(out, bytes, count);
}

/// The same for the high half of a vector.
OCT_INLINE void oct_store_high_columns(uint8_t *out, v128_t bytes, int32_t count) {
  if (count >= 8) wasm_v128_store64_lane(out, bytes, 1);
  else oct_store_bytes(out, wasm_i64x2_shuffle(bytes, bytes, 1, 0), count);
}

#endif
