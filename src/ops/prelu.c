// SPDX-License-Identifier: MIT
//
// PRELU: x where it is not negative, else x times the slope in input 1, which broadcasts to x.
#include "ops/elementwise.h"

OCT_ROW(prelu_f32, float, float, x < 0.0f ? x * y : x)

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0), *slope = oct_input(graph, node, 1);
  oct_shape shape;
  if (!oct_shape_broadcast(&x->shape, &slope->shape, &shape) || !oct_shape_equal(&shape, &x->shape)) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                    "%s cannot broadcast the slope '%s' of shape %s to '%s' of shape %s", node->type, slope->name,
                    oct_shape_print(&slope->shape, b), x->name, oct_shape_print(&x->shape, a));
  }
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

static oct_status prepare(oct_prepare *context) {
  oct_dtype x = context->step->inputs[0].dtype;
  if (x != OCT_F32 && x != OCT_Q8) return oct_prepare_unsupported(context);
  return oct_elementwise_prepare(context, prelu_f32, "prelu");
}

const oct_op_impl oct_op_prelu = {infer, prepare};
