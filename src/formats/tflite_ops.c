// SPDX-License-Identifier: MIT
//
// The table of TFLite operators and the translate functions of all but windows (tflite_window.c). Slots are those of
// the operator's options table in the TFLite schema.
#include "formats/tflite.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define TFLITE_OP(name, translate, op, kind, notes) OCT_TFLITE_TRANSLATE(translate);
#define TFLITE_MISSING(name)
#include "formats/tflite_ops.inc"
#undef TFLITE_OP
#undef TFLITE_MISSING

static const oct_tflite_operator operators[] = {
#define TFLITE_OP(name, translate, op, kind, notes) {#name, oct_tflite_##translate, OCT_OP_##op, kind},
#define TFLITE_MISSING(name) {#name, NULL, OCT_OP_COUNT, 0},
#include "formats/tflite_ops.inc"
#undef TFLITE_OP
#undef TFLITE_MISSING
};

const oct_tflite_operator *oct_tflite_operator_find(int32_t code) {
  return code >= 0 && code < (int32_t)(sizeof operators / sizeof *operators) ? &operators[code] : NULL;
}

static oct_status failure(void) { return oct_last_error()->status; }

/// Emits the node with its first `count` inputs, of which `needed` must be there.
static oct_node *emit(oct_tflite *reader, const oct_tflite_node *node, int needed, int count) {
  oct_value_id inputs[OCT_TFLITE_MAX_LINKS];
  if (oct_tflite_needs(reader, node, needed) != OCT_OK) return NULL;
  if (oct_tflite_values(reader, node, 0, count, inputs) != OCT_OK) return NULL;
  return oct_tflite_emit(reader, node, node->operator->op, count, inputs);
}

/// One integer of a constant int32 or int64 input.
static bool constant_int(const oct_tflite *reader, const oct_tflite_node *node, int input, int32_t *value) {
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

// --- elementwise -----------------------------------------------------------------------------------------------------

OCT_TFLITE_TRANSLATE(unary) {
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  oct_unary_attr *attr = &made->attr.unary;
  attr->kind = (oct_unary_kind)node->operator->kind;
  if (attr->kind == OCT_LEAKY_RELU) attr->alpha = oct_fb_f32(&reader->file, node->options, 0, 0);
  if (attr->kind == OCT_ELU) attr->alpha = 1;
  if (attr->kind != OCT_RELU_N) return OCT_OK;
  const char *name = node->operator->name;
  attr->alpha = strcmp(name, "RELU_N1_TO_1") ? 0.0f : -1.0f;
  attr->beta = !strcmp(name, "RELU") ? INFINITY : !strcmp(name, "RELU6") ? 6.0f : 1.0f;
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(binary) {
  oct_node *made = emit(reader, node, 2, 2);
  if (!made) return failure();
  made->attr.binary.kind = (oct_binary_kind)node->operator->kind;
  bool fused = made->attr.binary.kind <= OCT_DIV;
  return fused ? oct_tflite_fuse(node, made, oct_fb_u8(&reader->file, node->options, 0, 0)) : OCT_OK;
}

OCT_TFLITE_TRANSLATE(prelu) { return emit(reader, node, 2, 2) ? OCT_OK : failure(); }

OCT_TFLITE_TRANSLATE(cast) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_dtype to = oct_tflite_output(reader, node, 0)->dtype;
  if (oct_tflite_input(reader, node, 0)->quant || oct_tflite_output(reader, node, 0)->quant)
    return oct_tflite_refuse(node, "casts a quantized tensor");
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.cast.to = to;
  return OCT_OK;
}

// --- quantization ----------------------------------------------------------------------------------------------------

/// A constant is what it becomes: float16 was widened, int8 is dequantized.
OCT_TFLITE_TRANSLATE(dequantize) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_tflite_tensor *from = oct_tflite_input(reader, node, 0), *to = oct_tflite_output(reader, node, 0);
  oct_value_id value;
  if (!from->data || from->quant) {
    OCT_TRY(oct_tflite_weights(reader, from, OCT_Q8, &value));
    return oct_tflite_emit(reader, node, OCT_OP_DEQUANTIZE, 1, &value) ? OCT_OK : failure();
  }
  if (from->dtype != OCT_F16) return oct_tflite_refuse(node, "reads a constant that is not quantized");
  OCT_TRY(oct_tflite_value(reader, from, &value));
  if (to->value != OCT_NO_VALUE || to->data) return oct_tflite_define(reader, to); // made twice: fails
  to->value = value;
  return OCT_OK;
}

