// SPDX-License-Identifier: MIT
//
// Packs integer weights into panels of 8 columns.
//
// Two layouts share one walk over the weights: bytes in groups of 4 along k for the byte dot product, 16-bit words in
// pairs along k where only the 16-bit one exists. The zero points of both operands vanish here: w - w_zero is what is
// stored, and -x_zero * sum(w - w_zero) goes into the bias. A column of bytes where some w - w_zero is none keeps its w
// instead, and -w_zero as its shift.
//
// A column is read twice, surveyed and spread over its panel, tap by tap where its bytes lie in a row, otherwise in lines
// of 64 that are copied.
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

static int32_t round_up(int32_t count, int32_t multiple) { return (count + multiple - 1) / multiple * multiple; }

static size_t element_bytes(oct_machine machine) { return machine == OCT_MACHINE_simd128 ? 2 : 1; }

/// Of a panel's bias and shift.
static size_t head_bytes(oct_machine machine) { return OCT_GEMM_COLUMNS * (machine == OCT_MACHINE_simd128 ? 4 : 6); }

ptrdiff_t oct_weights_column(const oct_weights *weights, int32_t n) {
  return weights->n_offset ? weights->n_offset[n] : n * weights->n_stride;
}

static int32_t zero_point(const oct_weights *weights, int32_t n) {
  return weights->zero_point ? weights->zero_point[n] : 0;
}

/// The bytes of a tap in column n.
static const uint8_t *tap_bytes(const oct_weights *weights, int32_t tap, int32_t n) {
  return (const uint8_t *)weights->data + weights->tap_offset[tap] + oct_weights_column(weights, n);
}

double oct_weights_largest_sum(const oct_weights *weights, int32_t n) {
  if (!weights->data) return INFINITY; // not known yet
  const int32_t *bias = weights->bias;
  double sum = bias ? (bias[n] < 0 ? -(double)bias[n] : (double)bias[n]) : 0;
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    const uint8_t *bytes = tap_bytes(weights, tap, n);
    for (int32_t k = 0; k < weights->k; k++) {
      const int32_t weight = (int8_t)(bytes[k * weights->k_stride] ^ weights->flip) - zero_point(weights, n);
      sum += 255.0 * (weight < 0 ? -weight : weight);
    }
  }
  return sum;
}

/// Elements of a tap in a column, and of the column.
static int32_t tap_elements(const oct_weights *weights) {
  return weights->joined ? weights->k : round_up(weights->k, 4);
}
static size_t column_elements(const oct_weights *weights) {
  return (size_t)round_up(weights->taps * tap_elements(weights), 4);
}

static size_t panel_bytes(const oct_weights *weights, oct_machine machine) {
  return head_bytes(machine) + OCT_GEMM_COLUMNS * (column_elements(weights) * element_bytes(machine) + 4);
}

size_t oct_gemm_qs8_packed_bytes(const oct_weights *weights, oct_machine machine) {
  return (size_t)round_up(weights->n, OCT_GEMM_COLUMNS) / OCT_GEMM_COLUMNS * panel_bytes(weights, machine);
}

size_t oct_gemm_qs8_scratch_bytes(int32_t taps, int32_t k, oct_machine machine) {
  return machine == OCT_MACHINE_simd128 ? OCT_GEMM_ROWS * ((size_t)taps * round_up(k, 4) * 2 + 8) : 0;
}

/// A column on its way: what is done with its bytes, in an order and in pieces that the walk chooses.
typedef struct column {
  const oct_weights *weights;
  oct_survey_s8_fn *survey_bytes;
  oct_survey survey;
  oct_spread_s8_fn *spread_bytes; // with where and how, or NULL: it is surveyed
  uint8_t *to;
  int32_t less;
  bool words;
} column;

/// Takes the next bytes; all but the last of a stretch are whole groups.
static void take_bytes(column *c, const uint8_t *bytes, int32_t count) {
  enum { GROUP_BYTES = 4 * OCT_GEMM_COLUMNS };
  const uint8_t flip = c->weights->flip;
  if (!c->spread_bytes) {
    c->survey_bytes(bytes, (size_t)count, flip, &c->survey);
    return;
  }
  c->spread_bytes(bytes, (size_t)count, flip, c->less, c->words, c->to);
  c->to += (count + 3) / 4 * (c->words ? 2 : 1) * GROUP_BYTES;
}

static void walk_column(column *c, int32_t n) {
  enum { LINE = 64 };
  const oct_weights *weights = c->weights;
  uint8_t line[LINE];
  int32_t count = 0; // bytes in the line
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    const uint8_t *bytes = tap_bytes(weights, tap, n);
    if (weights->k_stride == 1 && !weights->joined) {
      take_bytes(c, bytes, weights->k);
      continue;
    }
    for (int32_t k = 0; k < weights->k; k++) {
      line[count++] = bytes[k * weights->k_stride];
      if (count < LINE && (k + 1 < weights->k || (weights->joined && tap + 1 < weights->taps))) continue;
      take_bytes(c, line, count);
      count = 0;
    }
  }
}

void oct_gemm_qs8_pack(const oct_weights *weights, oct_machine machine, void *panels) {
  const int32_t *biases = weights->bias;
  const size_t bytes = panel_bytes(weights, machine);
  oct_survey_s8_fn *survey_bytes = OCT_KERNEL_FN(survey_s8, oct_kernel_best(OCT_FAMILY_survey_s8));
  oct_spread_s8_fn *spread_bytes = OCT_KERNEL_FN(spread_s8, oct_kernel_best(OCT_FAMILY_spread_s8));
  memset(panels, 0, oct_gemm_qs8_packed_bytes(weights, machine));
  for (int32_t n = 0; n < weights->n; n++) {
    uint8_t *panel = (uint8_t *)panels + n / OCT_GEMM_COLUMNS * bytes;
    const int32_t at = n % OCT_GEMM_COLUMNS;
    column walk = {.weights = weights, .survey_bytes = survey_bytes, .survey = {127, -128, 0}};
    walk_column(&walk, n);
    const int32_t zero = zero_point(weights, n);
    walk.words = machine == OCT_MACHINE_simd128;
    const bool fits = walk.words || (walk.survey.least - zero >= -128 && walk.survey.most - zero <= 127);
    walk.spread_bytes = spread_bytes;
    walk.less = fits ? zero : 0;
    walk.to = panel + head_bytes(machine) + 4 * at;
    walk_column(&walk, n);
    const uint32_t sum = walk.survey.sum - (uint32_t)zero * (uint32_t)weights->taps * (uint32_t)weights->k;
    const uint32_t bias = biases ? (uint32_t)biases[n] : 0;
    ((int32_t *)panel)[at] = (int32_t)(bias - (uint32_t)weights->x_zero_point * sum);
    if (!fits) ((int16_t *)panel)[2 * OCT_GEMM_COLUMNS + at] = (int16_t)-zero;
    ((float *)(panel + bytes - 4 * OCT_GEMM_COLUMNS))[at] = weights->scale[n];
  }
}
