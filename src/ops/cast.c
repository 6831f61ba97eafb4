// SPDX-License-Identifier: MIT
//
// CAST among float and integer types, through the widest type of the input's family (double or int64). Floats become
// integers by truncation, saturated (ONNX leaves the rest undefined); integers wrap; bool is "not zero".
#include "ops/elements.h"
#include "ops/op.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, 1));
  if (oct_node_has(node, 1)) node->attr.cast.to = oct_input(graph, node, 1)->dtype;
  return oct_infer_output(graph, node, 0, node->attr.cast.to, oct_input(graph, node, 0)->shape);
}

static void run(const oct_step *step) {
  const oct_tensor *in = &step->inputs[0], *out = &step->outputs[0];
  size_t count = oct_shape_count(&out->shape);
  bool real = oct_is_float(in->dtype) || oct_is_float(out->dtype);
  for (size_t i = 0; i < count; i++) {
    if (real) oct_element_set_real(out->data, out->dtype, i, oct_element_real(in->data, in->dtype, i));
    else oct_element_set_int(out->data, out->dtype, i, oct_element_int(in->data, in->dtype, i));
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  oct_dtype from = step->inputs[0].dtype, to = step->outputs[0].dtype;
  if (from == OCT_Q8 || to == OCT_Q8 || from == OCT_NONE || to == OCT_NONE) return oct_prepare_unsupported(context);
  if (from == to) {
    step->view = true;
    step->kernel = "view";
    return OCT_OK;
  }
  step->run = run;
  step->kernel = "cast";
  return OCT_OK;
}

const oct_op_impl oct_op_cast = {infer, prepare};
