// SPDX-License-Identifier: MIT
//
// What operators share: checks that say what is wrong with a node, and the arithmetic of windows and clamps. A model
// is hostile here, so every number is brought into range before it is multiplied.
#include "ops/op.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const char REPORT[] = "the model file contradicts itself; export it again";

oct_status oct_infer_counts(const oct_node *node, int minimum, int maximum, int outputs) {
  if (node->input_count > maximum || node->output_count < outputs)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s has %d inputs and %d outputs; it takes at most %d and gives %d",
                    node->type, node->input_count, node->output_count, maximum, outputs);
  for (int i = 0; i < minimum; i++)
    if (!oct_node_has(node, i))
      return oct_fail(OCT_INVALID_MODEL, REPORT, "%s lacks input %d; it needs %d", node->type, i, minimum);
  for (int i = 0; i < outputs; i++)
    if (node->outputs[i] == OCT_NO_VALUE)
      return oct_fail(OCT_INVALID_MODEL, REPORT, "%s lacks output %d", node->type, i);
  return OCT_OK;
}

oct_status oct_infer_output(oct_graph *graph, oct_node *node, int index, oct_dtype dtype, oct_shape shape) {
  oct_value *value = oct_output(graph, node, index);
  if (value->dtype == OCT_NONE) value->dtype = dtype;
  if (value->dtype == OCT_Q8 && !value->quant)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s gives '%s' as bytes without a scale", node->type, value->name);
  size_t bytes;
  if (!oct_shape_checked_bytes(&shape, oct_dtype_bytes(value->dtype), &bytes)) {
    char text[112];
    return oct_fail(OCT_INVALID_SHAPE, "use a smaller input, or check the dimensions passed in",
                    "%s would give '%s' the shape %s of %s, which is negative or larger than 1 GiB", node->type,
                    value->name, oct_shape_print(&shape, text), oct_dtype_name(value->dtype));
  }
  value->shape = shape;
  return OCT_OK;
}

oct_status oct_infer_bytes(oct_graph *graph, oct_node *node, int index, oct_dtype dtype, oct_shape shape) {
  OCT_TRY(oct_infer_output(graph, node, index, dtype, shape));
  const oct_value *value = oct_output(graph, node, index);
  if (value->dtype == dtype) return OCT_OK;
  return oct_fail(OCT_INVALID_MODEL, REPORT, "%s gives '%s' as %s, but the model says %s", node->type, value->name,
                  oct_dtype_name(dtype), oct_dtype_name(value->dtype));
}

/// Element `i` of a constant of integers, clamped to int32; false for other types and for fractions.
static bool read_int(const oct_value *value, size_t i, int32_t *out) {
  int64_t wide;
  if (value->dtype == OCT_I64) {
    memcpy(&wide, (const char *)value->data + i * 8, 8);
  } else if (value->dtype == OCT_I32) {
    int32_t narrow;
    memcpy(&narrow, (const char *)value->data + i * 4, 4);
    wide = narrow;
  } else if (value->dtype == OCT_F32) {
    float real;
    memcpy(&real, (const char *)value->data + i * 4, 4);
    if (!(fabsf(real) < 1e9f) || real != floorf(real)) return false;
    wide = (int64_t)real;
  } else {
    return false;
  }
  *out = wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
  return true;
}

oct_status oct_infer_ints(const oct_graph *graph, const oct_node *node, int index, int32_t *out, int capacity,
                          int *count) {
  const oct_value *value = oct_input(graph, node, index);
  if (!value->data)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fixed shapes, or simplify it (onnxsim)",
                    "%s reads '%s', which is known only while the model runs; it must be constant", node->type,
                    value->name);
  size_t elements = oct_shape_count(&value->shape);
  if (value->shape.rank > 1 || elements > (size_t)capacity) {
    char text[112];
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s reads '%s' of shape %s; it takes a list of at most %d numbers",
                    node->type, value->name, oct_shape_print(&value->shape, text), capacity);
  }
  for (size_t i = 0; i < elements; i++)
    if (!read_int(value, i, &out[i]))
      return oct_fail(OCT_INVALID_MODEL, REPORT, "%s reads '%s' of type %s; it takes whole numbers", node->type,
                      value->name, oct_dtype_name(value->dtype));
  *count = (int)elements;
  return OCT_OK;
}

oct_status oct_infer_axis(const oct_node *node, int32_t axis, int rank, int32_t *resolved) {
  if (axis < -rank || axis >= rank)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s has axis %d; its input has %d dimensions", node->type, (int)axis,
                    rank);
  *resolved = axis < 0 ? axis + rank : axis;
  return OCT_OK;
}

