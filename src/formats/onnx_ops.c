// SPDX-License-Identifier: MIT
//
// The table of ONNX operators and the translate functions of all that only move elements, and of matrix products.
// The others: onnx_elementwise.c, onnx_window.c, onnx_quantize.c. Where an operator changed over the opsets, its function tells by `reader->opset`.
#include "base/keep.h"
#include "formats/formats.h"
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define ONNX_OP(name, translate, op, kind, q8, notes) OCT_ONNX_TRANSLATE(translate);
#include "formats/onnx_ops.inc"
#undef ONNX_OP

static const oct_onnx_operator operators[] = {
#define ONNX_OP(name, translate, op, kind, q8, notes) {#name, OCT_KEEP_READER(onnx_##translate), OCT_OP_##op, kind, OCT_ONNX_##q8},
#include "formats/onnx_ops.inc"
#undef ONNX_OP
};

static bool used[sizeof operators / sizeof *operators]; // for reports: see oct_onnx_listed

const char *oct_onnx_listed(size_t index, bool *is_used) {
  if (index >= sizeof operators / sizeof *operators) return NULL;
  *is_used = used[index];
  return operators[index].name;
}

const oct_onnx_operator *oct_onnx_operator_find(oct_bytes domain, oct_bytes type) {
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    const char *name = operators[i].name, *dot = strrchr(name, '.');
    size_t prefix = dot ? (size_t)(dot - name) : 0;
    if (prefix != domain.count || (prefix && memcmp(name, domain.at, prefix))) continue;
    if (!oct_onnx_text_is(type, dot ? dot + 1 : name)) continue;
    used[i] = true;
    return operators[i].translate ? &operators[i] : NULL;
  }
  return NULL;
}

/// Emits the node as it stands: its inputs to its first output.
static oct_node *emit(oct_onnx *reader, const oct_onnx_node *node) {
  return oct_onnx_emit(reader, node, node->operator->op, node->input_count, node->inputs, 1);
}

static oct_status failure(void) { return oct_last_error()->status; }

// --- constants and shapes --------------------------------------------------------------------------------------------

static oct_status constant_of_attribute(oct_onnx *reader, const oct_onnx_node *node, oct_value_id *value) {
  enum { CAPACITY = 64 };
  float floats[CAPACITY];
  int32_t ints[CAPACITY];
  int64_t wide[CAPACITY];
  int count;
  bool scalar = true;
  if (oct_onnx_has_attribute(node, "value_float")) {
    floats[0] = oct_onnx_float(node, "value_float", 0);
    *value = oct_onnx_list(reader, node, OCT_F32, floats, 1);
  } else if (oct_onnx_has_attribute(node, "value_int")) {
    wide[0] = oct_onnx_int(node, "value_int", 0);
    *value = oct_onnx_list(reader, node, OCT_I64, wide, 1);
  } else if (oct_onnx_has_attribute(node, "value_floats")) {
    OCT_TRY(oct_onnx_floats(node, "value_floats", floats, CAPACITY, &count));
    *value = oct_onnx_list(reader, node, OCT_F32, floats, count);
    scalar = false;
  } else if (oct_onnx_has_attribute(node, "value_ints")) {
    OCT_TRY(oct_onnx_ints(node, "value_ints", ints, CAPACITY, &count));
    for (int i = 0; i < count; i++) wide[i] = ints[i];
    *value = oct_onnx_list(reader, node, OCT_I64, wide, count);
    scalar = false;
  } else {
    return oct_onnx_refuse(node, "holds a sparse tensor or strings, which Octavo does not have");
  }
  if (*value == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  if (scalar) reader->graph->values[*value].shape = oct_shape_of(0);
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(constant) {
  oct_value_id value;
  oct_bytes tensor = oct_onnx_tensor_attribute(node, "value");
  if (tensor.at) OCT_TRY(oct_onnx_read_tensor(reader, tensor, node->outputs[0], &value, NULL));
  else OCT_TRY(constant_of_attribute(reader, node, &value));
  return oct_onnx_define(reader, node, 0, value, OCT_NONE);
}

OCT_ONNX_TRANSLATE(constant_of_shape) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_fill_attr fill = {.to = OCT_F32};
  oct_bytes tensor = oct_onnx_tensor_attribute(node, "value");
  if (tensor.at) {
    oct_value_id value;
    OCT_TRY(oct_onnx_read_tensor(reader, tensor, (oct_bytes){0}, &value, NULL));
    if (!oct_onnx_scalar(reader, value, &fill.value))
      return oct_onnx_refuse(node, "fills with a value that is not one number of float32, int32, int64, int8 or uint8");
    fill.to = reader->graph->values[value].dtype;
  }
  oct_node *made = emit(reader, node);
  if (!made) return failure();
  made->attr.fill = fill;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(shape) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_value_id shape;
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_SHAPE, 1, node->inputs, &shape);
  if (!made) return failure();
  made->attr.shape = (oct_shape_attr){.start = oct_onnx_int(node, "start", 0),
                                      .end = oct_onnx_int(node, "end", INT32_MAX),
                                      .to = OCT_I64};
  reader->graph->values[shape].dtype = OCT_I64; // not Q8, whatever the input is
  reader->graph->values[shape].quant = NULL;
  return oct_onnx_define(reader, node, 0, shape, OCT_NONE);
}

