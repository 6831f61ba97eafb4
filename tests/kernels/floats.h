// SPDX-License-Identifier: MIT
//
// Tests of the kernels over rows of floats and of pixels (kernels/floats.h).
#ifndef OCT_TESTS_KERNELS_FLOATS_H
#define OCT_TESTS_KERNELS_FLOATS_H

#include "bytes.h"

static bool check_max_q8(const oct_kernel *kernel) {
  BYTES_CASE({
    memcpy(out, b, count), memcpy(expected, b, count);
    OCT_KERNEL_FN(max_q8, kernel)(a, count, out);
    for (size_t i = 0; i < count; i++) expected[i] = a[i] > b[i] ? a[i] : b[i];
  });
}

static bool check_sum_q8(const oct_kernel *kernel) {
  const size_t count = random_length(), bytes = count * sizeof(int32_t);
  oct_act *in = input_alloc(count);
  int32_t *sums = guarded_alloc(bytes), *expected = guarded_alloc(bytes);
  for (size_t i = 0; i < count; i++) {
    sums[i] = (int32_t)random_bits() / 2;
    expected[i] = sums[i] + in[i];
  }
  OCT_KERNEL_FN(sum_q8, kernel)(in, count, sums);
  const bool good = guarded_equal(sums, expected, bytes);
  free(in), guarded_free(sums), guarded_free(expected);
  return good;
}

static float binary_of(int kind, float x, float y) {
  switch (kind) {
    case OCT_ADD_F32: return x + y;
    case OCT_SUB_F32: return x - y;
    case OCT_MUL_F32: return x * y;
    case OCT_DIV_F32: return x / y;
    case OCT_MAX_F32: return x > y ? x : y;
    case OCT_MIN_F32: return x < y ? x : y;
    default: return x < 0 ? x * y : x;
  }
}

static bool check_binary_f32(const oct_kernel *kernel) {
  const oct_binary_f32_kind kind = (oct_binary_f32_kind)random_between(0, OCT_BINARY_F32_COUNT - 1);
  const size_t count = random_length();
  const int a_step = random_bits() & 1, b_step = random_bits() & 1;
  float *a = input_floats(count), *b = input_floats(count);
  float *out = guarded_alloc(count * sizeof *out), *expected = guarded_alloc(count * sizeof *out);
  OCT_KERNEL_FN(binary_f32, kernel)(kind, a, a_step, b, b_step, out, count);
  for (size_t i = 0; i < count; i++) expected[i] = binary_of(kind, a[a_step ? i : 0], b[b_step ? i : 0]);
  const bool good = guarded_equal(out, expected, count * sizeof *out);
  free(a), free(b), guarded_free(out), guarded_free(expected);
  return good;
}

static double unary_of(int kind, double x, double alpha, double beta) {
  switch (kind) {
    case OCT_CLIP_F32: return fmin(fmax(x, alpha), beta);
    case OCT_HARD_SIGMOID_F32: return fmin(fmax(alpha * x + beta, 0), 1);
    case OCT_HARD_SWISH_F32: return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case OCT_SWISH_F32: return x / (1 + exp(-x));
    case OCT_LEAKY_RELU_F32: return x < 0 ? alpha * x : x;
    case OCT_TANH_F32: return tanh(x);
    case OCT_ERF_F32: return erf(x);
    case OCT_EXP_F32: return exp(x);
    case OCT_SQRT_F32: return sqrt(x);
    case OCT_SQUARE_F32: return x * x;
    default: return 1 / (1 + exp(-x));
  }
}

static bool check_unary_f32(const oct_kernel *kernel) {
  const oct_unary_f32_kind kind = (oct_unary_f32_kind)random_between(0, OCT_UNARY_F32_COUNT - 1);
  const size_t count = random_length();
  const float alpha = random_float(-1, 0), beta = random_float(0, 1), reach = random_bits() & 1 ? 4 : 200;
  float *x = input_floats(count), *out = guarded_alloc(count * sizeof *out);
  bool good = true;
  for (size_t i = 0; i < count; i++) x[i] *= reach;
  OCT_KERNEL_FN(unary_f32, kernel)(kind, x, count, alpha, beta, out);
  for (size_t i = 0; i < count; i++) {
    const double wanted = unary_of(kind, x[i], alpha, beta);
    const bool both_end = wanted != wanted ? out[i] != out[i] : (float)wanted == INFINITY && out[i] == INFINITY;
    good &= both_end || fabs(out[i] - wanted) <= 3e-7 * fmax(1, fabs(wanted));
  }
  free(x), guarded_free(out);
  return good;
}

