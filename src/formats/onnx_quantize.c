// SPDX-License-Identifier: MIT
//
// ONNX quantization: QuantizeLinear and DequantizeLinear, and the operators that carry scales and zero points among
// their inputs. Quantization goes onto values: an activation becomes Q8, a constant keeps its bytes (or int32) and gets
// scales.
#include "formats/onnx.h"
#include "formats/onnx_dynamic.h"
#include "formats/onnx_window.h"

#include <math.h>
#include <string.h>

static oct_status failure(void) { return oct_last_error()->status; }

/// Scales and zero points as the file gives them.
typedef struct params {
  int32_t count;
  const float *scale;
  const void *zero_point; // elements of `dtype`; NULL: all 0
  oct_dtype dtype;        // NONE: the file does not say
} params;

static int32_t zero_of(const params *params, int32_t i) {
  if (!params->zero_point) return 0;
  if (params->dtype == OCT_I32) return ((const int32_t *)params->zero_point)[i];
  return params->dtype == OCT_I8 ? ((const int8_t *)params->zero_point)[i] : ((const uint8_t *)params->zero_point)[i];
}

static oct_status read_params(const oct_onnx *reader, const oct_onnx_node *node, int scale_input, int zero_input,
                              params *out) {
  OCT_TRY(oct_onnx_needs(node, scale_input + 1));
  const oct_value *scale = oct_onnx_input(reader, node, scale_input);
  if (!scale->data || scale->dtype != OCT_F32 || scale->shape.rank > 1)
    return oct_onnx_refuse(node, "has a scale that is not a constant of float32, one number or one per channel");
  size_t count = oct_shape_count(&scale->shape);
  *out = (params){.count = (int32_t)count, .scale = scale->data};
  for (size_t i = 0; i < count; i++)
    if (!(out->scale[i] > 0) || !isfinite(out->scale[i]))
      return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has a scale of %g; scales are positive",
                      node->operator->name, (double)out->scale[i]);
  if (!count) return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has no scale", node->operator->name);
  if (!oct_onnx_has(node, zero_input)) return OCT_OK;
  const oct_value *zero = oct_onnx_input(reader, node, zero_input);
  if (!zero->data || (zero->dtype != OCT_I8 && zero->dtype != OCT_U8 && zero->dtype != OCT_I32))
    return oct_onnx_refuse(node, "has a zero point that is not a constant of int8, uint8 or int32");
  if (oct_shape_count(&zero->shape) != count)
    return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has %zu zero points for %zu scales",
                    node->operator->name, oct_shape_count(&zero->shape), count);
  out->zero_point = zero->data;
  out->dtype = zero->dtype;
  return OCT_OK;
}

static oct_status per_tensor(const oct_onnx_node *node, const params *params) {
  if (params->count == 1) return OCT_OK;
  return oct_onnx_refuse(node, "quantizes an activation per channel; Octavo takes one scale and zero point for it");
}

// --- activations -----------------------------------------------------------------------------------------------------

/// The Q8 quantization of an int8 or uint8 activation.
static const oct_quant *act_quant(oct_onnx *reader, const params *params, oct_dtype source) {
  return oct_graph_add_quant(reader->graph, params->scale[0], oct_act_zero_point(source, zero_of(params, 0)));
}

static oct_status set_q8(oct_onnx *reader, oct_value_id value, const params *params, oct_dtype source) {
  const oct_quant *quant = act_quant(reader, params, source);
  if (!quant) return OCT_OUT_OF_MEMORY;
  reader->graph->values[value].dtype = OCT_Q8;
  reader->graph->values[value].quant = quant;
  return OCT_OK;
}

