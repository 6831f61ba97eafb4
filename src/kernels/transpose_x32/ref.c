// SPDX-License-Identifier: MIT
//
// What transposing a matrix of words is.
#include "kernels/kernels.h"

void oct_transpose_x32__ref(const uint32_t *in, size_t in_stride, size_t rows, size_t columns, uint32_t *out,
                            size_t out_stride) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) out[i * out_stride + j] = in[j * in_stride + i];
}
