// SPDX-License-Identifier: MIT
//
// Tests of the kernels over bytes (kernels/bytes.h): each against the formula of its contract, at odd lengths and
// alignments.
#ifndef OCT_TESTS_KERNELS_BYTES_H
#define OCT_TESTS_KERNELS_BYTES_H

#include "harness.h"

enum { BYTES_BENCH = 1 << 16 };

static int32_t random_act(void) { return random_between(OCT_ACT_MIN, OCT_ACT_MAX); }

static oct_act clamp_act(double value, int32_t lo, int32_t hi) {
  return (oct_act)(!(value > lo) ? lo : value > hi ? hi : (int32_t)value);
}

/// A length, and how far from alignment the data starts.
static size_t random_length(void) { return (size_t)random_between(1, random_bits() & 1 ? 20 : 200); }

/// Runs its statements with two inputs of `count` bytes, an output and an expected output; returns whether they agree.
#define BYTES_CASE(...)                                                                                                \
  const size_t count = random_length(), shift = random_bits() & 15;                                                    \
  oct_act *a_block = input_alloc(count + shift), *b_block = input_alloc(count + shift);                                \
  const oct_act *a = a_block + shift, *b = b_block + shift;                                                            \
  oct_act *out = guarded_alloc(count), *expected = guarded_alloc(count);                                               \
  (void)a, (void)b;                                                                                                    \
  __VA_ARGS__;                                                                                                         \
  const bool good = guarded_equal(out, expected, count);                                                               \
  free(a_block), free(b_block), guarded_free(out), guarded_free(expected);                                             \
  return good

static bool check_lut_q8(const oct_kernel *kernel) {
  oct_act table[256];
  random_bytes(table, sizeof table);
  BYTES_CASE({
    OCT_KERNEL_FN(lut_q8, kernel)(a, count, table, out);
    for (size_t i = 0; i < count; i++) expected[i] = table[(uint8_t)a[i]];
  });
}

static bool check_clamp_q8(const oct_kernel *kernel) {
  const int32_t lo = random_act(), hi = random_between(lo, OCT_ACT_MAX);
  BYTES_CASE({
    OCT_KERNEL_FN(clamp_q8, kernel)(a, count, lo, hi, out);
    for (size_t i = 0; i < count; i++) expected[i] = clamp_act(a[i], lo, hi);
  });
}

static bool check_quantize_f32(const oct_kernel *kernel) {
  const oct_quantize_params params = {random_float(0.5f, 2), random_float(0.001f, 0.02f), random_act(), OCT_ACT_MIN,
                                      random_between(OCT_ACT_MIN + 1, OCT_ACT_MAX), false};
  float *x = input_floats(220);
  for (int i = 0; i < 220; i += 7) x[i] = i % 3 ? (i % 2 ? NAN : INFINITY) : -1e30f;
  BYTES_CASE({
    OCT_KERNEL_FN(quantize_f32, kernel)(x, count, &params, out);
    for (size_t i = 0; i < count; i++) {
      const float scaled = x[i] * params.factor / params.divisor;
      expected[i] = clamp_act((double)rintf(scaled) + params.zero_point, params.lo, params.hi);
    }
    free(x);
  });
}

static bool check_dequantize_q8(const oct_kernel *kernel) {
  const oct_dequantize_params params = {random_float(0.001f, 3), random_act()};
  const size_t count = random_length();
  oct_act *in = input_alloc(count);
  float *out = guarded_alloc(count * sizeof *out), *expected = guarded_alloc(count * sizeof *out);
  OCT_KERNEL_FN(dequantize_q8, kernel)(in, count, &params, out);
  for (size_t i = 0; i < count; i++) expected[i] = params.scale * (float)(in[i] - params.zero_point);
  const bool good = guarded_equal(out, expected, count * sizeof *out);
  free(in), guarded_free(out), guarded_free(expected);
  return good;
}

