// SPDX-License-Identifier: MIT
//
// Quantization in ways that the graph's q8 has no form for: parameters that a run computes, several an activation,
// blocks, 16 bits. These are composed of what they mean: a product with constant bytes in integers, everything else in
// floats, where products of bytes are exact while their sums stay below 2^24.
#include "formats/onnx_dynamic.h"

#include "formats/onnx_compose.h"
#include "formats/onnx_window.h"

#include <math.h>
#include <string.h>

static oct_status failure(void) { return oct_last_error()->status; }

bool oct_onnx_is_loose(const oct_onnx *reader, const oct_onnx_node *node, int scale_input) {
  for (int i = scale_input; i < scale_input + 2; i++) {
    if (!oct_onnx_has(node, i)) continue;
    const oct_value *value = oct_onnx_input(reader, node, i);
    if (!value->data || value->shape.rank > 1 || value->dtype == OCT_I16 || value->dtype == OCT_U16) return true;
  }
  return false;
}

/// Input `index` as the file has it, in floats; OCT_NO_VALUE where it is absent.
static oct_value_id floats(oct_compose c, int index) {
  if (!oct_onnx_has(c.node, index)) return OCT_NO_VALUE;
  oct_onnx_node copy = *c.node;
  if (copy.sources[index] != OCT_NONE && oct_onnx_make_raw(c.reader, &copy, index) != OCT_OK) return OCT_NO_VALUE;
  return oct_compose_cast(c, copy.inputs[index], OCT_F32);
}

/// A scale or zero point for each block along `axis`, repeated for each element.
static oct_value_id repeat_blocks(oct_compose c, oct_value_id parameter, int32_t axis, int32_t block) {
  oct_shape shape = c.reader->graph->values[parameter].shape;
  if (axis < 0) axis += shape.rank;
  if (!oct_shape_is_static(&shape) || axis < 0 || axis >= shape.rank || shape.rank == OCT_MAX_RANK || block < 1 ||
      block > 1 << 20 || shape.dim[axis] > 1 << 10)
    return oct_onnx_refuse(c.node, "has blocks that its scales do not fit"), OCT_NO_VALUE;
  int32_t wide[OCT_MAX_RANK], merged[OCT_MAX_RANK];
  for (int i = 0; i < shape.rank; i++) merged[i] = shape.dim[i], wide[i < axis + 1 ? i : i + 1] = shape.dim[i];
  wide[axis + 1] = block, merged[axis] *= block;
  oct_value_id inputs[2];
  inputs[0] = oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, parameter, (oct_axes){.count = 1, .axis = {axis + 1}});
  inputs[1] = oct_onnx_list(c.reader, c.node, OCT_I32, wide, shape.rank + 1);
  if (inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE) return OCT_NO_VALUE;
  oct_node *expanded = oct_compose_node(c, OCT_OP_EXPAND, 2, inputs);
  return expanded ? oct_compose_reshape_to(c, expanded->outputs[0], shape.rank, merged) : OCT_NO_VALUE;
}

/// Parameter `index` so that it broadcasts against input `x`: a list is one number an index along `axis`.
static oct_value_id parameter_of(oct_compose c, int index, int x, int32_t axis) {
  const oct_shape shape = oct_onnx_input(c.reader, c.node, index)->shape;
  const int32_t rank = oct_onnx_input(c.reader, c.node, x)->shape.rank, block = oct_onnx_int(c.node, "block_size", 0);
  oct_value_id value = floats(c, index);
  if (value == OCT_NO_VALUE) return value;
  if (block > 0) {
    c.reader->graph->values[value].shape = shape;
    return repeat_blocks(c, value, axis, block);
  }
  if (shape.rank != 1 || shape.dim[0] == 1 || axis == -1) return value;
  if (rank < 1) return oct_onnx_refuse(c.node, "has parameters along an axis of a tensor of unknown rank"), OCT_NO_VALUE;
  oct_axes axes = {0};
  for (int i = (axis < 0 ? axis + rank : axis) + 1; i < rank && axes.count < OCT_MAX_RANK; i++)
    axes.axis[axes.count] = axes.count + 1, axes.count++;
  return axes.count ? oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, value, axes) : value;
}