/// The Q8 value of input `input` under `params`: itself, or the same bytes seen anew where the file reads them with
/// other parameters than they were written with, or where they were raw.
static oct_status as_q8(oct_onnx *reader, const oct_onnx_node *node, int input, const params *params,
                        oct_value_id *value) {
  const oct_value *given = oct_onnx_input(reader, node, input);
  oct_dtype source = node->sources[input] != OCT_NONE ? node->sources[input] : given->dtype;
  OCT_TRY(per_tensor(node, params));
  if (params->dtype != OCT_NONE && given->dtype != OCT_NONE && params->dtype != source)
    return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s reads '%s' of %s with a zero point of %s",
                    node->operator->name, given->name, oct_dtype_name(source), oct_dtype_name(params->dtype));
  if (source == OCT_NONE) source = params->dtype;
  if (source != OCT_I8 && source != OCT_U8)
    return oct_onnx_refuse(node, "reads a quantized tensor of a type other than int8 and uint8");
  oct_onnx_node copy = *node;
  if (node->sources[input] != OCT_NONE) {
    *value = node->inputs[input];
    int32_t zero = oct_act_zero_point(source, zero_of(params, 0));
    if (given->quant->scale[0] == params->scale[0] && given->quant->zero_point[0] == zero) return OCT_OK;
    OCT_TRY(oct_onnx_make_raw(reader, &copy, input));
  }
  if (reader->graph->values[copy.inputs[input]].dtype == OCT_NONE)
    reader->graph->values[copy.inputs[input]].dtype = source;
  if (!oct_onnx_emit_inner(reader, &copy, OCT_OP_REINTERPRET, 1, &copy.inputs[input], value)) return failure();
  return set_q8(reader, *value, params, source);
}

// --- constants -------------------------------------------------------------------------------------------------------

/// Quantization of a constant: copies, because the model's bytes may go.
static oct_status constant_quant(oct_onnx *reader, const oct_onnx_node *node, const oct_value *value,
                                 const params *params, int32_t axis, const oct_quant **out) {
  int32_t rank = value->shape.rank;
  if (axis < 0) axis += rank;
  if (params->count > 1 && (axis < 0 || axis >= rank || value->shape.dim[axis] != params->count))
    return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has %d scales, which do not fit axis %d of '%s'",
                    node->operator->name, (int)params->count, (int)axis, value->name);
  const size_t count = (size_t)params->count;
  OCT_TRY(oct_onnx_spend(reader, count * (sizeof(int32_t) + sizeof(float))));
  oct_quant *quant = oct_arena_alloc(&reader->graph->arena, sizeof *quant);
  int32_t *zero = oct_arena_alloc(&reader->graph->arena, count * sizeof *zero);
  float *scale = oct_arena_alloc(&reader->graph->arena, count * sizeof *scale);
  if (!quant || !zero || !scale) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < params->count; i++) zero[i] = zero_of(params, i);
  memcpy(scale, params->scale, count * sizeof *scale);
  *quant = (oct_quant){.count = params->count, .axis = axis, .scale = scale, .zero_point = zero};
  *out = quant;
  return OCT_OK;
}

/// A quantized constant.
static oct_status quantized_constant(oct_onnx *reader, const oct_onnx_node *node, oct_value_id from,
                                     const params *params, int32_t axis, oct_value_id *out) {
  oct_graph *graph = reader->graph;
  oct_value value = graph->values[from];
  const oct_quant *quant;
  OCT_TRY(constant_quant(reader, node, &value, params, axis, &quant));
  if (params->dtype != OCT_NONE && params->dtype != value.dtype)
    return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s reads '%s' of %s with a zero point of %s",
                    node->operator->name, value.name, oct_dtype_name(value.dtype), oct_dtype_name(params->dtype));
  if (value.dtype != OCT_I8 && value.dtype != OCT_U8 && value.dtype != OCT_I32)
    return oct_onnx_refuse(node, "reads a constant of a type other than int8, uint8 and int32");
  *out = oct_graph_add_constant(graph, value.name, strlen(value.name), value.dtype, value.shape, value.data);
  if (*out == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  graph->values[*out].quant = quant;
  return OCT_OK;
}

/// QuantizeLinear of a constant, done here: round half to even, saturate.
static oct_status quantize_constant(oct_onnx *reader, const oct_onnx_node *node, const params *params,
                                    oct_dtype dtype) {
  oct_graph *graph = reader->graph;
  oct_value value = graph->values[node->inputs[0]];
  int32_t axis = oct_onnx_int(node, "axis", 1), rank = value.shape.rank;
  if (axis < 0) axis += rank;
  size_t count = oct_shape_count(&value.shape), inner = 1;
  if (params->count > 1) {
    if (axis < 0 || axis >= rank || value.shape.dim[axis] != params->count)
      return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has %d scales, which do not fit '%s'",
                      node->operator->name, (int)params->count, value.name);
    inner = oct_shape_span(&value.shape, axis + 1, rank);
  }
  OCT_TRY(oct_onnx_spend(reader, count));
  uint8_t *bytes = oct_arena_alloc(&graph->arena, count);
  if (!bytes) return OCT_OUT_OF_MEMORY;
  float low = dtype == OCT_I8 ? -128 : 0, high = dtype == OCT_I8 ? 127 : 255;
  for (size_t i = 0; i < count; i++) {
    int32_t channel = params->count > 1 ? (int32_t)(i / inner % (size_t)params->count) : 0;
    float scaled = rintf(((const float *)value.data)[i] / params->scale[channel]) + (float)zero_of(params, channel);
    bytes[i] = (uint8_t)(int32_t)(scaled > low ? scaled < high ? scaled : high : low);
  }
  oct_value_id made = oct_graph_add_constant(graph, value.name, strlen(value.name), dtype, value.shape, bytes);
  return made == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : oct_onnx_define(reader, node, 0, made, OCT_NONE);
}