static bool check_add_qs8(const oct_kernel *kernel) {
  oct_add_qs8_params params = {.shift = random_between(13, 30), .zero_point = random_act(), .lo = OCT_ACT_MIN,
                               .hi = random_between(OCT_ACT_MIN + 1, OCT_ACT_MAX)};
  params.a_factor = random_between(-(1 << 20), 1 << 20), params.b_factor = random_between(-(1 << 20), 1 << 20);
  params.bias = (1 << (params.shift - 1)) - params.a_factor * random_act() / 2 - params.b_factor * random_act() / 2;
  const int step = random_bits() & 1;
  BYTES_CASE({
    OCT_KERNEL_FN(add_qs8, kernel)(a, b, step, count, &params, out);
    for (size_t i = 0; i < count; i++) {
      const int64_t sum = (int64_t)params.bias + a[i] * params.a_factor + (int64_t)b[step ? i : 0] * params.b_factor;
      expected[i] = clamp_act(((int32_t)sum >> params.shift) + params.zero_point, params.lo, params.hi);
    }
  });
}

static bool check_mul_qs8(const oct_kernel *kernel) {
  const oct_mul_qs8_params params = {random_float(0.0001f, random_bits() & 1 ? 0.02f : 200), random_act(), random_act(),
                                     random_act(), OCT_ACT_MIN, random_between(OCT_ACT_MIN + 1, OCT_ACT_MAX)};
  const int step = random_bits() & 1;
  BYTES_CASE({
    OCT_KERNEL_FN(mul_qs8, kernel)(a, b, step, count, &params, out);
    for (size_t i = 0; i < count; i++) {
      const int32_t product = (a[i] - params.a_zero) * (b[step ? i : 0] - params.b_zero);
      expected[i] = clamp_act((double)rintf((float)product * params.scale) + params.zero_point, params.lo, params.hi);
    }
  });
}

static oct_act quantized_act(float real, const oct_quantize_params *by) {
  const float scaled = real * by->factor / by->divisor;
  return clamp_act((double)rintf(scaled) + by->zero_point, by->lo, by->hi);
}

static oct_quantize_params random_quantizer(void) {
  return (oct_quantize_params){1, random_float(0.001f, 0.02f), random_act(), OCT_ACT_MIN,
                               random_between(OCT_ACT_MIN + 1, OCT_ACT_MAX), false};
}

/// Of sums and PRelu: by division, in steps, or by a scale of 1, which says nothing of how large results are.
static oct_quantize_params random_quantizer_or_steps(void) {
  oct_quantize_params params = random_quantizer();
  if (random_bits() & 1) params.divisor = 1, params.in_steps = random_bits() & 1;
  return params;
}

/// A scale of inputs that makes the most of the output's range.
static float random_scale(const oct_quantize_params *out) {
  if (out->in_steps) return random_float(0.1f, 3);
  return out->divisor == 1 ? random_float(0.1f, 1e6f) : random_float(0.001f, 0.03f);
}

static bool check_binary_q8(const oct_kernel *kernel) {
  const oct_quantize_params quantizer = random_quantizer_or_steps();
  const float sign = random_bits() & 1 ? 1 : -1;
  const oct_binary_q8_params params = {{random_scale(&quantizer), random_act()},
                                       {sign * random_scale(&quantizer), random_act()},
                                       quantizer, random_bits() & 1};
  const int step = random_bits() & 1;
  BYTES_CASE({
    OCT_KERNEL_FN(binary_q8, kernel)(a, b, step, count, &params, out);
    for (size_t i = 0; i < count; i++) {
      const float x = params.a.scale * (float)(a[i] - params.a.zero_point);
      const float y = params.b.scale * (float)(b[step ? i : 0] - params.b.zero_point);
      expected[i] = quantized_act(params.multiplies ? x * y : x + y, &params.out);
    }
  });
}

