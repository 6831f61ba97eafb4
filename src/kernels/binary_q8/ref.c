// SPDX-License-Identifier: MIT
//
// What a sum or a product of quantized bytes by way of floats is.
#include "kernels/kernels.h"

void oct_binary_q8__ref(const oct_act *a, const oct_act *b, int b_step, size_t count,
                        const oct_binary_q8_params *params, oct_act *out) {
  for (size_t i = 0; i < count; i++) {
    float x = params->a.scale * (float)(a[i] - params->a.zero_point);
    float y = params->b.scale * (float)(b[b_step ? i : 0] - params->b.zero_point);
    float real = params->multiplies ? x * y : x + y;
    oct_quantize_f32__ref(&real, 1, &params->out, &out[i]);
  }
}
