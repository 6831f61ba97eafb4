// SPDX-License-Identifier: MIT
//
// e^x and what is made of it, so that the compiler can make vectors of them: x = n * ln 2 + r, 2^n by the exponent's
// bits, e^r by its Taylor series up to r^7 (|r| <= 0.35, error below 1e-8).
#ifndef OCT_KERNELS_EXP_H
#define OCT_KERNELS_EXP_H

#include <math.h>
#include <stdint.h>

static inline float oct_clip(float x, float lo, float hi) {
  x = x < lo ? lo : x;
  return x > hi ? hi : x;
}

/// A number and its bits.
typedef union oct_bits {
  float real;
  uint32_t bits;
} oct_bits;

/// e^x to 2e-7 of it; 0 below -87, where floats end.
static inline float oct_exp(float x) {
  const float near = oct_clip(x, -87.0f, 89.0f);
  const oct_bits magic = {.real = 12582912.0f}; // adding it rounds to an integer, which its low bits then hold
  const oct_bits shifted = {.real = near * 1.44269504f + magic.real};
  const float n = shifted.real - magic.real;
  const float r = (near - n * 0.693359375f) + n * 2.12194440e-4f; // ln 2 in two parts
  float series = 1.0f / 5040;
  series = series * r + 1.0f / 720;
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = (series * r + 1.0f) * r + 1.0f;
  const oct_bits half = {.bits = (shifted.bits - magic.bits + 126) << 23}; // 2^n itself may be too large
  const float y = series * half.real * 2.0f;
  return x < -87.0f ? 0.0f : y;
}

/// Odd: a polynomial near 0, where 1 - 2 / (e^2x + 1) would lose digits. As in Cephes.
static inline float oct_tanh(float x) {
  const float size = fabsf(x), square = x * x;
  float near = -5.70498872745e-3f;
  near = near * square + 2.06390887954e-2f;
  near = near * square - 5.37397155531e-2f;
  near = near * square + 1.33314422036e-1f;
  near = near * square - 3.33332819422e-1f;
  near = near * square * size + size;
  const float far = 1.0f - 2.0f / (oct_exp(2.0f * size) + 1.0f);
  return copysignf(size < 0.625f ? near : far, x);
}

/// Odd: a polynomial up to 1 (Cephes), then Abramowitz and Stegun's 7.1.26, to 2e-7.
static inline float oct_erf(float x) {
  const float size = fabsf(x), square = x * x, t = 1.0f / (1.0f + 0.3275911f * size);
  float near = 7.853861353153693e-5f;
  near = near * square - 8.010193625184903e-4f;
  near = near * square + 5.188327685732524e-3f;
  near = near * square - 2.685381193529856e-2f;
  near = near * square + 1.128358514861418e-1f;
  near = near * square - 3.761262582423300e-1f;
  near = near * square + 1.128379165726710f;
  float far = 1.061405429f;
  far = far * t - 1.453152027f;
  far = far * t + 1.421413741f;
  far = far * t - 0.284496736f;
  far = far * t + 0.254829592f;
  far = 1.0f - far * t * oct_exp(-square);
  return copysignf(size < 1.0f ? near * size : far, x);
}

#endif
