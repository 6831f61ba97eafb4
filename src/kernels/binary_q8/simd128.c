// SPDX-License-Identifier: MIT
//
// Sums and products of quantized bytes by way of floats, 16 at a time.
#include "kernels/kernels.h"
#include "kernels/quantize_simd.h"

typedef struct constants {
  oct_dequantizer a, b;
  oct_quantizer out;
} constants;

/// `multiplies` and `in_steps` are constants: compiled once for each.
OCT_INLINE v128_t combine(v128_t a, v128_t b, const constants *k, bool multiplies, bool in_steps) {
  oct_floats x = oct_dequantize_16(a, &k->a);
  const oct_floats y = oct_dequantize_16(b, &k->b);
  OCT_UNROLL
  for (int i = 0; i < 4; i++)
    x.at[i] = multiplies ? wasm_f32x4_mul(x.at[i], y.at[i]) : wasm_f32x4_add(x.at[i], y.at[i]);
  return in_steps ? oct_quantize_steps_16(x, &k->out) : oct_quantize_16(x, &k->out);
}

OCT_INLINE void run(const oct_act *a, const oct_act *b, int b_step, size_t count, const oct_binary_q8_params *params,
                    oct_act *out, bool multiplies, bool in_steps) {
  const constants k = {oct_dequantizer_of(&params->a), oct_dequantizer_of(&params->b), oct_quantizer_of(&params->out)};
  const v128_t still = wasm_v128_load8_splat(b);
  for (size_t i = 0; i < count; i += 16) {
    const v128_t beside = b_step ? oct_load(b + i) : still;
    oct_store_up_to_16(out + i, combine(oct_load(a + i), beside, &k, multiplies, in_steps), count - i);
  }
}

void oct_binary_q8__simd128(const oct_act *a, const oct_act *b, int b_step, size_t count,
                            const oct_binary_q8_params *params, oct_act *out) {
  if (params->multiplies) run(a, b, b_step, count, params, out, true, false);
  else if (params->out.in_steps) run(a, b, b_step, count, params, out, false, true);
  else run(a, b, b_step, count, params, out, false, false);
}
