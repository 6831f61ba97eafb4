// SPDX-License-Identifier: MIT
//
// ONNX operators that slide over height and width: convolution, pooling, resizing. The graph knows two spatial
// dimensions; a node with one gets a height of 1 before it and loses it after.
#include "formats/onnx.h"
#include "formats/onnx_window.h"

#include <string.h>

static oct_status failure(void) { return oct_last_error()->status; }

// --- windows ---------------------------------------------------------------------------------------------------------

/// Spatial dimensions: what the first list attribute there is says, else the weights' (or the input's) rank.
static oct_status count_spatial(oct_onnx *reader, const oct_onnx_node *node, int ranked_input, int *spatial) {
  static const char *const lists[] = {"kernel_shape", "strides", "dilations"};
  int32_t ignored[OCT_MAX_RANK];
  int count = 0;
  for (int i = 0; i < 3 && !count; i++) OCT_TRY(oct_onnx_ints(node, lists[i], ignored, OCT_MAX_RANK, &count));
  int rank = oct_onnx_input(reader, node, ranked_input)->shape.rank;
  if (!count) count = rank >= 0 ? rank - 2 : 2;
  if (count < 1 || count > 3) return oct_onnx_refuse(node, "slides over other than one to three dimensions");
  *spatial = count;
  return OCT_OK;
}

/// Reads a list with one number per spatial dimension into the last `spatial` of the two of `out`.
static oct_status read_pair(const oct_onnx_node *node, const char *name, int spatial, int32_t out[2]) {
  int32_t list[2];
  int count;
  OCT_TRY(oct_onnx_ints(node, name, list, 2, &count));
  if (!count) return OCT_OK;
  if (count != spatial)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s has %d %s for %d dimensions", node->operator->name,
                    count, name, spatial);
  memcpy(out + 2 - spatial, list, (size_t)spatial * sizeof *list);
  return OCT_OK;
}

static oct_status read_pads(const oct_onnx_node *node, int spatial, oct_window *window) {
  int32_t list[4];
  int count;
  OCT_TRY(oct_onnx_ints(node, "pads", list, 4, &count));
  if (!count) return OCT_OK;
  if (count != 2 * spatial)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s has %d pads for %d dimensions",
                    node->operator->name, count, spatial);
  memcpy(window->pad_begin + 2 - spatial, list, (size_t)spatial * sizeof *list);
  memcpy(window->pad_end + 2 - spatial, list + spatial, (size_t)spatial * sizeof *list);
  return OCT_OK;
}

oct_pad_mode oct_onnx_pad_mode(const oct_onnx_node *node) {
  static const struct {
    const char *name;
    oct_pad_mode mode;
  } modes[] = {{"NOTSET", OCT_PAD_EXPLICIT}, {"SAME_UPPER", OCT_PAD_SAME_UPPER}, {"SAME_LOWER", OCT_PAD_SAME_LOWER},
               {"VALID", OCT_PAD_VALID}};
  oct_bytes text = oct_onnx_text(node, "auto_pad");
  for (int i = 0; i < 4; i++)
    if (oct_onnx_text_is(text, modes[i].name)) return modes[i].mode;
  return OCT_PAD_EXPLICIT;
}

static oct_status read_window(const oct_onnx_node *node, int spatial, bool pool, oct_window *window) {
  *window = (oct_window){.stride = {1, 1}, .dilation = {1, 1}};
  if (pool) {
    window->kernel[0] = 1; // of a 1-D pool
    OCT_TRY(read_pair(node, "kernel_shape", spatial, window->kernel));
  }
  OCT_TRY(read_pair(node, "strides", spatial, window->stride));
  OCT_TRY(read_pair(node, "dilations", spatial, window->dilation));
  window->pad_mode = oct_onnx_pad_mode(node);
  return window->pad_mode == OCT_PAD_EXPLICIT ? read_pads(node, spatial, window) : OCT_OK;
}

// --- one dimension as two --------------------------------------------------------------------------------------------

static oct_status add_height(oct_onnx *reader, const oct_onnx_node *node, oct_value_id *value) {
  oct_value_id from = *value;
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &from, value);
  if (!made) return failure();
  made->attr.reshape =
      (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = {.count = 1, .axis = {2}}};
  return OCT_OK;
}

static oct_status drop_height(oct_onnx *reader, const oct_onnx_node *node, oct_value_id *value) {
  oct_value_id from = *value;
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &from, value);
  if (!made) return failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1, .axis = {2}}};
  return OCT_OK;
}

