// SPDX-License-Identifier: MIT
//
// Quantizing 16 floats at a time.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

void oct_quantize_f32__simd128(const float *in, size_t count, const oct_quantize_params *params, oct_act *out) {
  const oct_quantizer k = oct_quantizer_of(params);
  for (size_t i = 0; i < count; i += 16)
    oct_store_up_to_16(out + i, oct_quantize_16(oct_load_floats(in + i), &k), count - i);
}
