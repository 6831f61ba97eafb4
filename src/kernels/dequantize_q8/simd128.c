// SPDX-License-Identifier: MIT
//
// Dequantizing 16 bytes at a time, the rest one by one.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

void oct_dequantize_q8__simd128(const oct_act *in, size_t count, const oct_dequantize_params *params, float *out) {
  const v128_t scale = wasm_f32x4_splat(params->scale), zero_point = wasm_i16x8_splat((int16_t)params->zero_point);
  for (; count >= 16; count -= 16, in += 16, out += 16) {
    const v128_t bytes = oct_load(in);
    const v128_t low = wasm_i16x8_sub(oct_widen_low(bytes), zero_point);
    const v128_t high = wasm_i16x8_sub(oct_widen_high(bytes), zero_point);
    wasm_v128_store(out, wasm_f32x4_mul(scale, wasm_f32x4_convert_i32x4(oct_words_low(low))));
    wasm_v128_store(out + 4, wasm_f32x4_mul(scale, wasm_f32x4_convert_i32x4(oct_words_high(low))));
    wasm_v128_store(out + 8, wasm_f32x4_mul(scale, wasm_f32x4_convert_i32x4(oct_words_low(high))));
    wasm_v128_store(out + 12, wasm_f32x4_mul(scale, wasm_f32x4_convert_i32x4(oct_words_high(high))));
  }
  for (size_t i = 0; i < count; i++) out[i] = params->scale * (float)(in[i] - params->zero_point);
}
