// SPDX-License-Identifier: MIT
//
// Integer depthwise convolution with the relaxed byte dot product, 16 channels at a time.
//
// The dot product adds 4 neighbouring bytes, so 4 kernel rows are first interleaved, column by column, into
// [group of 4 rows][column][channel][4] in the scratch; padding columns become zero points there. Then an output is one
// dot product a kernel column for 4 channels, and every interleaved column serves all outputs that it touches. Which 4
// rows make a group, each block of channels says. Two rows of outputs of 3 kernel rows share 4 input rows: those of the
// second meet the same weights, one byte further.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { CHANNELS = 16, COLUMN_BYTES = 64, PARAMETER_BYTES = 64 };

/// A block of channels, as packed.
typedef struct dwconv_block {
  int32_t bias[CHANNELS];
  int32_t groups, slots, padding[2];
  int32_t ky[][4]; // and then weights and scales
} dwconv_block;

OCT_INLINE v128_t dot(v128_t weights, v128_t activations, v128_t sum) {
  return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, sum);
}

/// Interleaves one column of 4 rows: 16 bytes each.
OCT_INLINE void interleave(v128_t a, v128_t b, v128_t c, v128_t d, uint8_t *to) {
  const v128_t ab0 = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const v128_t ab1 = wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const v128_t cd0 = wasm_i8x16_shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const v128_t cd1 = wasm_i8x16_shuffle(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  wasm_v128_store(to, wasm_i16x8_shuffle(ab0, cd0, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(to + 16, wasm_i16x8_shuffle(ab0, cd0, 4, 12, 5, 13, 6, 14, 7, 15));
  wasm_v128_store(to + 32, wasm_i16x8_shuffle(ab1, cd1, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(to + 48, wasm_i16x8_shuffle(ab1, cd1, 4, 12, 5, 13, 6, 14, 7, 15));
}

OCT_INLINE uint8_t *pad(uint8_t *to, int32_t columns, v128_t padding) {
  for (; columns > 0; columns--, to += COLUMN_BYTES) {
    wasm_v128_store(to, padding), wasm_v128_store(to + 16, padding);
    wasm_v128_store(to + 32, padding), wasm_v128_store(to + 48, padding);
  }
  return to;
}

/// Interleaves `columns` columns of the 4 of `rows` that `ky` says.
OCT_INLINE void interleave_rows(const oct_dwconv_row *row, const void *const *rows, const int32_t ky[4], int32_t c,
                                int32_t columns, uint8_t *to) {
  const int32_t first = row->x0 < 0 ? 0 : row->x0;
  const int32_t end = row->x0 + columns < row->width ? row->x0 + columns : row->width;
  const int32_t before = first - row->x0 < columns ? first - row->x0 : columns, inside = end > first ? end - first : 0;
  const size_t step = row->in_stride, skip = first * step + c;
  const uint8_t *a = (const uint8_t *)rows[ky[0]] + skip, *b = (const uint8_t *)rows[ky[1]] + skip;
  const uint8_t *d = (const uint8_t *)rows[ky[2]] + skip, *e = (const uint8_t *)rows[ky[3]] + skip;
  const v128_t padding = wasm_i8x16_splat((int8_t)row->zero_point);
  to = pad(to, before, padding);
  for (int32_t x = inside; x > 0; x--, to += COLUMN_BYTES, a += step, b += step, d += step, e += step) {
    interleave(oct_load(a), oct_load(b), oct_load(d), oct_load(e), to);
  }
  pad(to, columns - before - inside, padding);
}

/// Two sums of 4 channels each to the 8 words around the zero point.
OCT_INLINE v128_t to_words(const v128_t sum[2], const uint8_t *scale, const oct_requant *range, bool wide) {
  return wasm_i16x8_narrow_i32x4(oct_requantize_4(sum[0], oct_load(scale), range, wide),
                                 oct_requantize_4(sum[1], oct_load(scale + 16), range, wide));
}

/// 8 channels, one kernel group, 3 neighbouring kernel columns: the weights stay in registers, `below` input rows further
/// down, and two outputs share the columns that both need. `stride` is a constant where this is inlined.
OCT_INLINE void run_3_columns(const oct_dwconv_row *row, const int32_t *bias, const uint8_t *w, int below,
                              const uint8_t *from, uint8_t *out, int32_t channels, const size_t stride) {
  const oct_requant *range = row->range;
  const size_t step = COLUMN_BYTES * stride, out_step = row->out_stride;
  const uint8_t *scale = w + 3 * COLUMN_BYTES;
  const uint32_t bits = 8 * (uint32_t)below;
  const v128_t w00 = wasm_i32x4_shl(oct_load(w), bits), w01 = wasm_i32x4_shl(oct_load(w + 16), bits);
  const v128_t w10 = wasm_i32x4_shl(oct_load(w + 64), bits), w11 = wasm_i32x4_shl(oct_load(w + 80), bits);
  const v128_t w20 = wasm_i32x4_shl(oct_load(w + 128), bits), w21 = wasm_i32x4_shl(oct_load(w + 144), bits);
  for (int32_t x = row->out_width; x > 0; x -= 2, from += 2 * step, out += 2 * out_step) {
    const uint8_t *next = from + step;
    v128_t a[2] = {oct_load(bias), oct_load(bias + 4)}, b[2] = {oct_load(bias), oct_load(bias + 4)};
    a[0] = dot(w00, oct_load(from), a[0]), a[1] = dot(w01, oct_load(from + 16), a[1]);
    a[0] = dot(w10, oct_load(from + 64), a[0]), a[1] = dot(w11, oct_load(from + 80), a[1]);
    b[0] = dot(w00, oct_load(next), b[0]), b[1] = dot(w01, oct_load(next + 16), b[1]);
    a[0] = dot(w20, oct_load(from + 128), a[0]), a[1] = dot(w21, oct_load(from + 144), a[1]);
    b[0] = dot(w10, oct_load(next + 64), b[0]), b[1] = dot(w11, oct_load(next + 80), b[1]);
    b[0] = dot(w20, oct_load(next + 128), b[0]), b[1] = dot(w21, oct_load(next + 144), b[1]);
    const v128_t bytes = oct_narrow_clamp(to_words(a, scale, range, false), to_words(b, scale, range, false), range);
    oct_store_columns(out, bytes, channels);
    if (x > 1) oct_store_high_columns(out + out_step, bytes, channels);
  }
}

/// 8 channels of any kernel.
OCT_APART void run_any(const oct_dwconv_row *row, int32_t groups, const int32_t *bias,
                       const uint8_t *weights, const uint8_t *from, int32_t columns,
                       uint8_t *out, int32_t channels) {
  const size_t apart = COLUMN_BYTES * (size_t)row->dilation, group_bytes = COLUMN_BYTES * (size_t)columns;
  const uint8_t *scale = weights + (size_t)groups * row->kw * COLUMN_BYTES;
  for (int32_t x = row->out_width; x > 0; x--, out += row->out_stride, from += COLUMN_BYTES * (size_t)row->stride) {
    v128_t sum[2] = {oct_load(bias), oct_load(bias + 4)};
    const uint8_t *w = weights, *group = from;
    for (int32_t g = 0; g < groups; g++, group += group_bytes) {
      const uint8_t *column = group;
      for (int32_t kx = row->kw; kx > 0; kx--, column += apart, w += COLUMN_BYTES) {
        sum[0] = dot(oct_load(w), oct_load(column), sum[0]);
        sum[1] = dot(oct_load(w + 16), oct_load(column + 16), sum[1]);
      }
    }
    const v128_t words = to_words(sum, scale, row->range, true);
    oct_store_columns(out, oct_narrow_clamp(words, words, row->range), channels);
  }
}

/// 16 channels, a row after the other, or both from the same interleaved rows: `stride` as below.
OCT_INLINE void run_block(const oct_dwconv_row *row, const dwconv_block *block, int32_t c, const int stride) {
  static const int32_t all[4] = {0, 1, 2, 3};
  const int32_t columns = (row->out_width - 1) * row->stride + (row->kw - 1) * row->dilation + 1;
  const int32_t groups = block->groups;
  const uint8_t *weights = (const uint8_t *)block->ky[groups];
  const bool shared = row->height == 2 && stride && row->kh == 3 && block->slots == 3;
  for (int32_t y = 0; y < row->height; y++) {
    const void *const *rows = row->rows + y;
    if (y == 0 || !shared) {
      for (int32_t g = 0; g < groups; g++)
        interleave_rows(row, rows, shared ? all : block->ky[g], c, columns,
                        (uint8_t *)row->scratch + g * (size_t)columns * COLUMN_BYTES);
    }
    uint8_t *out = (uint8_t *)row->out + y * row->out_row + c;
    for (int32_t half = 0; half < CHANNELS && c + half < row->channels; half += 8) {
      const int32_t *bias = block->bias + half, channels = row->channels - c - half;
      const uint8_t *w = weights + 4 * half, *from = (const uint8_t *)row->scratch + 4 * half;
      if (stride && groups == 1) run_3_columns(row, bias, w, shared ? y : 0, from, out + half, channels, (size_t)stride);
      else run_any(row, groups, bias, w, from, columns, out + half, channels);
    }
  }
}

/// All channels: `stride` 1 or 2 is the 3-column form, a constant where this is inlined; 0 is any kernel.
OCT_INLINE void run_channels(const oct_dwconv_row *row, const int stride) {
  const dwconv_block *block = row->panels;
  for (int32_t c = 0; c < row->channels; c += CHANNELS) {
    run_block(row, block, c, stride);
    const uint8_t *weights = (const uint8_t *)block->ky[block->groups];
    block = (const dwconv_block *)(weights + (size_t)block->groups * row->kw * COLUMN_BYTES + PARAMETER_BYTES);
  }
}

OCT_APART void run_stride_1(const oct_dwconv_row *row) { run_channels(row, 1); }
OCT_APART void run_stride_2(const oct_dwconv_row *row) { run_channels(row, 2); }

void oct_dwconv_qs8_16c4__dot(const oct_dwconv_row *row) {
  const oct_requant *range = row->range;
  const bool small = row->kw == 3 && row->dilation == 1 && !range->wide;
  if (small && row->stride == 1) run_stride_1(row);
  else if (small && row->stride == 2) run_stride_2(row);
  else run_channels(row, 0);
}
