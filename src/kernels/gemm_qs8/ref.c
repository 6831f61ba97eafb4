// SPDX-License-Identifier: MIT
//
// What an integer GEMM tile is. Sums wrap like the machine's.
#include "kernels/kernels.h"

void oct_gemm_qs8__ref(const oct_gemm_tile *tile) {
  const int32_t steps = (tile->k + 3) / 4, step_bytes = 4 * OCT_GEMM_COLUMNS, head_bytes = 6 * OCT_GEMM_COLUMNS;
  const size_t panel_bytes = head_bytes + ((size_t)tile->taps * steps + 1) * step_bytes;
  for (int32_t n = 0; n < tile->n; n++) {
    const uint8_t *panel = (const uint8_t *)tile->panels + n / OCT_GEMM_COLUMNS * panel_bytes;
    const int32_t column = n % OCT_GEMM_COLUMNS, shift = ((const int16_t *)panel)[2 * OCT_GEMM_COLUMNS + column];
    const int32_t *bias = (const int32_t *)panel;
    const float *scale = (const float *)(panel + panel_bytes - step_bytes);
    for (int32_t m = 0; m < tile->m; m++) {
      const int8_t *w = (const int8_t *)panel + head_bytes + 4 * column;
      uint32_t sum = (uint32_t)bias[column];
      for (int32_t tap = 0; tap < tile->taps; tap++, w += steps * step_bytes) {
        const oct_act *x = tile->rows[tap * tile->m + m];
        for (int32_t k = 0; k < tile->k; k++) sum += (uint32_t)(x[k] * (w[k / 4 * step_bytes + k % 4] + shift));
      }
      void *out = (uint8_t *)tile->out + m * tile->out_stride;
      if (tile->range) ((oct_act *)out)[n] = oct_requantize((int32_t)sum, scale[column], tile->range);
      else ((int32_t *)out)[n] = (int32_t)sum;
    }
  }
}
