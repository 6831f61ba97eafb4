// SPDX-License-Identifier: MIT
//
// What clamping bytes is.
#include "kernels/kernels.h"

void oct_clamp_q8__ref(const oct_act *in, size_t count, int32_t lo, int32_t hi, oct_act *out) {
  for (size_t i = 0; i < count; i++) out[i] = (oct_act)(in[i] < lo ? lo : in[i] > hi ? hi : in[i]);
}
