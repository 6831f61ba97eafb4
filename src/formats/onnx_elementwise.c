// SPDX-License-Identifier: MIT
//
// ONNX operators that compute element by element, or sums of elements. Where an operator changed over the opsets, its
// function tells by `reader->opset`.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static oct_status failure(void) { return oct_last_error()->status; }

// --- one input -------------------------------------------------------------------------------------------------------

/// What alpha and beta of a kind are called, and what they are by default.
typedef struct unary_names {
  oct_unary_kind kind;
  const char *alpha, *beta;
  float alpha_default, beta_default;
} unary_names;

static const unary_names named[] = {
    {OCT_RELU_N, "", "", 0, INFINITY},         {OCT_HARD_SIGMOID, "alpha", "beta", 0.2f, 0.5f},
    {OCT_LEAKY_RELU, "alpha", "", 0.01f, 0},   {OCT_ELU, "alpha", "", 1, 0},
    {OCT_SELU, "alpha", "gamma", 1.67326319217681884765625f, 1.05070102214813232421875f},
    {OCT_CELU, "alpha", "", 1, 0},             {OCT_THRESHOLDED_RELU, "alpha", "", 1, 0},
    {OCT_SHRINK, "lambd", "bias", 0.5f, 0},
};

OCT_ONNX_TRANSLATE(unary) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_UNARY, 1, node->inputs, 1);
  if (!made) return failure();
  oct_unary_attr *attr = &made->attr.unary;
  attr->kind = (oct_unary_kind)node->operator->kind;
  for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
    if (named[i].kind != attr->kind) continue;
    attr->alpha = oct_onnx_float(node, named[i].alpha, named[i].alpha_default);
    attr->beta = oct_onnx_float(node, named[i].beta, named[i].beta_default);
  }
  if (attr->kind == OCT_GELU)
    attr->alpha = oct_onnx_text_is(oct_onnx_text(node, "approximate"), "tanh") ? 1 : 0;
  if (attr->kind == OCT_IS_INF) {
    attr->alpha = (float)oct_onnx_int(node, "detect_negative", 1);
    attr->beta = (float)oct_onnx_int(node, "detect_positive", 1);
  }
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(cast) {
  OCT_TRY(oct_onnx_needs(node, 1));
  int32_t to = oct_onnx_int(node, "to", 0);
  if (oct_onnx_dtype(to) == OCT_NONE) return oct_onnx_refuse(node, "goes to a type that Octavo does not have");
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_CAST, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.cast.to = oct_onnx_dtype(to);
  return OCT_OK;
}

/// A type that is not known yet is settled when shapes are.
OCT_ONNX_TRANSLATE(cast_like) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_dtype to = oct_onnx_input(reader, node, 1)->dtype;
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_CAST, to == OCT_NONE ? 2 : 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.cast.to = to;
  return OCT_OK;
}

/// Dropout too, whose mask is all true.
OCT_ONNX_TRANSLATE(identity) {
  OCT_TRY(oct_onnx_needs(node, 1));
  double training = 0;
  if (oct_onnx_has(node, 2) && (!oct_onnx_scalar(reader, node->inputs[2], &training) || training != 0))
    return oct_onnx_refuse(node, "may be in training mode");
  OCT_TRY(oct_onnx_define(reader, node, 0, node->inputs[0], node->sources[0]));
  if (node->output_count < 2) return OCT_OK;
  oct_compose c = {reader, node};
  oct_value_id shape = oct_compose_shape(c, node->inputs[0], 0, INT32_MAX);
  oct_node *mask = shape == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_FILL, 1, &shape);
  if (!mask) return failure();
  mask->attr.fill = (oct_fill_attr){.to = reader->opset < 10 ? OCT_F32 : OCT_BOOL, .value = 1};
  return oct_compose_done(c, 1, mask->outputs[0]);
}

// --- two inputs ------------------------------------------------------------------------------------------------------

