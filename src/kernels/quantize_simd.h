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
  v128_t factor, divisor, lo, hi, zero_point; // lo and hi in steps from the zero point
} oct_quantizer;

OCT_INLINE oct_quantizer oct_quantizer_of(const oct_quantize_params *params) {
  return (oct_quantizer){wasm_f32x4_splat(params->factor), wasm_f32x4_splat(params->divisor),
                         wasm_f32x4_splat((float)(params->lo - params->zero_point)),
                         wasm_f32x4_splat((float)(params->hi - params->zero_point)),
                         wasm_i32x4_splat(params->zero_point)};
}

/// Out-of-range values are clamped as floats, which also settles what is not a number. The bounds are whole steps, so
/// that rounding may come after.
OCT_INLINE v128_t oct_quantize_4(v128_t real, const oct_quantizer *k) {
  const v128_t q = wasm_f32x4_div(wasm_f32x4_mul(real, k->factor), k->divisor);
  const v128_t clamped = wasm_f32x4_pmin(k->hi, wasm_f32x4_pmax(k->lo, q));
  return wasm_i32x4_add(oct_float_to_int(clamped), k->zero_point);
}

OCT_INLINE v128_t oct_quantize_16(oct_floats real, const oct_quantizer *k) {
  return oct_narrow_bytes(oct_quantize_4(real.at[0], k), oct_quantize_4(real.at[1], k), oct_quantize_4(real.at[2], k),
                          oct_quantize_4(real.at[3], k));
}

OCT_INLINE oct_floats oct_load_floats(const float *from) {
  return (oct_floats){{wasm_v128_load(from), wasm_v128_load(from + 4), wasm_v128_load(from + 8),
                       wasm_v128_load(from + 12)}};
}

#endif