/// (x - zero point) * scale; a scale_input of -1: without scale.
static oct_value_id dequantized(oct_compose c, int x, int scale_input, int zero_input, int32_t axis) {
  oct_value_id value = floats(c, x);
  if (oct_onnx_has(c.node, zero_input))
    value = oct_compose_binary(c, OCT_SUB, value, parameter_of(c, zero_input, x, axis));
  if (scale_input < 0) return value;
  return oct_compose_binary(c, OCT_MUL, value, parameter_of(c, scale_input, x, axis));
}

/// The type of a zero point, or what the node says, or uint8.
static oct_dtype target_of(oct_compose c, int zero_input) {
  if (oct_onnx_has(c.node, zero_input)) return oct_onnx_input(c.reader, c.node, zero_input)->dtype;
  return oct_onnx_dtype(oct_onnx_int(c.node, "output_dtype", 2));
}

static oct_status finish_quantized(oct_compose c, oct_value_id real, int x, int scale_input, int32_t axis) {
  oct_value_id value = oct_compose_binary(c, OCT_DIV, real, parameter_of(c, scale_input, x, axis));
  value = oct_compose_unary(c, OCT_ROUND, value, 0, 0);
  oct_dtype to = target_of(c, scale_input + 1);
  if (to == OCT_NONE) { // a zero point that is computed: its type is settled when shapes are
    oct_value_id zero = parameter_of(c, scale_input + 1, x, axis);
    oct_value_id inputs[2] = {oct_compose_binary(c, OCT_ADD, value, zero), c.node->inputs[scale_input + 1]};
    oct_node *made = inputs[0] == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_CAST, 2, inputs);
    return oct_compose_done(c, 0, made ? made->outputs[0] : OCT_NO_VALUE);
  }
  if (to < OCT_I8 || to > OCT_U16) return oct_onnx_refuse(c.node, "goes to a type other than int8, uint8, int16, uint16");
  if (oct_onnx_has(c.node, scale_input + 1))
    value = oct_compose_binary(c, OCT_ADD, value, parameter_of(c, scale_input + 1, x, axis));
  return oct_compose_done(c, 0, oct_compose_cast(c, value, to));
}

oct_status oct_onnx_quantize_loosely(oct_onnx *reader, const oct_onnx_node *node) {
  oct_compose c = {reader, node};
  return finish_quantized(c, floats(c, 0), 0, 1, oct_onnx_int(node, "axis", 1));
}

oct_status oct_onnx_dequantize_loosely(oct_onnx *reader, const oct_onnx_node *node) {
  oct_compose c = {reader, node};
  return oct_compose_done(c, 0, dequantized(c, 0, 1, 2, oct_onnx_int(node, "axis", 1)));
}

static oct_value_id product(oct_compose c, oct_value_id a, oct_value_id b) {
  oct_value_id inputs[2] = {a, b};
  oct_node *made = a == OCT_NO_VALUE || b == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_MATMUL, 2, inputs);
  if (!made) return OCT_NO_VALUE;
  made->attr.matmul = (oct_matmul_attr){.alpha = 1, .beta = 1};
  return made->outputs[0];
}

/// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point: two operands and an operator between.
oct_status oct_onnx_qlinear_loosely(oct_onnx *reader, const oct_onnx_node *node) {
  oct_compose c = {reader, node};
  const bool multiplies = node->operator->op == OCT_OP_MATMUL, slides = node->operator->op == OCT_OP_CONV;
  oct_value_id a = dequantized(c, 0, 1, 2, multiplies ? -2 : 1), b = dequantized(c, 3, 4, 5, slides ? 0 : -1), y;
  if (multiplies) {
    y = product(c, a, b);
  } else if (slides) {
    oct_value_id inputs[4] = {a, b, OCT_NO_VALUE, OCT_NO_VALUE};
    if (oct_onnx_has(node, 8))
      inputs[2] = oct_compose_binary(c, OCT_MUL, floats(c, 8), oct_compose_binary(c, OCT_MUL, floats(c, 1), floats(c, 4)));
    if (a == OCT_NO_VALUE || b == OCT_NO_VALUE) return failure();
    OCT_TRY(oct_onnx_emit_conv(reader, node, 3, inputs, OCT_NONE, NULL, &y));
  } else {
    y = oct_compose_binary(c, (oct_binary_kind)node->operator->kind, a, b);
  }
  return finish_quantized(c, y, 0, 6, 1);
}

/// Input `index` as the file has it; `dtype` gets its type, NONE where that is not known yet.
static oct_value_id raw(oct_compose c, int index, oct_dtype *dtype) {
  oct_onnx_node copy = *c.node;
  if (copy.sources[index] != OCT_NONE && oct_onnx_make_raw(c.reader, &copy, index) != OCT_OK) return OCT_NO_VALUE;
  *dtype = c.reader->graph->values[copy.inputs[index]].dtype;
  return copy.inputs[index];
}

/// The whole product of inputs a and b less their zero points, in int32; OCT_NO_VALUE where it has to be one of floats.
static oct_value_id whole_product(oct_compose c, int a, int a_zero, int b, int b_zero) {
  oct_dtype dtype = OCT_NONE;
  if (!oct_onnx_is_whole(c.reader, c.node, b, b_zero)) return OCT_NO_VALUE;
  const oct_value_id bytes = raw(c, a, &dtype);
  if (dtype != OCT_I8 && dtype != OCT_U8) return OCT_NO_VALUE;
  oct_value_id zero = oct_onnx_has(c.node, a_zero) ? c.node->inputs[a_zero] : OCT_NO_VALUE;
  if (zero != OCT_NO_VALUE && c.reader->graph->values[zero].shape.rank == 1)
    zero = oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, zero, (oct_axes){.count = 1, .axis = {1}});
  return oct_onnx_whole_product(c.reader, c.node, bytes, zero, b, b_zero);
}

/// A, B, a_zero_point, b_zero_point: whole sums.
OCT_ONNX_TRANSLATE(matmul_integer) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  oct_value_id y = whole_product(c, 0, 2, 1, 3);
  if (y == OCT_NO_VALUE)
    y = oct_compose_cast(c, product(c, dequantized(c, 0, -1, 2, -2), dequantized(c, 1, -1, 3, -1)), OCT_I32);
  return oct_compose_done(c, 0, y);
}

OCT_ONNX_TRANSLATE(conv_integer) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  oct_value_id y = whole_product(c, 0, 2, 1, 3);
  if (y != OCT_NO_VALUE) return oct_compose_done(c, 0, y);
  oct_value_id inputs[4] = {dequantized(c, 0, -1, 2, 1), dequantized(c, 1, -1, 3, 0), OCT_NO_VALUE, OCT_NO_VALUE};
  if (inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE) return failure();
  OCT_TRY(oct_onnx_emit_conv(reader, node, 1, inputs, OCT_NONE, NULL, &y));
  return oct_compose_done(c, 0, oct_compose_cast(c, y, OCT_I32));
}

