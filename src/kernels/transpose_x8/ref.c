// SPDX-License-Identifier: MIT
//
// What transposing a matrix of bytes is.
#include "kernels/kernels.h"

void oct_transpose_x8__ref(const uint8_t *in, size_t in_stride, size_t rows, size_t columns, uint8_t *out,
                           size_t out_stride) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) out[i * out_stride + j] = in[j * in_stride + i];
}
