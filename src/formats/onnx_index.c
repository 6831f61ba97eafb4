// SPDX-License-Identifier: MIT
//
// ONNX operators that pick, place, order and make elements by index.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

#include <limits.h>

static oct_status failure(void) { return oct_last_error()->status; }

static oct_node *emit(oct_onnx *reader, const oct_onnx_node *node, int needed) {
  if (oct_onnx_needs(node, needed) != OCT_OK) return NULL;
  return oct_onnx_emit(reader, node, node->operator->op, node->input_count, node->inputs, 1);
}

/// Trilu, ReverseSequence, GatherElements, GatherND.
OCT_ONNX_TRANSLATE(pick) {
  const oct_pick_kind kind = (oct_pick_kind)node->operator->kind;
  oct_node *made = emit(reader, node, kind == OCT_TRILU ? 1 : 2);
  if (!made) return failure();
  made->attr.pick = (oct_pick_attr){.kind = kind, .upper = oct_onnx_int(node, "upper", 1) != 0};
  oct_pick_attr *attr = &made->attr.pick;
  if (kind == OCT_REVERSE_SEQUENCE) {
    attr->axis = oct_onnx_int(node, "time_axis", 0);
    attr->batch_axis = oct_onnx_int(node, "batch_axis", 1);
  } else {
    attr->axis = oct_onnx_int(node, kind == OCT_GATHER_ND ? "batch_dims" : "axis", 0);
  }
  return OCT_OK;
}

/// Scatter, ScatterElements, ScatterND.
OCT_ONNX_TRANSLATE(scatter) {
  static const char *const names[] = {"none", "add", "mul", "max", "min"};
  oct_bytes text = oct_onnx_text(node, "reduction");
  int kind = 0;
  while (kind < 5 && text.count && !oct_onnx_text_is(text, names[kind])) kind++;
  if (kind == 5) return oct_onnx_refuse(node, "has a reduction that Octavo does not have");
  oct_node *made = emit(reader, node, 3);
  if (!made) return failure();
  made->attr.scatter = (oct_scatter_attr){.kind = (oct_scatter_kind)kind, .nd = node->operator->kind != 0,
                                          .axis = oct_onnx_int(node, "axis", 0)};
  return OCT_OK;
}

/// k: an attribute before opset 10, an input from then on.
OCT_ONNX_TRANSLATE(top_k) {
  OCT_TRY(oct_onnx_needs(node, reader->opset < 10 ? 1 : 2));
  oct_value_id inputs[2] = {node->inputs[0], reader->opset < 10 ? OCT_NO_VALUE : node->inputs[1]};
  const int64_t k = oct_onnx_int(node, "k", 0);
  if (reader->opset < 10 && (inputs[1] = oct_onnx_list(reader, node, OCT_I64, &k, 1)) == OCT_NO_VALUE)
    return OCT_OUT_OF_MEMORY;
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_TOP_K, 2, inputs, node->output_count > 1 ? 2 : 1);
  if (!made) return failure();
  made->attr.top_k = (oct_top_k_attr){.axis = oct_onnx_int(node, "axis", -1), .to = OCT_I64,
                                      .smallest = !oct_onnx_int(node, "largest", 1)};
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(cum_sum) {
  oct_node *made = emit(reader, node, 2);
  if (!made) return failure();
  made->attr.cumulate = (oct_cumulate_attr){.exclusive = oct_onnx_int(node, "exclusive", 0) != 0,
                                            .reverse = oct_onnx_int(node, "reverse", 0) != 0};
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(one_hot) {
  oct_node *made = emit(reader, node, 3);
  if (!made) return failure();
  made->attr.one_hot.axis = oct_onnx_int(node, "axis", -1);
  return OCT_OK;
}

/// Ones, of which two triangles leave a diagonal.
OCT_ONNX_TRANSLATE(eye_like) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_dtype to = oct_onnx_input(reader, node, 0)->dtype;
  if (oct_onnx_has_attribute(node, "dtype")) to = oct_onnx_dtype(oct_onnx_int(node, "dtype", 1));
  if (to == OCT_NONE) return oct_onnx_refuse(node, "has no type that Octavo has; say one with the attribute dtype");
  oct_value_id shape = oct_compose_shape(c, node->inputs[0], 0, INT32_MAX);
  oct_node *ones = shape == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_FILL, 1, &shape);
  if (!ones) return failure();
  ones->attr.fill = (oct_fill_attr){.to = to, .value = 1};
  oct_value_id inputs[2] = {ones->outputs[0], oct_compose_int(c, OCT_I64, oct_onnx_int(node, "k", 0))};
  for (int upper = 0; upper < 2 && inputs[1] != OCT_NO_VALUE; upper++) {
    oct_node *half = oct_compose_node(c, OCT_OP_PICK, 2, inputs);
    if (!half) return failure();
    half->attr.pick = (oct_pick_attr){.kind = OCT_TRILU, .upper = upper != 0};
    inputs[0] = half->outputs[0];
  }
  return oct_compose_done(c, 0, inputs[1] == OCT_NO_VALUE ? OCT_NO_VALUE : inputs[0]);
}

OCT_ONNX_TRANSLATE(depth_to_space) {
  oct_node *made = emit(reader, node, 1);
  if (!made) return failure();
  made->attr.depth_to_space =
      (oct_depth_to_space_attr){.block = oct_onnx_int(node, "blocksize", 0), .inverse = node->operator->kind != 0,
                                .column_row_depth = oct_onnx_text_is(oct_onnx_text(node, "mode"), "CRD"),
                                .layout = OCT_NCHW};
  return OCT_OK;
}

/// The elements whose condition is not 0, gathered by the places of those.
OCT_ONNX_TRANSLATE(compress) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  oct_node *places = oct_compose_node(c, OCT_OP_NON_ZERO, 1, &node->inputs[1]);
  if (!places) return failure();
  oct_value_id inputs[2] = {node->inputs[0]};
  inputs[1] = oct_compose_reshape(c, OCT_SQUEEZE_AXES, places->outputs[0], (oct_axes){.count = 1, .axis = {0}});
  if (!oct_onnx_has_attribute(node, "axis")) inputs[0] = oct_compose_reshape_to(c, inputs[0], 1, (const int32_t[]){-1});
  oct_node *made = inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_GATHER, 2, inputs);
  if (!made) return failure();
  made->attr.gather.axis = oct_onnx_int(node, "axis", 0);
  return oct_compose_done(c, 0, made->outputs[0]);
}