/// Scale and zero point of input 0 that cover its range and 0, in uint8; and its steps before the cast.
static oct_value_id dynamic(oct_compose c, oct_value_id *scale, oct_value_id *zero) {
  const oct_value_id x = c.node->inputs[0];
  const oct_reduce_attr least = {.kind = OCT_REDUCE_MIN}, most = {.kind = OCT_REDUCE_MAX};
  oct_value_id low = oct_compose_unary(c, OCT_RELU_N, oct_compose_reduce(c, least, x, OCT_NO_VALUE), -INFINITY, 0);
  oct_value_id high = oct_compose_unary(c, OCT_RELU_N, oct_compose_reduce(c, most, x, OCT_NO_VALUE), 0, INFINITY);
  *scale = oct_compose_binary(c, OCT_DIV, oct_compose_binary(c, OCT_SUB, high, low), oct_compose_float(c, 255));
  oct_value_id point = oct_compose_unary(c, OCT_NEG, oct_compose_binary(c, OCT_DIV, low, *scale), 0, 0);
  *zero = oct_compose_unary(c, OCT_ROUND, oct_compose_unary(c, OCT_RELU_N, point, 0, 255), 0, 0);
  oct_value_id steps = oct_compose_unary(c, OCT_ROUND, oct_compose_binary(c, OCT_DIV, x, *scale), 0, 0);
  return oct_compose_unary(c, OCT_RELU_N, oct_compose_binary(c, OCT_ADD, steps, *zero), 0, 255);
}

OCT_ONNX_TRANSLATE(dynamic_quantize) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_value_id scale, zero, steps = dynamic(c, &scale, &zero);
  OCT_TRY(oct_compose_done(c, 0, oct_compose_cast(c, steps, OCT_U8)));
  OCT_TRY(oct_compose_done(c, 1, scale));
  return oct_compose_done(c, 2, oct_compose_cast(c, zero, OCT_U8));
}

/// Whole sums in real numbers: times a scale, and the one at input `index`.
static oct_value_id scaled(oct_compose c, oct_value_id sums, oct_value_id scale, int index) {
  scale = oct_compose_binary(c, OCT_MUL, scale, floats(c, index));
  return oct_compose_binary(c, OCT_MUL, oct_compose_cast(c, sums, OCT_F32), scale);
}

/// com.microsoft.DynamicQuantizeMatMul: A, B, b_scale, b_zero_point, bias. A is quantized as it comes.
OCT_ONNX_TRANSLATE(dynamic_matmul) {
  OCT_TRY(oct_onnx_needs(node, 3));
  oct_compose c = {reader, node};
  oct_value_id scale, zero, steps = dynamic(c, &scale, &zero), y;
  if (oct_onnx_is_whole(reader, node, 1, 3)) {
    const oct_value_id a = oct_compose_cast(c, steps, OCT_U8), a_zero = oct_compose_cast(c, zero, OCT_U8);
    y = scaled(c, oct_onnx_whole_product(reader, node, a, a_zero, 1, 3), scale, 2);
  } else {
    oct_value_id a = oct_compose_binary(c, OCT_MUL, oct_compose_binary(c, OCT_SUB, steps, zero), scale);
    y = product(c, a, dequantized(c, 1, 2, 3, -1));
  }
  if (oct_onnx_has(node, 4)) y = oct_compose_binary(c, OCT_ADD, y, node->inputs[4]);
  return oct_compose_done(c, 0, y);
}

/// com.microsoft.MatMulIntegerToFloat: A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias.
OCT_ONNX_TRANSLATE(matmul_integer_to_float) {
  OCT_TRY(oct_onnx_needs(node, 4));
  oct_compose c = {reader, node};
  oct_value_id y = whole_product(c, 0, 4, 1, 5);
  if (y != OCT_NO_VALUE) y = scaled(c, y, floats(c, 2), 3);
  else y = product(c, dequantized(c, 0, 2, 4, -2), dequantized(c, 1, 3, 5, -1));
  if (oct_onnx_has(node, 6)) y = oct_compose_binary(c, OCT_ADD, y, node->inputs[6]);
  return oct_compose_done(c, 0, y);
}

// --- weights of few bits ---------------------------------------------------------------------------------------------

/// The dimensions of com.microsoft.MatMulNBits: B is [n, blocks, bytes of a block], `bits` an element.
typedef struct packed_bits {
  int32_t k, n, bits, block, blocks;
  const uint8_t *weights, *zeros; // zeros: NULL or rows of packed zero points, each row to a whole byte
  const float *scales;
} packed_bits;

