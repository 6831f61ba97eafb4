// SPDX-License-Identifier: MIT
//
// What the transform of a tile's products is: A^T m A, clamped.
#include "kernels/kernels.h"

static const float A[4][6] = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0},
                              {0, 1, -1, 8, -8, 1}}; // transposed

void oct_winograd_out_f32__ref(const float *in, size_t apart, int32_t channels, const oct_clamp_f32 *clamp,
                               float *const pixels[16]) {
  for (int i = 0; i < 16; i++) {
    if (!pixels[i]) continue;
    for (int32_t c = 0; c < channels; c++) {
      float sum = 0;
      for (int j = 0; j < 36; j++) sum += A[i / 4][j / 6] * A[i % 4][j % 6] * in[j * apart + c];
      if (sum < clamp->lo[0]) sum = clamp->lo[0];
      if (sum > clamp->hi[0]) sum = clamp->hi[0];
      pixels[i][c] = sum;
    }
  }
}
