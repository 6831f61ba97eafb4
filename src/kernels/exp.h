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

/// The numbers of what follows, in memory: V8 makes a vector that stands in the code anew in each turn of a loop, by
/// four instructions, where one that was loaded stays. Polynomials from the highest power on.
extern const struct oct_exp_numbers {
  float one, least, most, log2_e, magic, ln2_high, ln2_low;
  float exp[6];
  float tanh[5], tanh_near;
  float erf[7], erf_far[5], erf_p;
} oct_exp_numbers;

/// c[0] * x^(count - 1) + ... + c[count - 1].
static inline float oct_polynomial(const float *c, int count, float x) {
  float sum = c[0];
  for (int i = 1; i < count; i++) sum = sum * x + c[i];
  return sum;
}

/// e^x to 2e-7 of it; 0 below -87, where floats end.
static inline float oct_exp(float x) {
  const struct oct_exp_numbers *k = &oct_exp_numbers;
  const float near = oct_clip(x, k->least, k->most);
  const oct_bits magic = {.real = k->magic}; // adding it rounds to an integer, which its low bits then hold
  const oct_bits shifted = {.real = near * k->log2_e + magic.real};
  const float n = shifted.real - magic.real;
  const float r = (near - n * k->ln2_high) + n * k->ln2_low; // ln 2 in two parts
  const float series = (oct_polynomial(k->exp, 6, r) * r + k->one) * r + k->one;
  const oct_bits half = {.real = k->exp[5]}; // 2^n itself may be too large
  const oct_bits scale = {.bits = ((shifted.bits - magic.bits) << 23) + half.bits};
  const float y = series * scale.real;
  return x < k->least ? 0.0f : y + y;
}

static inline float oct_sigmoid(float x) { return oct_exp_numbers.one / (oct_exp_numbers.one + oct_exp(-x)); }

/// copysignf, by the bits: compilers take that one lane by lane.
static inline float oct_with_sign(float size, float x) {
  const oct_bits from = {.real = x}, to = {.real = size};
  const oct_bits both = {.bits = (to.bits & 0x7fffffff) | (from.bits & 0x80000000)};
  return both.real;
}

/// Odd: a polynomial near 0, where 1 - 2 / (e^2x + 1) would lose digits. As in Cephes.
static inline float oct_tanh(float x) {
  const struct oct_exp_numbers *k = &oct_exp_numbers;
  const float size = fabsf(x), square = x * x, e = oct_exp(size + size) + k->one;
  const float near = oct_polynomial(k->tanh, 5, square) * square * size + size;
  const float far = k->one - (k->one + k->one) / e;
  return oct_with_sign(size < k->tanh_near ? near : far, x);
}

/// Odd: a polynomial up to 1 (Cephes), then Abramowitz and Stegun's 7.1.26, to 2e-7.
static inline float oct_erf(float x) {
  const struct oct_exp_numbers *k = &oct_exp_numbers;
  const float size = fabsf(x), square = x * x, t = k->one / (k->one + k->erf_p * size);
  const float near = oct_polynomial(k->erf, 7, square);
  const float far = k->one - oct_polynomial(k->erf_far, 5, t) * t * oct_exp(-square);
  return oct_with_sign(size < k->one ? near * size : far, x);
}

#endif
