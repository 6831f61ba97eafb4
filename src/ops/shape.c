// SPDX-License-Identifier: MIT
//
// SHAPE: the dimensions start..end of input 0's shape, as a tensor. It reads no data, so it folds to a constant as
// soon as the shape is known.
#include "ops/op.h"

static int32_t clamp_dimension(int32_t at, int rank) {
  int64_t resolved = at < 0 ? (int64_t)at + rank : at;
  return resolved < 0 ? 0 : resolved > rank ? rank : (int32_t)resolved;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  oct_shape_attr *attr = &node->attr.shape;
  int rank = oct_input(graph, node, 0)->shape.rank;
  attr->start = clamp_dimension(attr->start, rank), attr->end = clamp_dimension(attr->end, rank);
  int32_t count = attr->end > attr->start ? attr->end - attr->start : 0;
  return oct_infer_output(graph, node, 0, attr->to, oct_shape_of(1, (int)count));
}

static void run(const oct_step *step) {
  const oct_tensor *out = &step->outputs[0];
  int32_t start = step->node->attr.shape.start;
  for (int32_t i = 0; i < out->shape.dim[0]; i++) {
    int32_t dim = step->inputs[0].shape.dim[start + i];
    if (out->dtype == OCT_I64) ((int64_t *)out->data)[i] = dim;
    else ((int32_t *)out->data)[i] = dim;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->outputs[0].dtype != OCT_I64 && step->outputs[0].dtype != OCT_I32) return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "shape";
  return OCT_OK;
}

const oct_op_impl oct_op_shape = {infer, prepare};
