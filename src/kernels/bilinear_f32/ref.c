// SPDX-License-Identifier: MIT
//
// Blending four pixels of floats.
#include "kernels/kernels.h"

void oct_bilinear_f32__ref(const oct_corners *at, size_t channels, const float weights[4], float *restrict out) {
  const float *a = at->top_left, *b = at->top_right, *c = at->bottom_left, *d = at->bottom_right;
  const float wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
  for (size_t i = 0; i < channels; i++) out[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
}
