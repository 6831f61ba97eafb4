// SPDX-License-Identifier: MIT
//
// TFLite operators that work element by element. Some are small graphs of others.
#include "formats/tflite.h"

#include <math.h>
#include <string.h>

OCT_TFLITE_TRANSLATE(unary) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  oct_unary_attr *attr = &made->attr.unary;
  attr->kind = (oct_unary_kind)node->operator->kind;
  if (attr->kind == OCT_LEAKY_RELU) attr->alpha = oct_fb_f32(&reader->file, node->options, 0, 0);
  if (attr->kind == OCT_ELU) attr->alpha = 1;
  if (attr->kind == OCT_GELU) attr->alpha = oct_fb_u8(&reader->file, node->options, 0, 0);
  if (attr->kind != OCT_RELU_N) return OCT_OK;
  const char *name = node->operator->name;
  attr->alpha = strcmp(name, "RELU_N1_TO_1") ? 0.0f : -1.0f;
  attr->beta = !strcmp(name, "RELU") ? INFINITY : !strcmp(name, "RELU6") ? 6.0f : 1.0f;
  return OCT_OK;
}

/// A binary operator whose result is used within the node; NULL on failure.
static oct_node *inner_binary(oct_tflite *reader, const oct_tflite_node *node, oct_binary_kind kind, oct_value_id a,
                              oct_value_id b, oct_value_id *result) {
  oct_value_id pair[2] = {a, b};
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_BINARY, 2, pair, result);
  if (made) made->attr.binary.kind = kind;
  return made;
}

/// Options, of sums, products and quotients: 0 fused activation. Integers pass through a clip of their own.
OCT_TFLITE_TRANSLATE(binary) {
  oct_binary_kind kind = (oct_binary_kind)node->operator->kind;
  int activation = kind <= OCT_DIV ? oct_fb_u8(&reader->file, node->options, 0, 0) : 0;
  oct_value_id inputs[2], sum;
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  oct_dtype dtype = reader->graph->values[inputs[0]].dtype;
  bool clips = activation && dtype != OCT_F32 && dtype != OCT_Q8;
  oct_node *made = clips ? inner_binary(reader, node, kind, inputs[0], inputs[1], &sum)
                         : oct_tflite_emit(reader, node, OCT_OP_BINARY, 2, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = kind;
  if (!clips) return oct_tflite_fuse(node, made, activation);
  made = oct_tflite_emit(reader, node, OCT_OP_UNARY, 1, &sum);
  if (!made) return oct_tflite_failure();
  OCT_TRY(oct_tflite_fuse(node, made, activation));
  made->attr.unary = (oct_unary_attr){.kind = OCT_RELU_N, .alpha = made->clamp_min, .beta = made->clamp_max};
  made->clamp_min = -INFINITY, made->clamp_max = INFINITY;
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(not_equal) {
  oct_value_id inputs[2], equal;
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  if (!inner_binary(reader, node, OCT_EQUAL, inputs[0], inputs[1], &equal)) return oct_tflite_failure();
  reader->graph->values[equal].dtype = OCT_BOOL;
  reader->graph->values[equal].quant = NULL;
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_UNARY, 1, &equal);
  if (!made) return oct_tflite_failure();
  made->attr.unary.kind = OCT_NOT;
  return OCT_OK;
}

/// Quantized inputs go through floats.
OCT_TFLITE_TRANSLATE(squared_difference) {
  oct_value_id inputs[2], difference, pair[2];
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  for (int i = 0; i < 2; i++) OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, i), &inputs[i]));
  if (!inner_binary(reader, node, OCT_SUB, inputs[0], inputs[1], &difference)) return oct_tflite_failure();
  pair[0] = pair[1] = difference;
  oct_node *made = oct_tflite_emit_float(reader, node, OCT_OP_BINARY, 2, pair);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_MUL;
  return OCT_OK;
}

/// Of floats the quotient's floor; of integers what is left of x without the remainder, divided.
OCT_TFLITE_TRANSLATE(floor_div) {
  oct_value_id inputs[2], rest, whole;
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  bool real = reader->graph->values[inputs[0]].dtype == OCT_F32;
  if (!inner_binary(reader, node, real ? OCT_DIV : OCT_MOD, inputs[0], inputs[1], &rest)) return oct_tflite_failure();
  if (real) {
    oct_node *made = oct_tflite_emit(reader, node, OCT_OP_UNARY, 1, &rest);
    if (!made) return oct_tflite_failure();
    made->attr.unary.kind = OCT_FLOOR;
    return OCT_OK;
  }
  if (!inner_binary(reader, node, OCT_SUB, inputs[0], rest, &whole)) return oct_tflite_failure();
  inputs[0] = whole;
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_BINARY, 2, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_DIV;
  return OCT_OK;
}