static bool check_prelu_q8(const oct_kernel *kernel) {
  const oct_quantize_params quantizer = random_quantizer_or_steps();
  const oct_prelu_q8_params params = {{random_scale(&quantizer), random_act()}, quantizer};
  const size_t channels = (size_t)random_between(1, 40), pixels = (size_t)random_between(1, 9);
  const size_t total = pixels * channels;
  float *slope = input_floats(channels);
  oct_act *in = input_alloc(total), *out = guarded_alloc(total), *expected = guarded_alloc(total);
  OCT_KERNEL_FN(prelu_q8, kernel)(in, pixels, channels, slope, &params, out);
  for (size_t i = 0; i < total; i++) {
    const float x = params.in.scale * (float)(in[i] - params.in.zero_point);
    expected[i] = quantized_act(x < 0 ? x * slope[i % channels] : x, &params.out);
  }
  const bool good = guarded_equal(out, expected, total);
  free(slope), free(in), guarded_free(out), guarded_free(expected);
  return good;
}

static bool check_survey_s8(const oct_kernel *kernel) {
  const size_t count = (size_t)random_between(0, 100);
  const uint8_t flip = random_bits() & 1 ? 0x80 : 0;
  uint8_t *in = (uint8_t *)input_alloc(count);
  oct_survey survey = {127, -128, random_bits()}, expected = survey;
  for (size_t i = 0; i < count; i++) {
    const int32_t weight = (int8_t)(in[i] ^ flip);
    if (weight < expected.least) expected.least = weight;
    if (weight > expected.most) expected.most = weight;
    expected.sum += (uint32_t)weight;
  }
  OCT_KERNEL_FN(survey_s8, kernel)(in, count, flip, &survey);
  free(in);
  return memcmp(&survey, &expected, sizeof survey) == 0;
}

static bool check_spread_s8(const oct_kernel *kernel) {
  const size_t count = (size_t)random_between(0, 100), fours = (count + 3) / 4;
  const bool words = random_bits() & 1;
  const int32_t less = words ? random_between(-128, 127) : random_between(-20, 20);
  const uint8_t flip = random_bits() & 1 ? 0x80 : 0;
  const size_t bytes = fours * (words ? 2 : 1) * 4 * OCT_GEMM_COLUMNS;
  uint8_t *in = (uint8_t *)input_alloc(count), *out = guarded_alloc(bytes), *expected = guarded_alloc(bytes);
  if (!words) {
    for (size_t i = 0; i < count; i++) in[i] = (uint8_t)(random_between(-100, 100) ^ flip);
  }
  memset(out, 1, bytes), memset(expected, 1, bytes);
  for (size_t i = 0; i < 4 * fours; i++) {
    const int16_t weight = i < count ? (int16_t)((int8_t)(in[i] ^ flip) - less) : 0;
    if (words) memcpy(expected + i / 2 * 4 * OCT_GEMM_COLUMNS + i % 2 * 2, &weight, 2);
    else expected[i / 4 * 4 * OCT_GEMM_COLUMNS + i % 4] = (uint8_t)weight;
  }
  OCT_KERNEL_FN(spread_s8, kernel)(in, count, flip, less, words, out);
  const bool good = guarded_equal(out, expected, bytes);
  free(in), guarded_free(out), guarded_free(expected);
  return good;
}

/// Both transpositions, by the element's size.
static bool check_transpose(const oct_kernel *kernel, size_t unit) {
  const bool narrow = random_bits() & 1;
  const size_t rows = narrow && random_bits() & 1 ? 3 : (size_t)random_between(1, 70);
  const size_t columns = narrow && rows != 3 ? 3 : (size_t)random_between(1, 70);
  const size_t in_stride = rows + (narrow ? 0 : random_bits() % 5);
  const size_t out_stride = columns + (narrow ? 0 : random_bits() % 5);
  uint8_t *in = input_alloc(in_stride * columns * unit);
  uint8_t *out = guarded_alloc(out_stride * rows * unit), *expected = guarded_alloc(out_stride * rows * unit);
  if (unit == 1) OCT_KERNEL_FN(transpose_x8, kernel)(in, in_stride, rows, columns, out, out_stride);
  else OCT_KERNEL_FN(transpose_x32, kernel)((uint32_t *)in, in_stride, rows, columns, (uint32_t *)out, out_stride);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      memcpy(expected + (i * out_stride + j) * unit, in + (j * in_stride + i) * unit, unit);
  const bool good = guarded_equal(out, expected, out_stride * rows * unit);
  if (!good) printf("transpose %zu bytes: %zu x %zu\n", unit, rows, columns);
  free(in), guarded_free(out), guarded_free(expected);
  return good;
}

