// SPDX-License-Identifier: MIT
//
// Appending nodes one by one. See onnx_compose.h.
#include "formats/onnx_compose.h"

#include <string.h>

oct_node *oct_compose_node(oct_compose c, oct_operator op, int input_count, const oct_value_id *inputs) {
  oct_value_id output;
  return oct_onnx_emit_inner(c.reader, c.node, op, input_count, inputs, &output);
}

oct_value_id oct_compose_unary(oct_compose c, oct_unary_kind kind, oct_value_id x, float alpha, float beta) {
  oct_node *made = x == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_UNARY, 1, &x);
  if (!made) return OCT_NO_VALUE;
  made->attr.unary = (oct_unary_attr){.kind = kind, .alpha = alpha, .beta = beta};
  return made->outputs[0];
}

oct_value_id oct_compose_binary(oct_compose c, oct_binary_kind kind, oct_value_id a, oct_value_id b) {
  oct_value_id inputs[2] = {a, b};
  oct_node *made = a == OCT_NO_VALUE || b == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_BINARY, 2, inputs);
  if (!made) return OCT_NO_VALUE;
  made->attr.binary.kind = kind;
  return made->outputs[0];
}

oct_value_id oct_compose_cast(oct_compose c, oct_value_id x, oct_dtype to) {
  oct_node *made = x == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_CAST, 1, &x);
  if (!made) return OCT_NO_VALUE;
  made->attr.cast.to = to;
  c.reader->graph->values[made->outputs[0]].dtype = to;
  return made->outputs[0];
}

oct_value_id oct_compose_where(oct_compose c, oct_value_id condition, oct_value_id yes, oct_value_id no) {
  oct_value_id inputs[3] = {condition, yes, no};
  if (condition == OCT_NO_VALUE || yes == OCT_NO_VALUE || no == OCT_NO_VALUE) return OCT_NO_VALUE;
  oct_node *made = oct_compose_node(c, OCT_OP_WHERE, 3, inputs);
  return made ? made->outputs[0] : OCT_NO_VALUE;
}

oct_value_id oct_compose_reduce(oct_compose c, oct_reduce_attr attr, oct_value_id x, oct_value_id axes) {
  oct_value_id inputs[2] = {x, axes};
  oct_node *made = x == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_REDUCE, 2, inputs);
  if (!made) return OCT_NO_VALUE;
  made->attr.reduce = attr;
  return made->outputs[0];
}

oct_value_id oct_compose_reshape(oct_compose c, oct_reshape_kind kind, oct_value_id x, oct_axes axes) {
  oct_node *made = x == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_RESHAPE, 1, &x);
  if (!made) return OCT_NO_VALUE;
  made->attr.reshape = (oct_reshape_attr){.kind = kind, .axes = axes};
  return made->outputs[0];
}

oct_value_id oct_compose_reshape_to(oct_compose c, oct_value_id x, int count, const int32_t *dims) {
  oct_value_id inputs[2] = {x, oct_onnx_list(c.reader, c.node, OCT_I32, dims, count)};
  oct_node *made = x == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_RESHAPE, 2, inputs);
  if (!made) return OCT_NO_VALUE;
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_RESHAPE_TO};
  return made->outputs[0];
}

oct_value_id oct_compose_shape(oct_compose c, oct_value_id x, int32_t start, int32_t end) {
  oct_node *made = x == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_SHAPE, 1, &x);
  if (!made) return OCT_NO_VALUE;
  made->attr.shape = (oct_shape_attr){.start = start, .end = end, .to = OCT_I64};
  oct_value *shape = &c.reader->graph->values[made->outputs[0]];
  shape->dtype = OCT_I64, shape->quant = NULL; // not Q8, whatever the input is
  return made->outputs[0];
}

static oct_value_id scalar(oct_compose c, oct_dtype dtype, const void *number) {
  oct_value_id value = oct_onnx_list(c.reader, c.node, dtype, number, 1);
  if (value != OCT_NO_VALUE) c.reader->graph->values[value].shape = oct_shape_of(0);
  return value;
}

oct_value_id oct_compose_float(oct_compose c, float number) { return scalar(c, OCT_F32, &number); }

oct_value_id oct_compose_int(oct_compose c, oct_dtype dtype, int64_t number) { return scalar(c, dtype, &number); }

oct_status oct_compose_done(oct_compose c, int index, oct_value_id value) {
  if (value != OCT_NO_VALUE) return oct_onnx_define(c.reader, c.node, index, value, OCT_NONE);
  return oct_last_error()->status == OCT_OK ? OCT_OUT_OF_MEMORY : oct_last_error()->status;
}

oct_status oct_onnx_list_or_input(oct_onnx *reader, const oct_onnx_node *node, int opset, const char *name, int index,
                                  oct_value_id *list) {
  *list = oct_onnx_has(node, index) ? node->inputs[index] : OCT_NO_VALUE;
  if (reader->opset >= opset) return OCT_OK;
  int32_t ints[2 * OCT_MAX_RANK];
  int64_t wide[2 * OCT_MAX_RANK];
  int count;
  *list = OCT_NO_VALUE;
  if (!oct_onnx_has_attribute(node, name)) return OCT_OK;
  OCT_TRY(oct_onnx_ints(node, name, ints, 2 * OCT_MAX_RANK, &count));
  for (int i = 0; i < count; i++) wide[i] = ints[i];
  *list = oct_onnx_list(reader, node, OCT_I64, wide, count);
  return *list == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}