/// A constant of shape [o, i, k] as [o, i, 1, k], quantization and all.
static oct_status add_constant_height(oct_onnx *reader, oct_value_id *value) {
  oct_graph *graph = reader->graph;
  oct_value from = graph->values[*value];
  oct_shape shape = oct_shape_of(4, from.shape.dim[0], from.shape.dim[1], 1, from.shape.dim[2]);
  *value = oct_graph_add_constant(graph, from.name, strlen(from.name), from.dtype, shape, from.data);
  if (*value == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  graph->values[*value].quant = from.quant;
  return OCT_OK;
}

/// Weights keep the form that the passes look for: a constant, or DEQUANTIZE of a constant.
static oct_status add_weight_height(oct_onnx *reader, const oct_onnx_node *node, oct_value_id *weights) {
  oct_graph *graph = reader->graph;
  const oct_value *value = &graph->values[*weights];
  if (value->data && value->shape.rank == 3) return add_constant_height(reader, weights);
  int32_t producer = oct_graph_producer(graph, *weights);
  const oct_node *from = producer >= 0 ? &graph->nodes[producer] : NULL;
  if (!from || from->op != OCT_OP_DEQUANTIZE) return add_height(reader, node, weights);
  oct_value_id stored = from->inputs[0];
  if (!graph->values[stored].data || graph->values[stored].shape.rank != 3) return add_height(reader, node, weights);
  OCT_TRY(add_constant_height(reader, &stored));
  return oct_onnx_emit_inner(reader, node, OCT_OP_DEQUANTIZE, 1, &stored, weights) ? OCT_OK : failure();
}

// --- convolution -----------------------------------------------------------------------------------------------------

static oct_status conv_attr(const oct_onnx_node *node, int spatial, oct_conv_attr *attr) {
  bool transposed = node->operator->op == OCT_OP_CONV_TRANSPOSE;
  *attr = (oct_conv_attr){.groups = oct_onnx_int(node, "group", 1),
                          .layout = OCT_NCHW,
                          .weight_layout = transposed ? OCT_IOHW : OCT_OIHW};
  OCT_TRY(read_window(node, spatial, false, &attr->window));
  if (!transposed) return OCT_OK;
  OCT_TRY(read_pair(node, "output_padding", spatial, attr->output_padding));
  if (spatial == 1 && oct_onnx_has_attribute(node, "output_shape")) attr->output_size[0] = 1;
  return read_pair(node, "output_shape", spatial, attr->output_size);
}

oct_status oct_onnx_emit_conv(oct_onnx *reader, const oct_onnx_node *node, int weights_input, oct_value_id inputs[4],
                              oct_dtype dtype, const oct_quant *quant, oct_value_id *output) {
  int spatial;
  oct_conv_attr attr;
  OCT_TRY(count_spatial(reader, node, weights_input, &spatial));
  if (spatial == 3 && dtype != OCT_NONE) return oct_onnx_refuse(node, "slides over three dimensions");
  if (spatial == 3) return oct_onnx_conv_nd(reader, node, inputs, output);
  OCT_TRY(conv_attr(node, spatial, &attr));
  if (spatial == 1) {
    OCT_TRY(add_height(reader, node, &inputs[0]));
    OCT_TRY(add_weight_height(reader, node, &inputs[1]));
  }
  oct_node *made = oct_onnx_emit_inner(reader, node, node->operator->op, inputs[3] == OCT_NO_VALUE ? 3 : 4, inputs, output);
  if (!made) return failure();
  made->attr.conv = attr;
  reader->graph->values[*output].dtype = dtype;
  reader->graph->values[*output].quant = quant;
  return spatial == 1 ? drop_height(reader, node, output) : OCT_OK;
}

OCT_ONNX_TRANSLATE(conv) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_value_id inputs[4] = {node->inputs[0], node->inputs[1], oct_onnx_has(node, 2) ? node->inputs[2] : OCT_NO_VALUE,
                            OCT_NO_VALUE};
  oct_value_id output;
  OCT_TRY(oct_onnx_emit_conv(reader, node, 1, inputs, OCT_NONE, NULL, &output));
  return oct_onnx_define(reader, node, 0, output, OCT_NONE);
}

OCT_ONNX_TRANSLATE(conv_transpose) { return oct_onnx_conv(reader, node); }

// --- pooling ---------------------------------------------------------------------------------------------------------