// --- QuantizeLinear, DequantizeLinear --------------------------------------------------------------------------------

/// Several parameters of an activation have no place on a value.
static bool is_loose(const oct_onnx *reader, const oct_onnx_node *node) {
  const bool constant = oct_onnx_input(reader, node, 0)->data != NULL;
  return oct_onnx_is_loose(reader, node, 1) || oct_onnx_int(node, "block_size", 0) ||
         (!constant && oct_shape_count(&oct_onnx_input(reader, node, 1)->shape) != 1);
}

OCT_ONNX_TRANSLATE(quantize) {
  params params;
  OCT_TRY(oct_onnx_needs(node, 2));
  const oct_dtype wanted = oct_onnx_dtype(oct_onnx_int(node, "output_dtype", 2));
  if (is_loose(reader, node) || wanted == OCT_I16 || wanted == OCT_U16) return oct_onnx_quantize_loosely(reader, node);
  OCT_TRY(read_params(reader, node, 1, 2, &params));
  oct_dtype dtype = params.dtype;
  if (dtype == OCT_NONE) dtype = oct_onnx_dtype(oct_onnx_int(node, "output_dtype", 2));
  if (dtype != OCT_I8 && dtype != OCT_U8) return oct_onnx_refuse(node, "goes to a type other than int8 and uint8");
  const oct_value *x = oct_onnx_input(reader, node, 0);
  if (x->data && x->dtype == OCT_F32) return quantize_constant(reader, node, &params, dtype);
  OCT_TRY(per_tensor(node, &params));
  oct_value_id value;
  if (!oct_onnx_emit_inner(reader, node, OCT_OP_QUANTIZE, 1, node->inputs, &value)) return failure();
  OCT_TRY(set_q8(reader, value, &params, dtype));
  return oct_onnx_define(reader, node, 0, value, dtype);
}

OCT_ONNX_TRANSLATE(dequantize) {
  params params;
  OCT_TRY(oct_onnx_needs(node, 2));
  if (is_loose(reader, node) || oct_onnx_input(reader, node, 0)->dtype == OCT_I16)
    return oct_onnx_dequantize_loosely(reader, node);
  OCT_TRY(read_params(reader, node, 1, 2, &params));
  oct_value_id value;
  if (oct_onnx_input(reader, node, 0)->data)
    OCT_TRY(quantized_constant(reader, node, node->inputs[0], &params, oct_onnx_int(node, "axis", 1), &value));
  else
    OCT_TRY(as_q8(reader, node, 0, &params, &value));
  if (!oct_onnx_emit_inner(reader, node, OCT_OP_DEQUANTIZE, 1, &value, &value)) return failure();
  reader->graph->values[value].dtype = OCT_F32;
  return oct_onnx_define(reader, node, 0, value, OCT_NONE);
}

// --- operators with scales among their inputs ------------------------------------------------------------------------

/// An operand: a constant gets its quantization, an activation becomes Q8.
static oct_status operand(oct_onnx *reader, const oct_onnx_node *node, int input, int32_t axis, oct_value_id *value) {
  params params;
  OCT_TRY(read_params(reader, node, input + 1, input + 2, &params));
  if (axis >= 0 && oct_onnx_input(reader, node, input)->data)
    return quantized_constant(reader, node, node->inputs[input], &params, axis, value);
  return as_q8(reader, node, input, &params, value);
}

/// The output's parameters at `scale_input` and the input after it.
static oct_status result(const oct_onnx *reader, const oct_onnx_node *node, int scale_input, params *params) {
  OCT_TRY(read_params(reader, node, scale_input, scale_input + 1, params));
  if (params->dtype == OCT_NONE) params->dtype = OCT_U8;
  if (params->dtype == OCT_I32) return oct_onnx_refuse(node, "has a zero point of int32");
  return per_tensor(node, params);
}

