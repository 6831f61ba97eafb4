// SPDX-License-Identifier: MIT
//
// TFLite operators that slide over height and width: convolution, pooling, resizing. Everything is NHWC.
#include "formats/tflite.h"

#include <string.h>

/// Options: 0 padding (0 SAME, 1 VALID), 1 stride over width, 2 over height.
static oct_window read_window(oct_tflite *reader, const oct_tflite_node *node) {
  oct_fb *file = &reader->file;
  return (oct_window){
      .stride = {oct_fb_i32(file, node->options, 2, 0), oct_fb_i32(file, node->options, 1, 0)},
      .dilation = {1, 1},
      .pad_mode = oct_fb_u8(file, node->options, 0, 0) ? OCT_PAD_VALID : OCT_PAD_SAME_UPPER,
  };
}

/// Appends the convolution; the bias may be absent.
static oct_status emit_conv(oct_tflite *reader, const oct_tflite_node *node, int x, int weights, int bias,
                            const oct_conv_attr *attr, int activation) {
  int32_t row = node->operator->op == OCT_OP_CONV ? OCT_TFLITE_IMAGE : OCT_TFLITE_EXACT;
  oct_value_id inputs[3];
  OCT_TRY(oct_tflite_product(reader, node, x, weights, bias, row, inputs));
  oct_node *made = oct_tflite_emit(reader, node, node->operator->op, 3, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.conv = *attr;
  return oct_tflite_fuse(node, made, activation);
}

/// Channels of a tensor as the file declares them; 0 if it does not.
static int32_t channels_of(const oct_tflite_tensor *tensor) {
  return tensor->shape.rank == 4 && tensor->shape.dim[3] > 0 ? tensor->shape.dim[3] : 0;
}

/// Options: window, 3 fused activation, 4 dilation over width, 5 over height. Fewer weight than input channels: groups.
OCT_TFLITE_TRANSLATE(conv) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  oct_fb *file = &reader->file;
  oct_conv_attr attr = {.window = read_window(reader, node), .groups = 1, .weight_layout = OCT_OHWI};
  attr.window.dilation[0] = oct_fb_i32(file, node->options, 5, 1);
  attr.window.dilation[1] = oct_fb_i32(file, node->options, 4, 1);
  int32_t in = channels_of(oct_tflite_input(reader, node, 0)), each = channels_of(oct_tflite_input(reader, node, 1));
  if (in && each && in % each == 0) attr.groups = in / each;
  return emit_conv(reader, node, 0, 1, 2, &attr, oct_fb_u8(file, node->options, 3, 0));
}

/// Options: window, 3 depth multiplier, 4 fused activation, 5 dilation over width, 6 over height.
OCT_TFLITE_TRANSLATE(depthwise_conv) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  oct_fb *file = &reader->file;
  oct_conv_attr attr = {.window = read_window(reader, node), .weight_layout = OCT_1HWO};
  attr.window.dilation[0] = oct_fb_i32(file, node->options, 6, 1);
  attr.window.dilation[1] = oct_fb_i32(file, node->options, 5, 1);
  int32_t in = channels_of(oct_tflite_input(reader, node, 0)), out = channels_of(oct_tflite_input(reader, node, 1));
  int32_t multiplier = oct_fb_i32(file, node->options, 3, 0);
  attr.groups = in ? in : multiplier > 0 ? out / multiplier : out;
  if (attr.groups < 1 || out % attr.groups)
    return oct_fail(OCT_INVALID_MODEL, "convert the model again", "%s has %d weight channels for %d input channels",
                    node->operator->name, (int)out, (int)attr.groups);
  return emit_conv(reader, node, 0, 1, 2, &attr, oct_fb_u8(file, node->options, 4, 0));
}

/// MediaPipe's, whose options are TFLite's own struct: padding (1 SAME, 2 VALID), stride over width, over height.
/// Inputs: x, weights, bias.
OCT_TFLITE_TRANSLATE(transpose_conv_custom) {
  enum { SAME = 1, VALID = 2 };
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  int32_t options[3] = {0};
  for (uint32_t i = 0; i < 3 && node->custom.count >= sizeof options; i++)
    memcpy(&options[i], reader->file.data + node->custom.at + 4 * i, 4);
  if (options[0] != SAME && options[0] != VALID) return oct_tflite_refuse(node, "has options of an unknown kind");
  oct_conv_attr attr = {.groups = 1, .weight_layout = OCT_OHWI};
  attr.window = (oct_window){.stride = {options[2], options[1]}, .dilation = {1, 1},
                             .pad_mode = options[0] == VALID ? OCT_PAD_VALID : OCT_PAD_SAME_UPPER};
  return emit_conv(reader, node, 0, 1, 2, &attr, 0);
}

