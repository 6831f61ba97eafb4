// SPDX-License-Identifier: MIT
//
// What quantizing is.
#include "kernels/kernels.h"

void oct_quantize_f32__ref(const float *in, size_t count, const oct_quantize_params *params, oct_act *out) {
  const float lo = (float)params->lo, hi = (float)params->hi, zero_point = (float)params->zero_point;
  for (size_t i = 0; i < count; i++) {
    float q = rintf(in[i] * params->factor / params->divisor) + zero_point;
    q = q > lo ? q : lo; // also where q is not a number
    out[i] = (oct_act)(int32_t)(q < hi ? q : hi);
  }
}
