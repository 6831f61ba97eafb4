// SPDX-License-Identifier: MIT
//
// Softmax of a row of floats, in lanes that the compiler makes vectors of.
#include "kernels/exp.h"
#include "kernels/kernels.h"

enum { LANES = 16 };

static float largest_of(const float *x, size_t count) {
  float lane[LANES], largest = -INFINITY;
  for (int i = 0; i < LANES; i++) lane[i] = -INFINITY;
  size_t at = 0;
  for (; at + LANES <= count; at += LANES)
    for (int i = 0; i < LANES; i++) lane[i] = x[at + i] > lane[i] ? x[at + i] : lane[i];
  for (; at < count; at++) lane[at % LANES] = x[at] > lane[at % LANES] ? x[at] : lane[at % LANES];
  for (int i = 0; i < LANES; i++) largest = lane[i] > largest ? lane[i] : largest;
  return largest;
}

void oct_softmax_f32__ref(const float *x, size_t count, float beta, float *out) {
  const float largest = largest_of(x, count);
  float lane[LANES] = {0}, sum = 0;
  size_t at = 0;
  for (; at + LANES <= count; at += LANES) {
    float e[LANES];
    for (int i = 0; i < LANES; i++) e[i] = oct_exp((x[at + i] - largest) * beta);
    for (int i = 0; i < LANES; i++) lane[i] += e[i];
    for (int i = 0; i < LANES; i++) out[at + i] = e[i];
  }
  for (; at < count; at++) lane[at % LANES] += out[at] = oct_exp((x[at] - largest) * beta);
  for (int i = 0; i < LANES; i++) sum += lane[i];
  const float factor = 1.0f / sum;
  for (size_t i = 0; i < count; i++) out[i] *= factor;
}
