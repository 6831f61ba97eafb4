// SPDX-License-Identifier: MIT
//
// Packs integer weights into panels of 8 columns.
//
// Two layouts share one walk over the weights: bytes in groups of 4 along k for the byte dot product, 16-bit words in
// pairs along k where only the 16-bit one exists. The zero points of both operands vanish here: w - w_zero is what is
// stored, and -x_zero * sum(w - w_zero) goes into the bias.
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

static int32_t round_up(int32_t count, int32_t multiple) { return (count + multiple - 1) / multiple * multiple; }

static size_t element_bytes(oct_machine machine) { return machine == OCT_MACHINE_simd128 ? 2 : 1; }

/// w - zero_point of one weight.
static int32_t weight_at(const oct_weights *weights, int32_t tap, int32_t k, int32_t n) {
  const int8_t *data = weights->data;
  const int32_t zero = weights->zero_point ? weights->zero_point[n] : 0;
  return data[weights->tap_offset[tap] + k * weights->k_stride + n * weights->n_stride] - zero;
}

/// The part of a weight that fits a signed byte, or what it leaves.
static int32_t part_of(int32_t weight, int32_t part) {
  const int32_t first = weight < -128 ? -128 : weight > 127 ? 127 : weight;
  return part == 0 ? first : weight - first;
}

int32_t oct_weights_parts(const oct_weights *weights, oct_machine machine) {
  if (!weights->zero_point || machine == OCT_MACHINE_simd128) return 1;
  if (!weights->data) return 2; // not known yet
  for (int32_t n = 0; n < weights->n; n++) {
    if (weights->zero_point[n] == 0) continue;
    for (int32_t tap = 0; tap < weights->taps; tap++) {
      for (int32_t k = 0; k < weights->k; k++) {
        if (part_of(weight_at(weights, tap, k, n), 1) != 0) return 2;
      }
    }
  }
  return 1;
}

double oct_weights_largest_sum(const oct_weights *weights, int32_t n) {
  if (!weights->data) return INFINITY; // not known yet
  const int32_t *bias = weights->bias;
  double sum = bias ? (bias[n] < 0 ? -(double)bias[n] : (double)bias[n]) : 0;
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    for (int32_t k = 0; k < weights->k; k++) {
      const int32_t weight = weight_at(weights, tap, k, n);
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
  return (size_t)weights->parts * round_up(weights->taps * tap_elements(weights), 4);
}

static size_t panel_bytes(const oct_weights *weights, oct_machine machine) {
  return OCT_GEMM_COLUMNS * (4 + column_elements(weights) * element_bytes(machine) + 4);
}

size_t oct_gemm_qs8_packed_bytes(const oct_weights *weights, oct_machine machine) {
  return (size_t)round_up(weights->n, OCT_GEMM_COLUMNS) / OCT_GEMM_COLUMNS * panel_bytes(weights, machine);
}

size_t oct_gemm_qs8_scratch_bytes(int32_t taps, int32_t k, oct_machine machine) {
  return machine == OCT_MACHINE_simd128 ? OCT_GEMM_ROWS * (size_t)taps * round_up(k, 4) * 2 + 8 : 0;
}

/// Writes column `column` of a panel; returns the sum of its weights. Padding stays zero.
static int32_t pack_column(const oct_weights *weights, int32_t n, int32_t column, oct_machine machine, void *values) {
  const int32_t elements = tap_elements(weights), part_elements = round_up(weights->taps * elements, 4);
  uint32_t sum = 0;
  for (int32_t part = 0; part < weights->parts; part++) {
    for (int32_t tap = 0; tap < weights->taps; tap++) {
      for (int32_t k = 0; k < weights->k; k++) {
        const int32_t weight = weight_at(weights, tap, k, n);
        const int32_t value = weights->parts == 1 ? weight : part_of(weight, part);
        const int32_t at = part * part_elements + tap * elements + k;
        sum += (uint32_t)value;
        if (machine == OCT_MACHINE_simd128) {
          ((int16_t *)values)[(at / 2 * OCT_GEMM_COLUMNS + column) * 2 + at % 2] = (int16_t)value;
        } else {
          ((int8_t *)values)[(at / 4 * OCT_GEMM_COLUMNS + column) * 4 + at % 4] = (int8_t)value;
        }
      }
    }
  }
  return (int32_t)sum;
}

void oct_gemm_qs8_pack(const oct_weights *weights, oct_machine machine, void *panels) {
  const int32_t *biases = weights->bias;
  const size_t bytes = panel_bytes(weights, machine);
  memset(panels, 0, oct_gemm_qs8_packed_bytes(weights, machine));
  for (int32_t n = 0; n < weights->n; n++) {
    uint8_t *panel = (uint8_t *)panels + n / OCT_GEMM_COLUMNS * bytes;
    const int32_t column = n % OCT_GEMM_COLUMNS;
    const int32_t sum = pack_column(weights, n, column, machine, panel + 4 * OCT_GEMM_COLUMNS);
    const uint32_t bias = biases ? (uint32_t)biases[n] : 0;
    ((int32_t *)panel)[column] = (int32_t)(bias - (uint32_t)weights->x_zero_point * (uint32_t)sum);
    ((float *)(panel + bytes - 4 * OCT_GEMM_COLUMNS))[column] = weights->scale[n];
  }
}