static bool operands_are_loose(const oct_onnx *reader, const oct_onnx_node *node) {
  return oct_onnx_is_loose(reader, node, 1) || oct_onnx_is_loose(reader, node, 4) || oct_onnx_is_loose(reader, node, 6);
}

/// x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B
OCT_ONNX_TRANSLATE(qlinear_conv) {
  OCT_TRY(oct_onnx_needs(node, 7));
  if (operands_are_loose(reader, node)) return oct_onnx_qlinear_loosely(reader, node);
  params params;
  oct_value_id inputs[4], output;
  OCT_TRY(operand(reader, node, 0, -1, &inputs[0]));
  OCT_TRY(operand(reader, node, 3, 0, &inputs[1]));
  inputs[2] = oct_onnx_has(node, 8) ? node->inputs[8] : OCT_NO_VALUE, inputs[3] = OCT_NO_VALUE;
  OCT_TRY(result(reader, node, 6, &params));
  const oct_quant *quant = act_quant(reader, &params, params.dtype);
  if (!quant) return OCT_OUT_OF_MEMORY;
  OCT_TRY(oct_onnx_emit_conv(reader, node, 3, inputs, OCT_Q8, quant, &output));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}

/// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
OCT_ONNX_TRANSLATE(qlinear_matmul) {
  OCT_TRY(oct_onnx_needs(node, 7));
  if (operands_are_loose(reader, node)) return oct_onnx_qlinear_loosely(reader, node);
  params params;
  oct_value_id inputs[2], output;
  OCT_TRY(operand(reader, node, 0, -1, &inputs[0]));
  int32_t rank = oct_onnx_input(reader, node, 3)->shape.rank;
  OCT_TRY(operand(reader, node, 3, rank > 0 ? rank - 1 : 0, &inputs[1]));
  OCT_TRY(result(reader, node, 6, &params));
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_MATMUL, 2, inputs, &output);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.alpha = 1, .beta = 1};
  OCT_TRY(set_q8(reader, output, &params, params.dtype));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}

/// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
bool oct_onnx_is_whole(const oct_onnx *reader, const oct_onnx_node *node, int b, int b_zero) {
  const oct_value *value = oct_onnx_input(reader, node, b);
  if (!value->data || (value->dtype != OCT_I8 && value->dtype != OCT_U8) || value->shape.rank < 1) return false;
  if (node->operator->op == OCT_OP_CONV && (value->shape.rank < 3 || value->shape.rank > 4 ||
                                            (value->shape.dim[1] == 1 && oct_onnx_int(node, "group", 1) > 1)))
    return false;
  if (!oct_onnx_has(node, b_zero)) return true;
  const oct_value *zero = oct_onnx_input(reader, node, b_zero);
  return zero->data && zero->dtype == value->dtype && zero->shape.rank <= 1;
}

oct_value_id oct_onnx_whole_product(oct_onnx *reader, const oct_onnx_node *node, oct_value_id a, oct_value_id a_zero,
                                    int b, int b_zero) {
  const oct_value *zero = oct_onnx_has(node, b_zero) ? oct_onnx_input(reader, node, b_zero) : NULL;
  const size_t count = zero ? oct_shape_count(&zero->shape) : 1;
  if (oct_onnx_spend(reader, count * sizeof(float)) != OCT_OK) return OCT_NO_VALUE;
  float *ones = oct_arena_alloc(&reader->graph->arena, count * sizeof *ones);
  if (!ones) return OCT_NO_VALUE;
  for (size_t i = 0; i < count; i++) ones[i] = 1;
  const params bytes = {.count = 1, .scale = ones};
  const params weights = {.count = (int32_t)count, .scale = ones, .zero_point = zero ? zero->data : NULL,
                          .dtype = zero ? zero->dtype : OCT_NONE};
  oct_onnx_node copy = *node;
  copy.inputs[0] = a, copy.sources[0] = OCT_NONE;
  oct_value_id inputs[4] = {OCT_NO_VALUE, OCT_NO_VALUE, OCT_NO_VALUE, a_zero}, sums;
  const bool conv = node->operator->op == OCT_OP_CONV;
  if (as_q8(reader, &copy, 0, &bytes, &inputs[0]) != OCT_OK ||
      quantized_constant(reader, node, node->inputs[b], &weights, conv ? 0 : -1, &inputs[1]) != OCT_OK)
    return OCT_NO_VALUE;
  if (conv)
    return oct_onnx_emit_conv(reader, node, b, inputs, OCT_I32, NULL, &sums) == OCT_OK ? sums : OCT_NO_VALUE;
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_MATMUL, 4, inputs, &sums);
  if (!made) return OCT_NO_VALUE;
  made->attr.matmul = (oct_matmul_attr){.alpha = 1, .beta = 1};
  reader->graph->values[sums].dtype = OCT_I32, reader->graph->values[sums].quant = NULL;
  return sums;
}

