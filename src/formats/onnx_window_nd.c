// SPDX-License-Identifier: MIT
//
// ONNX operators that slide over any number of dimensions, for what onnx_window.c has no fast form of.
#include "formats/onnx.h"
#include "formats/onnx_window.h"

static oct_status failure(void) { return oct_last_error()->status; }

static oct_status read_numbers(const oct_onnx_node *node, const char *name, int32_t *out, int wanted) {
  int32_t list[6];
  int count;
  OCT_TRY(oct_onnx_ints(node, name, list, 6, &count));
  if (count && count != wanted)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s has %d %s; it takes %d", node->operator->name, count,
                    name, wanted);
  for (int i = 0; i < count; i++) out[i] = list[i];
  return OCT_OK;
}

static oct_status read_window(const oct_onnx_node *node, int spatial, oct_window_nd *window) {
  int32_t pads[6] = {0};
  *window = (oct_window_nd){.count = spatial, .kernel = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
  if (spatial < 1 || spatial > 3) return oct_onnx_refuse(node, "slides over more than three dimensions");
  OCT_TRY(read_numbers(node, "kernel_shape", window->kernel, spatial));
  OCT_TRY(read_numbers(node, "strides", window->stride, spatial));
  OCT_TRY(read_numbers(node, "dilations", window->dilation, spatial));
  OCT_TRY(read_numbers(node, "pads", pads, 2 * spatial));
  window->pad_mode = oct_onnx_pad_mode(node);
  for (int i = 0; i < spatial; i++) window->pad_begin[i] = pads[i], window->pad_end[i] = pads[spatial + i];
  return OCT_OK;
}

oct_status oct_onnx_pool_nd(oct_onnx *reader, const oct_onnx_node *node, int spatial) {
  oct_pool_nd_attr attr = {.kind = (oct_pool_kind)node->operator->kind,
                           .p = oct_onnx_int(node, "p", 2),
                           .count_padding = oct_onnx_int(node, "count_include_pad", 0) != 0,
                           .ceil_mode = oct_onnx_int(node, "ceil_mode", 0) != 0,
                           .column_major = oct_onnx_int(node, "storage_order", 0) != 0};
  oct_onnx_node copy = *node;
  OCT_TRY(read_window(node, spatial, &attr.window));
  if (copy.sources[0] != OCT_NONE) OCT_TRY(oct_onnx_make_raw(reader, &copy, 0));
  oct_node *made = oct_onnx_emit(reader, &copy, OCT_OP_POOL_ND, 1, copy.inputs, copy.output_count > 1 ? 2 : 1);
  if (!made) return failure();
  made->attr.pool_nd = attr;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(lp_pool) {
  int count;
  int32_t ignored[OCT_MAX_RANK];
  OCT_TRY(oct_onnx_needs(node, 1));
  OCT_TRY(oct_onnx_ints(node, "kernel_shape", ignored, OCT_MAX_RANK, &count));
  return oct_onnx_pool_nd(reader, node, count);
}

oct_status oct_onnx_conv_nd(oct_onnx *reader, const oct_onnx_node *node, const oct_value_id inputs[3],
                            oct_value_id *output) {
  oct_conv_nd_attr attr = {.groups = oct_onnx_int(node, "group", 1),
                           .transposed = node->operator->op == OCT_OP_CONV_TRANSPOSE};
  OCT_TRY(read_window(node, 3, &attr.window));
  OCT_TRY(read_numbers(node, "output_padding", attr.output_padding, 3));
  if (oct_onnx_has_attribute(node, "output_shape")) return oct_onnx_refuse(node, "says its output's shape");
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_CONV_ND, 3, inputs, output);
  if (!made) return failure();
  made->attr.conv_nd = attr;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(non_max_suppression) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_NON_MAX_SUPPRESSION, node->input_count, node->inputs, 1);
  if (!made) return failure();
  made->attr.suppression.centred = oct_onnx_int(node, "center_point_box", 0) != 0;
  return OCT_OK;
}
