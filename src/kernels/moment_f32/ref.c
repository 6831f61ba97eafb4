// SPDX-License-Identifier: MIT
//
// Sums of floats, in lanes that the compiler makes vectors of. A lane takes some terms before it goes into a double: so
// a sum of a million terms is as good as one of a few hundred.
#include "kernels/kernels.h"

enum { LANES = 16, PIECE = 32 * LANES };

#define SUM(term)                                                                                                      \
  for (; at + LANES <= count; at += LANES)                                                                             \
    for (int i = 0; i < LANES; i++) {                                                                                  \
      const float difference = x[at + i] - less;                                                                       \
      lane[i] += term;                                                                                                 \
    }                                                                                                                  \
  for (; at < count; at++) {                                                                                           \
    const float difference = x[at] - less;                                                                             \
    lane[at % LANES] += term;                                                                                          \
  }

static double sum_piece(const float *x, size_t count, float less, int power) {
  float lane[LANES] = {0};
  double sum = 0;
  size_t at = 0;
  if (power == 1) {
    SUM(difference)
  } else {
    SUM(difference * difference)
  }
  for (int i = 0; i < LANES; i++) sum += (double)lane[i];
  return sum;
}

double oct_moment_f32__ref(const float *x, size_t count, float less, int power) {
  double sum = 0;
  for (size_t at = 0; at < count; at += PIECE)
    sum += sum_piece(x + at, count - at < PIECE ? count - at : PIECE, less, power);
  return sum;
}
