// SPDX-License-Identifier: MIT
//
// What PRelu of quantized bytes is.
#include "kernels/kernels.h"

void oct_prelu_q8__ref(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                       const oct_prelu_q8_params *params, oct_act *out) {
  for (size_t p = 0; p < pixels; p++, in += channels, out += channels)
    for (size_t c = 0; c < channels; c++) {
      float x = params->in.scale * (float)(in[c] - params->in.zero_point);
      float y = x < 0.0f ? x * slope[c] : x;
      oct_quantize_f32__ref(&y, 1, &params->out, &out[c]);
    }
}
