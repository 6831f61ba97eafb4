// SPDX-License-Identifier: MIT
//
// NON_ZERO: the coordinates of the elements that are not 0, [rank, count]. How many there are is a shape, so that the
// input is a constant by plan time.
#include "ops/elements.h"
#include "ops/op.h"

static bool is_zero(const void *data, oct_dtype dtype, size_t i) { return oct_element_real(data, dtype, i) == 0; }

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  if (!x->data || x->dtype == OCT_Q8)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fixed shapes, or simplify it (onnxsim)",
                    "%s counts the elements of '%s', which is known only while the model runs; it must be constant",
                    node->type, x->name);
  const size_t all = oct_shape_count(&x->shape);
  int32_t count = 0;
  for (size_t i = 0; i < all; i++) count += !is_zero(x->data, x->dtype, i);
  return oct_infer_output(graph, node, 0, OCT_I64, oct_shape_of(2, (int)x->shape.rank, (int)count));
}

static void run(const oct_step *step) {
  const oct_tensor *x = &step->inputs[0];
  const size_t count = (size_t)step->outputs[0].shape.dim[1], all = oct_shape_count(&x->shape);
  int64_t *out = step->outputs[0].data;
  size_t found = 0;
  for (size_t i = 0; i < all; i++) {
    if (is_zero(x->data, x->dtype, i)) continue;
    size_t rest = i;
    for (int d = x->shape.rank - 1; d >= 0; d--) {
      out[(size_t)d * count + found] = (int64_t)(rest % (size_t)x->shape.dim[d]);
      rest /= (size_t)x->shape.dim[d];
    }
    found++;
  }
}

static oct_status prepare(oct_prepare *context) {
  if (context->step->outputs[0].dtype != OCT_I64) return oct_prepare_unsupported(context);
  context->step->run = run;
  context->step->kernel = "non_zero";
  return OCT_OK;
}

const oct_op_impl oct_op_non_zero = {infer, prepare};
