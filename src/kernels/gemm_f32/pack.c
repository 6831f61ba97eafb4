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

float oct_weights_f32(const oct_weights *weights, int32_t tap, int32_t k, int32_t n) {
  const ptrdiff_t index = weights->tap_offset[tap] + k * weights->k_stride + n * weights->n_stride;
  const float factor = weights->scale ? weights->scale[n] : 1.0f;
  if (weights->bytes == 4) return ((const float *)weights->data)[index] * factor;
  const int32_t zero = weights->zero_point ? weights->zero_point[n] : 0;
  return (float)(((const int8_t *)weights->data)[index] - zero) * factor;
}

void oct_drop_decayed(float *values, size_t count) {
  float largest = 0.0f;
  for (size_t i = 0; i < count; i++) {
    const float size = fabsf(values[i]);
    largest = size > largest && size < INFINITY ? size : largest;
  }
  const float limit = largest * 0x1p-60f;
  for (size_t i = 0; i < count; i++) values[i] = fabsf(values[i]) < limit ? 0.0f : values[i];
}

/// Both float layouts: blocks of `columns` columns, each {bias, weights of every tap and k}.
static void pack_blocks(const oct_weights *weights, int32_t columns, float *blocks) {
  const float *bias = weights->bias;
  const size_t block_floats = columns * (1 + (size_t)weights->taps * weights->k);
  const size_t floats = (weights->n + columns - 1) / columns * block_floats;
  memset(blocks, 0, floats * sizeof(float));
  for (int32_t n = 0; n < weights->n; n++) {
    float *out = blocks + n / columns * block_floats + n % columns;
    *out = bias ? bias[n] : 0.0f;
    for (int32_t tap = 0; tap < weights->taps; tap++) {
      for (int32_t k = 0; k < weights->k; k++) *(out += columns) = oct_weights_f32(weights, tap, k, n);
    }
  }
  oct_drop_decayed(blocks, floats);
}

static size_t blocks_bytes(const oct_weights *weights, int32_t columns) {
  const size_t block_floats = columns * (1 + (size_t)weights->taps * weights->k);
  return (weights->n + columns - 1) / columns * block_floats * sizeof(float);
}

size_t oct_gemm_f32_packed_bytes(const oct_weights *weights) { return blocks_bytes(weights, OCT_GEMM_COLUMNS); }
void oct_gemm_f32_pack(const oct_weights *weights, void *panels) { pack_blocks(weights, OCT_GEMM_COLUMNS, panels); }

size_t oct_dwconv_f32_packed_bytes(const oct_weights *weights) { return blocks_bytes(weights, 4); }
void oct_dwconv_f32_pack(const oct_weights *weights, void *panels) { pack_blocks(weights, 4, panels); }
