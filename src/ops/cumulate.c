// SPDX-License-Identifier: MIT
//
// CUMULATE: running sums along an axis (input 1, constant), forwards or backwards, each with its own element or
// (`exclusive`) without.
#include "ops/elements.h"
#include "ops/op.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0);
  int32_t axis[1];
  int count;
  OCT_TRY(oct_infer_ints(graph, node, 1, axis, 1, &count));
  OCT_TRY(oct_infer_axis(node, count ? axis[0] : 0, x->shape.rank, &node->attr.cumulate.axis));
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

static void run(const oct_step *step) {
  const oct_cumulate_attr *attr = &step->node->attr.cumulate;
  const oct_tensor *x = &step->inputs[0], *y = &step->outputs[0];
  const oct_shape *shape = &x->shape;
  size_t outer = oct_shape_span(shape, 0, attr->axis), inner = oct_shape_span(shape, attr->axis + 1, shape->rank);
  size_t count = (size_t)shape->dim[attr->axis];
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < inner; i++) {
      float real = 0;
      uint64_t whole = 0;
      for (size_t n = 0; n < count; n++) {
        const size_t at = (o * count + (attr->reverse ? count - 1 - n : n)) * inner + i;
        if (x->dtype == OCT_F32) {
          const float before = real;
          real += ((const float *)x->data)[at];
          ((float *)y->data)[at] = attr->exclusive ? before : real;
        } else {
          const uint64_t before = whole;
          whole += (uint64_t)oct_element_int(x->data, x->dtype, at);
          oct_element_set_int(y->data, y->dtype, at, (int64_t)(attr->exclusive ? before : whole));
        }
      }
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_dtype dtype = step->inputs[0].dtype;
  if ((dtype != OCT_F32 && !oct_is_integer(dtype)) || dtype == OCT_BOOL || step->outputs[0].dtype != dtype)
    return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "cumulate";
  return OCT_OK;
}

const oct_op_impl oct_op_cumulate = {infer, prepare};
