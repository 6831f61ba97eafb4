// SPDX-License-Identifier: MIT
//
// Packs integer depthwise weights into blocks of channels; the sister of gemm_qs8/pack.c. A dot product's lane adds
// kernel rows of one column and one channel: 4 rows of bytes, or 2 of 16-bit words.
#include <string.h>

#include "kernels/kernels.h"

/// The shape of a block: channels, kernel rows a lane, bytes of a value.
typedef struct block_layout {
  int32_t channels, rows, bytes, groups, kw;
} block_layout;

static block_layout layout_of(const oct_weights *weights, int32_t kh, oct_machine machine) {
  const bool words = machine == OCT_MACHINE_simd128;
  block_layout layout = {.channels = words ? 8 : 16, .rows = words ? 2 : 4, .bytes = words ? 2 : 1};
  layout.groups = (kh * weights->parts + layout.rows - 1) / layout.rows;
  layout.kw = weights->taps / kh;
  return layout;
}

static size_t block_bytes(const block_layout *layout) {
  return (size_t)layout->channels * (4 + (size_t)layout->groups * layout->kw * 4 + 4);
}

size_t oct_dwconv_qs8_packed_bytes(const oct_weights *weights, int32_t kh, oct_machine machine) {
  const block_layout layout = layout_of(weights, kh, machine);
  return (weights->n + layout.channels - 1) / layout.channels * block_bytes(&layout);
}

size_t oct_dwconv_qs8_scratch_bytes(const oct_dwconv_row *row, oct_machine machine) {
  const size_t columns = (size_t)(row->out_width - 1) * row->stride + (size_t)(row->kw - 1) * row->dilation + 1;
  const size_t groups = machine == OCT_MACHINE_simd128 ? (row->kh + 1) / 2 : (row->kh + 3) / 4;
  if (machine == OCT_MACHINE_ref) return 0;
  // relaxed computes outputs in pairs, also the one past an odd row's end: it reads that one's columns.
  return machine == OCT_MACHINE_simd128 ? groups * columns * 32 : (groups * columns + row->stride) * 64;
}

void oct_dwconv_qs8_pack(const oct_weights *weights, int32_t kh, oct_machine machine, void *panels) {
  const block_layout layout = layout_of(weights, kh, machine);
  const int8_t *data = weights->data;
  const int32_t *biases = weights->bias;
  memset(panels, 0, oct_dwconv_qs8_packed_bytes(weights, kh, machine));
  for (int32_t c = 0; c < weights->n; c++) {
    const int32_t lane = c % layout.channels, zero = weights->zero_point ? weights->zero_point[c] : 0;
    uint8_t *block = (uint8_t *)panels + c / layout.channels * block_bytes(&layout);
    uint8_t *values = block + 4 * layout.channels;
    uint32_t sum = 0;
    for (int32_t row = 0; row < kh * weights->parts; row++) {
      for (int32_t kx = 0; kx < layout.kw; kx++) {
        const int32_t weight = data[weights->tap_offset[row % kh * layout.kw + kx] + c * weights->n_stride] - zero;
        const int32_t first = weight < -128 ? -128 : weight > 127 ? 127 : weight;
        const int32_t value = weights->parts == 1 ? weight : row < kh ? first : weight - first;
        const int32_t column = (row / layout.rows * layout.kw + kx) * layout.channels + lane;
        const int32_t at = column * layout.rows + row % layout.rows;
        if (layout.bytes == 2) ((int16_t *)values)[at] = (int16_t)value;
        else ((int8_t *)values)[at] = (int8_t)value;
        sum += (uint32_t)value;
      }
    }
    const uint32_t bias = biases ? (uint32_t)biases[c] : 0;
    ((int32_t *)block)[lane] = (int32_t)(bias - (uint32_t)weights->x_zero_point * sum);
    ((float *)(block + block_bytes(&layout) - 4 * layout.channels))[lane] = weights->scale[c];
  }
}