/// Inputs: output shape, weights, x, bias. Options: window, 3 fused activation. The output's height and width are
/// those of the constant shape, else those that the file declares for the output.
OCT_TFLITE_TRANSLATE(transpose_conv) {
  OCT_TRY(oct_tflite_needs(reader, node, 3));
  oct_conv_attr attr = {.window = read_window(reader, node), .groups = 1, .weight_layout = OCT_OHWI};
  const oct_tflite_tensor *shape = oct_tflite_input(reader, node, 0), *output = oct_tflite_output(reader, node, 0);
  if (shape->data && shape->dtype == OCT_I32 && oct_shape_count(&shape->shape) == 4)
    memcpy(attr.output_size, (const char *)shape->data + sizeof(int32_t), sizeof attr.output_size);
  else if (output->shape.rank == 4)
    memcpy(attr.output_size, &output->shape.dim[1], sizeof attr.output_size);
  if (attr.output_size[0] < 1 || attr.output_size[1] < 1)
    return oct_tflite_refuse(node, "has an output shape that is neither a constant nor declared");
  return emit_conv(reader, node, 2, 1, 3, &attr, oct_fb_u8(&reader->file, node->options, 3, 0));
}

/// Options: window, 3 kernel width, 4 kernel height, 5 fused activation.
OCT_TFLITE_TRANSLATE(pool) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_pool_attr attr = {.window = read_window(reader, node), .average = node->operator->kind != 0};
  attr.window.kernel[0] = oct_fb_i32(&reader->file, node->options, 4, 0);
  attr.window.kernel[1] = oct_fb_i32(&reader->file, node->options, 3, 0);
  attr.half_up = oct_tflite_input(reader, node, 0)->dtype == OCT_U8;
  oct_value_id x;
  OCT_TRY(oct_tflite_values(reader, node, 0, 1, &x));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_POOL, 1, &x);
  if (!made) return oct_tflite_failure();
  made->attr.pool = attr;
  return oct_tflite_fuse(node, made, oct_fb_u8(&reader->file, node->options, 5, 0));
}

/// The root of the average of squares. Options: as a pool's.
OCT_TFLITE_TRANSLATE(l2_pool) {
  oct_value_id x, pair[2], square, average;
  oct_pool_attr attr = {.window = read_window(reader, node), .average = true};
  attr.window.kernel[0] = oct_fb_i32(&reader->file, node->options, 4, 0);
  attr.window.kernel[1] = oct_fb_i32(&reader->file, node->options, 3, 0);
  if (oct_fb_u8(&reader->file, node->options, 5, 0)) return oct_tflite_refuse(node, "has a fused activation");
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  OCT_TRY(oct_tflite_values(reader, node, 0, 1, &x));
  pair[0] = pair[1] = x;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_BINARY, 2, pair, &square);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_MUL;
  made = oct_tflite_emit_inner(reader, node, OCT_OP_POOL, 1, &square, &average);
  if (!made) return oct_tflite_failure();
  made->attr.pool = attr;
  made = oct_tflite_emit(reader, node, OCT_OP_UNARY, 1, &average);
  if (!made) return oct_tflite_failure();
  made->attr.unary.kind = OCT_SQRT;
  return OCT_OK;
}

/// A float constant of rank 0 as the second input of a binary operator within the node.
static oct_status scale_by(oct_tflite *reader, const oct_tflite_node *node, oct_binary_kind kind, float number,
                           oct_value_id *value) {
  float *copy = oct_arena_alloc(&reader->graph->arena, sizeof *copy);
  if (!copy) return OCT_OUT_OF_MEMORY;
  *copy = number;
  oct_value_id pair[2] = {*value, oct_graph_add_constant(reader->graph, "number", 6, OCT_F32, oct_shape_of(0), copy)};
  oct_node *made = pair[1] == OCT_NO_VALUE ? NULL
                                           : oct_tflite_emit_inner(reader, node, OCT_OP_BINARY, 2, pair, value);
  if (!made) return OCT_OUT_OF_MEMORY;
  made->attr.binary.kind = kind;
  return OCT_OK;
}

