// SPDX-License-Identifier: MIT
//
// How an integer GEMM tile ends in SIMD: sums become bytes, or stay what they are, and are stored.
#ifndef OCT_KERNELS_GEMM_QS8_FINISH_H
#define OCT_KERNELS_GEMM_QS8_FINISH_H

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"

/// Bytes of a panel's columns in the output.
static inline size_t oct_gemm_step(const oct_gemm_tile *tile) {
  return OCT_GEMM_COLUMNS * (tile->range ? sizeof(oct_act) : sizeof(int32_t));
}

/// Stores the first `n` of 8 sums, 8 at most. A function of its own: it is called for each row of a tile.
OCT_APART void oct_store_sums(uint8_t *out, v128_t low, v128_t high, int32_t n) {
  int32_t sums[OCT_GEMM_COLUMNS];
  wasm_v128_store(sums, low);
  wasm_v128_store(sums + 4, high);
  memcpy(out, sums, (size_t)(n < OCT_GEMM_COLUMNS ? n : OCT_GEMM_COLUMNS) * sizeof *sums);
}

/// Leaves a row's 8 words in its first vector; `rows` and `wide` are constants.
OCT_INLINE void oct_gemm_requantize(v128_t sum[][2], const int rows, const uint8_t *scale, const oct_requant *range,
                                    const bool wide) {
  const v128_t scale0 = oct_load(scale), scale1 = oct_load(scale + 16);
  OCT_UNROLL
  for (int r = 0; r < rows; r++) {
    sum[r][0] = wasm_i16x8_narrow_i32x4(oct_requantize_4(sum[r][0], scale0, range, wide),
                                        oct_requantize_4(sum[r][1], scale1, range, wide));
  }
}

/// Ends `rows` (a constant) rows of 8 columns, whose 8 floats lie at `scale`: stores the first `n` elements of each, 8 at
/// most. Two rows are narrowed at once.
OCT_INLINE void oct_gemm_finish(const oct_gemm_tile *tile, v128_t sum[][2], const int rows, const uint8_t *scale,
                                uint8_t *out, int32_t n) {
  const oct_requant *range = tile->range;
  const size_t out_stride = tile->out_stride;
  if (!range) {
    OCT_UNROLL
    for (int r = 0; r < rows; r++) oct_store_sums(out + r * out_stride, sum[r][0], sum[r][1], n);
    return;
  }
  if (range->wide) oct_gemm_requantize(sum, rows, scale, range, true);
  else oct_gemm_requantize(sum, rows, scale, range, false);
  OCT_UNROLL
  for (int r = 0; r < rows; r += 2) {
    const v128_t bytes = oct_narrow_clamp(sum[r][0], sum[r + (r + 1 < rows)][0], range);
    oct_store_columns(out + r * out_stride, bytes, n);
    if (r + 1 < rows) oct_store_high_columns(out + (r + 1) * out_stride, bytes, n);
  }
}

#endif