/// Before opset 7 input 1 may be told the axis of input 0 where its dimensions begin: it gets ones behind them.
static oct_status legacy_axis(oct_onnx *reader, const oct_onnx_node *node, oct_value_id *b) {
  if (reader->opset >= 7 || !oct_onnx_has_attribute(node, "axis") || !oct_onnx_int(node, "broadcast", 0)) return OCT_OK;
  int32_t axis = oct_onnx_int(node, "axis", 0), rank = oct_onnx_input(reader, node, 0)->shape.rank;
  int32_t own = reader->graph->values[*b].shape.rank;
  if (rank < 0 || own < 0) return oct_onnx_refuse(node, "broadcasts along an axis of a tensor whose rank is not known");
  if (axis < 0) axis += rank;
  oct_axes axes = {0};
  for (int32_t i = own; axis + i < rank && i < OCT_MAX_RANK; i++) axes.axis[axes.count++] = i;
  if (!axes.count) return OCT_OK;
  *b = oct_compose_reshape((oct_compose){reader, node}, OCT_UNSQUEEZE_AXES, *b, axes);
  return *b == OCT_NO_VALUE ? failure() : OCT_OK;
}

static oct_status emit_binary(oct_onnx *reader, const oct_onnx_node *node, oct_binary_kind kind,
                              const oct_value_id inputs[2]) {
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_BINARY, 2, inputs, 1);
  if (!made) return failure();
  made->attr.binary.kind = kind;
  return OCT_OK;
}

/// Mod and BitShift have two kinds, one after the other.
OCT_ONNX_TRANSLATE(binary) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_value_id inputs[2] = {node->inputs[0], node->inputs[1]};
  OCT_TRY(legacy_axis(reader, node, &inputs[1]));
  int kind = node->operator->kind;
  if (kind == OCT_MOD && oct_onnx_int(node, "fmod", 0)) kind = OCT_REMAINDER;
  if (kind == OCT_SHIFT_LEFT && oct_onnx_text_is(oct_onnx_text(node, "direction"), "RIGHT")) kind = OCT_SHIFT_RIGHT;
  return emit_binary(reader, node, (oct_binary_kind)kind, inputs);
}

static bool is_integer(oct_dtype dtype) { return dtype >= OCT_I8 && dtype <= OCT_U64; }

/// Of a float and an integer, the integer is cast; what comes out has the base's type.
OCT_ONNX_TRANSLATE(pow) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  oct_value_id inputs[2] = {node->inputs[0], node->inputs[1]};
  OCT_TRY(legacy_axis(reader, node, &inputs[1]));
  oct_dtype base = oct_onnx_input(reader, node, 0)->dtype, exponent = oct_onnx_input(reader, node, 1)->dtype;
  if (is_integer(exponent) && !is_integer(base) && (inputs[1] = oct_compose_cast(c, inputs[1], OCT_F32)) == OCT_NO_VALUE)
    return failure();
  if (exponent != OCT_F32 || !is_integer(base)) return emit_binary(reader, node, OCT_POW, inputs);
  oct_value_id power = oct_compose_binary(c, OCT_POW, oct_compose_cast(c, inputs[0], OCT_F32), inputs[1]);
  return oct_compose_done(c, 0, oct_compose_cast(c, power, base));
}

/// Sum, Mean, Max, Min of n inputs: n - 1 binary nodes.
OCT_ONNX_TRANSLATE(chain) {
  OCT_TRY(oct_onnx_needs(node, node->input_count > 1 ? node->input_count : 1));
  oct_compose c = {reader, node};
  bool mean = oct_onnx_text_is((oct_bytes){(const uint8_t *)node->operator->name, 4}, "Mean");
  oct_value_id value = node->inputs[0];
  for (int i = 1; i < node->input_count; i++)
    value = oct_compose_binary(c, (oct_binary_kind)node->operator->kind, value, node->inputs[i]);
  if (mean) value = oct_compose_binary(c, OCT_DIV, value, oct_compose_float(c, (float)node->input_count));
  return oct_compose_done(c, 0, value);
}

OCT_ONNX_TRANSLATE(where) {
  OCT_TRY(oct_onnx_needs(node, 3));
  return oct_onnx_emit(reader, node, OCT_OP_WHERE, 3, node->inputs, 1) ? OCT_OK : failure();
}

