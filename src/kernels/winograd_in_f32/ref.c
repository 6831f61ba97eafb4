// SPDX-License-Identifier: MIT
//
// What the transform of a tile's input is: B^T d B.
#include "kernels/kernels.h"

static const float B[6][6] = {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                              {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}}; // transposed

void oct_winograd_in_f32__ref(const float *const pixels[36], int32_t channels, float *out, size_t apart) {
  for (int32_t c = 0; c < channels; c++) {
    for (int i = 0; i < 36; i++) {
      float sum = 0;
      for (int j = 0; j < 36; j++) sum += B[i / 6][j / 6] * B[i % 6][j % 6] * pixels[j][c];
      out[i * apart + c] = sum;
    }
  }
}