OCT_ONNX_TRANSLATE(pool) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_pool_attr attr = {.layout = OCT_NCHW,
                        .average = node->operator->kind != 0,
                        .count_padding = oct_onnx_int(node, "count_include_pad", 0) != 0,
                        .ceil_mode = oct_onnx_int(node, "ceil_mode", 0) != 0};
  int spatial;
  OCT_TRY(count_spatial(reader, node, 0, &spatial));
  const oct_dtype dtype = oct_onnx_input(reader, node, 0)->dtype;
  if (spatial == 3 || (node->output_count > 1 && node->outputs[1].count) || dtype == OCT_I8 || dtype == OCT_U8)
    return oct_onnx_pool_nd(reader, node, spatial);
  OCT_TRY(read_window(node, spatial, true, &attr.window));
  oct_value_id value = node->inputs[0];
  if (spatial == 1) OCT_TRY(add_height(reader, node, &value));
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_POOL, 1, &value, &value);
  if (!made) return failure();
  made->attr.pool = attr;
  if (spatial == 1) OCT_TRY(drop_height(reader, node, &value));
  return oct_onnx_define(reader, node, 0, value, node->sources[0]);
}

// --- resizing --------------------------------------------------------------------------------------------------------

static oct_status resize_mode(const oct_onnx_node *node, bool *linear) {
  oct_bytes mode = oct_onnx_text(node, "mode");
  *linear = oct_onnx_text_is(mode, "linear") || oct_onnx_text_is(mode, "bilinear");
  if (mode.count && !*linear && !oct_onnx_text_is(mode, "nearest"))
    return oct_onnx_refuse(node, "has a mode other than nearest and linear");
  return OCT_OK;
}

/// An input that is there and not an empty list (which older exporters write for "absent").
static oct_value_id list_input(const oct_onnx *reader, const oct_onnx_node *node, int input) {
  if (!oct_onnx_has(node, input)) return OCT_NO_VALUE;
  const oct_value *value = oct_onnx_input(reader, node, input);
  return value->data && !oct_shape_count(&value->shape) ? OCT_NO_VALUE : node->inputs[input];
}

/// Which of `names` a text attribute is; 0 if absent, `count` for another.
static int choice(const oct_onnx_node *node, const char *attribute, const char *const *names, int count) {
  oct_bytes text = oct_onnx_text(node, attribute);
  int i = 0;
  while (i < count && text.count && !oct_onnx_text_is(text, names[i])) i++;
  return i;
}

/// Whether only RESAMPLE does what the node asks for.
static bool is_general(const oct_onnx *reader, const oct_onnx_node *node) {
  const int32_t rank = oct_onnx_input(reader, node, 0)->shape.rank;
  oct_bytes mode = oct_onnx_text(node, "coordinate_transformation_mode"), policy = oct_onnx_text(node, "keep_aspect_ratio_policy");
  return oct_onnx_text_is(oct_onnx_text(node, "mode"), "cubic") || oct_onnx_int(node, "antialias", 0) ||
         oct_onnx_text_is(mode, "tf_crop_and_resize") || oct_onnx_text_is(mode, "half_pixel_symmetric") ||
         oct_onnx_has_attribute(node, "axes") || (policy.count && !oct_onnx_text_is(policy, "stretch")) ||
         (rank >= 0 && rank != 4);
}

