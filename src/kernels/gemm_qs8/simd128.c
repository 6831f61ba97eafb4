// SPDX-License-Identifier: MIT
//
// Integer GEMM with the 16-bit dot product, for every browser: exact for bytes of either sign.
//
// The rows of a tile are widened to words once, and woven: the pairs of words that a step of k takes stand side by
// side, so that one pointer serves all rows. Then they meet every panel of weights, which are words already. 5 rows by
// 8 columns: 10 sums, 2 vectors of weights, 1 of activations and 1 product are what V8 has registers for on x64; with 6
// rows it spills, and is a third slower. k is not unrolled (see dot.c).
#include "kernels/gemm_qs8/finish.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { ROWS = 5, COLUMNS = OCT_GEMM_COLUMNS, PARAMETER_BYTES = 4 * COLUMNS, STEP_BYTES = 4 * COLUMNS };

/// Two vectors of pairs of words, of two rows, to the pairs of one step side by side.
OCT_INLINE v128_t pairs_low(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
OCT_INLINE v128_t pairs_high(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }

/// Writes 4 steps of 4 rows.
OCT_INLINE void weave_4(const v128_t x[4], int16_t *to, const int rows) {
  const v128_t low01 = pairs_low(x[0], x[1]), low23 = pairs_low(x[2], x[3]);
  const v128_t high01 = pairs_high(x[0], x[1]), high23 = pairs_high(x[2], x[3]);
  wasm_v128_store(to, wasm_i64x2_shuffle(low01, low23, 0, 2));
  wasm_v128_store(to + 2 * rows, wasm_i64x2_shuffle(low01, low23, 1, 3));
  wasm_v128_store(to + 4 * rows, wasm_i64x2_shuffle(high01, high23, 0, 2));
  wasm_v128_store(to + 6 * rows, wasm_i64x2_shuffle(high01, high23, 1, 3));
}

/// Writes 4 steps of one row.
OCT_INLINE void weave_1(v128_t x, int16_t *to, const int rows) {
  wasm_v128_store32_lane(to, x, 0);
  wasm_v128_store32_lane(to + 2 * rows, x, 1);
  wasm_v128_store32_lane(to + 4 * rows, x, 2);
  wasm_v128_store32_lane(to + 6 * rows, x, 3);
}

/// Widens the tile's rows into the scratch, as [step][row][2]; returns the steps. 4 steps are written at once: what is
/// too much is written over by the next tap, or stands in the scratch's end.
OCT_INLINE int32_t weave_rows(const oct_gemm_tile *tile, const int rows) {
  const int32_t tap_steps = (tile->k + 3) / 4 * 2;
  int16_t *to = tile->scratch;
  const void *const *row = tile->rows;
  for (int32_t tap = tile->taps; tap > 0; tap--, row += rows, to += 2 * rows * tap_steps) {
    const uint8_t *from[ROWS];
    OCT_UNROLL
    for (int r = 0; r < rows; r++) from[r] = row[r];
    int16_t *at = to;
    for (int32_t step = 0; step < tap_steps; step += 4, at += 8 * rows) {
      v128_t x[ROWS];
      OCT_UNROLL
      for (int r = 0; r < rows; r++) {
        x[r] = oct_widen_low(wasm_v128_load64_zero(from[r]));
        from[r] += 8;
      }
      if (rows >= 4) weave_4(x, at, rows);
      OCT_UNROLL
      for (int r = rows >= 4 ? 4 : 0; r < rows; r++) weave_1(x[r], at + 2 * r, rows);
    }
  }
  return tile->taps * tap_steps;
}

/// `rows` is a constant: this is compiled once for each.
OCT_INLINE void run_tile(const oct_gemm_tile *tile, const int rows) {
  const int32_t steps = weave_rows(tile, rows);
  const uint8_t *w = tile->panels;
  const size_t step_out = oct_gemm_step(tile);
  uint8_t *out = tile->out;
  for (int32_t n = tile->n; n > 0; n -= COLUMNS, out += step_out) {
    v128_t sum[ROWS][2];
    const v128_t bias0 = oct_load(w), bias1 = oct_load(w + 16);
    OCT_UNROLL
    for (int r = 0; r < rows; r++) sum[r][0] = bias0, sum[r][1] = bias1;
    w += PARAMETER_BYTES;
    const int16_t *x = tile->scratch;
    int32_t step = steps;
    do {
      const v128_t w0 = oct_load(w), w1 = oct_load(w + 16);
      w += STEP_BYTES;
      OCT_UNROLL
      for (int r = 0; r < rows; r++) {
        const v128_t a = wasm_v128_load32_splat(x + 2 * r);
        sum[r][0] = wasm_i32x4_add(sum[r][0], wasm_i32x4_dot_i16x8(w0, a));
        sum[r][1] = wasm_i32x4_add(sum[r][1], wasm_i32x4_dot_i16x8(w1, a));
      }
      x += 2 * rows;
    } while (--step);
    oct_gemm_finish(tile, sum, rows, w, out, n);
    w += PARAMETER_BYTES;
  }
}

#define OCT_TILE(rows)                                                                                                 \
  OCT_APART void tile_##rows(const oct_gemm_tile *tile) { run_tile(tile, rows); }
OCT_TILE(1)
OCT_TILE(2)
OCT_TILE(3)
OCT_TILE(4)
OCT_TILE(5)

void oct_gemm_qs8_5x8c2__simd128(const oct_gemm_tile *tile) {
  switch (tile->m) { // calls through a table would be slower
    case 1: tile_1(tile); return;
    case 2: tile_2(tile); return;
    case 3: tile_3(tile); return;
    case 4: tile_4(tile); return;
    default: tile_5(tile);
  }
}
