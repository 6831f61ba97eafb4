// SPDX-License-Identifier: MIT
//
// How an integer GEMM tile ends in SIMD: sums become bytes, and are stored.
#ifndef OCT_KERNELS_GEMM_QS8_FINISH_H
#define OCT_KERNELS_GEMM_QS8_FINISH_H

#include "kernels/simd.h"

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

/// Requantizes the sums of `rows` (a constant) rows and 8 columns by the columns' 8 floats at `scale`, and stores the
/// first `n` bytes of each row, 8 at most. Two rows are narrowed at once.
OCT_INLINE void oct_gemm_finish(v128_t sum[][2], const int rows, const uint8_t *scale, const oct_requant *range,
                                uint8_t *out, size_t out_stride, int32_t n) {
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
