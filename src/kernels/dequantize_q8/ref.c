// SPDX-License-Identifier: MIT
//
// What dequantizing is.
#include "kernels/kernels.h"

void oct_dequantize_q8__ref(const oct_act *in, size_t count, const oct_dequantize_params *params, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = params->scale * (float)(in[i] - params->zero_point);
}
