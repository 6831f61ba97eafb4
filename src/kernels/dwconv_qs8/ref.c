// SPDX-License-Identifier: MIT
//
// What a row of an integer depthwise convolution is. Sums wrap like the machine's.
#include "kernels/kernels.h"

void oct_dwconv_qs8__ref(const oct_dwconv_row *row) {
  const int32_t groups = (row->kh + 3) / 4;
  const size_t block_bytes = 2 * 64 + (size_t)groups * row->kw * 64;
  for (int32_t c = 0; c < row->channels; c++) {
    const uint8_t *block = (const uint8_t *)row->panels + c / 16 * block_bytes;
    const int8_t *w = (const int8_t *)block + 64 + c % 16 * 4;
    const int32_t bias = ((const int32_t *)block)[c % 16];
    const float scale = ((const float *)(block + block_bytes - 64))[c % 16];
    for (int32_t x = 0; x < row->out_width; x++) {
      uint32_t sum = (uint32_t)bias;
      for (int32_t ky = 0; ky < row->kh; ky++) {
        for (int32_t kx = 0; kx < row->kw; kx++) {
          const int32_t column = row->x0 + x * row->stride + kx * row->dilation;
          const bool inside = column >= 0 && column < row->width;
          const oct_act *in = row->rows[ky];
          const int32_t value = inside ? in[column * row->in_stride + c] : row->zero_point;
          sum += (uint32_t)(value * w[(ky / 4 * row->kw + kx) * 64 + ky % 4]);
        }
      }
      ((oct_act *)row->out + x * row->out_stride)[c] = oct_requantize((int32_t)sum, scale, row->range);
    }
  }
}
