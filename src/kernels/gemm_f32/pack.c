// SPDX-License-Identifier: MIT
//
// Packs float weights into panels of 8 columns. Quantized weights of a layer that runs in float are dequantized here.
//
// Training lets unused weights decay towards nothing. Products of such numbers are subnormal, which costs a hundred
// cycles each, and WebAssembly cannot switch that off. Weights below 2^-60 of a layer's largest one become zero: they
// are beyond what a float sum keeps, and what they made of unused channels is then zero, too.
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

void oct_drop_decayed(float *values, size_t count) {
  float largest = 0.0f;
  for (size_t i = 0; i < count; i++) {
    const float size = fabsf(values[i]);
    largest = size > largest && size < INFINITY ? size : largest;
  }
  const float limit = largest * 0x1p-60f;
  for (size_t i = 0; i < count; i++) values[i] = fabsf(values[i]) < limit ? 0.0f : values[i];
}

/// One tap of the columns from n on, `columns` floats apart: rows of a matrix or columns of one where that is what
/// they are.
static void pack_tap(const oct_weights *weights, int32_t tap, int32_t n, int32_t count, int32_t columns, float *out) {
  const float *from = (const float *)weights->data + weights->tap_offset[tap] + oct_weights_column(weights, n);
  const int32_t k = weights->k;
  const bool is_matrix = !weights->n_offset && (weights->n_stride == 1 || weights->k_stride == 1);
  if (weights->bytes != 4 || weights->scale || !is_matrix) {
    for (int32_t i = 0; i < k; i++, out += columns)
      for (int32_t c = 0; c < count; c++) out[c] = oct_weights_f32(weights, tap, i, n + c);
  } else if (weights->n_stride == 1) {
    for (int32_t i = 0; i < k; i++, out += columns, from += weights->k_stride) memcpy(out, from, count * sizeof *out);
  } else {
    OCT_KERNEL_FN(transpose_x32, oct_kernel_best(OCT_FAMILY_transpose_x32))
    ((const uint32_t *)from, (size_t)weights->n_stride, (size_t)k, (size_t)count, (uint32_t *)out, (size_t)columns);
  }
}

/// Both float layouts: blocks of `columns` columns, each {bias, weights of every tap and k}.
static void pack_blocks(const oct_weights *weights, int32_t columns, float *out) {
  const float *bias = weights->bias;
  for (int32_t n = 0; n < weights->n; n += columns) {
    const int32_t count = weights->n - n < columns ? weights->n - n : columns;
    const size_t tap_floats = (size_t)columns * weights->k;
    if (count < columns) memset(out, 0, (columns + weights->taps * tap_floats) * sizeof *out);
    for (int32_t c = 0; c < count; c++) out[c] = bias ? bias[n + c] : 0.0f;
    out += columns;
    for (int32_t tap = 0; tap < weights->taps; tap++, out += tap_floats)
      pack_tap(weights, tap, n, count, columns, out);
  }
}

static size_t blocks_bytes(const oct_weights *weights, int32_t columns) {
  const size_t block_floats = columns * (1 + (size_t)weights->taps * weights->k);
  return (weights->n + columns - 1) / columns * block_floats * sizeof(float);
}

size_t oct_gemm_f32_packed_bytes(const oct_weights *weights) { return blocks_bytes(weights, OCT_GEMM_COLUMNS); }
void oct_gemm_f32_pack(const oct_weights *weights, void *panels) { pack_blocks(weights, OCT_GEMM_COLUMNS, panels); }

size_t oct_dwconv_f32_packed_bytes(const oct_weights *weights) { return blocks_bytes(weights, 4); }
void oct_dwconv_f32_pack(const oct_weights *weights, void *panels) {
  pack_blocks(weights, 4, panels);
  oct_drop_decayed(panels, blocks_bytes(weights, 4) / sizeof(float));
}
