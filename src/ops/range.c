// SPDX-License-Identifier: MIT
//
// RANGE: start, start + delta, ... below limit (above it, if delta is negative); the three are inputs 0 to 2, constants,
// so that it folds to one.
#include "ops/elements.h"
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 3, 1));
  double number[3];
  const oct_dtype dtype = oct_input(graph, node, 0)->dtype;
  for (int i = 0; i < 3; i++) {
    const oct_value *value = oct_input(graph, node, i);
    if (!value->data || value->dtype != dtype || dtype == OCT_Q8 || oct_shape_count(&value->shape) != 1)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fixed shapes, or simplify it (onnxsim)",
                      "%s reads '%s', which is not one constant number of the type that the others have", node->type,
                      value->name);
    number[i] = oct_element_real(value->data, dtype, 0);
  }
  double count = ceil((number[1] - number[0]) / number[2]);
  if (!(count > 0)) count = 0;
  if (number[2] == 0 || count > (double)OCT_MAX_TENSOR_BYTES)
    return oct_fail(OCT_INVALID_MODEL, "check its numbers", "%s from %g to %g in steps of %g", node->type, number[0],
                    number[1], number[2]);
  return oct_infer_output(graph, node, 0, dtype, oct_shape_of(1, (int)count));
}

static void run(const oct_step *step) {
  const oct_tensor *out = &step->outputs[0], *start = &step->inputs[0], *delta = &step->inputs[2];
  const size_t count = oct_shape_count(&out->shape);
  for (size_t i = 0; i < count; i++) {
    if (oct_is_float(out->dtype))
      oct_element_set_real(out->data, out->dtype, i, oct_element_real(start->data, start->dtype, 0) +
                                                       (double)i * oct_element_real(delta->data, delta->dtype, 0));
    else
      oct_element_set_int(out->data, out->dtype, i,
                          (int64_t)((uint64_t)oct_element_int(start->data, start->dtype, 0) +
                                    (uint64_t)i * (uint64_t)oct_element_int(delta->data, delta->dtype, 0)));
  }
}

static oct_status prepare(oct_prepare *context) {
  if (context->step->outputs[0].dtype != context->step->inputs[0].dtype) return oct_prepare_unsupported(context);
  context->step->run = run;
  context->step->kernel = "range";
  return OCT_OK;
}

const oct_op_impl oct_op_range = {infer, prepare};
