// SPDX-License-Identifier: MIT
//
// The contracts of the kernels over rows of floats and of pixels. Part of kernels.h. They are plain C, which the
// compiler turns into vectors: kernels are compiled for speed, the framework for size.
#ifndef OCT_KERNELS_FLOATS_H
#define OCT_KERNELS_FLOATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/dtype.h"
#include "base/keep.h"

/// Before a loop over arrays that are the same or apart. Builds for models of integers go without: these loops are large.
#if OCT_HAS_FAST(gemm_f32) || OCT_HAS_OPERATOR(BINARY) || OCT_HAS_OPERATOR(UNARY) || OCT_HAS_OPERATOR(NORMALIZE)
#define OCT_VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
#else
#define OCT_VECTORIZE
#endif

typedef enum oct_binary_f32_kind {
  OCT_ADD_F32, OCT_SUB_F32, OCT_MUL_F32, OCT_DIV_F32, OCT_MAX_F32, OCT_MIN_F32,
  OCT_PRELU_F32, // a < 0 ? a * b : a
  OCT_BINARY_F32_COUNT
} oct_binary_f32_kind;

/// out[i] = a[i * a_step] OP b[i * b_step]; steps are 0 or 1; out may be an input.
typedef void oct_binary_f32_fn(oct_binary_f32_kind kind, const float *a, int a_step, const float *b, int b_step,
                               float *out, size_t count);

typedef enum oct_unary_f32_kind {
  OCT_CLIP_F32,         // min(max(x, alpha), beta)
  OCT_HARD_SIGMOID_F32, // max(0, min(1, alpha * x + beta))
  OCT_HARD_SWISH_F32,   // x * max(0, min(1, x / 6 + 0.5))
  OCT_SWISH_F32,        // x / (1 + e^-x), to 3e-7 of it
  OCT_LEAKY_RELU_F32,   // x < 0 ? alpha * x : x
  OCT_SIGMOID_F32,      // 1 / (1 + e^-x), to 3e-7
  OCT_TANH_F32,         // to 3e-7
  OCT_ERF_F32,          // to 3e-7
  OCT_EXP_F32,          // e^x, to 3e-7 of it
  OCT_SQRT_F32,
  OCT_SQUARE_F32,
  OCT_UNARY_F32_COUNT
} oct_unary_f32_kind;

/// out may be the input.
typedef void oct_unary_f32_fn(oct_unary_f32_kind kind, const float *in, size_t count, float alpha, float beta,
                              float *out);

/// out[i] = e^(beta * (x[i] - max)) over the sum of these, for a row of `count` >= 1; out may be the input.
typedef void oct_softmax_f32_fn(const float *x, size_t count, float beta, float *out);

/// The sum of (x[i] - less)^power; power is 1 or 2. To 1e-6 of the sum of the terms' magnitudes.
typedef double oct_moment_f32_fn(const float *x, size_t count, float less, int power);

/// out[i] = (x[i] - mean) * factor * scale[i * step] + bias[i * step]; step is 0 or 1; out may be the input.
typedef void oct_normalize_f32_fn(const float *x, size_t count, float mean, float factor, const float *scale,
                                  const float *bias, int step, float *out);

/// out[i] = max(a[i], out[i]).
typedef void oct_max_q8_fn(const oct_act *a, size_t count, oct_act *out);

/// sums[i] += in[i].
typedef void oct_sum_q8_fn(const oct_act *in, size_t count, int32_t *sums);

/// One output pixel of a bilinear resize: four pixels, left and right in a top and a bottom row, blended channel by
/// channel. q8 blends along the row by `h`, then between the rows by `v`, both 0..2048, and rounds half up; f32 adds
/// the four pixels times their weights, in order.
typedef struct oct_corners {
  const void *top_left, *top_right, *bottom_left, *bottom_right;
} oct_corners;

typedef void oct_bilinear_q8_fn(const oct_corners *at, size_t channels, int32_t h, int32_t v, oct_act *out);
typedef void oct_bilinear_f32_fn(const oct_corners *at, size_t channels, const float weights[4], float *out);

#endif
