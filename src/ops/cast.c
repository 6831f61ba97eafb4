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

// The same, for the two casts around a product of whole numbers.

static void run_to_bytes(const oct_step *step) {
  const float *in = step->inputs[0].data;
  uint8_t *out = step->outputs[0].data;
  const size_t count = oct_shape_count(&step->outputs[0].shape);
  for (size_t i = 0; i < count; i++) out[i] = in[i] < 255 ? in[i] > 0 ? (uint8_t)in[i] : 0 : in[i] >= 255 ? 255 : 0;
}

static void run_from_sums(const oct_step *step) {
  const int32_t *in = step->inputs[0].data;
  float *out = step->outputs[0].data;
  const size_t count = oct_shape_count(&step->outputs[0].shape);
  for (size_t i = 0; i < count; i++) out[i] = (float)in[i];
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
  step->run = from == OCT_F32 && to == OCT_U8 ? run_to_bytes : from == OCT_I32 && to == OCT_F32 ? run_from_sums : run;
  step->kernel = "cast";
  return OCT_OK;
}

const oct_op_impl oct_op_cast = {infer, prepare};
