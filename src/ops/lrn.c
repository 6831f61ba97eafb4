// SPDX-License-Identifier: MIT
//
// LRN: x / (bias + alpha * the sum of squares of the `before` channels before, its own, and the `after` ones)^beta.
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  const oct_lrn_attr *attr = &node->attr.lrn;
  if (x->shape.rank < 2 || attr->before < 0 || attr->after < 0)
    return oct_fail(OCT_INVALID_SHAPE, "use two dimensions or more, and a size of 1 or more",
                    "%s of '%s' with %d dimensions over %d channels before and %d after", node->type, x->name,
                    (int)x->shape.rank, (int)attr->before, (int)attr->after);
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

static void run(const oct_step *step) {
  const oct_lrn_attr *attr = &step->node->attr.lrn;
  const oct_shape *shape = &step->inputs[0].shape;
  const int axis = attr->layout == OCT_NCHW ? 1 : shape->rank - 1;
  const int32_t channels = shape->dim[axis];
  const size_t outer = oct_shape_span(shape, 0, axis), inner = oct_shape_span(shape, axis + 1, shape->rank);
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  for (size_t o = 0; o < outer; o++, x += (size_t)channels * inner, y += (size_t)channels * inner)
    for (size_t i = 0; i < inner; i++)
      for (int32_t c = 0; c < channels; c++) {
        const int32_t begin = c > attr->before ? c - attr->before : 0;
        const int32_t end = channels - c > attr->after ? c + attr->after : channels - 1;
        float sum = 0;
        for (int32_t k = begin; k <= end; k++) sum += x[(size_t)k * inner + i] * x[(size_t)k * inner + i];
        y[(size_t)c * inner + i] = x[(size_t)c * inner + i] / powf(attr->bias + attr->alpha * sum, attr->beta);
      }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->inputs[0].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "lrn";
  return OCT_OK;
}

const oct_op_impl oct_op_lrn = {infer, prepare};
