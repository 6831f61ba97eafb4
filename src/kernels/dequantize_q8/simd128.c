// SPDX-License-Identifier: MIT
//
// Dequantizing 16 bytes at a time, the rest one by one.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

void oct_dequantize_q8__simd128(const oct_act *in, size_t count, const oct_dequantize_params *params, float *out) {
  const oct_dequantizer k = oct_dequantizer_of(params);
  for (; count >= 16; count -= 16, in += 16, out += 16) {
    const oct_floats real = oct_dequantize_16(oct_load(in), &k);
    for (int i = 0; i < 4; i++) wasm_v128_store(out + 4 * i, real.at[i]);
  }
  for (size_t i = 0; i < count; i++) out[i] = params->scale * (float)(in[i] - params->zero_point);
}
