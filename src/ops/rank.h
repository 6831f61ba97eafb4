// SPDX-License-Identifier: MIT
//
// Scores in order, for operators that pick boxes.
#ifndef OCT_OPS_RANK_H
#define OCT_OPS_RANK_H

#include <stdint.h>

/// Sorts `order`, `count` indices into `values`, from the largest to the smallest, the first of equals first. No value is
/// NaN.
void oct_rank(const float *values, int32_t *order, int32_t count);

#endif
