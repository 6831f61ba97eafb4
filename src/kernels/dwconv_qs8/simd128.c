// SPDX-License-Identifier: MIT
//
// Integer depthwise convolution with the 16-bit dot product, 16 channels at a time; the sister of dot.c.
//
// The dot product adds 2 neighbouring words, so the kernel's taps go in pairs: 2 kernel rows of one column, and in a
// last odd row 2 columns. Bytes of a pair are first interleaved, column by column, into [pair of rows][column][channel]
// [2] in the scratch; padding columns become zero points there. Then 4 channels of an output are one load that widens
// and one dot product a pair, and every interleaved column serves all outputs that it touches.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { CHANNELS = 16, COLUMN_BYTES = 32, PARAMETER_BYTES = 64 };

/// Interleaves one column: 16 channels of two rows.
OCT_INLINE void interleave(v128_t a, v128_t b, uint8_t *to) {
  wasm_v128_store(to, wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  wasm_v128_store(to + 16, wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}

/// 16 channels of column x of a row, from channel c on.
OCT_INLINE v128_t column_at(const oct_dwconv_row *row, int32_t ky, int32_t x, int32_t c) {
  if (x < 0 || x >= row->width) return wasm_i8x16_splat((int8_t)row->zero_point);
  return oct_load((const uint8_t *)row->rows[ky] + x * row->in_stride + c);
}

/// Interleaves `columns` columns of kernel rows a and b, b's columns `shift` further on.
OCT_APART void interleave_rows(const oct_dwconv_row *row, int32_t a, int32_t b, int32_t shift,
                               int32_t c, int32_t columns, uint8_t *to) {
  const int32_t end = row->x0 + columns, limit = row->width - shift < end ? row->width - shift : end;
  int32_t x = row->x0;
  for (; x < 0 && x < end; x++, to += COLUMN_BYTES) {
    interleave(column_at(row, a, x, c), column_at(row, b, x + shift, c), to);
  }
  const ptrdiff_t step = (ptrdiff_t)row->in_stride;
  const uint8_t *at_a = (const uint8_t *)row->rows[a] + x * step + c;
  const uint8_t *at_b = (const uint8_t *)row->rows[b] + (x + shift) * step + c;
  for (; x < limit; x++, to += COLUMN_BYTES, at_a += step, at_b += step) interleave(oct_load(at_a), oct_load(at_b), to);
  for (; x < end; x++, to += COLUMN_BYTES) {
    interleave(column_at(row, a, x, c), column_at(row, b, x + shift, c), to);
  }
}

/// Adds the products of 4 channels' pairs.
OCT_INLINE v128_t madd(v128_t weights, const uint8_t *pairs, v128_t sum) {
#if OCT_ACT_SIGNED
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(weights, wasm_i16x8_load8x8(pairs)));
#else
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(weights, wasm_u16x8_load8x8(pairs)));
#endif
}

/// Stores 4 bytes, or the `count` that there are.
OCT_INLINE void store_4(uint8_t *out, v128_t bytes, int32_t count) {
  if (count >= 4) wasm_v128_store32_lane(out, bytes, 0);
  else oct_store_bytes(out, bytes, count);
}

/// 4 channels of a kernel of 3 by 3: the weights stay in registers. `stride` is a constant where this is inlined.
OCT_INLINE void run_3x3(const oct_dwconv_row *row, const uint8_t *block, const uint8_t *from, int32_t columns,
                        uint8_t *out, int32_t channels, const size_t stride) {
  const oct_requant *range = row->range;
  const size_t step = COLUMN_BYTES * stride, out_step = row->out_stride;
  const uint8_t *w = block + PARAMETER_BYTES, *below = from + COLUMN_BYTES * (size_t)columns;
  const v128_t w0 = oct_load(w), w1 = oct_load(w + 64), w2 = oct_load(w + 128);
  const v128_t w3 = oct_load(w + 192), w4 = oct_load(w + 256);
  const v128_t bias = oct_load(block), scale = oct_load(w + 320);
  for (int32_t x = row->out_width; x > 0; x -= 2, from += 2 * step, below += 2 * step, out += 2 * out_step) {
    v128_t a = madd(w0, from, bias), b = madd(w0, from + step, bias);
    a = madd(w1, from + 32, a), b = madd(w1, from + step + 32, b);
    a = madd(w2, from + 64, a), b = madd(w2, from + step + 64, b);
    a = madd(w3, below, a), b = madd(w3, below + step, b);
    a = madd(w4, below + 64, a), b = madd(w4, below + step + 64, b);
    const v128_t words = wasm_i16x8_narrow_i32x4(oct_requantize_4(a, scale, range, false),
                                                 oct_requantize_4(b, scale, range, false));
    const v128_t bytes = oct_narrow_clamp(words, words, range);
    store_4(out, bytes, channels);
    if (x > 1) store_4(out + out_step, wasm_u64x2_shr(bytes, 32), channels);
  }
}

