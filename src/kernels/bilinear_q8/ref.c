// SPDX-License-Identifier: MIT
//
// Blending four pixels of bytes in fixed point: 11 bits an axis, 22 in all.
#include "kernels/kernels.h"

void oct_bilinear_q8__ref(const oct_corners *at, size_t channels, int32_t h, int32_t v, oct_act *restrict out) {
  const oct_act *a = at->top_left, *b = at->top_right, *c = at->bottom_left, *d = at->bottom_right;
  for (size_t i = 0; i < channels; i++) {
    int32_t top = a[i] * 2048 + (b[i] - a[i]) * h, bottom = c[i] * 2048 + (d[i] - c[i]) * h;
    out[i] = (oct_act)((top * 2048 + (bottom - top) * v + (1 << 21)) >> 22);
  }
}