/// From one quantization to the same one (int8 to uint8) nothing is to be done: a Q8 value has no sign of its own.
OCT_TFLITE_TRANSLATE(quantize) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id from;
  OCT_TRY(oct_tflite_value(reader, oct_tflite_input(reader, node, 0), &from));
  oct_tflite_tensor *to = oct_tflite_output(reader, node, 0);
  OCT_TRY(oct_tflite_define(reader, to));
  const oct_value *x = &reader->graph->values[from], *y = &reader->graph->values[to->value];
  if (y->dtype != OCT_Q8) return oct_tflite_refuse(node, "goes to a type other than quantized int8 and uint8");
  bool same = x->dtype == OCT_Q8 && x->quant->scale[0] == y->quant->scale[0] &&
              x->quant->zero_point[0] == y->quant->zero_point[0];
  to->value = OCT_NO_VALUE;
  if (!same) return oct_tflite_emit(reader, node, OCT_OP_QUANTIZE, 1, &from) ? OCT_OK : failure();
  to->value = from;
  return OCT_OK;
}

// --- products --------------------------------------------------------------------------------------------------------

/// Options: 0 fused activation, 1 weights format, 2 keep dimensions.
OCT_TFLITE_TRANSLATE(fully_connected) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  if (oct_fb_u8(&reader->file, node->options, 1, 0)) return oct_tflite_refuse(node, "has shuffled weights");
  oct_value_id inputs[3] = {OCT_NO_VALUE, OCT_NO_VALUE, OCT_NO_VALUE};
  OCT_TRY(oct_tflite_value(reader, oct_tflite_input(reader, node, 0), &inputs[0]));
  oct_dtype dtype = reader->graph->values[inputs[0]].dtype;
  OCT_TRY(oct_tflite_weights(reader, oct_tflite_input(reader, node, 1), dtype, &inputs[1]));
  OCT_TRY(oct_tflite_values(reader, node, 2, 3, &inputs[2]));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_MATMUL, 3, inputs);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_b = true,
                                        .alpha = 1,
                                        .beta = 1,
                                        .flatten_a = true,
                                        .keep_dims = oct_fb_u8(&reader->file, node->options, 2, 0) != 0};
  return oct_tflite_fuse(node, made, oct_fb_u8(&reader->file, node->options, 0, 0));
}

