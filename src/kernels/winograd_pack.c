// SPDX-License-Identifier: MIT
//
// Packs weights for Winograd convolution: G w G^T, as 36 sets of gemm_f32 panels. Columns go eight at a time, so that
// the compiler makes vectors of them.
#include <string.h>

#include "kernels/winograd.h"

enum { COLUMNS = OCT_GEMM_COLUMNS };

/// G w of three rows of columns.
static void transform(const float w[3][COLUMNS], float to[6][COLUMNS]) {
  for (int i = 0; i < COLUMNS; i++) {
    const float even = w[0][i] + w[2][i], odd = w[1][i], wide = w[0][i] + 4 * w[2][i];
    to[0][i] = w[0][i] * (1.0f / 4);
    to[1][i] = (even + odd) * (-1.0f / 6);
    to[2][i] = (even - odd) * (-1.0f / 6);
    to[3][i] = (wide + 2 * odd) * (1.0f / 24);
    to[4][i] = (wide - 2 * odd) * (1.0f / 24);
    to[5][i] = w[2][i];
  }
}

void oct_winograd_pack(const oct_weights *weights, void *panels) {
  const float *bias = weights->bias;
  const size_t panel_floats = COLUMNS * (1 + (size_t)weights->k);
  const size_t element_floats = ((size_t)weights->n + COLUMNS - 1) / COLUMNS * panel_floats;
  float *panel = panels;
  memset(panels, 0, 36 * element_floats * sizeof(float));
  for (int32_t n = 0; n < weights->n; n += COLUMNS, panel += panel_floats) {
    const int32_t columns = weights->n - n < COLUMNS ? weights->n - n : COLUMNS;
    if (bias) memcpy(panel + 7 * element_floats, bias + n, (size_t)columns * sizeof(float)); // element (1, 1)
    for (int32_t k = 0; k < weights->k; k++) {
      float w[3][3][COLUMNS] = {0}, half[3][6][COLUMNS], done[6][COLUMNS]; // w by column
      for (int32_t i = 0; i < 9 * columns; i++) {
        const int32_t tap = i / columns;
        w[tap % 3][tap / 3][i % columns] = oct_weights_f32(weights, tap, k, n + i % columns);
      }
      for (int x = 0; x < 3; x++) transform(w[x], half[x]);
      for (int y = 0; y < 6; y++) {
        float row[3][COLUMNS];
        for (int x = 0; x < 3; x++) memcpy(row[x], half[x][y], sizeof row[x]);
        transform(row, done);
        for (int x = 0; x < 6; x++)
          memcpy(panel + (6 * y + x) * element_floats + (1 + k) * COLUMNS, done[x], sizeof done[x]);
      }
    }
  }
  oct_drop_decayed(panels, 36 * element_floats);
}
