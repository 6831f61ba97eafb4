// SPDX-License-Identifier: MIT
//
// PRelu of quantized bytes, 16 channels at a time.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

typedef struct constants {
  oct_dequantizer in;
  oct_quantizer out;
} constants;

/// `in_steps` is a constant.
OCT_INLINE v128_t prelu_16(v128_t bytes, const float *slope, const constants *k, bool in_steps) {
  const v128_t zero = wasm_f32x4_const_splat(0.0f);
  oct_floats x = oct_dequantize_16(bytes, &k->in);
  const oct_floats by = oct_load_floats(slope);
  OCT_UNROLL
  for (int i = 0; i < 4; i++) { // one of the sum's terms is zero
    const v128_t negative = wasm_f32x4_mul(wasm_f32x4_pmin(zero, x.at[i]), by.at[i]);
    x.at[i] = wasm_f32x4_add(wasm_f32x4_pmax(zero, x.at[i]), negative);
  }
  return in_steps ? oct_quantize_steps_16(x, &k->out) : oct_quantize_16(x, &k->out);
}

OCT_INLINE void run(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                    const oct_prelu_q8_params *params, oct_act *out, bool in_steps) {
  const constants k = {oct_dequantizer_of(&params->in), oct_quantizer_of(&params->out)};
  for (size_t p = 0; p < pixels; p++, in += channels, out += channels)
    for (size_t c = 0; c < channels; c += 16)
      oct_store_up_to_16(out + c, prelu_16(oct_load(in + c), slope + c, &k, in_steps), channels - c);
}

void oct_prelu_q8__simd128(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                           const oct_prelu_q8_params *params, oct_act *out) {
  if (params->out.in_steps) run(in, pixels, channels, slope, params, out, true);
  else run(in, pixels, channels, slope, params, out, false);
}
