// SPDX-License-Identifier: MIT
//
// Integer GEMM with the 16-bit dot product, for every browser: exact for bytes of either sign.
//
// The rows of a tile are widened to words once, taps one behind the other, and then meet every panel of weights, which
// are words already. 6 rows by 8 columns; k is not unrolled (see relaxed.c).
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { COLUMNS = OCT_GEMM_COLUMNS, PARAMETER_BYTES = 4 * COLUMNS, STEP_BYTES = 4 * COLUMNS };

/// Widens the tile's rows into the scratch, taps padded to 4 elements; returns a row's elements.
static int32_t widen_rows(const oct_gemm_tile *tile) {
  const int32_t padded = (tile->k + 3) / 4 * 4, elements = tile->taps * padded;
  for (int32_t m = 0; m < tile->m; m++) {
    int16_t *to = (int16_t *)tile->scratch + (size_t)m * elements;
    for (int32_t tap = 0; tap < tile->taps; tap++, to += padded) {
      const uint8_t *from = tile->rows[tap * tile->m + m];
      int32_t k = 0;
      for (; k < padded - 8; k += 16) {
        const v128_t bytes = oct_load(from + k);
        wasm_v128_store(to + k, oct_widen_low(bytes));
        wasm_v128_store(to + k + 8, oct_widen_high(bytes));
      }
      // The rest may run over into the next tap or row, which is written after it, or into the scratch's end.
      if (k < padded) wasm_v128_store(to + k, oct_widen_low(wasm_v128_load64_zero(from + k)));
    }
  }
  return elements;
}

/// `rows` and `wide` are constants: this is compiled once for each.
OCT_INLINE void run_tile(const oct_gemm_tile *tile, const int rows, const bool wide) {
  const oct_requant *range = tile->range;
  const int32_t elements = widen_rows(tile), steps = elements / 2;
  const uint8_t *w = tile->panels;
  uint8_t *out = tile->out;
  for (int32_t n = tile->n; n > 0; n -= COLUMNS, out += COLUMNS) {
    v128_t sum[OCT_GEMM_ROWS][2];
    const int16_t *x[OCT_GEMM_ROWS];
    const v128_t bias0 = oct_load(w), bias1 = oct_load(w + 16);
    OCT_UNROLL
    for (int r = 0; r < rows; r++) {
      sum[r][0] = bias0, sum[r][1] = bias1;
      x[r] = (const int16_t *)tile->scratch + (size_t)r * elements;
    }
    w += PARAMETER_BYTES;
    int32_t step = steps;
    do {
      const v128_t w0 = oct_load(w), w1 = oct_load(w + 16);
      w += STEP_BYTES;
      OCT_UNROLL
      for (int r = 0; r < rows; r++) {
        const v128_t a = wasm_v128_load32_splat(x[r]);
        x[r] += 2;
        sum[r][0] = wasm_i32x4_add(sum[r][0], wasm_i32x4_dot_i16x8(w0, a));
        sum[r][1] = wasm_i32x4_add(sum[r][1], wasm_i32x4_dot_i16x8(w1, a));
      }
    } while (--step);
    const v128_t scale0 = oct_load(w), scale1 = oct_load(w + 16);
    w += PARAMETER_BYTES;
    OCT_UNROLL
    for (int r = 0; r < rows; r++) {
      const v128_t words = wasm_i16x8_narrow_i32x4(oct_requantize_4(sum[r][0], scale0, range, wide),
                                                   oct_requantize_4(sum[r][1], scale1, range, wide));
      oct_store_columns(out + r * tile->out_stride, oct_narrow_clamp(words, words, range), n);
    }
  }
}

#define OCT_TILE(rows)                                                                                                 \
  static __attribute__((noinline)) void tile_##rows(const oct_gemm_tile *tile) { run_tile(tile, rows, false); }        \
  static __attribute__((noinline)) void wide_tile_##rows(const oct_gemm_tile *tile) { run_tile(tile, rows, true); }
OCT_TILE(1)
OCT_TILE(2)
OCT_TILE(3)
OCT_TILE(4)
OCT_TILE(5)
OCT_TILE(6)

void oct_gemm_qs8_6x8c2__simd128(const oct_gemm_tile *tile) {
  static oct_gemm_fn *const tiles[2][OCT_GEMM_ROWS] = {
      {tile_1, tile_2, tile_3, tile_4, tile_5, tile_6},
      {wide_tile_1, wide_tile_2, wide_tile_3, wide_tile_4, wide_tile_5, wide_tile_6},
  };
  const oct_requant *range = tile->range;
  tiles[range->wide][tile->m - 1](tile);
}
