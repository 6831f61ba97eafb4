// SPDX-License-Identifier: MIT
//
// The larger of two bytes, byte by byte.
#include "kernels/kernels.h"

void oct_max_q8__ref(const oct_act *a, size_t count, oct_act *out) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] > out[i] ? a[i] : out[i];
}
