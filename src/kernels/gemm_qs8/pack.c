// SPDX-License-Identifier: MIT
//
// Packs integer weights into panels of 8 columns.
//
// Two layouts share one walk over the weights: bytes in groups of 4 along k for the byte dot product, 16-bit words in
// pairs along k where only the 16-bit one exists. The zero points of both operands vanish here: w - w_zero is what is
// stored, and -x_zero * sum(w - w_zero) goes into the bias. A column of bytes where some w - w_zero is none keeps its w
// instead, and -w_zero as its shift.
//
// A column is packed in lines of 64 weights: read (mostly from bytes in a row), summed, spread over its panel. That is
// what a model's start waits for, so that the loops over a line are ones that compilers turn into vectors.
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

static int32_t round_up(int32_t count, int32_t multiple) { return (count + multiple - 1) / multiple * multiple; }

static size_t element_bytes(oct_machine machine) { return machine == OCT_MACHINE_simd128 ? 2 : 1; }

/// Of a panel's bias and shift.
static size_t head_bytes(oct_machine machine) { return OCT_GEMM_COLUMNS * (machine == OCT_MACHINE_simd128 ? 4 : 6); }

enum { LINE = 64 };

ptrdiff_t oct_weights_column(const oct_weights *weights, int32_t n) {
  return weights->n_offset ? weights->n_offset[n] : n * weights->n_stride;
}

/// w - zero_point of `count` weights of a column, from row k of a tap on. Not inlined: its loops are many bytes.
static __attribute__((noinline)) void read_line(const oct_weights *weights, int32_t tap, int32_t k, int32_t n,
                                                int32_t count, int16_t *line) {
  const uint8_t *data = weights->data, flip = weights->flip;
  const ptrdiff_t stride = weights->k_stride;
  const int16_t zero = weights->zero_point ? (int16_t)weights->zero_point[n] : 0;
  data += weights->tap_offset[tap] + k * stride + oct_weights_column(weights, n);
  if (stride == 1) {
    for (int32_t i = 0; i < count; i++) line[i] = (int16_t)((int8_t)(data[i] ^ flip) - zero);
  } else {
    for (int32_t i = 0; i < count; i++) line[i] = (int16_t)((int8_t)(data[i * stride] ^ flip) - zero);
  }
}

static int32_t at_most(int32_t count, int32_t most) { return count < most ? count : most; }

/// What a column's weights are packed without, so that they are signed bytes.
static int16_t find_shift(const oct_weights *weights, int32_t n) {
  if (!weights->zero_point || weights->zero_point[n] == 0) return 0;
  int16_t line[LINE], least = 0, most = 0;
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    for (int32_t k = 0; k < weights->k; k += LINE) {
      const int32_t count = at_most(weights->k - k, LINE);
      read_line(weights, tap, k, n, count, line);
      for (int32_t i = 0; i < count; i++) {
        least = line[i] < least ? line[i] : least;
        most = line[i] > most ? line[i] : most;
      }
    }
  }
  return least < -128 || most > 127 ? (int16_t)-weights->zero_point[n] : 0;
}

double oct_weights_largest_sum(const oct_weights *weights, int32_t n) {
  if (!weights->data) return INFINITY; // not known yet
  const int32_t *bias = weights->bias;
  double sum = bias ? (bias[n] < 0 ? -(double)bias[n] : (double)bias[n]) : 0;
  int16_t line[LINE];
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    for (int32_t k = 0; k < weights->k; k += LINE) {
      const int32_t count = at_most(weights->k - k, LINE);
      int32_t line_sum = 0;
      read_line(weights, tap, k, n, count, line);
      for (int32_t i = 0; i < count; i++) line_sum += line[i] < 0 ? -line[i] : line[i];
      sum += 255.0 * line_sum;
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

/// A column on its way into a panel.
typedef struct column_writer {
  int16_t line[LINE];
  int32_t count; // weights in the line
  uint8_t *to;   // where the line goes: 4 bytes in every group of 8 columns
  bool words;    // two to a group, or four bytes
} column_writer;

/// Fills the last group with zeros and sends the line into the panel.
static void write_line(column_writer *column) {
  enum { GROUP_BYTES = 4 * OCT_GEMM_COLUMNS };
  while (column->count % 4) column->line[column->count++] = 0;
  int8_t bytes[LINE];
  for (int32_t i = 0; i < column->count; i++) bytes[i] = (int8_t)column->line[i];
  const uint8_t *from = column->words ? (const uint8_t *)column->line : (const uint8_t *)bytes;
  const int32_t groups = column->count / (column->words ? 2 : 4);
  for (int32_t i = 0; i < groups; i++) memcpy(column->to + i * GROUP_BYTES, from + 4 * i, 4);
  column->to += groups * GROUP_BYTES;
  column->count = 0;
}

/// Writes column `column` of a panel, without `shift`; returns the sum of its weights.
static int32_t pack_column(const oct_weights *weights, int32_t n, int32_t column, oct_machine machine, int16_t shift,
                           uint8_t *values) {
  column_writer writer = {.to = values + 4 * column, .words = machine == OCT_MACHINE_simd128};
  uint32_t sum = 0;
  for (int32_t tap = 0; tap < weights->taps; tap++) {
    for (int32_t k = 0; k < weights->k;) {
      int16_t *line = writer.line + writer.count;
      const int32_t count = at_most(weights->k - k, LINE - writer.count);
      read_line(weights, tap, k, n, count, line);
      for (int32_t i = 0; i < count; i++) sum += (uint32_t)line[i];
      for (int32_t i = 0; i < count; i++) line[i] = (int16_t)(line[i] - shift);
      k += count;
      if ((writer.count += count) == LINE) write_line(&writer);
    }
    if (!weights->joined) write_line(&writer);
  }
  write_line(&writer);
  return (int32_t)sum;
}

void oct_gemm_qs8_pack(const oct_weights *weights, oct_machine machine, void *panels) {
  const int32_t *biases = weights->bias;
  const size_t bytes = panel_bytes(weights, machine);
  memset(panels, 0, oct_gemm_qs8_packed_bytes(weights, machine));
  for (int32_t n = 0; n < weights->n; n++) {
    uint8_t *panel = (uint8_t *)panels + n / OCT_GEMM_COLUMNS * bytes;
    const int32_t column = n % OCT_GEMM_COLUMNS;
    const int16_t shift = machine == OCT_MACHINE_simd128 ? 0 : find_shift(weights, n);
    const int32_t sum = pack_column(weights, n, column, machine, shift, panel + head_bytes(machine));
    const uint32_t bias = biases ? (uint32_t)biases[n] : 0;
    ((int32_t *)panel)[column] = (int32_t)(bias - (uint32_t)weights->x_zero_point * (uint32_t)sum);
    if (shift) ((int16_t *)panel)[2 * OCT_GEMM_COLUMNS + column] = shift;
    ((float *)(panel + bytes - 4 * OCT_GEMM_COLUMNS))[column] = weights->scale[n];
  }
}
