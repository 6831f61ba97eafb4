// SPDX-License-Identifier: MIT
//
// What every translate function of the TFLite reader needs.
#include "formats/tflite.h"

#include <math.h>
#include <string.h>

oct_status oct_tflite_refuse(const oct_tflite_node *node, const char *what) {
  return oct_fail(OCT_UNSUPPORTED_MODEL, "docs/formats.md tells what each operator takes; convert the model without it",
                  "%s %s", node->operator->name, what);
}

oct_status oct_tflite_needs(const oct_tflite *reader, const oct_tflite_node *node, int count) {
  for (int i = 0; i < count; i++)
    if (!oct_tflite_input(reader, node, i))
      return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; convert it again",
                      "%s lacks input %d; it needs %d", node->operator->name, i, count);
  return OCT_OK;
}

oct_status oct_tflite_values(oct_tflite *reader, const oct_tflite_node *node, int begin, int end,
                             oct_value_id *values) {
  for (int i = begin; i < end; i++) {
    oct_tflite_tensor *tensor = oct_tflite_input(reader, node, i);
    values[i - begin] = OCT_NO_VALUE;
    if (tensor) OCT_TRY(oct_tflite_value(reader, tensor, &values[i - begin]));
  }
  return OCT_OK;
}

static oct_node *append(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                        const oct_value_id *inputs, int output_count) {
  while (input_count > 0 && inputs[input_count - 1] == OCT_NO_VALUE) input_count--;
  oct_node *made =
      oct_graph_add_node(reader->graph, op, node->label, strlen(node->label), input_count, output_count);
  if (!made) return NULL;
  made->type = node->operator->name;
  for (int i = 0; i < input_count; i++) made->inputs[i] = inputs[i];
  return made;
}

oct_node *oct_tflite_emit(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                          const oct_value_id *inputs) {
  oct_node *made = append(reader, node, op, input_count, inputs, node->output_count);
  if (!made) return NULL;
  for (int i = 0; i < node->output_count; i++) {
    oct_tflite_tensor *tensor = oct_tflite_output(reader, node, i);
    if (oct_tflite_define(reader, tensor) != OCT_OK) return NULL;
    made->outputs[i] = tensor->value;
  }
  return made;
}

oct_node *oct_tflite_emit_float(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                                const oct_value_id *inputs) {
  oct_node *made = oct_tflite_emit(reader, node, op, input_count, inputs);
  for (int i = 0; made && i < node->output_count; i++) {
    oct_value *value = &reader->graph->values[made->outputs[i]];
    if (value->dtype == OCT_Q8) value->dtype = OCT_F32, value->quant = NULL;
  }
  return made;
}

oct_node *oct_tflite_emit_inner(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                                const oct_value_id *inputs, oct_value_id *output) {
  oct_graph *graph = reader->graph;
  oct_value like = graph->values[inputs[0]];
  oct_node *made = append(reader, node, op, input_count, inputs, 1);
  if (!made) return NULL;
  oct_value_id id = oct_graph_add_value(graph, node->label, strlen(node->label), like.dtype, oct_shape_unknown());
  if (id == OCT_NO_VALUE) return NULL;
  graph->values[id].quant = like.quant;
  made->outputs[0] = *output = id;
  return made;
}

oct_status oct_tflite_product(oct_tflite *reader, const oct_tflite_node *node, int x, int weights, int bias,
                              int32_t row, oct_value_id values[static 3]) {
  oct_tflite_tensor *in = oct_tflite_input(reader, node, x), *matrix = oct_tflite_input(reader, node, weights);
  oct_tflite_tensor *sums = oct_tflite_input(reader, node, bias);
  OCT_TRY(oct_tflite_value(reader, in, &values[0]));
  oct_dtype dtype = reader->graph->values[values[0]].dtype;
  OCT_TRY(oct_tflite_weights(reader, matrix, dtype, &values[1]));
  values[2] = OCT_NO_VALUE;
  if (sums) OCT_TRY(oct_tflite_weights(reader, sums, dtype, &values[2]));
  bool hybrid = in->dtype == OCT_F32 && matrix->quant && matrix->data && row != OCT_TFLITE_EXACT;
  if (!hybrid) return OCT_OK;
  oct_value_id from = values[0];
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_SNAP, 1, &from, &values[0]);
  if (!made) return oct_tflite_failure();
  made->attr.snap.row = row;
  return OCT_OK;
}

oct_node *oct_tflite_emit_inputs(oct_tflite *reader, const oct_tflite_node *node, int needed, int count) {
  oct_value_id inputs[OCT_TFLITE_MAX_LINKS];
  if (oct_tflite_needs(reader, node, needed) != OCT_OK) return NULL;
  if (oct_tflite_values(reader, node, 0, count, inputs) != OCT_OK) return NULL;
  return oct_tflite_emit(reader, node, node->operator->op, count, inputs);
}

bool oct_tflite_constant_int(const oct_tflite *reader, const oct_tflite_node *node, int input, int32_t *value) {
  const oct_tflite_tensor *tensor = oct_tflite_input(reader, node, input);
  if (!tensor || !tensor->data || (tensor->dtype != OCT_I32 && tensor->dtype != OCT_I64)) return false;
  if (oct_shape_count(&tensor->shape) != 1) return false;
  int64_t wide = 0;
  int32_t narrow = 0;
  if (tensor->dtype == OCT_I64) memcpy(&wide, tensor->data, sizeof wide);
  else memcpy(&narrow, tensor->data, sizeof narrow), wide = narrow;
  *value = (int32_t)wide;
  return wide >= INT32_MIN && wide <= INT32_MAX;
}

oct_status oct_tflite_fuse(const oct_tflite_node *node, oct_node *made, int activation) {
  enum { NONE, RELU, RELU_N1_TO_1, RELU6 };
  switch (activation) {
    case NONE: return OCT_OK;
    case RELU: made->clamp_min = 0; return OCT_OK;
    case RELU_N1_TO_1: made->clamp_min = -1, made->clamp_max = 1; return OCT_OK;
    case RELU6: made->clamp_min = 0, made->clamp_max = 6; return OCT_OK;
    default: return oct_tflite_refuse(node, "has a fused activation other than RELU, RELU6 and RELU_N1_TO_1");
  }
}