static bool check_softmax_f32(const oct_kernel *kernel) {
  const size_t count = random_length();
  const float beta = random_float(0.1f, 2), reach = random_bits() & 1 ? 4 : 200;
  float *x = input_floats(count), *out = guarded_alloc(count * sizeof *out);
  float *expected = guarded_alloc(count * sizeof *out);
  double largest = -INFINITY, sum = 0;
  for (size_t i = 0; i < count; i++) largest = fmax(largest, x[i] *= reach);
  for (size_t i = 0; i < count; i++) sum += exp((x[i] - largest) * beta);
  OCT_KERNEL_FN(softmax_f32, kernel)(x, count, beta, out);
  for (size_t i = 0; i < count; i++) {
    const double wanted = exp((x[i] - largest) * beta) / sum;
    expected[i] = fabs(out[i] - wanted) <= 1e-6 ? out[i] : (float)wanted;
  }
  const bool good = guarded_equal(out, expected, count * sizeof *out);
  free(x), guarded_free(out), guarded_free(expected);
  return good;
}

static bool check_moment_f32(const oct_kernel *kernel) {
  const size_t count = random_bits() & 7 ? random_length() : (size_t)random_between(2000, 5000);
  const int power = random_between(1, 2);
  const float less = random_float(-3, 3);
  float *x = input_floats(count);
  double wanted = 0, size = 0;
  for (size_t i = 0; i < count; i++) {
    const double term = pow((double)x[i] - less, power);
    wanted += term, size += fabs(term);
  }
  const double found = OCT_KERNEL_FN(moment_f32, kernel)(x, count, less, power);
  free(x);
  return fabs(found - wanted) <= 1e-6 * size;
}

static bool check_normalize_f32(const oct_kernel *kernel) {
  const size_t count = random_length();
  const int step = random_between(0, 1);
  const float mean = random_float(-1, 1), factor = random_float(0.1f, 3);
  float *x = input_floats(count), *scale = input_floats(count), *bias = input_floats(count);
  float *out = guarded_alloc(count * sizeof *out), *expected = guarded_alloc(count * sizeof *out);
  for (size_t i = 0; i < count; i++)
    expected[i] = (x[i] - mean) * factor * scale[step ? i : 0] + bias[step ? i : 0];
  OCT_KERNEL_FN(normalize_f32, kernel)(x, count, mean, factor, scale, bias, step, out);
  const bool good = guarded_equal(out, expected, count * sizeof *out);
  free(x), free(scale), free(bias), guarded_free(out), guarded_free(expected);
  return good;
}

static bool check_bilinear_q8(const oct_kernel *kernel) {
  const int32_t h = random_between(0, 2048), v = random_between(0, 2048);
  BYTES_CASE({
    const oct_act *c = a_block;
    const oct_act *d = b_block;
    OCT_KERNEL_FN(bilinear_q8, kernel)(&(oct_corners){a, b, c, d}, count, h, v, out);
    for (size_t i = 0; i < count; i++) {
      const int64_t top = a[i] * (2048 - h) + b[i] * h, bottom = c[i] * (2048 - h) + d[i] * h;
      expected[i] = (oct_act)((top * (2048 - v) + bottom * v + (1 << 21)) >> 22);
    }
  });
}

static bool check_bilinear_f32(const oct_kernel *kernel) {
  const size_t channels = random_length();
  float *in = input_floats(4 * channels), *out = guarded_alloc(channels * sizeof *out);
  float *expected = guarded_alloc(channels * sizeof *out);
  const float w[4] = {random_float(0, 1), random_float(0, 1), random_float(0, 1), random_float(0, 1)};
  const oct_corners at = {in, in + channels, in + 2 * channels, in + 3 * channels};
  OCT_KERNEL_FN(bilinear_f32, kernel)(&at, channels, w, out);
  for (size_t i = 0; i < channels; i++)
    expected[i] = w[0] * in[i] + w[1] * in[channels + i] + w[2] * in[2 * channels + i] + w[3] * in[3 * channels + i];
  const bool good = guarded_equal(out, expected, channels * sizeof *out);
  free(in), guarded_free(out), guarded_free(expected);
  return good;
}

#endif