/// The inputs one after the other.
OCT_TFLITE_TRANSLATE(add_n) {
  oct_value_id inputs[OCT_TFLITE_MAX_LINKS], pair[2];
  OCT_TRY(oct_tflite_needs(reader, node, node->input_count));
  OCT_TRY(oct_tflite_values(reader, node, 0, node->input_count, inputs));
  if (node->input_count < 2) return oct_tflite_refuse(node, "has fewer than two inputs");
  pair[0] = inputs[0];
  for (int i = 1; i < node->input_count; i++) {
    pair[1] = inputs[i];
    bool last = i + 1 == node->input_count;
    oct_node *made = last ? oct_tflite_emit(reader, node, OCT_OP_BINARY, 2, pair)
                          : oct_tflite_emit_inner(reader, node, OCT_OP_BINARY, 2, pair, &pair[0]);
    if (!made) return oct_tflite_failure();
    made->attr.binary.kind = OCT_ADD;
  }
  return OCT_OK;
}

/// Inputs: condition, x, y. SELECT's condition may be a list that picks along the first dimension.
OCT_TFLITE_TRANSLATE(select) {
  oct_value_id inputs[3];
  OCT_TRY(oct_tflite_needs(reader, node, 3));
  OCT_TRY(oct_tflite_values(reader, node, 0, 3, inputs));
  int rank = oct_tflite_input(reader, node, 1)->shape.rank;
  if (node->operator->kind && oct_tflite_input(reader, node, 0)->shape.rank == 1 && rank > 1) {
    oct_value_id list = inputs[0];
    oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &list, &inputs[0]);
    if (!made) return oct_tflite_failure();
    made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = {.count = rank - 1}};
    for (int i = 1; i < rank; i++) made->attr.reshape.axes.axis[i - 1] = i;
  }
  return oct_tflite_emit(reader, node, OCT_OP_WHERE, 3, inputs) ? OCT_OK : oct_tflite_failure();
}

OCT_TFLITE_TRANSLATE(prelu) { return oct_tflite_emit_inputs(reader, node, 2, 2) ? OCT_OK : oct_tflite_failure(); }

/// A quantized tensor is cast as the integers that the file stores.
OCT_TFLITE_TRANSLATE(cast) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_tflite_tensor *from = oct_tflite_input(reader, node, 0), *to = oct_tflite_output(reader, node, 0);
  oct_value_id value, raw = OCT_NO_VALUE;
  OCT_TRY(oct_tflite_value(reader, from, &value));
  if (oct_tflite_is_converted(from)) {
    OCT_TRY(oct_tflite_bridge(reader, from, true, &raw));
    value = raw;
  }
  if (oct_tflite_is_converted(to)) return oct_tflite_refuse(node, "gives a quantized tensor");
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_CAST, 1, &value);
  if (!made) return oct_tflite_failure();
  made->attr.cast.to = to->dtype;
  return OCT_OK;
}

/// x divided by the root of the sum of its squares along the last dimension; quantized ones go through floats.
OCT_TFLITE_TRANSLATE(l2_normalization) {
  static const float least = 1e-6f; // of the root
  if (oct_fb_u8(&reader->file, node->options, 0, 0)) return oct_tflite_refuse(node, "has a fused activation");
  oct_value_id x, square, sum, root, smallest, divisor;
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, 0), &x));
  if (!inner_binary(reader, node, OCT_MUL, x, x, &square)) return oct_tflite_failure();
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_REDUCE, 1, &square, &sum);
  if (!made) return oct_tflite_failure();
  made->attr.reduce = (oct_reduce_attr){.kind = OCT_REDUCE_SUM, .axes = {.count = 1, .axis = {-1}}, .keep_dims = true};
  made = oct_tflite_emit_inner(reader, node, OCT_OP_UNARY, 1, &sum, &root);
  if (!made) return oct_tflite_failure();
  made->attr.unary.kind = OCT_SQRT;
  smallest = oct_graph_add_constant(reader->graph, "least", 5, OCT_F32, oct_shape_of(0), &least);
  if (smallest == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  if (!inner_binary(reader, node, OCT_MAXIMUM, root, smallest, &divisor)) return oct_tflite_failure();
  oct_value_id pair[2] = {x, divisor};
  made = oct_tflite_emit_float(reader, node, OCT_OP_BINARY, 2, pair);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_DIV;
  return OCT_OK;
}
