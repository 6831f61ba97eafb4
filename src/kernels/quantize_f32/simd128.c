// SPDX-License-Identifier: MIT
//
// Quantizing 16 floats at a time.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

void oct_quantize_f32__simd128(const float *in, size_t count, const oct_quantize_params *params, oct_act *out) {
  const oct_quantizer k = oct_quantizer_of(params);
  for (; count >= 16; count -= 16, in += 16, out += 16)
    wasm_v128_store(out, oct_quantize_16(oct_load_floats(in), &k));
  if (count) oct_store_part(out, oct_quantize_16(oct_load_floats(in), &k), count);
}