static oct_status emit_resample(oct_onnx *reader, const oct_onnx_node *node) {
  static const char *const coordinates[] = {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
                                            "tf_half_pixel_for_nn", "half_pixel_symmetric", "tf_crop_and_resize"};
  static const char *const nearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  static const char *const modes[] = {"nearest", "linear", "cubic"};
  static const char *const policies[] = {"stretch", "not_larger", "not_smaller"};
  const int at[4] = {choice(node, "coordinate_transformation_mode", coordinates, 7), choice(node, "nearest_mode", nearest, 4),
                     choice(node, "mode", modes, 3), choice(node, "keep_aspect_ratio_policy", policies, 3)};
  if (at[0] == 7 || at[1] == 4 || at[2] == 3 || at[3] == 3) return oct_onnx_refuse(node, "has a mode that Octavo does not have");
  oct_resample_attr attr = {.coordinates = (oct_coordinate_mode)at[0], .nearest = (oct_nearest_mode)at[1],
                            .mode = (oct_resample_mode)at[2], .aspect = (oct_aspect)at[3],
                            .antialias = oct_onnx_int(node, "antialias", 0) != 0,
                            .exclude_outside = oct_onnx_int(node, "exclude_outside", 0) != 0,
                            .cubic = oct_onnx_float(node, "cubic_coeff_a", -0.75f),
                            .extrapolation = oct_onnx_float(node, "extrapolation_value", 0)};
  OCT_TRY(oct_onnx_ints(node, "axes", attr.axes.axis, OCT_MAX_RANK, &attr.axes.count));
  const bool old = reader->opset < 11;
  oct_value_id inputs[4] = {node->inputs[0], old ? OCT_NO_VALUE : list_input(reader, node, 1),
                            list_input(reader, node, old ? 1 : 2), old ? OCT_NO_VALUE : list_input(reader, node, 3)};
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RESAMPLE, 4, inputs, 1);
  if (!made) return failure();
  made->attr.resample = attr;
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(grid_sample) {
  static const char *const modes[] = {"nearest", "linear", "cubic", "bilinear", "bicubic"};
  static const char *const paddings[] = {"zeros", "border", "reflection"};
  OCT_TRY(oct_onnx_needs(node, 2));
  const int padding = choice(node, "padding_mode", paddings, 3);
  const int mode = oct_onnx_text(node, "mode").count ? choice(node, "mode", modes, 5) : OCT_RESAMPLE_LINEAR;
  if (mode == 5 || padding == 3) return oct_onnx_refuse(node, "has a mode that Octavo does not have");
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_GRID_SAMPLE, 2, node->inputs, 1);
  if (!made) return failure();
  made->attr.grid_sample = (oct_grid_sample_attr){.mode = (oct_resample_mode)(mode > 2 ? mode - 2 : mode),
                                                  .padding = (oct_grid_padding)padding,
                                                  .align_corners = oct_onnx_int(node, "align_corners", 0) != 0};
  return OCT_OK;
}

/// Attributes that opset 11 brought.
static oct_status resize_attr(const oct_onnx_node *node, oct_resize_attr *attr) {
  static const char *const coordinates[] = {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
                                            "tf_half_pixel_for_nn"};
  static const char *const nearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  const int coordinate = choice(node, "coordinate_transformation_mode", coordinates, 5);
  const int rounding = choice(node, "nearest_mode", nearest, 4);
  if (coordinate == 5) return oct_onnx_refuse(node, "has a coordinate_transformation_mode that Octavo does not have");
  if (rounding == 4) return oct_onnx_refuse(node, "has a nearest_mode that Octavo does not have");
  attr->coordinates = (oct_coordinate_mode)coordinate, attr->nearest = (oct_nearest_mode)rounding;
  return OCT_OK;
}

static oct_status emit_resize(oct_onnx *reader, const oct_onnx_node *node, const oct_value_id inputs[3],
                              oct_resize_attr attr) {
  if (inputs[1] == OCT_NO_VALUE && inputs[2] == OCT_NO_VALUE)
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s has neither scales nor sizes",
                    node->operator->name);
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RESIZE, 3, inputs, 1);
  if (!made) return failure();
  made->attr.resize = attr;
  return OCT_OK;
}

/// Inputs: x, scales in opset 10; x, roi, scales, sizes from opset 11 on.
OCT_ONNX_TRANSLATE(resize) {
  OCT_TRY(oct_onnx_needs(node, 1));
  if (is_general(reader, node)) return emit_resample(reader, node);
  oct_resize_attr attr = {.coordinates = OCT_ASYMMETRIC, .nearest = OCT_NEAREST_FLOOR, .layout = OCT_NCHW};
  OCT_TRY(resize_mode(node, &attr.linear));
  bool old = reader->opset < 11;
  if (!old) OCT_TRY(resize_attr(node, &attr));
  oct_value_id inputs[3] = {node->inputs[0], list_input(reader, node, old ? 1 : 2),
                            old ? OCT_NO_VALUE : list_input(reader, node, 3)};
  return emit_resize(reader, node, inputs, attr);
}

/// Scales: an attribute before opset 9, an input in opset 9.
OCT_ONNX_TRANSLATE(upsample) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_resize_attr attr = {.coordinates = OCT_ASYMMETRIC, .nearest = OCT_NEAREST_FLOOR, .layout = OCT_NCHW};
  OCT_TRY(resize_mode(node, &attr.linear));
  oct_value_id inputs[3] = {node->inputs[0], list_input(reader, node, 1), OCT_NO_VALUE};
  if (reader->opset < 9) {
    float scales[OCT_MAX_RANK];
    int count;
    OCT_TRY(oct_onnx_floats(node, "scales", scales, OCT_MAX_RANK, &count));
    if ((inputs[1] = oct_onnx_list(reader, node, OCT_F32, scales, count)) == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  }
  return emit_resize(reader, node, inputs, attr);
}
