// SPDX-License-Identifier: MIT
//
// Heap sort, since it has nothing to allocate.
#include "ops/rank.h"

#include <stdbool.h>

/// Whether entry i of `values` comes after entry j: the smaller one does, of equals the later.
static bool comes_after(const float *values, int32_t i, int32_t j) {
  return values[i] < values[j] || (values[i] == values[j] && i > j);
}

static void sift(const float *values, int32_t *order, int32_t at, int32_t count) {
  for (int32_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && comes_after(values, order[child + 1], order[child])) child++;
    if (!comes_after(values, order[child], order[at])) return;
    int32_t swap = order[at];
    order[at] = order[child], order[child] = swap;
  }
}

void oct_rank(const float *values, int32_t *order, int32_t count) {
  for (int32_t at = count / 2; at-- > 0;) sift(values, order, at, count);
  for (int32_t end = count; end-- > 1;) {
    int32_t swap = order[0];
    order[0] = order[end], order[end] = swap;
    sift(values, order, 0, end);
  }
}
