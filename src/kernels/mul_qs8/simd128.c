// SPDX-License-Identifier: MIT
//
// Multiplying quantized bytes, 16 at a time. Products are clamped as floats, by limits that are integers, so that
// rounding may come after.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

typedef struct constants {
  v128_t a_zero, b_zero, scale, lo, hi, zero_point;
} constants;

OCT_INLINE v128_t scale_4(v128_t products, const constants *k) {
  const v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(products), k->scale);
  const v128_t clamped = wasm_f32x4_pmin(wasm_f32x4_pmax(value, k->lo), k->hi);
  return wasm_i32x4_add(oct_float_to_int(clamped), k->zero_point);
}

OCT_INLINE v128_t product_16(v128_t a, v128_t b, const constants *k) {
  const v128_t a_low = wasm_i16x8_sub(oct_widen_low(a), k->a_zero);
  const v128_t a_high = wasm_i16x8_sub(oct_widen_high(a), k->a_zero);
  const v128_t b_low = wasm_i16x8_sub(oct_widen_low(b), k->b_zero);
  const v128_t b_high = wasm_i16x8_sub(oct_widen_high(b), k->b_zero);
  return oct_narrow_bytes(scale_4(wasm_i32x4_extmul_low_i16x8(a_low, b_low), k),
                          scale_4(wasm_i32x4_extmul_high_i16x8(a_low, b_low), k),
                          scale_4(wasm_i32x4_extmul_low_i16x8(a_high, b_high), k),
                          scale_4(wasm_i32x4_extmul_high_i16x8(a_high, b_high), k));
}

void oct_mul_qs8__simd128(const oct_act *a, const oct_act *b, int b_step, size_t count,
                          const oct_mul_qs8_params *params, oct_act *out) {
  const constants k = {
      .a_zero = wasm_i16x8_splat((int16_t)params->a_zero),
      .b_zero = wasm_i16x8_splat((int16_t)params->b_zero),
      .scale = wasm_f32x4_splat(params->scale),
      .lo = wasm_f32x4_splat((float)(params->lo - params->zero_point)),
      .hi = wasm_f32x4_splat((float)(params->hi - params->zero_point)),
      .zero_point = wasm_i32x4_splat(params->zero_point),
  };
  const v128_t still = wasm_v128_load8_splat(b);
  const size_t step = b_step ? 16 : 0;
  for (; count >= 16; count -= 16, a += 16, b += step, out += 16)
    wasm_v128_store(out, product_16(oct_load(a), step ? oct_load(b) : still, &k));
  if (count) oct_store_part(out, product_16(oct_load(a), step ? oct_load(b) : still, &k), count);
}