/// x / (bias + alpha * sum of the squares of the channels around)^beta. The sum is an average over a window that slides
/// along the channels, which become the height of images one pixel wide. Options: 0 radius, 1 bias, 2 alpha, 3 beta.
OCT_TFLITE_TRANSLATE(local_response) {
  oct_fb *file = &reader->file;
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_shape shape = oct_tflite_input(reader, node, 0)->shape;
  int32_t radius = oct_fb_i32(file, node->options, 0, 0), channels = shape.rank ? shape.dim[shape.rank - 1] : 0;
  if (channels < 1 || radius < 0 || radius > 1 << 20)
    return oct_tflite_refuse(node, "has a radius or channels that do not fit");
  const int32_t image[4] = {-1, channels, 1, 1}, size = 2 * radius + 1;
  oct_value_id x, sum, pair[2];
  OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, 0), &x));
  pair[0] = x, pair[1] = oct_tflite_list(reader, image, 4);
  if (pair[1] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 2, pair, &sum);
  if (!made) return oct_tflite_failure();
  pair[0] = pair[1] = sum;
  made = oct_tflite_emit_inner(reader, node, OCT_OP_BINARY, 2, pair, &sum);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_MUL;
  pair[0] = sum;
  made = oct_tflite_emit_inner(reader, node, OCT_OP_POOL, 1, pair, &sum);
  if (!made) return oct_tflite_failure();
  made->attr.pool = (oct_pool_attr){.average = true, .count_padding = true,
                                    .window = {.kernel = {size, 1}, .stride = {1, 1}, .dilation = {1, 1},
                                               .pad_begin = {radius, 0}, .pad_end = {radius, 0}}};
  OCT_TRY(scale_by(reader, node, OCT_MUL, oct_fb_f32(file, node->options, 2, 0) * (float)size, &sum));
  OCT_TRY(scale_by(reader, node, OCT_ADD, oct_fb_f32(file, node->options, 1, 0), &sum));
  OCT_TRY(scale_by(reader, node, OCT_POW, oct_fb_f32(file, node->options, 3, 0), &sum));
  for (int i = 0; i < shape.rank; i++) shape.dim[i] = shape.dim[i] < 0 ? -1 : shape.dim[i];
  pair[0] = sum, pair[1] = oct_tflite_list(reader, shape.dim, shape.rank);
  if (pair[1] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 2, pair, &sum);
  if (!made) return oct_tflite_failure();
  made->attr.reshape.allow_zero = true;
  pair[0] = x, pair[1] = sum;
  made = oct_tflite_emit_float(reader, node, OCT_OP_BINARY, 2, pair);
  if (!made) return oct_tflite_failure();
  made->attr.binary.kind = OCT_DIV;
  return OCT_OK;
}

/// Inputs: x, size. Options: bilinear 2 align corners, 3 half pixels; nearest 0 and 1. Nearest rounds half up under
/// align corners and floors otherwise.
OCT_TFLITE_TRANSLATE(resize) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  bool linear = node->operator->kind != 0;
  bool align = oct_fb_u8(&reader->file, node->options, linear ? 2 : 0, 0) != 0;
  bool half = oct_fb_u8(&reader->file, node->options, linear ? 3 : 1, 0) != 0;
  oct_coordinate_mode half_pixel = linear ? OCT_HALF_PIXEL : OCT_TF_HALF_PIXEL_FOR_NN;
  oct_value_id inputs[3] = {OCT_NO_VALUE, OCT_NO_VALUE, OCT_NO_VALUE};
  OCT_TRY(oct_tflite_values(reader, node, 0, 1, &inputs[0]));
  OCT_TRY(oct_tflite_values(reader, node, 1, 2, &inputs[2]));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_RESIZE, 3, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.resize = (oct_resize_attr){.linear = linear,
                                        .coordinates = align ? OCT_ALIGN_CORNERS : half ? half_pixel : OCT_ASYMMETRIC,
                                        .nearest = align ? OCT_ROUND_PREFER_CEIL : OCT_NEAREST_FLOOR};
  return OCT_OK;
}