// --- moving elements -------------------------------------------------------------------------------------------------

/// Operators without attributes; `kind` inputs.
OCT_ONNX_TRANSLATE(move) {
  OCT_TRY(oct_onnx_needs(node, node->operator->kind));
  return emit(reader, node) ? OCT_OK : failure();
}

OCT_ONNX_TRANSLATE(reshape) {
  oct_value_id inputs[2] = {node->inputs[0]};
  OCT_TRY(oct_onnx_needs(node, reader->opset < 5 ? 1 : 2));
  OCT_TRY(oct_onnx_list_or_input(reader, node, 5, "shape", 1, &inputs[1]));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RESHAPE, 2, inputs, 1);
  if (!made) return failure();
  bool allow_zero = oct_onnx_int(node, "allowzero", 0) != 0;
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_RESHAPE_TO, .allow_zero = allow_zero};
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(flatten) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RESHAPE, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_FLATTEN_AT, .axis = oct_onnx_int(node, "axis", 1)};
  return OCT_OK;
}

/// Squeeze and Unsqueeze: axes are an attribute before opset 13.
OCT_ONNX_TRANSLATE(squeeze) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_value_id inputs[2] = {node->inputs[0]};
  OCT_TRY(oct_onnx_list_or_input(reader, node, 13, "axes", 1, &inputs[1]));
  if (node->operator->kind == OCT_UNSQUEEZE_AXES && inputs[1] == OCT_NO_VALUE)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "Unsqueeze lacks its axes");
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RESHAPE, 2, inputs, 1);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = (oct_reshape_kind)node->operator->kind};
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(transpose) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_transpose_attr attr = {0};
  OCT_TRY(oct_onnx_ints(node, "perm", attr.perm, OCT_MAX_RANK, &attr.count));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_TRANSPOSE, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.transpose = attr;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(concat) {
  OCT_TRY(oct_onnx_needs(node, node->input_count > 1 ? node->input_count : 1));
  oct_node *made = emit(reader, node);
  if (!made) return failure();
  made->attr.concat.axis = oct_onnx_int(node, "axis", 0);
  return OCT_OK;
}

/// Sizes: an attribute before opset 13; from opset 18 on `num_outputs`, which infer knows from the outputs.
OCT_ONNX_TRANSLATE(split) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_value_id inputs[2] = {node->inputs[0]};
  if (reader->opset < 13 && oct_onnx_has_attribute(node, "split")) {
    int32_t sizes[OCT_ONNX_MAX_OUTPUTS];
    int count;
    OCT_TRY(oct_onnx_ints(node, "split", sizes, OCT_ONNX_MAX_OUTPUTS, &count));
    if ((inputs[1] = oct_onnx_list(reader, node, OCT_I32, sizes, count)) == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  } else {
    inputs[1] = oct_onnx_has(node, 1) ? node->inputs[1] : OCT_NO_VALUE;
  }
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_SPLIT, 2, inputs, node->output_count);
  if (!made) return failure();
  made->attr.split.axis = oct_onnx_int(node, "axis", 0);
  return OCT_OK;
}

