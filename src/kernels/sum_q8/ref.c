// SPDX-License-Identifier: MIT
//
// Bytes added to sums, one by one: what averages are made of. Compilers make vectors of it.
#include "kernels/kernels.h"

void oct_sum_q8__ref(const oct_act *in, size_t count, int32_t *sums) {
  for (size_t i = 0; i < count; i++) sums[i] += in[i];
}