static bool check_transpose_x8(const oct_kernel *kernel) { return check_transpose(kernel, 1); }
static bool check_transpose_x32(const oct_kernel *kernel) { return check_transpose(kernel, 4); }

/// One long run of a kernel over BYTES_BENCH elements, for timing.
typedef struct bytes_bench {
  const oct_kernel *kernel;
  oct_act *a, *b, *out;
  float *floats;
} bytes_bench;

static void bench_bytes_once(void *state) {
  const bytes_bench *s = state;
  static const oct_act table[256] = {1, 2, 3};
  switch (s->kernel->family) {
    case OCT_FAMILY_lut_q8: OCT_KERNEL_FN(lut_q8, s->kernel)(s->a, BYTES_BENCH, table, s->out); break;
    case OCT_FAMILY_clamp_q8: OCT_KERNEL_FN(clamp_q8, s->kernel)(s->a, BYTES_BENCH, 3, 90, s->out); break;
    case OCT_FAMILY_quantize_f32:
      OCT_KERNEL_FN(quantize_f32, s->kernel)
      (s->floats, BYTES_BENCH, &(oct_quantize_params){1, 0.01f, 5, OCT_ACT_MIN, OCT_ACT_MAX, false}, s->out);
      break;
    case OCT_FAMILY_dequantize_q8:
      OCT_KERNEL_FN(dequantize_q8, s->kernel)(s->a, BYTES_BENCH, &(oct_dequantize_params){0.01f, 5}, s->floats);
      break;
    case OCT_FAMILY_add_qs8:
      OCT_KERNEL_FN(add_qs8, s->kernel)
      (s->a, s->b, 1, BYTES_BENCH, &(oct_add_qs8_params){9, 1 << 19, 1 << 18, 20, 5, OCT_ACT_MIN, OCT_ACT_MAX}, s->out);
      break;
    case OCT_FAMILY_binary_q8:
      OCT_KERNEL_FN(binary_q8, s->kernel)
      (s->a, s->b, 1, BYTES_BENCH,
       &(oct_binary_q8_params){{0.1f, 3}, {0.2f, 4}, {1, 0.2f, 5, OCT_ACT_MIN, OCT_ACT_MAX, false}, false}, s->out);
      break;
    case OCT_FAMILY_prelu_q8:
      OCT_KERNEL_FN(prelu_q8, s->kernel)
      (s->a, BYTES_BENCH / 64, 64, s->floats,
       &(oct_prelu_q8_params){{0.1f, 3}, {1, 0.2f, 5, OCT_ACT_MIN, OCT_ACT_MAX, false}}, s->out);
      break;
    case OCT_FAMILY_transpose_x8:
      OCT_KERNEL_FN(transpose_x8, s->kernel)
      ((uint8_t *)s->a, BYTES_BENCH / 64, BYTES_BENCH / 64, 64, (uint8_t *)s->out, 64);
      break;
    case OCT_FAMILY_transpose_x32:
      OCT_KERNEL_FN(transpose_x32, s->kernel)
      ((uint32_t *)s->floats, BYTES_BENCH / 128, BYTES_BENCH / 128, 64, (uint32_t *)s->floats + BYTES_BENCH / 2, 64);
      break;
    default:
      OCT_KERNEL_FN(mul_qs8, s->kernel)
      (s->a, s->b, 1, BYTES_BENCH, &(oct_mul_qs8_params){0.01f, 4, 5, 6, OCT_ACT_MIN, OCT_ACT_MAX}, s->out);
  }
}

static void bench_bytes(const oct_kernel *kernel) {
  bytes_bench state = {kernel, input_alloc(BYTES_BENCH), input_alloc(BYTES_BENCH), input_alloc(BYTES_BENCH),
                       input_floats(BYTES_BENCH)};
  bench_report(kernel->name, "65536", BYTES_BENCH, 0, bench_bytes_once, &state);
  free(state.a), free(state.b), free(state.out), free(state.floats);
}

#endif