OCT_ONNX_TRANSLATE(qlinear_add) {
  OCT_TRY(oct_onnx_needs(node, 7));
  if (operands_are_loose(reader, node)) return oct_onnx_qlinear_loosely(reader, node);
  params params;
  oct_value_id inputs[2], output;
  OCT_TRY(operand(reader, node, 0, -1, &inputs[0]));
  OCT_TRY(operand(reader, node, 3, -1, &inputs[1]));
  OCT_TRY(result(reader, node, 6, &params));
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_BINARY, 2, inputs, &output);
  if (!made) return failure();
  made->attr.binary.kind = (oct_binary_kind)node->operator->kind;
  OCT_TRY(set_q8(reader, output, &params, params.dtype));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}

/// x, x_scale, x_zero_point, y_scale, y_zero_point: an operator of one operand.
OCT_ONNX_TRANSLATE(qlinear_one) {
  OCT_TRY(oct_onnx_needs(node, 4));
  params params;
  oct_value_id input, output;
  if (oct_onnx_int(node, "channels_last", 0)) return oct_onnx_refuse(node, "has its channels last");
  OCT_TRY(operand(reader, node, 0, -1, &input));
  OCT_TRY(result(reader, node, 3, &params));
  oct_node *made = oct_onnx_emit_inner(reader, node, node->operator->op, 1, &input, &output);
  if (!made) return failure();
  const int kind = node->operator->kind;
  if (made->op == OCT_OP_UNARY)
    made->attr.unary = (oct_unary_attr){.kind = (oct_unary_kind)kind, .alpha = oct_onnx_float(node, "alpha", 0.01f)};
  else if (made->op == OCT_OP_REDUCE)
    made->attr.reduce = (oct_reduce_attr){.kind = (oct_reduce_kind)kind, .spatial = true, .keep_dims = true};
  else
    made->attr.softmax = (oct_softmax_attr){.axis = oct_onnx_int(node, "axis", -1), .beta = 1,
                                            .flatten = oct_onnx_int(node, "opset", 13) < 13};
  OCT_TRY(set_q8(reader, output, &params, params.dtype));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}

/// y_scale, y_zero_point, then x, x_scale, x_zero_point of each part.
OCT_ONNX_TRANSLATE(qlinear_concat) {
  params params;
  oct_value_id inputs[OCT_ONNX_MAX_INPUTS / 3], output;
  const int count = (node->input_count - 2) / 3;
  OCT_TRY(oct_onnx_needs(node, count > 0 ? 2 + 3 * count : 5));
  OCT_TRY(result(reader, node, 0, &params));
  for (int i = 0; i < count; i++) OCT_TRY(operand(reader, node, 2 + 3 * i, -1, &inputs[i]));
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_CONCAT, count, inputs, &output);
  if (!made) return failure();
  made->attr.concat.axis = oct_onnx_int(node, "axis", 0);
  OCT_TRY(set_q8(reader, output, &params, params.dtype));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}

/// A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point; C is int32 of the product's scale.
OCT_ONNX_TRANSLATE(qgemm) {
  OCT_TRY(oct_onnx_needs(node, 6));
  params params;
  oct_value_id inputs[3], output;
  const bool transposed = oct_onnx_int(node, "transB", 0) != 0;
  if (!oct_onnx_has(node, 7)) return oct_onnx_refuse(node, "gives floats");
  OCT_TRY(operand(reader, node, 0, -1, &inputs[0]));
  OCT_TRY(operand(reader, node, 3, transposed ? 0 : 1, &inputs[1]));
  inputs[2] = oct_onnx_has(node, 6) ? node->inputs[6] : OCT_NO_VALUE;
  OCT_TRY(result(reader, node, 7, &params));
  oct_node *made = oct_onnx_emit_inner(reader, node, OCT_OP_MATMUL, 3, inputs, &output);
  if (!made) return failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_a = oct_onnx_int(node, "transA", 0) != 0, .transpose_b = transposed,
                                        .alpha = oct_onnx_float(node, "alpha", 1), .beta = 1};
  OCT_TRY(set_q8(reader, output, &params, params.dtype));
  return oct_onnx_define(reader, node, 0, output, params.dtype);
}
