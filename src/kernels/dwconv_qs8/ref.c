// SPDX-License-Identifier: MIT
//
// What a row of an integer depthwise convolution is. Sums wrap like the machine's.
#include "kernels/kernels.h"

/// The sum of channel `lane` of a block, of the output in row y whose first tap is column x0.
static int32_t sum_taps(const oct_dwconv_row *row, int32_t y, const int32_t *bias, int32_t c, int32_t lane, int32_t x0) {
  const int32_t groups = bias[16], *slots = bias + 20;
  const int8_t *w = (const int8_t *)(slots + 4 * groups) + 4 * lane;
  uint32_t sum = (uint32_t)bias[lane];
  for (int32_t slot = 0; slot < 4 * groups; slot++) {
    const oct_act *in = row->rows[y + slots[slot]];
    for (int32_t kx = 0; kx < row->kw; kx++) {
      const int32_t column = x0 + kx * row->dilation;
      const bool inside = column >= 0 && column < row->width;
      const int32_t value = inside ? in[column * row->in_stride + c + lane] : row->zero_point;
      sum += (uint32_t)(value * w[(slot / 4 * row->kw + kx) * 64 + slot % 4]);
    }
  }
  return (int32_t)sum;
}

void oct_dwconv_qs8__ref(const oct_dwconv_row *row) {
  const int32_t *block = row->panels;
  for (int32_t c = 0; c < row->channels; c += 16) {
    const float *scale = (const float *)(block + 20 + 4 * block[16] + 16 * block[16] * row->kw);
    for (int32_t lane = 0; lane < 16 && c + lane < row->channels; lane++) {
      for (int32_t i = 0; i < row->height * row->out_width; i++) {
        const int32_t y = i / row->out_width, x = i % row->out_width;
        oct_act *pixel = (oct_act *)row->out + y * row->out_row + x * row->out_stride;
        const int32_t sum = sum_taps(row, y, block, c, lane, row->x0 + x * row->stride);
        pixel[c + lane] = oct_requantize(sum, scale[lane], row->range);
      }
    }
    block = (const int32_t *)(scale + 16);
  }
}