typedef void dwconv_part_fn(const oct_dwconv_row *row, const uint8_t *block, const uint8_t *from, int32_t columns,
                            uint8_t *out, int32_t channels);

OCT_APART void run_stride_1(const oct_dwconv_row *row, const uint8_t *block,
                            const uint8_t *from, int32_t columns, uint8_t *out,
                            int32_t channels) {
  run_3x3(row, block, from, columns, out, channels, 1);
}
OCT_APART void run_stride_2(const oct_dwconv_row *row, const uint8_t *block,
                            const uint8_t *from, int32_t columns, uint8_t *out,
                            int32_t channels) {
  run_3x3(row, block, from, columns, out, channels, 2);
}

/// 8 channels of any kernel, two outputs at a time.
OCT_APART void run_any(const oct_dwconv_row *row, const uint8_t *block, const uint8_t *from,
                       int32_t columns, uint8_t *out, int32_t channels) {
  const oct_requant *range = row->range;
  const int32_t sets = (row->kh + 1) / 2, odd = row->kh % 2;
  const size_t step = COLUMN_BYTES * (size_t)row->stride, apart = COLUMN_BYTES * (size_t)row->dilation;
  for (int32_t x = row->out_width; x > 0; x -= 2, from += 2 * step, out += 2 * row->out_stride) {
    v128_t a0 = oct_load(block), a1 = oct_load(block + 16), b0 = a0, b1 = a1;
    const uint8_t *w = block + PARAMETER_BYTES, *set = from;
    for (int32_t s = sets; s > 0; s--, set += COLUMN_BYTES * (size_t)columns) {
      const bool alone = s == 1 && odd;
      const size_t next = alone ? 2 * apart : apart;
      const uint8_t *column = set;
      for (int32_t dots = alone ? (row->kw + 1) / 2 : row->kw; dots > 0; dots--, column += next, w += PARAMETER_BYTES) {
        const v128_t w0 = oct_load(w), w1 = oct_load(w + 16);
        a0 = madd(w0, column, a0), a1 = madd(w1, column + 8, a1);
        b0 = madd(w0, column + step, b0), b1 = madd(w1, column + step + 8, b1);
      }
    }
    const v128_t scale0 = oct_load(w), scale1 = oct_load(w + 16);
    const v128_t a = wasm_i16x8_narrow_i32x4(oct_requantize_4(a0, scale0, range, true),
                                             oct_requantize_4(a1, scale1, range, true));
    const v128_t b = wasm_i16x8_narrow_i32x4(oct_requantize_4(b0, scale0, range, true),
                                             oct_requantize_4(b1, scale1, range, true));
    const v128_t bytes = oct_narrow_clamp(a, b, range);
    oct_store_columns(out, bytes, channels);
    if (x > 1) oct_store_high_columns(out + row->out_stride, bytes, channels);
  }
}

void oct_dwconv_qs8_16c2__simd128(const oct_dwconv_row *row) {
  const int32_t sets = (row->kh + 1) / 2, vectors = row->kh / 2 * row->kw + row->kh % 2 * (row->kw + 1) / 2;
  const int32_t columns = (row->out_width - 1) * row->stride + (row->kw - 1) * row->dilation + 1;
  const oct_requant *range = row->range;
  const bool small = row->kh == 3 && row->kw == 3 && row->dilation == 1 && row->stride <= 2 && !range->wide;
  dwconv_part_fn *run = !small ? run_any : row->stride == 1 ? run_stride_1 : run_stride_2;
  const int32_t step = small ? 4 : 8;
  const uint8_t *block = row->panels;
  uint8_t *scratch = row->scratch;
  for (int32_t c = 0; c < row->channels; c += CHANNELS, block += PARAMETER_BYTES * (vectors + 2)) {
    for (int32_t s = 0; s < sets; s++) {
      const bool odd = 2 * s + 1 == row->kh;
      interleave_rows(row, 2 * s, 2 * s + !odd, odd ? row->dilation : 0, c, columns,
                      scratch + s * (size_t)columns * COLUMN_BYTES);
    }
    for (int32_t part = 0; part < CHANNELS && c + part < row->channels; part += step) {
      run(row, block + 4 * part, scratch + 2 * part, columns, (uint8_t *)row->out + c + part, row->channels - c - part);
    }
  }
}
