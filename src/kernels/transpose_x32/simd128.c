// SPDX-License-Identifier: MIT
//
// Transposing words in blocks of 4 x 4; what is left at the edges one by one. Columns go in stripes of 16, so that each
// line of the cache that is read is used up.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { STRIPE = 16 };

static void block_4x4(const uint32_t *in, size_t in_stride, uint32_t *out, size_t out_stride) {
  const v128_t a = oct_load(in), b = oct_load(in + in_stride), c = oct_load(in + 2 * in_stride);
  const v128_t d = oct_load(in + 3 * in_stride);
  const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  wasm_v128_store(out, wasm_i64x2_shuffle(ab_low, cd_low, 0, 2));
  wasm_v128_store(out + out_stride, wasm_i64x2_shuffle(ab_low, cd_low, 1, 3));
  wasm_v128_store(out + 2 * out_stride, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
  wasm_v128_store(out + 3 * out_stride, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

void oct_transpose_x32__simd128(const uint32_t *in, size_t in_stride, size_t rows, size_t columns, uint32_t *out,
                                size_t out_stride) {
  const size_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (size_t stripe = 0; stripe < whole_columns; stripe += STRIPE) {
    const size_t end = stripe + STRIPE < whole_columns ? stripe + STRIPE : whole_columns;
    for (size_t i = 0; i < whole_rows; i += 4)
      for (size_t j = stripe; j < end; j += 4)
        block_4x4(in + j * in_stride + i, in_stride, out + i * out_stride + j, out_stride);
  }
  oct_transpose_x32__ref(in + whole_columns * in_stride, in_stride, whole_rows, columns - whole_columns,
                         out + whole_columns, out_stride);
  oct_transpose_x32__ref(in + whole_rows, in_stride, rows - whole_rows, columns, out + whole_rows * out_stride,
                         out_stride);
}
