// SPDX-License-Identifier: MIT
//
// FILL: a tensor of the shape in input 0 (constant), every element the attribute's value.
#include "base/half.h"
#include "ops/elements.h"
#include "ops/op.h"

#include <string.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  oct_shape shape = {0};
  int count;
  OCT_TRY(oct_infer_ints(graph, node, 0, shape.dim, OCT_MAX_RANK, &count));
  shape.rank = count;
  return oct_infer_output(graph, node, 0, node->attr.fill.to, shape);
}

/// The value's bytes in the output's type; 0 where it does not fit.
static void encode(double value, oct_dtype dtype, char bytes[8]) {
  int64_t integer = value >= -0x1.0p63 && value < 0x1.0p63 ? (int64_t)value : 0; // little-endian: truncates rightly
  float real = (float)value;
  uint16_t half = oct_float_to_half(real);
  if (dtype == OCT_BOOL) integer = value != 0;
  memcpy(bytes, &integer, 8);
  if (dtype == OCT_F32) memcpy(bytes, &real, sizeof real);
  if (dtype == OCT_F64) memcpy(bytes, &value, sizeof value);
  if (dtype == OCT_F16) memcpy(bytes, &half, sizeof half);
}

static void run(const oct_step *step) {
  const oct_tensor *out = &step->outputs[0];
  char bytes[8];
  encode(step->node->attr.fill.value, out->dtype, bytes);
  oct_fill(out->data, oct_shape_count(&out->shape), bytes, oct_dtype_bytes(out->dtype));
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->outputs[0].dtype == OCT_Q8) return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "fill";
  return OCT_OK;
}

const oct_op_impl oct_op_fill = {infer, prepare};
