// SPDX-License-Identifier: MIT
//
// The float depthwise row for both SIMD machines, which differ in MADD(a, b, c) = a * b + c alone: 4 channels at a
// time. Included with MADD and KERNEL (the name) defined.
//
// A 3x3 kernel of stride 1 slides: 9 weights and the sums of the next two outputs stay in registers, and every input
// column is loaded once. With other strides the weights stay in registers too; other kernels load each for four outputs.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { CHANNELS = 4 };

OCT_INLINE void store(float *out, v128_t sum, v128_t lo, v128_t hi, int32_t channels) {
  sum = wasm_f32x4_pmin(wasm_f32x4_pmax(sum, lo), hi);
  if (channels >= CHANNELS) {
    wasm_v128_store(out, sum);
  } else {
    wasm_v128_store32_lane(out, sum, 0);
    if (channels > 1) wasm_v128_store32_lane(out + 1, sum, 1);
    if (channels > 2) wasm_v128_store32_lane(out + 2, sum, 2);
  }
}

OCT_INLINE v128_t add_column(v128_t sum, const v128_t column[3], const v128_t w[3]) {
  return MADD(w[2], column[2], MADD(w[1], column[1], MADD(w[0], column[0], sum)));
}

/// 3x3, stride 1: two sums on their way, the first lacking its last column, the second its last two.
OCT_APART void slide_3x3(const oct_dwconv_row *row, const float *block, int32_t c) {
  const oct_clamp_f32 *range = row->range;
  const v128_t bias = oct_load(block), lo = oct_load(range->lo), hi = oct_load(range->hi);
  v128_t w[3][3]; // by column
  OCT_UNROLL
  for (int i = 0; i < 9; i++) w[i % 3][i / 3] = oct_load(block + 4 + 4 * i);
  const size_t step = row->in_stride, out_step = row->out_stride;
  const int32_t channels = row->channels - c, skip = row->x0 < 0 ? 0 : row->x0;
  const uint8_t *in[3];
  for (int i = 0; i < 3; i++) in[i] = (const uint8_t *)row->rows[i] + skip * step + c * sizeof(float);
  const uint8_t *top = in[0], *middle = in[1], *bottom = in[2];
  uint8_t *out = (uint8_t *)row->out + c * sizeof(float) - 2 * (ptrdiff_t)out_step;
  v128_t sum = bias, next = bias;
  int32_t x = row->x0;
  const int32_t first = x + 2, end = first + row->out_width, inside_end = end < row->width ? end : row->width;
  const v128_t nothing[3] = {wasm_f32x4_const_splat(0.0f), wasm_f32x4_const_splat(0.0f), wasm_f32x4_const_splat(0.0f)};
  for (; x < end; x++, out += out_step) {
    v128_t column[3] = {nothing[0], nothing[1], nothing[2]};
    if (x >= 0 && x < inside_end) {
      column[0] = oct_load(top), column[1] = oct_load(middle), column[2] = oct_load(bottom);
      top += step, middle += step, bottom += step;
    }
    if (x >= first) store((float *)out, add_column(sum, column, w[2]), lo, hi, channels);
    sum = add_column(next, column, w[1]);
    next = add_column(bias, column, w[0]);
  }
}

/// One output, over the taps that are inside the image.
OCT_APART v128_t add_taps(const oct_dwconv_row *row, const float *block, int32_t c, int32_t x0) {
  const int32_t dilation = row->dilation;
  int32_t first = 0, end = row->kw;
  while (first < end && x0 + first * dilation < 0) first++;
  while (end > first && x0 + (end - 1) * dilation >= row->width) end--;
  const size_t apart = row->in_stride * dilation;
  v128_t even = oct_load(block), odd = wasm_f32x4_const_splat(0.0f);
  for (int32_t ky = 0; ky < row->kh && first < end; ky++) {
    const float *w = block + 4 + 4 * (ky * row->kw + first);
    const uint8_t *in = (const uint8_t *)row->rows[ky] + (x0 + first * dilation) * row->in_stride + c * sizeof(float);
    int32_t count = end - first;
    for (; count > 1; count -= 2, w += 8, in += 2 * apart) {
      even = MADD(oct_load(w), oct_load(in), even);
      odd = MADD(oct_load(w + 4), oct_load(in + apart), odd);
    }
    if (count > 0) even = MADD(oct_load(w), oct_load(in), even);
  }
  return wasm_f32x4_add(even, odd);
}

