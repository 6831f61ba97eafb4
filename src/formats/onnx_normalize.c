// SPDX-License-Identifier: MIT
//
// ONNX operators that normalize.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

static oct_status failure(void) { return oct_last_error()->status; }

OCT_ONNX_TRANSLATE(batch_norm) {
  OCT_TRY(oct_onnx_needs(node, 5));
  if (oct_onnx_int(node, "training_mode", 0)) return oct_onnx_refuse(node, "is in training mode");
  if (!oct_onnx_int(node, "spatial", 1)) return oct_onnx_refuse(node, "normalizes each pixel by itself (spatial 0)");
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_BATCH_NORMALIZATION, 5, node->inputs, 1);
  if (!made) return failure();
  made->attr.batch_norm = (oct_batch_norm_attr){.epsilon = oct_onnx_float(node, "epsilon", 1e-5f), .layout = OCT_NCHW};
  return OCT_OK;
}

/// LayerNormalization, RMSNormalization, InstanceNormalization, GroupNormalization.
OCT_ONNX_TRANSLATE(normalize) {
  OCT_TRY(oct_onnx_needs(node, 1));
  const int count = node->input_count < 3 ? node->input_count : 3;
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_NORMALIZE, count, node->inputs,
                                 node->output_count < 3 ? node->output_count : 3);
  if (!made) return failure();
  const int kind = node->operator->kind;
  made->attr.normalize = (oct_normalize_attr){.kind = kind == 1 ? OCT_NORMALIZE_CHANNELS : OCT_NORMALIZE_LAYER,
                                              .root_mean_square = kind == 2,
                                              .axis = oct_onnx_int(node, "axis", -1),
                                              .groups = oct_onnx_int(node, "num_groups", 0),
                                              .epsilon = oct_onnx_float(node, "epsilon", 1e-5f)};
  return OCT_OK;
}

/// com.microsoft.SkipLayerNormalization: x + skip (+ bias), normalized.
OCT_ONNX_TRANSLATE(skip_layer_norm) {
  OCT_TRY(oct_onnx_needs(node, 3));
  oct_compose c = {reader, node};
  oct_value_id sum = oct_compose_binary(c, OCT_ADD, node->inputs[0], node->inputs[1]);
  if (oct_onnx_has(node, 4)) sum = oct_compose_binary(c, OCT_ADD, sum, node->inputs[4]);
  oct_value_id inputs[3] = {sum, node->inputs[2], oct_onnx_has(node, 3) ? node->inputs[3] : OCT_NO_VALUE};
  oct_node *made = sum == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_NORMALIZE, 3, inputs);
  if (!made) return failure();
  made->attr.normalize = (oct_normalize_attr){.axis = -1, .epsilon = oct_onnx_float(node, "epsilon", 1e-12f)};
  OCT_TRY(oct_compose_done(c, 0, made->outputs[0]));
  return oct_compose_done(c, 3, sum);
}

OCT_ONNX_TRANSLATE(lrn) {
  OCT_TRY(oct_onnx_needs(node, 1));
  const int32_t size = oct_onnx_int(node, "size", 0);
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_LRN, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.lrn = (oct_lrn_attr){.before = size > 0 ? (size - 1) / 2 : -1, .after = size > 0 ? size / 2 : -1,
                                  .alpha = oct_onnx_float(node, "alpha", 0.0001f) / (float)(size > 0 ? size : 1),
                                  .beta = oct_onnx_float(node, "beta", 0.75f),
                                  .bias = oct_onnx_float(node, "bias", 1), .layout = OCT_NCHW};
  return OCT_OK;
}

/// x over its norm along an axis.
OCT_ONNX_TRANSLATE(lp_normalization) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  const bool root = oct_onnx_int(node, "p", 2) == 2;
  const oct_reduce_attr attr = {.kind = OCT_REDUCE_SUM, .keep_dims = true,
                                .axes = {.count = 1, .axis = {oct_onnx_int(node, "axis", -1)}}};
  oct_value_id norm = oct_compose_unary(c, root ? OCT_SQUARE : OCT_ABS, node->inputs[0], 0, 0);
  norm = oct_compose_reduce(c, attr, norm, OCT_NO_VALUE);
  if (root) norm = oct_compose_unary(c, OCT_SQRT, norm, 0, 0);
  return oct_compose_done(c, 0, oct_compose_binary(c, OCT_DIV, node->inputs[0], norm));
}

/// (x - mean) / (deviation + 1e-9)
OCT_ONNX_TRANSLATE(mean_variance) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_reduce_attr attr = {.kind = OCT_REDUCE_MEAN, .keep_dims = true};
  OCT_TRY(oct_onnx_ints(node, "axes", attr.axes.axis, OCT_MAX_RANK, &attr.axes.count));
  if (!attr.axes.count) attr.axes = (oct_axes){.count = 3, .axis = {0, 2, 3}};
  oct_value_id mean = oct_compose_reduce(c, attr, node->inputs[0], OCT_NO_VALUE);
  oct_value_id away = oct_compose_binary(c, OCT_SUB, node->inputs[0], mean);
  oct_value_id variance = oct_compose_reduce(c, attr, oct_compose_unary(c, OCT_SQUARE, away, 0, 0), OCT_NO_VALUE);
  oct_value_id deviation = oct_compose_unary(c, OCT_SQRT, variance, 0, 0);
  deviation = oct_compose_binary(c, OCT_ADD, deviation, oct_compose_float(c, 1e-9f));
  return oct_compose_done(c, 0, oct_compose_binary(c, OCT_DIV, away, deviation));
}