/// A bound of Clip: a number that float32 holds exactly, else a maximum or a minimum of its own is to be made.
static bool bound_of(const oct_onnx *reader, const oct_onnx_node *node, int input, double *bound) {
  if (!oct_onnx_has(node, input)) return true;
  return oct_onnx_scalar(reader, node->inputs[input], bound) && *bound == (double)(float)*bound;
}

/// Attributes before opset 11, inputs from then on.
OCT_ONNX_TRANSLATE(clip) {
  OCT_TRY(oct_onnx_needs(node, 1));
  double low = -INFINITY, high = INFINITY;
  if (reader->opset < 11) {
    low = (double)oct_onnx_float(node, "min", -INFINITY);
    high = (double)oct_onnx_float(node, "max", INFINITY);
  } else if (!bound_of(reader, node, 1, &low) || !bound_of(reader, node, 2, &high)) {
    oct_compose c = {reader, node};
    oct_value_id value = node->inputs[0];
    if (oct_onnx_has(node, 1)) value = oct_compose_binary(c, OCT_MAXIMUM, value, node->inputs[1]);
    if (oct_onnx_has(node, 2)) value = oct_compose_binary(c, OCT_MINIMUM, value, node->inputs[2]);
    return oct_compose_done(c, 0, value);
  }
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_UNARY, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.unary = (oct_unary_attr){.kind = OCT_RELU_N, .alpha = (float)low, .beta = (float)high};
  return OCT_OK;
}

/// Before opset 7 a list of slopes is one a channel.
OCT_ONNX_TRANSLATE(prelu) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_value_id inputs[2] = {node->inputs[0], node->inputs[1]};
  const oct_value *x = oct_onnx_input(reader, node, 0), *slope = oct_onnx_input(reader, node, 1);
  if (reader->opset < 7 && slope->shape.rank == 1 && slope->shape.dim[0] != 1) {
    if (x->shape.rank < 2) return oct_onnx_refuse(node, "has a slope a channel for a tensor whose rank is not known");
    oct_axes axes = {0};
    for (int i = 2; i < x->shape.rank; i++) axes.axis[axes.count++] = i - 1;
    inputs[1] = oct_compose_reshape((oct_compose){reader, node}, OCT_UNSQUEEZE_AXES, inputs[1], axes);
    if (inputs[1] == OCT_NO_VALUE) return failure();
  }
  return oct_onnx_emit(reader, node, OCT_OP_PRELU, 2, inputs, 1) ? OCT_OK : failure();
}

// --- sums over axes --------------------------------------------------------------------------------------------------

/// Reduce operators of one kind, each what is done to the elements, to them all, and to the result.
enum { LOG_SUM_EXP = OCT_REDUCE_PROD + 1 }; // in onnx_ops.inc

static oct_status reduce_log_sum_exp(oct_compose c, oct_reduce_attr attr, oct_value_id axes) {
  oct_value_id x = c.node->inputs[0];
  oct_reduce_attr most = attr, kept = attr, sum = attr;
  most.kind = kept.kind = OCT_REDUCE_MAX, kept.keep_dims = true, sum.kind = OCT_REDUCE_SUM;
  oct_value_id away = oct_compose_binary(c, OCT_SUB, x, oct_compose_reduce(c, kept, x, axes));
  oct_value_id total = oct_compose_reduce(c, sum, oct_compose_unary(c, OCT_EXP, away, 0, 0), axes);
  oct_value_id log = oct_compose_unary(c, OCT_LOG, total, 0, 0);
  return oct_compose_done(c, 0, oct_compose_binary(c, OCT_ADD, log, oct_compose_reduce(c, most, x, axes)));
}

