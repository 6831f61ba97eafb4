// SPDX-License-Identifier: MIT
//
// The float GEMM tile for both SIMD machines, which differ in MADD(a, b, c) = a * b + c alone: 6 rows by 8 columns, and
// for one row alone 32 columns, to have sums enough in flight. Included with MADD, KERNEL (the name) and ROWS_AT_ONCE
// defined: more rows go in two halves, because sums that leave the registers cost more than loading the weights twice.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { COLUMNS = OCT_GEMM_COLUMNS };

OCT_INLINE v128_t clamp(v128_t value, const oct_clamp_f32 *range) {
  return wasm_f32x4_pmin(wasm_f32x4_pmax(value, oct_load(range->lo)), oct_load(range->hi));
}

OCT_INLINE void store_columns(float *out, v128_t low, v128_t high, int32_t count) {
  if (count >= COLUMNS) {
    wasm_v128_store(out, low);
    wasm_v128_store(out + 4, high);
  } else {
    float all[COLUMNS];
    wasm_v128_store(all, low);
    wasm_v128_store(all + 4, high);
    for (int32_t i = 0; i < count; i++) out[i] = all[i];
  }
}

/// Rows [first, first + rows) of the `all` rows of a tile, in one panel; all three are constants.
OCT_INLINE void run_panel(const oct_gemm_tile *tile, const int first, const int rows, const int all, const float *w,
                          uint8_t *out, int32_t n) {
  v128_t sum[OCT_GEMM_ROWS][2];
  const v128_t bias0 = oct_load(w), bias1 = oct_load(w + 4);
  OCT_UNROLL
  for (int r = 0; r < rows; r++) sum[r][0] = bias0, sum[r][1] = bias1;
  w += COLUMNS;
  const void *const *row = tile->rows + first;
  for (int32_t tap = tile->taps; tap > 0; tap--, row += all) {
    const float *x[OCT_GEMM_ROWS];
    OCT_UNROLL
    for (int r = 0; r < rows; r++) x[r] = row[r];
    int32_t k = tile->k;
    do {
      const v128_t w0 = oct_load(w), w1 = oct_load(w + 4);
      w += COLUMNS;
      OCT_UNROLL
      for (int r = 0; r < rows; r++) {
        const v128_t a = wasm_v128_load32_splat(x[r]++);
        sum[r][0] = MADD(w0, a, sum[r][0]);
        sum[r][1] = MADD(w1, a, sum[r][1]);
      }
    } while (--k);
  }
  OCT_UNROLL
  for (int r = 0; r < rows; r++) {
    float *to = (float *)(out + (first + r) * tile->out_stride);
    store_columns(to, clamp(sum[r][0], tile->range), clamp(sum[r][1], tile->range), n);
  }
}

/// `rows` is a constant: this is compiled once for each.
OCT_INLINE void run_tile(const oct_gemm_tile *tile, const int rows) {
  const size_t panel_floats = COLUMNS * (1 + (size_t)tile->taps * tile->k);
  const int some = rows > ROWS_AT_ONCE ? (rows + 1) / 2 : rows;
  const float *w = tile->panels;
  uint8_t *out = tile->out;
  for (int32_t n = tile->n; n > 0; n -= COLUMNS, w += panel_floats, out += COLUMNS * sizeof(float)) {
    run_panel(tile, 0, some, rows, w, out, n);
    if (some < rows) run_panel(tile, some, rows - some, rows, w, out, n);
  }
}

/// One row, `panels` (a constant) panels at a time.
OCT_INLINE const float *run_row(const oct_gemm_tile *tile, const int panels, const float *w, float *out, int32_t n) {
  const size_t panel_floats = COLUMNS * (1 + (size_t)tile->taps * tile->k);
  v128_t sum[4][2];
  OCT_UNROLL
  for (int p = 0; p < panels; p++) {
    sum[p][0] = oct_load(w + p * panel_floats);
    sum[p][1] = oct_load(w + p * panel_floats + 4);
  }
  w += COLUMNS;
  for (int32_t tap = 0; tap < tile->taps; tap++) {
    const float *x = tile->rows[tap];
    int32_t k = tile->k;
    do {
      const v128_t a = wasm_v128_load32_splat(x++);
      OCT_UNROLL
      for (int p = 0; p < panels; p++) {
        sum[p][0] = MADD(oct_load(w + p * panel_floats), a, sum[p][0]);
        sum[p][1] = MADD(oct_load(w + p * panel_floats + 4), a, sum[p][1]);
      }
      w += COLUMNS;
    } while (--k);
  }
  OCT_UNROLL
  for (int p = 0; p < panels; p++) {
    store_columns(out + p * COLUMNS, clamp(sum[p][0], tile->range), clamp(sum[p][1], tile->range), n - p * COLUMNS);
  }
  return w + (panels - 1) * panel_floats;
}

OCT_APART void tile_1(const oct_gemm_tile *tile) {
  const float *w = tile->panels;
  float *out = tile->out;
  int32_t n = tile->n;
  for (; n > 3 * COLUMNS; n -= 4 * COLUMNS, out += 4 * COLUMNS) w = run_row(tile, 4, w, out, n);
  for (; n > 0; n -= COLUMNS, out += COLUMNS) w = run_row(tile, 1, w, out, n);
}

#include "kernels/tiles.h"

void KERNEL(const oct_gemm_tile *tile) { run_any_tile(tile); }
