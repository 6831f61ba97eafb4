// SPDX-License-Identifier: MIT
//
// Integer GEMM with the relaxed byte dot product: 6 rows by 8 columns, 4 steps of k an instruction.
//
// 12 sums, 2 vectors of weights and 1 broadcast of activations fill the 15 vector registers that V8 has on x64. k is
// not unrolled: LLVM would sort an unrolled body into chains of dependent dot products, and spill. Weights are the
// first operand (always signed), activations the second, whose sign is the machine's and the build's. One row alone
// takes 32 columns at a time instead, because the dot product's latency wants at least 8 independent sums. The rows'
// own sums are made where a panel with a shift asks for them: one or two a layer of old models, none in others.
#include "kernels/gemm_qs8/finish.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { COLUMNS = OCT_GEMM_COLUMNS, BIAS_BYTES = 4 * COLUMNS, HEAD_BYTES = 6 * COLUMNS, STEP_BYTES = 4 * COLUMNS };
enum { SCALE_BYTES = 4 * COLUMNS };

OCT_INLINE v128_t dot(v128_t weights, v128_t activations, v128_t sum) {
  return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, sum);
}

OCT_INLINE bool is_shifted(const uint8_t *panel) { return wasm_v128_any_true(oct_load(panel + BIAS_BYTES)); }

/// What the sums of a shifted panel start from: bias + shift * sum of the row.
OCT_APART void start_shifted(const oct_gemm_tile *tile, const uint8_t *panel,
                             v128_t (*start)[2]) {
  static const uint8_t ones[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; // and zeros, for the end of a row
  const v128_t shift = oct_load(panel + BIAS_BYTES);
  for (int32_t r = 0; r < tile->m; r++) {
    v128_t sum = wasm_i32x4_const_splat(0);
    for (int32_t tap = 0; tap < tile->taps; tap++) {
      const uint8_t *x = tile->rows[tap * tile->m + r];
      for (int32_t k = tile->k; k > 0; k -= 16, x += 16) {
        sum = dot(oct_load(ones + (k < 16 ? 16 - k : 0)), oct_load(x), sum);
      }
    }
    sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
    sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 1, 0, 3, 2));
    start[r][0] = wasm_i32x4_add(oct_load(panel), wasm_i32x4_mul(sum, wasm_i32x4_extend_low_i16x8(shift)));
    start[r][1] = wasm_i32x4_add(oct_load(panel + 16), wasm_i32x4_mul(sum, wasm_i32x4_extend_high_i16x8(shift)));
  }
}

/// `rows` is a constant: this is compiled once for each.
OCT_INLINE void run_tile(const oct_gemm_tile *tile, const int rows) {
  const int32_t steps = (tile->k + 3) / 4;
  const uint8_t *w = tile->panels;
  const size_t step_out = oct_gemm_step(tile);
  uint8_t *out = tile->out;
  for (int32_t n = tile->n; n > 0; n -= COLUMNS, out += step_out) {
    v128_t sum[OCT_GEMM_ROWS][2];
    const v128_t bias0 = oct_load(w), bias1 = oct_load(w + 16);
    OCT_UNROLL
    for (int r = 0; r < rows; r++) sum[r][0] = bias0, sum[r][1] = bias1;
    if (is_shifted(w)) {
      v128_t start[OCT_GEMM_ROWS][2];
      start_shifted(tile, w, start);
      OCT_UNROLL
      for (int r = 0; r < rows; r++) sum[r][0] = start[r][0], sum[r][1] = start[r][1];
    }
    w += HEAD_BYTES;
    const void *const *row = tile->rows;
    for (int32_t tap = tile->taps; tap > 0; tap--, row += rows) {
      const uint8_t *x[OCT_GEMM_ROWS];
      OCT_UNROLL
      for (int r = 0; r < rows; r++) x[r] = row[r];
      int32_t step = steps;
      do {
        const v128_t w0 = oct_load(w), w1 = oct_load(w + 16);
        w += STEP_BYTES;
        OCT_UNROLL
        for (int r = 0; r < rows; r++) {
          const v128_t a = wasm_v128_load32_splat(x[r]);
          x[r] += 4;
          sum[r][0] = dot(w0, a, sum[r][0]);
          sum[r][1] = dot(w1, a, sum[r][1]);
        }
      } while (--step);
    }
    oct_gemm_finish(tile, sum, rows, w, out, n);
    w += SCALE_BYTES;
  }
}

/// One row, `panels` (a constant) panels at a time.
OCT_INLINE const uint8_t *run_row(const oct_gemm_tile *tile, const int panels, const uint8_t *w, uint8_t *out,
                                  int32_t n) {
  const int32_t steps = (tile->k + 3) / 4;
  const size_t panel_bytes = HEAD_BYTES + (size_t)tile->taps * steps * STEP_BYTES + SCALE_BYTES;
  v128_t sum[4][2];
  OCT_UNROLL
  for (int p = 0; p < panels; p++) {
    const uint8_t *panel = w + p * panel_bytes;
    sum[p][0] = oct_load(panel), sum[p][1] = oct_load(panel + 16);
    if (is_shifted(panel)) {
      v128_t start[1][2];
      start_shifted(tile, panel, start);
      sum[p][0] = start[0][0], sum[p][1] = start[0][1];
    }
  }
  w += HEAD_BYTES;
  for (int32_t tap = 0; tap < tile->taps; tap++) {
    const uint8_t *x = tile->rows[tap];
    int32_t step = steps;
    do {
      const v128_t a = wasm_v128_load32_splat(x);
      x += 4;
      OCT_UNROLL
      for (int p = 0; p < panels; p++) {
        sum[p][0] = dot(oct_load(w + p * panel_bytes), a, sum[p][0]);
        sum[p][1] = dot(oct_load(w + p * panel_bytes + 16), a, sum[p][1]);
      }
      w += STEP_BYTES;
    } while (--step);
  }
  OCT_UNROLL
  for (int p = 0; p < panels; p++) {
    oct_gemm_finish(tile, &sum[p], 1, w + p * panel_bytes, out + p * oct_gemm_step(tile), n - p * COLUMNS);
  }
  return w + SCALE_BYTES + (panels - 1) * panel_bytes;
}

OCT_APART void tile_1(const oct_gemm_tile *tile) {
  const uint8_t *w = tile->panels;
  uint8_t *out = tile->out;
  int32_t n = tile->n;
  const size_t step = oct_gemm_step(tile);
  for (; n > 3 * COLUMNS; n -= 4 * COLUMNS, out += 4 * step) w = run_row(tile, 4, w, out, n);
  for (; n > 0; n -= COLUMNS, out += step) w = run_row(tile, 1, w, out, n);
}

#include "kernels/tiles.h"

void oct_gemm_qs8_6x8c4__dot(const oct_gemm_tile *tile) { run_any_tile(tile); }
