// SPDX-License-Identifier: MIT
//
// Requantization: from a 32-bit sum of products to a quantized byte. Defined once, here, and obeyed bit for bit by every
// kernel and every backend.
//
//   scale = fround(fround(x_scale * w_scale) / y_scale)                    one float per tensor or per output channel
//   y     = clamp(rne(fround(float(acc) * scale)) + y_zero_point, lo, hi)  rne: round half to even
//
// It is onnxruntime's and XNNPACK's formula, hence LiteRT's (docs/quantization.md). SIMD kernels round by adding the
// magic number 1.5 * 2^23: the sum's unit in the last place is 1, so the addition itself rounds half to even, and the
// integer stands in the low bits of the float. That holds for |acc * scale| < 2^22. Where the packed weights' largest
// possible sum stays below (oct_requant_is_narrow) nothing else is needed, saturating narrowing does the rest; otherwise
// a kernel also takes the maximum with `floor`, which catches the sums that are too small, whose bits would be negative
// floats (those too large only turn into larger integers).
#ifndef OCT_BASE_REQUANT_H
#define OCT_BASE_REQUANT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/dtype.h"

/// Parameters of one output tensor. Vectors stand in memory on purpose: V8 rebuilds vector constants at every use.
typedef struct oct_requant {
  float magic[4];
  int32_t floor[4];           // bits of the smallest float that still rounds right
  int32_t magic_less_zero[4]; // what to subtract from the bits
  oct_act lo[16], hi[16];     // the clamp, within OCT_ACT_MIN..OCT_ACT_MAX
  int32_t zero_point;
  bool wide; // |acc * scale| may reach 2^22
} oct_requant;

#define OCT_REQUANT_MAGIC 12582912.0f // 1.5 * 2^23

/// The factor from sums to output steps.
static inline float oct_requant_scale(float x_scale, float w_scale, float y_scale) {
  float product = x_scale * w_scale;
  return product / y_scale;
}

/// The definition.
static inline oct_act oct_requantize(int32_t acc, float scale, const oct_requant *params) {
  float value = (float)acc * scale;
  value = fminf(fmaxf(value, -4194304.0f), 4194304.0f); // far outside any byte; now it converts
  int32_t y = (int32_t)rintf(value) + params->zero_point;
  if (y < params->lo[0]) y = params->lo[0];
  if (y > params->hi[0]) y = params->hi[0];
  return (oct_act)y;
}

/// True when |sum| <= largest_sum stays inside the magic number's range.
static inline bool oct_requant_is_narrow(double largest_sum, float scale) {
  return largest_sum * (double)scale < 4194304.0 - 1024.0;
}

static inline void oct_requant_init(oct_requant *params, int32_t zero_point, int32_t lo, int32_t hi, bool wide) {
  const float magic = OCT_REQUANT_MAGIC, least = OCT_REQUANT_MAGIC - 4194304.0f + 1.0f;
  int32_t magic_bits, least_bits;
  memcpy(&magic_bits, &magic, sizeof magic);
  memcpy(&least_bits, &least, sizeof least);
  for (int i = 0; i < 4; i++) {
    params->magic[i] = magic;
    params->floor[i] = least_bits;
    params->magic_less_zero[i] = magic_bits - zero_point;
  }
  memset(params->lo, lo, sizeof params->lo);
  memset(params->hi, hi, sizeof params->hi);
  params->zero_point = zero_point;
  params->wide = wide;
}

#endif
