// SPDX-License-Identifier: MIT
//
// The last pass of a normalization: a loop for each way that scale and bias may go along.
#include "kernels/kernels.h"

#pragma clang diagnostic ignored "-Wpass-failed" // where tests are built without vectors

void oct_normalize_f32__ref(const float *x, size_t count, float mean, float factor, const float *scale,
                            const float *bias, int step, float *out) {
  if (step) {
    OCT_VECTORIZE
    for (size_t i = 0; i < count; i++) out[i] = (x[i] - mean) * factor * scale[i] + bias[i];
  } else {
    const float one_scale = *scale, one_bias = *bias;
    OCT_VECTORIZE
    for (size_t i = 0; i < count; i++) out[i] = (x[i] - mean) * factor * one_scale + one_bias;
  }
}
