// SPDX-License-Identifier: MIT
//
// What adding quantized bytes in fixed point is.
#include "kernels/kernels.h"

void oct_add_qs8__ref(const oct_act *a, const oct_act *b, int b_step, size_t count, const oct_add_qs8_params *params,
                      oct_act *out) {
  for (size_t i = 0; i < count; i++) {
    int32_t sum = params->bias + a[i] * params->a_factor + b[b_step ? i : 0] * params->b_factor;
    int32_t y = (sum >> params->shift) + params->zero_point;
    out[i] = (oct_act)(y < params->lo ? params->lo : y > params->hi ? params->hi : y);
  }
}
