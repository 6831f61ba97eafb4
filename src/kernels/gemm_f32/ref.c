// SPDX-License-Identifier: MIT
//
// What a float GEMM tile is.
#include "kernels/kernels.h"

void oct_gemm_f32__ref(const oct_gemm_tile *tile) {
  const oct_clamp_f32 *clamp = tile->range;
  const size_t panel_floats = (1 + (size_t)tile->taps * tile->k) * OCT_GEMM_COLUMNS;
  for (int32_t n = 0; n < tile->n; n++) {
    const float *panel = (const float *)tile->panels + n / OCT_GEMM_COLUMNS * panel_floats + n % OCT_GEMM_COLUMNS;
    for (int32_t m = 0; m < tile->m; m++) {
      const float *w = panel + OCT_GEMM_COLUMNS;
      float sum = *panel;
      for (int32_t tap = 0; tap < tile->taps; tap++) {
        const float *x = tile->rows[tap * tile->m + m];
        for (int32_t k = 0; k < tile->k; k++, w += OCT_GEMM_COLUMNS) sum += x[k] * *w;
      }
      if (sum < clamp->lo[0]) sum = clamp->lo[0];
      if (sum > clamp->hi[0]) sum = clamp->hi[0];
      ((float *)((uint8_t *)tile->out + m * tile->out_stride))[n] = sum;
    }
  }
}
