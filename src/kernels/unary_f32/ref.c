// SPDX-License-Identifier: MIT
//
// Functions of floats (exp.h). `out` may be the input, element for element, as in binary_f32.
#include "kernels/exp.h"
#include "kernels/kernels.h"

#pragma clang diagnostic ignored "-Wpass-failed" // where tests are built without vectors

#define LOOP(kind_name, value)                                                                                         \
  case kind_name:                                                                                                      \
    OCT_VECTORIZE                                                                                                      \
    for (size_t i = 0; i < count; i++) {                                                                               \
      float x = in[i];                                                                                                 \
      out[i] = value;                                                                                                  \
    }                                                                                                                  \
    return;

void oct_unary_f32__ref(oct_unary_f32_kind kind, const float *in, size_t count, float alpha, float beta, float *out) {
  switch (kind) {
    LOOP(OCT_CLIP_F32, oct_clip(x, alpha, beta))
    LOOP(OCT_HARD_SIGMOID_F32, oct_clip(alpha * x + beta, 0.0f, 1.0f))
    LOOP(OCT_HARD_SWISH_F32, x * oct_clip(x / 6.0f + 0.5f, 0.0f, 1.0f))
    LOOP(OCT_SWISH_F32, x * oct_sigmoid(x))
    LOOP(OCT_LEAKY_RELU_F32, x < 0.0f ? alpha * x : x)
    LOOP(OCT_SIGMOID_F32, oct_sigmoid(x))
    LOOP(OCT_TANH_F32, oct_tanh(x))
    LOOP(OCT_ERF_F32, oct_erf(x))
    LOOP(OCT_EXP_F32, oct_exp(x))
    LOOP(OCT_SQRT_F32, sqrtf(x))
    LOOP(OCT_SQUARE_F32, x * x)
    case OCT_UNARY_F32_COUNT: return;
  }
}
