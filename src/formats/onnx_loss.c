// SPDX-License-Identifier: MIT
//
// ONNX's losses, which exported models of training loops hold: what the target's class has, weighed and summed.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

/// -x[target] * weight[target], without the class axis; `weights` gets what each element weighs, or OCT_NO_VALUE.
static oct_value_id weighed(oct_compose c, oct_value_id x, oct_value_id *weights) {
  const oct_onnx_node *node = c.node;
  const oct_axes one = {.count = 1, .axis = {1}};
  oct_value_id wide = oct_compose_cast(c, node->inputs[1], OCT_I64);
  oct_value_id target = oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, wide, one);
  oct_value_id inputs[2] = {x, target};
  oct_node *picked = x == OCT_NO_VALUE || target == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_PICK, 2, inputs);
  if (!picked) return OCT_NO_VALUE;
  picked->attr.pick = (oct_pick_attr){.kind = OCT_GATHER_ELEMENTS, .axis = 1};
  oct_value_id loss = oct_compose_unary(c, OCT_NEG, picked->outputs[0], 0, 0);
  *weights = OCT_NO_VALUE;
  if (oct_onnx_has(node, 2)) {
    inputs[0] = node->inputs[2];
    oct_node *gathered = oct_compose_node(c, OCT_OP_GATHER, 2, inputs);
    if (!gathered) return OCT_NO_VALUE;
    *weights = gathered->outputs[0];
  }
  if (oct_onnx_has_attribute(node, "ignore_index")) {
    oct_value_id ignored = oct_compose_int(c, OCT_I64, oct_onnx_int(node, "ignore_index", 0));
    oct_value_id weight = *weights == OCT_NO_VALUE ? oct_compose_float(c, 1) : *weights;
    *weights = oct_compose_where(c, oct_compose_binary(c, OCT_EQUAL, target, ignored), oct_compose_float(c, 0), weight);
    if (*weights == OCT_NO_VALUE) return OCT_NO_VALUE;
  }
  if (*weights == OCT_NO_VALUE) return oct_compose_reshape(c, OCT_SQUEEZE_AXES, loss, one);
  loss = oct_compose_binary(c, OCT_MUL, loss, *weights);
  return oct_compose_reshape(c, OCT_SQUEEZE_AXES, loss, one);
}

static oct_status emit_loss(oct_compose c, oct_value_id x) {
  oct_value_id weights, loss = weighed(c, x, &weights);
  oct_bytes reduction = oct_onnx_text(c.node, "reduction");
  if (oct_onnx_text_is(reduction, "none")) return oct_compose_done(c, 0, loss);
  const bool mean = !oct_onnx_text_is(reduction, "sum"), weighs = loss != OCT_NO_VALUE && weights != OCT_NO_VALUE;
  const oct_reduce_attr all = {.kind = mean && !weighs ? OCT_REDUCE_MEAN : OCT_REDUCE_SUM};
  loss = oct_compose_reduce(c, all, loss, OCT_NO_VALUE);
  if (mean && weighs) loss = oct_compose_binary(c, OCT_DIV, loss, oct_compose_reduce(c, all, weights, OCT_NO_VALUE));
  return oct_compose_done(c, 0, loss);
}

OCT_ONNX_TRANSLATE(negative_log_likelihood) {
  OCT_TRY(oct_onnx_needs(node, 2));
  return emit_loss((oct_compose){reader, node}, node->inputs[0]);
}

OCT_ONNX_TRANSLATE(softmax_cross_entropy) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  oct_node *log = oct_compose_node(c, OCT_OP_SOFTMAX, 1, node->inputs);
  if (!log) return oct_last_error()->status;
  log->attr.softmax = (oct_softmax_attr){.axis = 1, .beta = 1, .kind = OCT_LOG_SOFTMAX};
  oct_value_id probabilities = log->outputs[0];
  OCT_TRY(emit_loss(c, probabilities));
  return oct_compose_done(c, 1, probabilities);
}
