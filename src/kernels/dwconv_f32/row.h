// SPDX-License-Identifier: MIT
//
// The float depthwise row for both SIMD machines, which differ in MADD(a, b, c) = a * b + c alone: 4 channels at a time.
// Included with MADD and KERNEL (the name) defined.
//
// A 3x3 kernel of stride 1 slides: 9 weights and the sums of the next two outputs stay in registers, and every input
// column is loaded once. Other kernels add up tap by tap, over the taps that are inside the image.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { CHANNELS = 4 };

OCT_INLINE void store(const oct_dwconv_row *row, float *out, v128_t sum, int32_t channels) {
  const oct_clamp_f32 *range = row->range;
  sum = wasm_f32x4_pmin(wasm_f32x4_pmax(sum, oct_load(range->lo)), oct_load(range->hi));
  if (channels >= CHANNELS) {
    wasm_v128_store(out, sum);
  } else {
    wasm_v128_store32_lane(out, sum, 0);
    if (channels > 1) wasm_v128_store32_lane(out + 1, sum, 1);
    if (channels > 2) wasm_v128_store32_lane(out + 2, sum, 2);
  }
}

/// A column of 3 rows; zeros outside the image.
OCT_INLINE void load_column(const oct_dwconv_row *row, int32_t x, int32_t c, v128_t column[3]) {
  for (int ky = 0; ky < 3; ky++) {
    const bool inside = x >= 0 && x < row->width;
    column[ky] = inside ? oct_load((const uint8_t *)row->rows[ky] + x * row->in_stride + c * sizeof(float))
                        : wasm_f32x4_const_splat(0.0f);
  }
}

OCT_INLINE v128_t add_column(v128_t sum, const v128_t column[3], v128_t w0, v128_t w1, v128_t w2) {
  return MADD(w2, column[2], MADD(w1, column[1], MADD(w0, column[0], sum)));
}

static __attribute__((noinline)) void slide_3x3(const oct_dwconv_row *row, const float *block, int32_t c) {
  const v128_t bias = oct_load(block);
  v128_t w[3][3];
  OCT_UNROLL
  for (int i = 0; i < 9; i++) w[i / 3][i % 3] = oct_load(block + 4 + 4 * i);
  uint8_t *out = (uint8_t *)row->out + c * sizeof(float);
  const int32_t channels = row->channels - c;
  v128_t column[3], sum, next; // sum misses its last column, next its last two
  load_column(row, row->x0, c, column);
  sum = add_column(bias, column, w[0][0], w[1][0], w[2][0]);
  load_column(row, row->x0 + 1, c, column);
  sum = add_column(sum, column, w[0][1], w[1][1], w[2][1]);
  next = add_column(bias, column, w[0][0], w[1][0], w[2][0]);
  for (int32_t x = row->x0 + 2, end = x + row->out_width; x < end; x++, out += row->out_stride) {
    load_column(row, x, c, column);
    store(row, (float *)out, add_column(sum, column, w[0][2], w[1][2], w[2][2]), channels);
    sum = add_column(next, column, w[0][1], w[1][1], w[2][1]);
    next = add_column(bias, column, w[0][0], w[1][0], w[2][0]);
  }
}

/// `kh` and `kw` may be constants where this is inlined.
OCT_INLINE void run_taps(const oct_dwconv_row *row, const float *block, int32_t c, const int32_t kh, const int32_t kw) {
  uint8_t *out = (uint8_t *)row->out + c * sizeof(float);
  const size_t apart = row->in_stride * row->dilation;
  int32_t x0 = row->x0;
  for (int32_t x = 0; x < row->out_width; x++, x0 += row->stride, out += row->out_stride) {
    const int32_t last = x0 + (kw - 1) * row->dilation;
    v128_t sum = oct_load(block), odd = wasm_f32x4_const_splat(0.0f);
    if (x0 >= 0 && last < row->width) {
      const float *w = block + 4;
      for (int32_t ky = 0; ky < kh; ky++) {
        const uint8_t *in = (const uint8_t *)row->rows[ky] + x0 * row->in_stride + c * sizeof(float);
        for (int32_t kx = 0; kx < kw; kx++, in += apart, w += 4) {
          if (kx & 1) odd = MADD(oct_load(w), oct_load(in), odd);
          else sum = MADD(oct_load(w), oct_load(in), sum);
        }
      }
    } else {
      for (int32_t ky = 0; ky < kh; ky++) {
        for (int32_t kx = 0; kx < kw; kx++) {
          const int32_t column = x0 + kx * row->dilation;
          if (column < 0 || column >= row->width) continue;
          const uint8_t *in = (const uint8_t *)row->rows[ky] + column * row->in_stride + c * sizeof(float);
          sum = MADD(oct_load(block + 4 + 4 * (ky * kw + kx)), oct_load(in), sum);
        }
      }
    }
    store(row, (float *)out, wasm_f32x4_add(sum, odd), row->channels - c);
  }
}

static __attribute__((noinline)) void run_3x3(const oct_dwconv_row *row, const float *block, int32_t c) {
  run_taps(row, block, c, 3, 3);
}
static __attribute__((noinline)) void run_any(const oct_dwconv_row *row, const float *block, int32_t c) {
  run_taps(row, block, c, row->kh, row->kw);
}

void KERNEL(const oct_dwconv_row *row) {
  const bool is_3x3 = row->kh == 3 && row->kw == 3, slides = is_3x3 && row->stride == 1 && row->dilation == 1;
  const float *block = row->panels;
  for (int32_t c = 0; c < row->channels; c += CHANNELS, block += 4 * (1 + row->kh * row->kw)) {
    if (slides) slide_3x3(row, block, c);
    else if (is_3x3) run_3x3(row, block, c);
    else run_any(row, block, c);
  }
}
