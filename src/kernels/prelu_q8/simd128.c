// SPDX-License-Identifier: MIT
//
// PRelu of quantized bytes, 16 channels at a time.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

typedef struct constants {
  oct_dequantizer in;
  oct_quantizer out;
} constants;

OCT_INLINE v128_t prelu_16(v128_t bytes, const float *slope, const constants *k) {
  oct_floats x = oct_dequantize_16(bytes, &k->in);
  const oct_floats by = oct_load_floats(slope);
  OCT_UNROLL
  for (int i = 0; i < 4; i++) {
    const v128_t negative = wasm_f32x4_lt(x.at[i], wasm_f32x4_const_splat(0.0f));
    x.at[i] = wasm_v128_bitselect(wasm_f32x4_mul(x.at[i], by.at[i]), x.at[i], negative);
  }
  return oct_quantize_16(x, &k->out);
}

void oct_prelu_q8__simd128(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                           const oct_prelu_q8_params *params, oct_act *out) {
  const constants k = {oct_dequantizer_of(&params->in), oct_quantizer_of(&params->out)};
  for (size_t p = 0; p < pixels; p++) {
    size_t c = 0;
    for (; c + 16 <= channels; c += 16) wasm_v128_store(out + c, prelu_16(oct_load(in + c), slope + c, &k));
    if (c < channels) oct_store_part(out + c, prelu_16(oct_load(in + c), slope + c, &k), channels - c);
    in += channels, out += channels;
  }
}
