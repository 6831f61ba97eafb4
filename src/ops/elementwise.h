// SPDX-License-Identifier: MIT
//
// What elementwise operators of two inputs share (BINARY, PRELU): broadcasting as a walk over rows.
//
// Dimensions that are contiguous for both inputs are merged, so that a broadcast of any rank becomes a few long rows in
// which each input either advances or stands still. A row function is all an operator adds. q8 inputs are dequantized a
// piece at a time into floats, pass through the same row function, and are quantized again: the literal meaning of a
// quantized model, for every operator at once.
#ifndef OCT_OPS_ELEMENTWISE_H
#define OCT_OPS_ELEMENTWISE_H

#include "ops/op.h"

/// out[i] = f(a[i * a_step], b[i * b_step]) for i < count; steps are 0 or 1.
typedef void (*oct_row_fn)(const void *a, int a_step, const void *b, int b_step, void *out, size_t count);

/// Defines a row function over elements of type `in`; `value` is an expression in x and y.
#define OCT_ROW(name, in, to, value)                                                                                   \
  static void name(const void *a, int a_step, const void *b, int b_step, void *out, size_t count) {                    \
    const in *p = a, *q = b;                                                                                           \
    to *o = out;                                                                                                       \
    if (a_step && b_step) {                                                                                            \
      for (size_t i = 0; i < count; i++) {                                                                             \
        in x = p[i], y = q[i];                                                                                         \
        o[i] = (to)(value);                                                                                            \
      }                                                                                                                \
    } else if (a_step) {                                                                                               \
      in y = *q;                                                                                                       \
      for (size_t i = 0; i < count; i++) {                                                                             \
        in x = p[i];                                                                                                   \
        o[i] = (to)(value);                                                                                            \
      }                                                                                                                \
    } else {                                                                                                           \
      in x = *p;                                                                                                       \
      for (size_t i = 0; i < count; i++) {                                                                             \
        in y = b_step ? q[i] : *q;                                                                                     \
        o[i] = (to)(value);                                                                                            \
      }                                                                                                                \
    }                                                                                                                  \
  }

/// The walk: `rank` outer dimensions with strides in elements (0 = broadcast), then rows of `row` elements.
typedef struct oct_broadcast {
  int32_t rank;
  int32_t dim[OCT_MAX_RANK];
  size_t a_stride[OCT_MAX_RANK], b_stride[OCT_MAX_RANK];
  size_t row;
  int32_t a_step, b_step;
  size_t a_begin, b_begin, begin; // where it starts: 0 unless it is a part
} oct_broadcast;

/// Plans the walk over `out`, to whose shape both inputs broadcast.
void oct_broadcast_plan(oct_broadcast *walk, const oct_shape *a, const oct_shape *b, const oct_shape *out);

/// A part of the walk: some of the outermost dimension, or a piece of the row where there is no other.
oct_broadcast oct_broadcast_part(const oct_broadcast *walk, oct_part part);

/// Whether the walk is the same from any pixel (of the output's last dimension) on; and the walk over so many of them.
bool oct_broadcast_has_pixels(const oct_broadcast *walk, const oct_shape *out);
oct_broadcast oct_broadcast_pixels(const oct_broadcast *walk, const oct_shape *out, size_t pixels);

/// Calls `visit(state, a offset, b offset, out offset)` for each row, offsets in elements.
void oct_broadcast_rows(const oct_broadcast *walk, void (*visit)(const void *state, size_t a, size_t b, size_t out),
                        const void *state);

/// Prepares output 0 = row(input 0, input 1) under the node's clamp: elements of any one type for both inputs (row
/// must fit it), or q8 (row works on floats). An f32 constant may stand beside a q8 input. A row that `compares` writes
/// bools, any other one the inputs' type; nothing else can be the output's.
oct_status oct_elementwise_prepare(oct_prepare *context, oct_row_fn row, bool compares, const char *kernel);

#endif
