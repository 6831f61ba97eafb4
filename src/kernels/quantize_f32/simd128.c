// SPDX-License-Identifier: MIT
//
// Quantizing 16 floats at a time. Out-of-range values are clamped as floats, which also settles what is not a number;
// what is left is an integer in a float.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

typedef struct constants {
  v128_t factor, divisor, zero_point, lo, hi;
} constants;

OCT_INLINE v128_t quantize_4(const float *in, const constants *k) {
  v128_t q = wasm_f32x4_div(wasm_f32x4_mul(wasm_v128_load(in), k->factor), k->divisor);
  q = wasm_f32x4_add(wasm_f32x4_nearest(q), k->zero_point);
  return oct_float_to_int(wasm_f32x4_pmin(k->hi, wasm_f32x4_pmax(k->lo, q)));
}

OCT_INLINE v128_t quantize_16(const float *in, const constants *k) {
  return oct_narrow_bytes(quantize_4(in, k), quantize_4(in + 4, k), quantize_4(in + 8, k), quantize_4(in + 12, k));
}

void oct_quantize_f32__simd128(const float *in, size_t count, const oct_quantize_params *params, oct_act *out) {
  const constants k = {wasm_f32x4_splat(params->factor), wasm_f32x4_splat(params->divisor),
                       wasm_f32x4_splat((float)params->zero_point), wasm_f32x4_splat((float)params->lo),
                       wasm_f32x4_splat((float)params->hi)};
  for (; count >= 16; count -= 16, in += 16, out += 16) wasm_v128_store(out, quantize_16(in, &k));
  if (count) oct_store_part(out, quantize_16(in, &k), count);
}
