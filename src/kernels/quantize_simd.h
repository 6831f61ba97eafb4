// SPDX-License-Identifier: MIT
//
// Dequantizing and quantizing vectors, for the SIMD kernels that compute on floats in between.
#ifndef OCT_KERNELS_QUANTIZE_SIMD_H
#define OCT_KERNELS_QUANTIZE_SIMD_H

#include "kernels/bytes.h"
#include "kernels/bytes_simd.h"

/// Four vectors of floats: 16 elements.
typedef struct oct_floats {
  v128_t at[4];
} oct_floats;

typedef struct oct_dequantizer {
  v128_t scale, zero_point;
} oct_dequantizer;

OCT_INLINE oct_dequantizer oct_dequantizer_of(const oct_dequantize_params *params) {
  return (oct_dequantizer){wasm_f32x4_splat(params->scale), wasm_i16x8_splat((int16_t)params->zero_point)};
}

OCT_INLINE oct_floats oct_dequantize_16(v128_t bytes, const oct_dequantizer *k) {
  const v128_t low = wasm_i16x8_sub(oct_widen_low(bytes), k->zero_point);
  const v128_t high = wasm_i16x8_sub(oct_widen_high(bytes), k->zero_point);
  return (oct_floats){{wasm_f32x4_mul(k->scale, wasm_f32x4_convert_i32x4(oct_words_low(low))),
                       wasm_f32x4_mul(k->scale, wasm_f32x4_convert_i32x4(oct_words_high(low))),
                       wasm_f32x4_mul(k->scale, wasm_f32x4_convert_i32x4(oct_words_low(high))),
                       wasm_f32x4_mul(k->scale, wasm_f32x4_convert_i32x4(oct_words_high(high)))}};
}

typedef struct oct_quantizer {
  v128_t factor, divisor, lo, hi; // lo and hi in steps from the zero point
  v128_t least, most;             // the same as bytes
  v128_t zero_point;              // less the bits of OCT_REQUANT_MAGIC
} oct_quantizer;

OCT_INLINE oct_quantizer oct_quantizer_of(const oct_quantize_params *params) {
  return (oct_quantizer){wasm_f32x4_splat(params->factor), wasm_f32x4_splat(params->divisor),
                         wasm_f32x4_splat((float)(params->lo - params->zero_point)),
                         wasm_f32x4_splat((float)(params->hi - params->zero_point)),
                         wasm_i8x16_splat((int8_t)params->lo), wasm_i8x16_splat((int8_t)params->hi),
                         wasm_i32x4_splat(params->zero_point - 0x4B400000)};
}

/// Steps, fewer than 2^22, to the nearest whole one, halves to even, counted from byte 0.
OCT_INLINE v128_t oct_round_4(v128_t steps, const oct_quantizer *k) {
  return wasm_i32x4_add(wasm_f32x4_add(steps, wasm_f32x4_const_splat(OCT_REQUANT_MAGIC)), k->zero_point);
}

/// Out-of-range values are clamped as floats, which also settles what is not a number. The bounds are whole steps, so
/// that rounding may come after.
OCT_INLINE v128_t oct_quantize_4(v128_t real, const oct_quantizer *k) {
  const v128_t q = wasm_f32x4_div(wasm_f32x4_mul(real, k->factor), k->divisor);
  const v128_t clamped = wasm_f32x4_pmin(k->hi, wasm_f32x4_pmax(k->lo, q));
  return oct_round_4(clamped, k);
}

OCT_INLINE v128_t oct_quantize_16(oct_floats real, const oct_quantizer *k) {
  return oct_narrow_bytes(oct_quantize_4(real.at[0], k), oct_quantize_4(real.at[1], k), oct_quantize_4(real.at[2], k),
                          oct_quantize_4(real.at[3], k));
}

/// The same of numbers that are steps already (in_steps): clamped as bytes.
OCT_INLINE v128_t oct_quantize_steps_16(oct_floats steps, const oct_quantizer *k) {
  const v128_t bytes = oct_narrow_bytes(oct_round_4(steps.at[0], k), oct_round_4(steps.at[1], k),
                                        oct_round_4(steps.at[2], k), oct_round_4(steps.at[3], k));
  return oct_clamp_bytes(bytes, k->least, k->most);
}

OCT_INLINE oct_floats oct_load_floats(const float *from) {
  return (oct_floats){{wasm_v128_load(from), wasm_v128_load(from + 4), wasm_v128_load(from + 8),
                       wasm_v128_load(from + 12)}};
}

#endif
