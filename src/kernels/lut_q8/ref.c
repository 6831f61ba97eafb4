// SPDX-License-Identifier: MIT
//
// What looking up bytes is.
#include "kernels/kernels.h"

void oct_lut_q8__ref(const oct_act *in, size_t count, const oct_act table[256], oct_act *out) {
  for (size_t i = 0; i < count; i++) out[i] = table[(uint8_t)in[i]];
}
