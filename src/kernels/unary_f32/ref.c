// SPDX-License-Identifier: MIT
//
// Activations of floats. e^x is computed so that the compiler can make vectors of it: x = n * ln 2 + r, 2^n by the
// exponent's bits, e^r by its Taylor series up to r^7 (|r| <= 0.35, error below 1e-8). In pieces, as binary_f32 is.
#include "kernels/kernels.h"

static inline float clip(float x, float lo, float hi) {
  x = x < lo ? lo : x;
  return x > hi ? hi : x;
}

/// e^x for |x| <= 87.
static inline float power_of_e(float x) {
  const float shifted = x * 1.44269504f + 12582912.0f; // the magic number rounds to an integer
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f; // ln 2 in two parts
  float series = 1.0f / 5040;
  series = series * r + 1.0f / 720;
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = (series * r + 1.0f) * r + 1.0f;
  union { float real; uint32_t bits; } scale = {.bits = (uint32_t)((int32_t)n + 127) << 23};
  return series * scale.real;
}

/// Not a number stays what it is.
static inline float sigmoid(float x) { return x != x ? x : 1.0f / (1.0f + power_of_e(clip(-x, -87.0f, 87.0f))); }

#define LOOP(kind_name, value)                                                                                         \
  case kind_name:                                                                                                      \
    for (size_t i = 0; i < count; i++) {                                                                               \
      float x = in[i];                                                                                                 \
      out[i] = value;                                                                                                  \
    }                                                                                                                  \
    return;

static inline void compute(oct_unary_f32_kind kind, const float *in, size_t count, float alpha, float beta,
                           float *restrict out) {
  switch (kind) {
    LOOP(OCT_CLIP_F32, clip(x, alpha, beta))
    LOOP(OCT_HARD_SIGMOID_F32, clip(alpha * x + beta, 0.0f, 1.0f))
    LOOP(OCT_HARD_SWISH_F32, x * clip(x / 6.0f + 0.5f, 0.0f, 1.0f))
    LOOP(OCT_LEAKY_RELU_F32, x < 0.0f ? alpha * x : x)
    LOOP(OCT_SIGMOID_F32, sigmoid(x))
    case OCT_UNARY_F32_COUNT: return;
  }
}

enum { PIECE = 64 };

void oct_unary_f32__ref(oct_unary_f32_kind kind, const float *in, size_t count, float alpha, float beta, float *out) {
  float piece[PIECE];
  for (; count; in += PIECE, out += PIECE) {
    size_t now = count < PIECE ? count : PIECE;
    compute(kind, in, now, alpha, beta, piece);
    memcpy(out, piece, now * sizeof *out);
    count -= now;
  }
}