/// Axes: an attribute before opset 18 (ReduceSum: 13), an input from then on.
OCT_ONNX_TRANSLATE(reduce) {
  static const struct {
    const char *name;
    int before, after; // unary kinds, or -1
  } wraps[] = {{"ReduceSumSquare", OCT_SQUARE, -1},
               {"ReduceL1", OCT_ABS, -1},
               {"ReduceL2", OCT_SQUARE, OCT_SQRT},
               {"ReduceLogSum", -1, OCT_LOG}};
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_bytes name = {(const uint8_t *)node->operator->name, strlen(node->operator->name)};
  bool exponential = node->operator->kind == LOG_SUM_EXP;
  oct_reduce_attr attr = {.kind = exponential ? OCT_REDUCE_SUM : (oct_reduce_kind)node->operator->kind,
                          .keep_dims = oct_onnx_int(node, "keepdims", 1) != 0,
                          .none = oct_onnx_int(node, "noop_with_empty_axes", 0) != 0};
  bool by_input = reader->opset >= (oct_onnx_text_is(name, "ReduceSum") ? 13 : 18);
  if (!by_input) OCT_TRY(oct_onnx_ints(node, "axes", attr.axes.axis, OCT_MAX_RANK, &attr.axes.count));
  oct_value_id axes = by_input && oct_onnx_has(node, 1) ? node->inputs[1] : OCT_NO_VALUE;
  if (exponential) return reduce_log_sum_exp(c, attr, axes);
  int before = -1, after = -1;
  for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++)
    if (oct_onnx_text_is(name, wraps[i].name)) before = wraps[i].before, after = wraps[i].after;
  oct_value_id value = node->inputs[0];
  if (before >= 0) value = oct_compose_unary(c, (oct_unary_kind)before, value, 0, 0);
  value = oct_compose_reduce(c, attr, value, axes);
  if (after >= 0) value = oct_compose_unary(c, (oct_unary_kind)after, value, 0, 0);
  return oct_compose_done(c, 0, value);
}

OCT_ONNX_TRANSLATE(global_pool) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_REDUCE, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.reduce =
      (oct_reduce_attr){.kind = (oct_reduce_kind)node->operator->kind, .spatial = true, .keep_dims = true};
  return OCT_OK;
}

/// The p-th root of the sum of p-th powers.
OCT_ONNX_TRANSLATE(global_lp_pool) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  float p = (float)oct_onnx_int(node, "p", 2);
  oct_reduce_attr attr = {.kind = OCT_REDUCE_SUM, .spatial = true, .keep_dims = true};
  oct_value_id size = oct_compose_unary(c, OCT_ABS, node->inputs[0], 0, 0);
  oct_value_id powers = oct_compose_binary(c, OCT_POW, size, oct_compose_float(c, p));
  oct_value_id sum = oct_compose_reduce(c, attr, powers, OCT_NO_VALUE);
  return oct_compose_done(c, 0, oct_compose_binary(c, OCT_POW, sum, oct_compose_float(c, 1 / p)));
}

OCT_ONNX_TRANSLATE(size) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_value_id shape = oct_compose_shape(c, node->inputs[0], 0, INT32_MAX);
  return oct_compose_done(c, 0, oct_compose_reduce(c, (oct_reduce_attr){.kind = OCT_REDUCE_PROD}, shape, OCT_NO_VALUE));
}

OCT_ONNX_TRANSLATE(arg_max) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_ARG_MAX, 1, node->inputs, 1);
  if (!made) return failure();
  made->attr.arg_max = (oct_arg_max_attr){.axis = oct_onnx_int(node, "axis", 0),
                                          .keep_dims = oct_onnx_int(node, "keepdims", 1) != 0,
                                          .minimum = node->operator->kind != 0,
                                          .last = oct_onnx_int(node, "select_last_index", 0) != 0,
                                          .to = OCT_I64};
  return OCT_OK;
}

/// Softmax, LogSoftmax, Hardmax. Before opset 13 the axes from `axis` on count as one.
OCT_ONNX_TRANSLATE(softmax) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_SOFTMAX, 1, node->inputs, 1);
  if (!made) return failure();
  bool flatten = reader->opset < 13;
  made->attr.softmax = (oct_softmax_attr){.axis = oct_onnx_int(node, "axis", flatten ? 1 : -1),
                                          .beta = 1,
                                          .flatten = flatten,
                                          .kind = (oct_softmax_kind)node->operator->kind};
  return OCT_OK;
}