/// Attributes before opset 10, inputs from then on.
OCT_ONNX_TRANSLATE(slice) {
  static const char *const names[] = {"", "starts", "ends", "axes"};
  OCT_TRY(oct_onnx_needs(node, reader->opset < 10 ? 1 : 3));
  oct_value_id inputs[5] = {node->inputs[0]};
  for (int i = 1; i < 4; i++) OCT_TRY(oct_onnx_list_or_input(reader, node, 10, names[i], i, &inputs[i]));
  inputs[4] = reader->opset >= 10 && oct_onnx_has(node, 4) ? node->inputs[4] : OCT_NO_VALUE;
  if (inputs[1] == OCT_NO_VALUE || inputs[2] == OCT_NO_VALUE)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "Slice lacks its starts or ends");
  return oct_onnx_emit(reader, node, OCT_OP_SLICE, 5, inputs, 1) ? OCT_OK : failure();
}

/// Attributes before opset 11, inputs from then on.
OCT_ONNX_TRANSLATE(pad) {
  static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
  OCT_TRY(oct_onnx_needs(node, reader->opset < 11 ? 1 : 2));
  oct_bytes mode = oct_onnx_text(node, "mode");
  int kind = 0;
  while (kind < 4 && mode.count && !oct_onnx_text_is(mode, modes[kind])) kind++;
  if (kind == 4) return oct_onnx_refuse(node, "has a mode other than constant, reflect, edge and wrap");
  oct_value_id inputs[4] = {node->inputs[0], OCT_NO_VALUE, OCT_NO_VALUE, OCT_NO_VALUE};
  OCT_TRY(oct_onnx_list_or_input(reader, node, 11, "pads", 1, &inputs[1]));
  if (inputs[1] == OCT_NO_VALUE) return oct_fail(OCT_INVALID_MODEL, "export the model again", "Pad lacks its pads");
  inputs[2] = oct_onnx_has(node, 2) ? node->inputs[2] : OCT_NO_VALUE;
  float value = reader->opset < 11 ? oct_onnx_float(node, "value", 0) : 0;
  if (value != 0) {
    if ((inputs[2] = oct_onnx_list(reader, node, OCT_F32, &value, 1)) == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    reader->graph->values[inputs[2]].shape = oct_shape_of(0);
  }
  if (oct_onnx_has(node, 3)) inputs[3] = node->inputs[3];
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_PAD, 4, inputs, 1);
  if (!made) return failure();
  static const oct_pad_kind kinds[] = {OCT_PAD_CONSTANT, OCT_PAD_REFLECT, OCT_PAD_EDGE, OCT_PAD_WRAP};
  made->attr.pad.kind = kinds[kind];
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(center_crop_pad) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_pad_attr attr = {.to_size = true};
  OCT_TRY(oct_onnx_ints(node, "axes", attr.axes.axis, OCT_MAX_RANK, &attr.axes.count));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_PAD, 2, node->inputs, 1);
  if (!made) return failure();
  made->attr.pad = attr;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(gather) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_GATHER, 2, node->inputs, 1);
  if (!made) return failure();
  made->attr.gather.axis = oct_onnx_int(node, "axis", 0);
  return OCT_OK;
}

// --- products --------------------------------------------------------------------------------------------------------

OCT_ONNX_TRANSLATE(matmul) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_MATMUL, 2, node->inputs, 1);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.alpha = 1, .beta = 1};
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(gemm) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_MATMUL, oct_onnx_has(node, 2) ? 3 : 2, node->inputs, 1);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_a = oct_onnx_int(node, "transA", 0) != 0,
                                        .transpose_b = oct_onnx_int(node, "transB", 0) != 0,
                                        .alpha = oct_onnx_float(node, "alpha", 1),
                                        .beta = oct_onnx_float(node, "beta", 1)};
  return OCT_OK;
}
