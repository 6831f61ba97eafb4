// SPDX-License-Identifier: MIT
//
// What multiplying quantized bytes is.
#include "kernels/kernels.h"

void oct_mul_qs8__ref(const oct_act *a, const oct_act *b, int b_step, size_t count, const oct_mul_qs8_params *params,
                      oct_act *out) {
  for (size_t i = 0; i < count; i++) {
    int32_t product = (a[i] - params->a_zero) * (b[b_step ? i : 0] - params->b_zero);
    int32_t y = (int32_t)rintf((float)product * params->scale) + params->zero_point;
    out[i] = (oct_act)(y < params->lo ? params->lo : y > params->hi ? params->hi : y);
  }
}
