// SPDX-License-Identifier: MIT
//
// The contracts of the kernels over quantized bytes, one after the other: between bytes and floats, through a table,
// sums and products. Part of kernels.h.
//
// `count` elements at any alignment; `out` may be an input. Zero points and limits are in the build's sign.
#ifndef OCT_KERNELS_BYTES_H
#define OCT_KERNELS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dtype.h"

/// real = scale * (q - zero_point), each step rounded to float.
typedef struct oct_dequantize_params {
  float scale;
  int32_t zero_point;
} oct_dequantize_params;

typedef void oct_dequantize_q8_fn(const oct_act *in, size_t count, const oct_dequantize_params *params, float *out);

/// q = clamp(rne(x * factor / divisor) + zero_point, lo, hi); not-a-number gives lo. ONNX divides by the scale (factor
/// 1); TFLite multiplies by its reciprocal (divisor 1).
typedef struct oct_quantize_params {
  float factor, divisor;
  int32_t zero_point, lo, hi;
  bool in_steps; // of sums and PRelu: factor and divisor are 1, and no result is 2^22 or more
} oct_quantize_params;

typedef void oct_quantize_f32_fn(const float *in, size_t count, const oct_quantize_params *params, oct_act *out);

/// out[i] = table[in[i]], the byte read unsigned.
typedef void oct_lut_q8_fn(const oct_act *in, size_t count, const oct_act table[256], oct_act *out);

/// out[i] = in[i] within [lo, hi].
typedef void oct_clamp_q8_fn(const oct_act *in, size_t count, int32_t lo, int32_t hi, oct_act *out);

/// out = quantize(dequantize(a) OP dequantize(b)), each step rounded to float: what a sum or a product between the
/// quantizers of an ONNX model means. b_step 0 keeps b at its first element.
typedef struct oct_binary_q8_params {
  oct_dequantize_params a, b; // a negative scale of b makes a difference of the sum
  oct_quantize_params out;
  bool multiplies;
} oct_binary_q8_params;

typedef void oct_binary_q8_fn(const oct_act *a, const oct_act *b, int b_step, size_t count,
                              const oct_binary_q8_params *params, oct_act *out);

/// out = quantize(x < 0 ? x * slope[c] : x), x = dequantize(in), for `pixels` pixels of `channels` channels. Slopes are
/// finite, and 15 beyond the last may be read.
typedef struct oct_prelu_q8_params {
  oct_dequantize_params in;
  oct_quantize_params out;
} oct_prelu_q8_params;

typedef void oct_prelu_q8_fn(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                             const oct_prelu_q8_params *params, oct_act *out);

/// out = clamp(((bias + a * a_factor + b * b_factor) >> shift) + zero_point, lo, hi): XNNPACK's quantized addition.
typedef struct oct_add_qs8_params {
  int32_t bias, a_factor, b_factor, shift, zero_point, lo, hi;
} oct_add_qs8_params;

/// b_step 0 keeps b at its first element.
typedef void oct_add_qs8_fn(const oct_act *a, const oct_act *b, int b_step, size_t count,
                            const oct_add_qs8_params *params, oct_act *out);

/// out = clamp(rne((a - a_zero) * (b - b_zero) * scale) + zero_point, lo, hi): XNNPACK's quantized product.
typedef struct oct_mul_qs8_params {
  float scale;
  int32_t a_zero, b_zero, zero_point, lo, hi;
} oct_mul_qs8_params;

typedef void oct_mul_qs8_fn(const oct_act *a, const oct_act *b, int b_step, size_t count,
                            const oct_mul_qs8_params *params, oct_act *out);

/// out[i][j] = in[j][i] for i < rows, j < columns; strides in elements between rows of each matrix.
typedef void oct_transpose_x8_fn(const uint8_t *in, size_t in_stride, size_t rows, size_t columns, uint8_t *out,
                                 size_t out_stride);
typedef void oct_transpose_x32_fn(const uint32_t *in, size_t in_stride, size_t rows, size_t columns, uint32_t *out,
                                  size_t out_stride);

#endif