OCT_TFLITE_TRANSLATE(softmax) {
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.softmax = (oct_softmax_attr){.axis = -1, .beta = oct_fb_f32(&reader->file, node->options, 0, 0)};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(reduce) {
  oct_node *made = emit(reader, node, 2, 2);
  if (!made) return failure();
  made->attr.reduce = (oct_reduce_attr){.kind = (oct_reduce_kind)node->operator->kind,
                                        .keep_dims = oct_fb_u8(&reader->file, node->options, 0, 0) != 0};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(arg_max) {
  int32_t axis;
  if (!constant_int(reader, node, 1, &axis)) return oct_tflite_refuse(node, "has an axis that is not a constant");
  oct_node *made = emit(reader, node, 2, 1);
  if (!made) return failure();
  oct_dtype to = oct_tflite_output(reader, node, 0)->dtype;
  made->attr.arg_max = (oct_arg_max_attr){.axis = axis, .minimum = node->operator->kind != 0, .to = to};
  return OCT_OK;
}

// --- shapes ----------------------------------------------------------------------------------------------------------

/// Shape: input 1, else the options' list, else the output's own.
OCT_TFLITE_TRANSLATE(reshape) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id inputs[2];
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  if (inputs[1] == OCT_NO_VALUE) {
    oct_fb_vector list = oct_fb_vector_of(&reader->file, node->options, 0, 4);
    oct_shape shape = oct_tflite_output(reader, node, 0)->shape;
    if (list.count && list.count <= OCT_MAX_RANK) {
      shape.rank = (int32_t)list.count;
      for (uint32_t i = 0; i < list.count; i++) shape.dim[i] = oct_fb_i32_at(&reader->file, list, i);
    }
    inputs[1] = oct_tflite_list(reader, shape.dim, shape.rank);
    if (inputs[1] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  }
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_RESHAPE, 2, inputs);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_RESHAPE_TO, .allow_zero = true};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(squeeze) {
  oct_fb_vector list = oct_fb_vector_of(&reader->file, node->options, 0, 4);
  if (list.count > OCT_MAX_RANK) return oct_tflite_refuse(node, "drops more dimensions than there can be");
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = (int32_t)list.count}};
  for (uint32_t i = 0; i < list.count; i++)
    made->attr.reshape.axes.axis[i] = oct_fb_i32_at(&reader->file, list, i);
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(expand_dims) {
  oct_node *made = emit(reader, node, 2, 2);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(shape) {
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.shape = (oct_shape_attr){.end = INT32_MAX, .to = oct_tflite_output(reader, node, 0)->dtype};
  return OCT_OK;
}

// --- moving elements -------------------------------------------------------------------------------------------------

OCT_TFLITE_TRANSLATE(transpose) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  const oct_tflite_tensor *list = oct_tflite_input(reader, node, 1);
  size_t count = list->data ? oct_shape_count(&list->shape) : 0;
  if (!list->data || list->dtype != OCT_I32 || count > OCT_MAX_RANK)
    return oct_tflite_refuse(node, "has a permutation that is not a constant of int32");
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.transpose.count = (int32_t)count;
  memcpy(made->attr.transpose.perm, list->data, count * sizeof(int32_t));
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(concatenation) {
  if (oct_fb_u8(&reader->file, node->options, 1, 0)) return oct_tflite_refuse(node, "has a fused activation");
  oct_node *made = emit(reader, node, node->input_count, node->input_count);
  if (!made) return failure();
  made->attr.concat.axis = oct_fb_i32(&reader->file, node->options, 0, 0);
  return OCT_OK;
}

static oct_status reshape_axis(oct_tflite *reader, const oct_tflite_node *node, oct_reshape_kind kind, int32_t axis,
                               oct_value_id *value) {
  oct_value_id from = *value;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &from, value);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = kind, .axes = {.count = 1, .axis = {axis}}};
  return OCT_OK;
}

/// Every input gets the new axis, along which they are concatenated. Options: 1 axis.
OCT_TFLITE_TRANSLATE(pack) {
  oct_value_id inputs[OCT_TFLITE_MAX_LINKS];
  int32_t axis = oct_fb_i32(&reader->file, node->options, 1, 0);
  OCT_TRY(oct_tflite_needs(reader, node, node->input_count));
  OCT_TRY(oct_tflite_values(reader, node, 0, node->input_count, inputs));
  for (int i = 0; i < node->input_count; i++)
    OCT_TRY(reshape_axis(reader, node, OCT_UNSQUEEZE_AXES, axis, &inputs[i]));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_CONCAT, node->input_count, inputs);
  if (!made) return failure();
  made->attr.concat.axis = axis;
  return OCT_OK;
}

/// Equal parts along the axis, which each then loses. Options: 1 axis.
OCT_TFLITE_TRANSLATE(unpack) {
  int32_t axis = oct_fb_i32(&reader->file, node->options, 1, 0);
  oct_node *made = emit(reader, node, 1, 1);
  if (!made) return failure();
  made->attr.split.axis = axis;
  oct_graph *graph = reader->graph;
  int32_t split = graph->node_count - 1;
  for (int i = 0; i < node->output_count; i++) {
    oct_value_id squeezed = graph->nodes[split].outputs[i];
    oct_value like = graph->values[squeezed];
    oct_value_id part = oct_graph_add_value(graph, like.name, strlen(like.name), like.dtype, oct_shape_unknown());
    if (part == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    graph->values[part].quant = like.quant;
    graph->nodes[split].outputs[i] = part;
    oct_node *squeeze = oct_graph_add_node(graph, OCT_OP_RESHAPE, node->label, strlen(node->label), 1, 1);
    if (!squeeze) return OCT_OUT_OF_MEMORY;
    squeeze->type = node->operator->name;
    squeeze->inputs[0] = part;
    squeeze->outputs[0] = squeezed;
    squeeze->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1, .axis = {axis}}};
  }
  return OCT_OK;
}