static uint32_t bits_at(const uint8_t *bytes, size_t index, int32_t bits) {
  if (bits == 8) return bytes[index];
  return bytes[index / 2] >> (index % 2 ? 4 : 0) & 15;
}

static void unpack(const packed_bits *from, float *to) {
  const size_t row_bytes = ((size_t)from->blocks * (size_t)from->bits + 7) / 8;
  const size_t block_bytes = (size_t)from->block * (size_t)from->bits / 8;
  for (int32_t n = 0; n < from->n; n++)
    for (int32_t k = 0; k < from->k; k++) {
      const size_t block = (size_t)(k / from->block), at = (size_t)n * (size_t)from->blocks + block;
      const uint32_t q = bits_at(from->weights + at * block_bytes, (size_t)(k % from->block), from->bits);
      const uint32_t zero = from->zeros ? bits_at(from->zeros + (size_t)n * row_bytes, block, from->bits)
                                        : 1u << (from->bits - 1);
      *to++ = from->scales[at] * (float)((int32_t)q - (int32_t)zero);
    }
}

static bool holds(const oct_onnx *reader, const oct_onnx_node *node, int input, oct_dtype dtype, size_t count) {
  const oct_value *value = oct_onnx_input(reader, node, input);
  return value->data && value->dtype == dtype && oct_shape_count(&value->shape) == count;
}

/// A, B, scales, zero_points (optional), g_idx (not read), bias: weights are made floats here.
OCT_ONNX_TRANSLATE(matmul_bits) {
  OCT_TRY(oct_onnx_needs(node, 3));
  packed_bits p = {.k = oct_onnx_int(node, "K", 0), .n = oct_onnx_int(node, "N", 0),
                   .bits = oct_onnx_int(node, "bits", 4), .block = oct_onnx_int(node, "block_size", 0)};
  const bool sane = p.k > 0 && p.n > 0 && p.block >= 16 && p.block <= 1 << 16 && (p.bits == 4 || p.bits == 8);
  if (!sane || oct_onnx_has(node, 4))
    return oct_onnx_refuse(node, "has other than 4 or 8 bits, an odd block, or an order of columns of its own");
  p.blocks = (int32_t)(((int64_t)p.k + p.block - 1) / p.block);
  const size_t cells = (size_t)p.n * (size_t)p.blocks, row = ((size_t)p.blocks * (size_t)p.bits + 7) / 8;
  const oct_shape shape = oct_shape_of(2, (int)p.n, (int)p.k);
  size_t bytes;
  if (!oct_shape_checked_bytes(&shape, sizeof(float), &bytes) || (int64_t)p.n * p.blocks > INT32_MAX ||
      !holds(reader, node, 1, OCT_U8, cells * ((size_t)p.block * (size_t)p.bits / 8)) ||
      !holds(reader, node, 2, OCT_F32, cells) ||
      (oct_onnx_has(node, 3) && !holds(reader, node, 3, OCT_U8, (size_t)p.n * row)))
    return oct_onnx_refuse(node, "has weights, scales or zero points that are not constants of the size it says");
  p.weights = oct_onnx_input(reader, node, 1)->data, p.scales = oct_onnx_input(reader, node, 2)->data;
  if (oct_onnx_has(node, 3)) p.zeros = oct_onnx_input(reader, node, 3)->data;
  OCT_TRY(oct_onnx_spend(reader, bytes));
  float *real = oct_arena_alloc(&reader->graph->arena, bytes);
  if (!real) return OCT_OUT_OF_MEMORY;
  unpack(&p, real);
  oct_value_id inputs[3] = {node->inputs[0],
                            oct_graph_add_constant(reader->graph, node->label, strlen(node->label), OCT_F32, shape, real),
                            oct_onnx_has(node, 5) ? node->inputs[5] : OCT_NO_VALUE};
  if (inputs[1] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_MATMUL, 3, inputs, 1);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_b = true, .alpha = 1, .beta = 1};
  return OCT_OK;
}
