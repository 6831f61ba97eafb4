// SPDX-License-Identifier: MIT
//
// Integer depthwise convolution with the 16-bit dot product, 8 channels at a time; the sister of relaxed.c.
//
// The dot product adds 2 neighbouring words, so 2 kernel rows are first interleaved and widened, column by column, into
// [pair of rows][column][channel][2] in the scratch; padding columns become zero points there.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { CHANNELS = 8, COLUMN_BYTES = 32, PARAMETER_BYTES = 32 };

/// Interleaves one column of 2 rows: 8 bytes each, in the low halves.
OCT_INLINE void interleave(v128_t a, v128_t b, uint8_t *to) {
  const v128_t bytes = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  wasm_v128_store(to, oct_widen_low(bytes));
  wasm_v128_store(to + 16, oct_widen_high(bytes));
}

/// Interleaves `columns` columns of kernel rows ky and ky+1 (past the last one the last again: its weights are 0).
static __attribute__((noinline)) void interleave_rows(const oct_dwconv_row *row, int32_t ky, int32_t c, int32_t columns,
                                                      uint8_t *to) {
  const int32_t inside = row->x0 < 0 ? 0 : row->x0;
  const uint8_t *a = row->rows[ky], *b = row->rows[ky + 1 < row->kh ? ky + 1 : ky];
  a += inside * row->in_stride + c;
  b += inside * row->in_stride + c;
  const v128_t padding = wasm_i8x16_splat((int8_t)row->zero_point);
  const int32_t end = row->x0 + columns, limit = end < row->width ? end : row->width;
  int32_t x = row->x0;
  for (; x < 0 && x < end; x++, to += COLUMN_BYTES) interleave(padding, padding, to);
  for (; x < limit; x++, to += COLUMN_BYTES, a += row->in_stride, b += row->in_stride) {
    interleave(wasm_v128_load64_zero(a), wasm_v128_load64_zero(b), to);
  }
  for (; x < end; x++, to += COLUMN_BYTES) interleave(padding, padding, to);
}

OCT_INLINE v128_t madd(v128_t weights, v128_t activations, v128_t sum) {
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(weights, activations));
}

/// Stores 4 bytes, or the `count` that there are.
OCT_INLINE void store_4(uint8_t *out, v128_t bytes, int32_t count) {
  if (count >= 4) wasm_v128_store32_lane(out, bytes, 0);
  else oct_store_bytes(out, bytes, count);
}

/// 4 channels of a kernel of 2 pairs and 3 neighbouring columns: the weights stay in registers, and two outputs share
/// the columns that both need. `stride` is a constant where this is inlined.
OCT_INLINE void run_3_columns(const oct_dwconv_row *row, const uint8_t *block, const uint8_t *from, int32_t columns,
                              uint8_t *out, int32_t channels, const size_t stride) {
  const oct_requant *range = row->range;
  const size_t step = COLUMN_BYTES * stride, out_step = row->out_stride;
  const uint8_t *w = block + PARAMETER_BYTES, *below = from + COLUMN_BYTES * (size_t)columns;
  const v128_t w0 = oct_load(w), w1 = oct_load(w + 32), w2 = oct_load(w + 64);
  const v128_t w3 = oct_load(w + 96), w4 = oct_load(w + 128), w5 = oct_load(w + 160);
  const v128_t bias = oct_load(block), scale = oct_load(w + 192);
  for (int32_t x = row->out_width; x > 0; x -= 2, from += 2 * step, below += 2 * step, out += 2 * out_step) {
    v128_t a = madd(w0, oct_load(from), bias), b = madd(w0, oct_load(from + step), bias);
    a = madd(w1, oct_load(from + 32), a), b = madd(w1, oct_load(from + step + 32), b);
    a = madd(w2, oct_load(from + 64), a), b = madd(w2, oct_load(from + step + 64), b);
    a = madd(w3, oct_load(below), a), b = madd(w3, oct_load(below + step), b);
    a = madd(w4, oct_load(below + 32), a), b = madd(w4, oct_load(below + step + 32), b);
    a = madd(w5, oct_load(below + 64), a), b = madd(w5, oct_load(below + step + 64), b);
    const v128_t words = wasm_i16x8_narrow_i32x4(oct_requantize_4(a, scale, range, false),
                                                 oct_requantize_4(b, scale, range, false));
    const v128_t bytes = oct_narrow_clamp(words, words, range);
    store_4(out, bytes, channels);
    if (x > 1) store_4(out + out_step, wasm_u64x2_shr(bytes, 32), channels);
  }
}