/// SPLIT: axis, x. SPLIT_V: x, sizes, axis.
OCT_TFLITE_TRANSLATE(split) {
  bool sized = node->operator->kind != 0;
  int32_t axis;
  OCT_TRY(oct_tflite_needs(reader, node, sized ? 3 : 2));
  if (!constant_int(reader, node, sized ? 2 : 0, &axis))
    return oct_tflite_refuse(node, "has an axis that is not a constant");
  oct_value_id inputs[2] = {OCT_NO_VALUE, OCT_NO_VALUE};
  OCT_TRY(oct_tflite_values(reader, node, sized ? 0 : 1, 2, inputs));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_SPLIT, sized ? 2 : 1, inputs);
  if (!made) return failure();
  made->attr.split.axis = axis;
  return OCT_OK;
}

/// Inputs: x, begin, end, strides. Options: 0 begin, 1 end, 2 ellipsis, 3 new axis, 4 shrink masks.
OCT_TFLITE_TRANSLATE(strided_slice) {
  oct_fb *file = &reader->file;
  if (oct_fb_i32(file, node->options, 2, 0) || oct_fb_i32(file, node->options, 3, 0))
    return oct_tflite_refuse(node, "has an ellipsis or a new axis");
  oct_value_id inputs[5];
  OCT_TRY(oct_tflite_needs(reader, node, 4));
  OCT_TRY(oct_tflite_values(reader, node, 0, 4, inputs));
  inputs[4] = inputs[3];
  inputs[3] = OCT_NO_VALUE; // all axes in order
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_SLICE, 5, inputs);
  if (!made) return failure();
  made->attr.slice = (oct_slice_attr){.begin_mask = (uint32_t)oct_fb_i32(file, node->options, 0, 0),
                                      .end_mask = (uint32_t)oct_fb_i32(file, node->options, 1, 0),
                                      .shrink_mask = (uint32_t)oct_fb_i32(file, node->options, 4, 0)};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(slice) {
  oct_node *made = emit(reader, node, 3, 3);
  if (!made) return failure();
  made->attr.slice.ends_are_sizes = true;
  return OCT_OK;
}

/// PAD: x, pads. PADV2: x, pads, value.
OCT_TFLITE_TRANSLATE(pad) {
  oct_node *made = emit(reader, node, 2, 3);
  if (!made) return failure();
  made->attr.pad = (oct_pad_attr){.kind = OCT_PAD_CONSTANT, .interleaved = true};
  return OCT_OK;
}

/// Options: 0 mode, 0 reflect, 1 symmetric.
OCT_TFLITE_TRANSLATE(mirror_pad) {
  bool symmetric = oct_fb_u8(&reader->file, node->options, 0, 0) != 0;
  oct_node *made = emit(reader, node, 2, 2);
  if (!made) return failure();
  made->attr.pad = (oct_pad_attr){.kind = symmetric ? OCT_PAD_SYMMETRIC : OCT_PAD_REFLECT, .interleaved = true};
  return OCT_OK;
}

/// Options: 0 axis, 1 batch dimensions.
OCT_TFLITE_TRANSLATE(gather) {
  if (oct_fb_i32(&reader->file, node->options, 1, 0)) return oct_tflite_refuse(node, "has batch dimensions");
  oct_node *made = emit(reader, node, 2, 2);
  if (!made) return failure();
  made->attr.gather.axis = oct_fb_i32(&reader->file, node->options, 0, 0);
  return OCT_OK;
}