/// 3x3 with weights in registers, any stride.
OCT_APART void run_3x3(const oct_dwconv_row *row, const float *block, int32_t c) {
  const oct_clamp_f32 *range = row->range;
  const v128_t bias = oct_load(block), lo = oct_load(range->lo), hi = oct_load(range->hi);
  v128_t w[9];
  OCT_UNROLL
  for (int i = 0; i < 9; i++) w[i] = oct_load(block + 4 + 4 * i);
  const int32_t channels = row->channels - c, stride = row->stride, reach = 2 * row->dilation, width = row->width;
  const size_t apart = row->in_stride * row->dilation, step = row->in_stride * stride, out_step = row->out_stride;
  const ptrdiff_t start = row->x0 * (ptrdiff_t)row->in_stride + c * (ptrdiff_t)sizeof(float);
  // Addresses as numbers: those left of the image are not used.
  uintptr_t top = (uintptr_t)row->rows[0] + start, middle = (uintptr_t)row->rows[1] + start;
  uintptr_t bottom = (uintptr_t)row->rows[2] + start;
  uint8_t *out = (uint8_t *)row->out + c * sizeof(float);
  int32_t x0 = row->x0;
  for (int32_t x = row->out_width; x > 0; x--, x0 += stride, out += out_step) {
    v128_t sum;
    if (x0 >= 0 && x0 + reach < width) {
      v128_t odd = wasm_f32x4_mul(w[1], oct_load((const void *)(top + apart)));
      sum = MADD(w[0], oct_load((const void *)top), bias);
      odd = MADD(w[2], oct_load((const void *)(top + 2 * apart)), odd);
      sum = MADD(w[3], oct_load((const void *)middle), sum);
      odd = MADD(w[4], oct_load((const void *)(middle + apart)), odd);
      sum = MADD(w[5], oct_load((const void *)(middle + 2 * apart)), sum);
      odd = MADD(w[6], oct_load((const void *)bottom), odd);
      sum = MADD(w[7], oct_load((const void *)(bottom + apart)), sum);
      sum = wasm_f32x4_add(MADD(w[8], oct_load((const void *)(bottom + 2 * apart)), sum), odd);
    } else {
      sum = add_taps(row, block, c, x0);
    }
    store((float *)out, sum, lo, hi, channels);
    top += step, middle += step, bottom += step;
  }
}

/// Any kernel: four outputs at a time, one at a time at the edges.
OCT_APART void run_any(const oct_dwconv_row *row, const float *block, int32_t c) {
  enum { OUTPUTS = 4 };
  const oct_clamp_f32 *range = row->range;
  const v128_t bias = oct_load(block), lo = oct_load(range->lo), hi = oct_load(range->hi);
  const int32_t channels = row->channels - c, reach = (row->kw - 1) * row->dilation + (OUTPUTS - 1) * row->stride;
  const size_t apart = row->in_stride * row->dilation, step = row->in_stride * row->stride;
  uint8_t *out = (uint8_t *)row->out + c * sizeof(float);
  int32_t x0 = row->x0;
  for (int32_t left = row->out_width; left > 0;) {
    if (left < OUTPUTS || x0 < 0 || x0 + reach >= row->width) {
      store((float *)out, add_taps(row, block, c, x0), lo, hi, channels);
      left--, x0 += row->stride, out += row->out_stride;
      continue;
    }
    v128_t sum[OUTPUTS] = {bias, bias, bias, bias};
    const float *w = block;
    for (int32_t ky = 0; ky < row->kh; ky++) {
      const uint8_t *in = (const uint8_t *)row->rows[ky] + x0 * row->in_stride + c * sizeof(float);
      for (int32_t kx = row->kw; kx > 0; kx--, in += apart) {
        const v128_t weight = oct_load(w += CHANNELS);
        OCT_UNROLL
        for (int i = 0; i < OUTPUTS; i++) sum[i] = MADD(weight, oct_load(in + i * step), sum[i]);
      }
    }
    OCT_UNROLL
    for (int i = 0; i < OUTPUTS; i++, out += row->out_stride) store((float *)out, sum[i], lo, hi, channels);
    left -= OUTPUTS, x0 += OUTPUTS * row->stride;
  }
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
