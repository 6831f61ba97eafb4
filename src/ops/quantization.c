// SPDX-License-Identifier: MIT
//
// What operators on bytes share: TFLite's fixed point, tables of requantized bytes, and proofs over all bytes.
#include "ops/quantization.h"

#include <limits.h>
#include <math.h>
#include <string.h>

oct_fixed oct_fixed_of(double real) {
  const double most = INT32_MAX * 0.5; // the factor INT32_MAX at the shift 30
  int shift;
  int64_t factor = (int64_t)round(frexp(fmax(-most, fmin(real, most)), &shift) * 0x1.0p31);
  if (factor == INT64_C(1) << 31) factor /= 2, shift++;
  return shift < -31 ? (oct_fixed){0, 0} : (oct_fixed){(int32_t)factor, shift};
}

int32_t oct_fixed_times(int32_t x, oct_fixed by) {
  int64_t wide = (int64_t)x * (by.shift > 0 ? INT64_C(1) << by.shift : 1);
  wide = wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : wide;
  int64_t product = wide * by.factor, half = INT64_C(1) << 30;
  int64_t high = (product + (product >= 0 ? half : 1 - half)) / (INT64_C(1) << 31);
  int32_t right = by.shift < 0 ? -by.shift : 0;
  int64_t mask = (INT64_C(1) << right) - 1, rest = high & mask;
  return (int32_t)((high >> right) + (rest > (mask >> 1) + (high < 0)));
}

void oct_requantize_table(const oct_quant *from, const oct_quant *to, oct_act table[256]) {
  oct_dequantize_params dequantize = oct_dequantize_params_of(from);
  oct_quantize_params quantize = oct_quantize_params_of(to, -INFINITY, INFINITY);
  for (int32_t q = OCT_ACT_MIN; q <= OCT_ACT_MAX; q++) {
    oct_act byte = (oct_act)q;
    float real;
    oct_dequantize_q8__ref(&byte, 1, &dequantize, &real);
    oct_quantize_f32__ref(&real, 1, &quantize, &table[(uint8_t)q]);
  }
}

// --- in steps -------------------------------------------------------------------------------------------------------
//
// A float divided by a scale is the same float dequantized to steps at once, but for an ulp or two, and so is the byte
// that it becomes, unless it lies that close to the middle between two. Bytes are few enough to try them all; where one
// comes out differently, a neighbour of the scale may do.

enum { BYTES = 256, NEIGHBOURS = 5, VECTOR = 16 };

static float neighbour(float value, int i) {
  static const int32_t ulps[NEIGHBOURS] = {0, 1, -1, 2, -2};
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits += ulps[i];
  memcpy(&value, &bits, sizeof bits);
  return value;
}

/// The scale of an input in steps of the output, or a neighbour.
static float scale_in_steps(float scale, const oct_quantize_params *out, int i) {
  return neighbour(scale * out->factor / out->divisor, i);
}

static oct_quantize_params of_steps(const oct_quantize_params *literal) {
  return (oct_quantize_params){1, 1, literal->zero_point, literal->lo, literal->hi, true};
}

static void all_bytes(oct_act *bytes) {
  for (int i = 0; i < BYTES; i++) bytes[i] = (oct_act)(OCT_ACT_MIN + i);
}

static bool is_same_sum(oct_binary_q8_fn *kernel, const oct_binary_q8_params *params,
                        const oct_binary_q8_params *trial) {
  oct_act bytes[BYTES], literal[BYTES], tried[BYTES];
  all_bytes(bytes);
  for (int b = 0; b < BYTES; b++) {
    kernel(bytes, &bytes[b], 0, BYTES, params, literal);
    kernel(bytes, &bytes[b], 0, BYTES, trial, tried);
    if (memcmp(literal, tried, BYTES)) return false;
  }
  return true;
}

void oct_sum_in_steps(oct_binary_q8_fn *kernel, oct_binary_q8_params *params) {
  oct_binary_q8_params trial = *params;
  trial.out = of_steps(&params->out);
  for (int i = 0; i < NEIGHBOURS * NEIGHBOURS; i++) {
    trial.a.scale = scale_in_steps(params->a.scale, &params->out, i % NEIGHBOURS);
    trial.b.scale = scale_in_steps(params->b.scale, &params->out, i / NEIGHBOURS);
    if (!is_same_sum(kernel, params, &trial)) continue;
    *params = trial;
    return;
  }
}

/// Whether one channel's bytes are those of `params` and `slope` with `trial` and `other`.
static bool is_same_channel(oct_prelu_q8_fn *kernel, const oct_prelu_q8_params *params, float slope,
                            const oct_prelu_q8_params *trial, float other) {
  const float slopes[2][VECTOR] = {{slope}, {other}};
  oct_act bytes[BYTES + VECTOR], literal[BYTES], tried[BYTES]; // kernels read whole vectors
  all_bytes(bytes);
  kernel(bytes, BYTES, 1, slopes[0], params, literal);
  kernel(bytes, BYTES, 1, slopes[1], trial, tried);
  return !memcmp(literal, tried, BYTES);
}

/// Sets `trial` so that bytes that are not negative come out as they do by division.
static bool find_scale(oct_prelu_q8_fn *kernel, const oct_prelu_q8_params *params, oct_prelu_q8_params *trial) {
  trial->out = of_steps(&params->out);
  for (int i = 0; i < NEIGHBOURS; i++) {
    trial->in.scale = scale_in_steps(params->in.scale, &params->out, i);
    if (is_same_channel(kernel, params, 0, trial, 0)) return true;
  }
  return false;
}

static bool find_slope(oct_prelu_q8_fn *kernel, const oct_prelu_q8_params *params, float slope,
                       const oct_prelu_q8_params *trial, float *other) {
  for (int i = 1; i < NEIGHBOURS; i++) {
    *other = neighbour(slope, i);
    if (is_same_channel(kernel, params, slope, trial, *other)) return true;
  }
  return false;
}

/// Finds a slope for each channel. `rows` are three of `channels` bytes each.
static bool find_slopes(oct_prelu_q8_fn *kernel, const oct_prelu_q8_params *params, const float *slope,
                        const oct_prelu_q8_params *trial, float *others, size_t channels, oct_act *rows) {
  oct_act *bytes = rows, *literal = rows + channels, *tried = literal + channels;
  for (int32_t q = OCT_ACT_MIN; q < params->in.zero_point; q++) {
    memset(bytes, (uint8_t)q, channels);
    kernel(bytes, 1, channels, slope, params, literal);
    kernel(bytes, 1, channels, others, trial, tried);
    if (!memcmp(literal, tried, channels)) continue;
    for (size_t c = 0; c < channels; c++)
      if (literal[c] != tried[c] && !find_slope(kernel, params, slope[c], trial, &others[c])) return false;
  }
  return true;
}

void oct_prelu_in_steps(oct_prelu_q8_fn *kernel, oct_prelu_q8_params *params, float *slope, size_t channels,
                        oct_arena *work) {
  oct_prelu_q8_params trial = *params;
  const size_t bytes = (channels + VECTOR) * sizeof *slope;
  float *others = oct_arena_alloc(work, bytes);
  oct_act *rows = oct_arena_alloc(work, 3 * channels + VECTOR);
  if (!others || !rows || !find_scale(kernel, params, &trial)) return;
  memcpy(others, slope, bytes);
  if (!find_slopes(kernel, params, slope, &trial, others, channels, rows)) return;
  memcpy(slope, others, bytes), *params = trial;
}
