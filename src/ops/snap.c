// SPDX-License-Identifier: MIT
//
// SNAP: floats rounded to 256 steps of their own row's range, which holds 0. LiteRT multiplies int8 weights by float
// activations that it quantizes as they come; a product of floats so rounded is, but for the last bits, its integer
// one.
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  int32_t row = node->attr.snap.row;
  if (x->shape.rank < 1 || row < 0 || (row > 0 && oct_shape_count(&x->shape) % (size_t)row != 0)) {
    char text[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the input's shape", "%s of '%s' with shape %s in rows of %d", node->type,
                    x->name, oct_shape_print(&x->shape, text), (int)row);
  }
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

/// XNNPACK's rounding, step by step: qd8, the zero point in the sign of int8.
static void snap_row(const float *x, size_t count, float *y) {
  float low = 0, high = 0;
  for (size_t i = 0; i < count; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  float scale = low == high ? 1.0f : 255.0f / (high - low), step = 1.0f / scale;
  float below = -128.0f - low * scale, above = 127.0f - high * scale;
  float zero = rintf(below + above < 0.0f ? below : above);
  zero = zero > -128.0f ? zero < 127.0f ? zero : 127.0f : -128.0f;
  for (size_t i = 0; i < count; i++) {
    float q = rintf(x[i] * scale) + zero;
    q = q > -128.0f ? q < 127.0f ? q : 127.0f : -128.0f;
    y[i] = (q - zero) * step;
  }
}

static void run(const oct_step *step) {
  const oct_shape *shape = &step->inputs[0].shape;
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  int32_t row = step->node->attr.snap.row;
  size_t total = oct_shape_count(shape), count = row ? (size_t)row : oct_shape_span(shape, 1, shape->rank);
  for (size_t at = 0; at < total; at += count) snap_row(x + at, count, y + at);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->inputs[0].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  step->run = run;
  step->in_place = 0;
  step->kernel = "snap_f32";
  return OCT_OK;
}

const oct_op_impl oct_op_snap = {infer, prepare};