static __attribute__((noinline)) void run_stride_1(const oct_dwconv_row *row, const uint8_t *block,
                                                   const uint8_t *from, int32_t columns, uint8_t *out,
                                                   int32_t channels) {
  run_3_columns(row, block, from, columns, out, channels, 1);
}
static __attribute__((noinline)) void run_stride_2(const oct_dwconv_row *row, const uint8_t *block,
                                                   const uint8_t *from, int32_t columns, uint8_t *out,
                                                   int32_t channels) {
  run_3_columns(row, block, from, columns, out, channels, 2);
}

/// 8 channels of any kernel.
static __attribute__((noinline)) void run_any(const oct_dwconv_row *row, const uint8_t *block, const uint8_t *from,
                                              int32_t columns, uint8_t *out, int32_t channels) {
  const int32_t pairs = (row->kh + 1) / 2;
  const size_t apart = COLUMN_BYTES * (size_t)row->dilation, pair_bytes = COLUMN_BYTES * (size_t)columns;
  const uint8_t *scale = block + PARAMETER_BYTES + (size_t)pairs * row->kw * COLUMN_BYTES;
  for (int32_t x = row->out_width; x > 0; x--, out += row->out_stride, from += COLUMN_BYTES * (size_t)row->stride) {
    v128_t sum0 = oct_load(block), sum1 = oct_load(block + 16);
    const uint8_t *w = block + PARAMETER_BYTES, *pair = from;
    for (int32_t p = 0; p < pairs; p++, pair += pair_bytes) {
      const uint8_t *column = pair;
      for (int32_t kx = row->kw; kx > 0; kx--, column += apart, w += COLUMN_BYTES) {
        sum0 = madd(oct_load(w), oct_load(column), sum0);
        sum1 = madd(oct_load(w + 16), oct_load(column + 16), sum1);
      }
    }
    const v128_t words = wasm_i16x8_narrow_i32x4(oct_requantize_4(sum0, oct_load(scale), row->range, true),
                                                 oct_requantize_4(sum1, oct_load(scale + 16), row->range, true));
    oct_store_columns(out, oct_narrow_clamp(words, words, row->range), channels);
  }
}

void oct_dwconv_qs8_8c2__simd128(const oct_dwconv_row *row) {
  const int32_t pairs = (row->kh + 1) / 2;
  const int32_t columns = (row->out_width - 1) * row->stride + (row->kw - 1) * row->dilation + 1;
  const oct_requant *range = row->range;
  const bool small = pairs == 2 && row->kw == 3 && row->dilation == 1 && row->stride <= 2 && !range->wide;
  const uint8_t *block = row->panels;
  for (int32_t c = 0; c < row->channels; c += CHANNELS) {
    uint8_t *scratch = row->scratch, *out = (uint8_t *)row->out + c;
    const int32_t channels = row->channels - c;
    for (int32_t p = 0; p < pairs; p++) {
      interleave_rows(row, 2 * p, c, columns, scratch + p * (size_t)columns * COLUMN_BYTES);
    }
    for (int32_t half = 0; small && half < 2 && 4 * half < channels; half++) {
      (row->stride == 1 ? run_stride_1 : run_stride_2)(row, block + 16 * half, scratch + 16 * half, columns,
                                                       out + 4 * half, channels - 4 * half);
    }
    if (!small) run_any(row, block, scratch, columns, out, channels);
    block += 2 * PARAMETER_BYTES + (size_t)pairs * row->kw * COLUMN_BYTES;
  }
}
