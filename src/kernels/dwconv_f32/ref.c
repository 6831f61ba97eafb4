// SPDX-License-Identifier: MIT
//
// What a row of a float depthwise convolution is.
#include "kernels/kernels.h"

void oct_dwconv_f32__ref(const oct_dwconv_row *row) {
  const oct_clamp_f32 *clamp = row->range;
  const size_t block_floats = (1 + (size_t)row->kh * row->kw) * 4;
  for (int32_t c = 0; c < row->channels; c++) {
    const float *block = (const float *)row->panels + c / 4 * block_floats + c % 4;
    for (int32_t x = 0; x < row->out_width; x++) {
      float sum = *block;
      for (int32_t ky = 0; ky < row->kh; ky++) {
        for (int32_t kx = 0; kx < row->kw; kx++) {
          const int32_t column = row->x0 + x * row->stride + kx * row->dilation;
          if (column < 0 || column >= row->width) continue;
          const float *in = (const float *)((const uint8_t *)row->rows[ky] + column * (ptrdiff_t)row->in_stride);
          sum += in[c] * block[(1 + ky * row->kw + kx) * 4];
        }
      }
      if (sum < clamp->lo[0]) sum = clamp->lo[0];
      if (sum > clamp->hi[0]) sum = clamp->hi[0];
      ((float *)((uint8_t *)row->out + x * row->out_stride))[c] = sum;
    }
  }
}