/// One axis of a window; 64-bit throughout, since dilation * kernel and paddings come from the file.
static bool slide(oct_window *window, int axis, int64_t in, int64_t kernel, bool ceil_mode, int32_t *out) {
  int64_t stride = window->stride[axis], dilation = window->dilation[axis];
  if (stride < 1 || dilation < 1 || kernel < 1 || window->pad_begin[axis] < 0 || window->pad_end[axis] < 0)
    return false;
  int64_t reach = (kernel - 1) * dilation + 1, size;
  if (window->pad_mode == OCT_PAD_SAME_UPPER || window->pad_mode == OCT_PAD_SAME_LOWER) {
    size = (in + stride - 1) / stride;
    int64_t pad = (size - 1) * stride + reach - in;
    if (pad < 0) pad = 0;
    if (pad > INT32_MAX) return false;
    int64_t small = pad / 2, begin = window->pad_mode == OCT_PAD_SAME_UPPER ? small : pad - small;
    window->pad_begin[axis] = (int32_t)begin;
    window->pad_end[axis] = (int32_t)(pad - begin);
  } else {
    if (window->pad_mode == OCT_PAD_VALID) window->pad_begin[axis] = window->pad_end[axis] = 0;
    int64_t padded = in + window->pad_begin[axis] + window->pad_end[axis] - reach;
    if (padded < 0) return false;
    size = (padded + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    // A window that would start in the padding at the end is left out.
    if (ceil_mode && (size - 1) * stride >= in + window->pad_begin[axis]) size--;
  }
  if (size < 0 || size > INT32_MAX) return false;
  *out = (int32_t)size;
  return true;
}

oct_status oct_infer_window(const oct_node *node, oct_window *window, const int32_t in[2], const int32_t kernel[2],
                            bool ceil_mode, int32_t out[2]) {
  for (int axis = 0; axis < 2; axis++)
    if (!slide(window, axis, in[axis], kernel[axis], ceil_mode, &out[axis]))
      return oct_fail(OCT_INVALID_SHAPE, "use a larger input, or check the node's kernel, strides, dilations and pads",
                      "%s cannot slide a window of %d (stride %d, dilation %d, pads %d and %d) over %d pixels",
                      node->type, (int)kernel[axis], (int)window->stride[axis], (int)window->dilation[axis],
                      (int)window->pad_begin[axis], (int)window->pad_end[axis], (int)in[axis]);
  window->pad_mode = OCT_PAD_EXPLICIT;
  return oct_infer_window_range(node, window, kernel);
}

oct_status oct_infer_window_range(const oct_node *node, const oct_window *window, const int32_t kernel[2]) {
  const int64_t limit = 1 << 24, taps = 1 << 23; // so many bytes still sum up in 31 bits
  bool fits = (int64_t)kernel[0] * kernel[1] <= taps;
  for (int axis = 0; axis < 2; axis++)
    fits = fits && window->pad_begin[axis] <= limit && window->pad_end[axis] <= limit &&
           window->stride[axis] <= limit && (int64_t)window->dilation[axis] * kernel[axis] <= limit;
  if (fits) return OCT_OK;
  return oct_fail(OCT_INVALID_MODEL, REPORT,
                  "%s has a padding, stride or dilated kernel above %d, or more than %d taps in its kernel of %d x %d",
                  node->type, (int)limit, (int)taps, (int)kernel[0], (int)kernel[1]);
}

static void run_part(const void *context, int32_t part) {
  const oct_step *step = context;
  step->run_part(step, (oct_part){part, step->parts});
}

void oct_step_run(const oct_step *step) {
  if (step->run_part) oct_parallel(step->parts, run_part, step);
  else if (step->run) step->run(step);
}

oct_status oct_infer_window_nd(const oct_node *node, oct_window_nd *window, const int32_t *in, const int32_t *kernel,
                               bool ceil_mode, int32_t *out) {
  for (int d = 0; d < window->count; d++) {
    oct_window one = {.stride = {window->stride[d], 1}, .dilation = {window->dilation[d], 1}, .pad_mode = window->pad_mode,
                      .pad_begin = {window->pad_begin[d]}, .pad_end = {window->pad_end[d]}};
    const int32_t sizes[2] = {in[d], 1}, taps[2] = {kernel[d], 1};
    int32_t found[2];
    OCT_TRY(oct_infer_window(node, &one, sizes, taps, ceil_mode, found));
    out[d] = found[0], window->pad_begin[d] = one.pad_begin[0], window->pad_end[d] = one.pad_end[0];
  }
  window->pad_mode = OCT_PAD_EXPLICIT;
  return OCT_OK;
}

oct_status oct_prepare_unsupported(const oct_prepare *context) {
  const oct_step *step = context->step;
  const oct_node *node = step->node;
  char types[160] = "";
  for (int i = 0; i < node->input_count; i++) {
    const char *name = step->inputs[i].data || oct_node_has(node, i) ? oct_dtype_name(step->inputs[i].dtype) : "none";
    size_t at = strlen(types);
    if (at + strlen(name) + 8 > sizeof types) break;
    if (i) memcpy(types + at, ", ", 3), at += 2;
    strcpy(types + at, name);
  }
  return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model in float32, or quantized to int8 or uint8",
                  "%s does not take (%s) to %s", node->type, types,
                  node->output_count ? oct_dtype_name(step->outputs[0].dtype) : "nothing");
}

/// rne(x / scale) + zero_point, saturated to the q8 range; infinities saturate too.
static int32_t quantize_bound(const oct_quant *quant, float x) {
  float q = rintf(x / quant->scale[0]) + (float)quant->zero_point[0];
  return !(q > (float)OCT_ACT_MIN) ? OCT_ACT_MIN : q >= (float)OCT_ACT_MAX ? OCT_ACT_MAX : (int32_t)q;
}

void oct_act_range(const oct_quant *quant, float clamp_min, float clamp_max, int32_t *lo, int32_t *hi) {
  *lo = quantize_bound(quant, clamp_min);
  *hi = quantize_bound(quant, clamp_max);
}
