// SPDX-License-Identifier: MIT
//
// The arithmetic of linear layers: from a step's tensors to what packing and kernels want.
#include "ops/linear.h"

#include "ops/elements.h"

#include <math.h>
#include <string.h>

static oct_status bad_quantization(const oct_step *step, const char *what) {
  return oct_fail(OCT_INVALID_MODEL, "quantize the model again", "%s has %s", step->node->type, what);
}

/// Zero points and real scales of the weights, one an output; all-zero zero points are left out.
OCT_APART oct_status read_weight_quant(oct_prepare *context, oct_linear *linear, int32_t outputs, float *scales) {
  const oct_step *step = context->step;
  const oct_quant *quant = step->inputs[1].quant;
  if (!quant || (quant->count != 1 && (quant->count != outputs || quant->axis != linear->axis))) {
    return bad_quantization(step, "weights whose scales are not one for all or one for each output");
  }
  int32_t *zero_points = oct_plan_alloc(context, (size_t)outputs * sizeof *zero_points);
  if (!zero_points) return OCT_OUT_OF_MEMORY;
  for (int32_t n = 0; n < outputs; n++) {
    const int32_t i = quant->count == 1 ? 0 : n;
    scales[n] = quant->scale[i];
    zero_points[n] = (quant->zero_point ? quant->zero_point[i] : 0) - linear->weights.flip;
    if (zero_points[n] < -128 || zero_points[n] > 127) return bad_quantization(step, "a zero point that is no byte");
    if (zero_points[n] != 0) linear->weights.zero_point = zero_points;
  }
  return OCT_OK;
}

/// Element `n` of a bias that may have one element for all.
static double bias_at(const oct_tensor *bias, int32_t n) {
  const size_t i = oct_shape_count(&bias->shape) == 1 ? 0 : (size_t)n;
  return bias->dtype == OCT_I32 ? (double)((const int32_t *)bias->data)[i] : (double)((const float *)bias->data)[i];
}

static int32_t saturate(double value) {
  if (!(value > (double)INT32_MIN)) return INT32_MIN; // not-a-number too
  return value >= (double)INT32_MAX ? INT32_MAX : (int32_t)value;
}

/// The bias in steps of the sum, whose real size is x's scale times w's, `scales[n]`.
OCT_APART oct_status read_integer_bias(oct_prepare *context, oct_linear *linear, int32_t outputs, const float *scales) {
  const oct_step *step = context->step;
  if (!oct_node_has(step->node, 2) || linear->bias_later) return OCT_OK;
  const oct_tensor *bias = &step->inputs[2];
  const double x_scale = step->inputs[0].quant->scale[0];
  int32_t *sums = oct_plan_alloc(context, (size_t)outputs * sizeof *sums);
  if (!sums) return OCT_OUT_OF_MEMORY;
  for (int32_t n = 0; n < outputs; n++) {
    const double value = bias_at(bias, n) * ((double)linear->bias_factor / (double)linear->factor);
    sums[n] = saturate(bias->dtype == OCT_I32 ? rint(value) : rint(value / (x_scale * (double)scales[n])));
  }
  linear->weights.bias = sums;
  return OCT_OK;
}

/// True unless some |sum| may reach the magic number's limit; the cheap bound comes first.
OCT_APART bool is_narrow(const oct_linear *linear) {
  for (int32_t group = 0; group < linear->groups; group++) {
    const oct_weights weights = oct_linear_group(linear, group);
    const int32_t *biases = weights.bias;
    for (int32_t n = 0; n < weights.n; n++) {
      const double bias = biases ? fabs((double)biases[n]) : 0.0;
      if (oct_requant_is_narrow(255.0 * 255.0 * weights.taps * weights.k + bias, weights.scale[n])) continue;
      if (!oct_requant_is_narrow(oct_weights_largest_sum(&weights, n), weights.scale[n])) return false;
    }
  }
  return true;
}

OCT_APART oct_status prepare_integer(oct_prepare *context, oct_linear *linear, int32_t outputs) {
  const oct_step *step = context->step;
  const oct_quant *x = step->inputs[0].quant, *y = step->outputs[0].quant;
  float *scales = oct_plan_alloc(context, (size_t)outputs * sizeof *scales);
  if (!scales) return OCT_OUT_OF_MEMORY;
  OCT_TRY(read_weight_quant(context, linear, outputs, scales));
  OCT_TRY(read_integer_bias(context, linear, outputs, scales));
  for (int32_t n = 0; n < outputs; n++) {
    scales[n] = oct_requant_scale(x->scale[0], scales[n], y->scale[0]) * linear->factor;
    if (!(scales[n] >= 0.0f && scales[n] < 1e30f && linear->factor > 0.0f)) {
      return bad_quantization(step, "scales whose quotient x * w / y is negative, infinite or not a number");
    }
  }
  linear->weights.scale = scales;
  linear->weights.x_zero_point = linear->zero_point = x->zero_point[0];
  int32_t lo, hi;
  oct_act_range(y, step->node->clamp_min, step->node->clamp_max, &lo, &hi);
  oct_requant_init(&linear->requant, y->zero_point[0], lo, hi, !is_narrow(linear));
  linear->range = &linear->requant;
  return OCT_OK;
}

/// Sums need no scale. With -1 in place of x's zero point the panels' biases become the sums of their columns.
OCT_APART oct_status prepare_whole(oct_prepare *context, oct_linear *linear, int32_t outputs) {
  float *scales = oct_plan_alloc(context, (size_t)outputs * sizeof *scales);
  if (!scales) return OCT_OUT_OF_MEMORY;
  OCT_TRY(read_weight_quant(context, linear, outputs, scales));
  linear->weights.scale = scales;
  linear->weights.x_zero_point = -1;
  return OCT_OK;
}

OCT_APART oct_status prepare_float(oct_prepare *context, oct_linear *linear, int32_t outputs) {
  const oct_step *step = context->step;
  if (linear->weights.bytes == 1 || linear->factor != 1.0f) {
    float *scales = oct_plan_alloc(context, (size_t)outputs * sizeof *scales);
    if (!scales) return OCT_OUT_OF_MEMORY;
    for (int32_t n = 0; n < outputs; n++) scales[n] = 1.0f;
    if (linear->weights.bytes == 1) OCT_TRY(read_weight_quant(context, linear, outputs, scales));
    for (int32_t n = 0; n < outputs; n++) scales[n] *= linear->factor;
    linear->weights.scale = scales;
  }
  if (oct_node_has(step->node, 2) && !linear->bias_later) {
    float *bias = oct_plan_alloc(context, (size_t)outputs * sizeof *bias);
    if (!bias) return OCT_OUT_OF_MEMORY;
    for (int32_t n = 0; n < outputs; n++) bias[n] = (float)bias_at(&step->inputs[2], n) * linear->bias_factor;
    linear->weights.bias = bias;
  }
  for (int i = 0; i < 4; i++) {
    linear->clamp.lo[i] = linear->bias_later ? -INFINITY : step->node->clamp_min;
    linear->clamp.hi[i] = linear->bias_later ? INFINITY : step->node->clamp_max;
  }
  linear->range = &linear->clamp;
  return OCT_OK;
}

oct_status oct_linear_prepare(oct_prepare *context, oct_linear *linear) {
  const oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *w = &step->inputs[1], *y = &step->outputs[0];
  const oct_dtype bias = oct_node_has(step->node, 2) ? step->inputs[2].dtype : OCT_NONE;
  const bool byte_weights = (w->dtype == OCT_I8 || w->dtype == OCT_U8) && w->quant;
  const int32_t outputs = linear->groups * linear->weights.n;
  linear->weights.bytes = w->dtype == OCT_F32 ? 4 : 1;
  linear->weights.flip = w->dtype == OCT_U8 ? 0x80 : 0;
  context->step->packs_bias = !linear->bias_later;
  if (x->dtype == OCT_Q8 && y->dtype == OCT_Q8 && x->quant && y->quant && byte_weights &&
      (bias == OCT_NONE || bias == OCT_F32 || bias == OCT_I32)) {
    linear->integer = true;
    linear->element_bytes = 1;
    linear->kernel = oct_kernel_best(linear->depthwise ? OCT_FAMILY_dwconv_qs8 : OCT_FAMILY_gemm_qs8);
    return prepare_integer(context, linear, outputs);
  }
  if (linear->takes_whole && x->dtype == OCT_Q8 && y->dtype == OCT_I32 && x->quant && byte_weights && w->data) {
    linear->integer = linear->whole = true;
    linear->element_bytes = 1;
    linear->kernel = oct_kernel_best(OCT_FAMILY_gemm_qs8);
    return prepare_whole(context, linear, outputs);
  }
  if (x->dtype == OCT_F32 && y->dtype == OCT_F32 && (w->dtype == OCT_F32 || byte_weights) &&
      (bias == OCT_NONE || bias == OCT_F32)) {
    linear->element_bytes = 4;
    linear->kernel = oct_kernel_best(linear->depthwise ? OCT_FAMILY_dwconv_f32 : OCT_FAMILY_gemm_f32);
    return prepare_float(context, linear, outputs);
  }
  return oct_prepare_unsupported(context);
}

/// `count` columns from `skip` on, whose data begin `elements` from the first one's.
static oct_weights some_columns(const oct_linear *linear, ptrdiff_t skip, int32_t count, ptrdiff_t elements) {
  oct_weights weights = linear->weights;
  weights.n = count;
  if (weights.data) weights.data = (const uint8_t *)weights.data + elements * weights.bytes;
  if (weights.zero_point) weights.zero_point += skip;
  if (weights.bias) weights.bias = (const uint8_t *)weights.bias + 4 * skip;
  if (weights.scale) weights.scale += skip;
  return weights;
}

oct_weights oct_linear_group(const oct_linear *linear, int32_t group) {
  const int32_t n = linear->weights.n;
  return some_columns(linear, (ptrdiff_t)group * n, n, group * linear->group_stride);
}

oct_window_gemm oct_linear_window(const oct_linear *linear) {
  return (oct_window_gemm){.kernel = linear->kernel, .range = linear->range, .element_bytes = linear->element_bytes,
                           .out_bytes = linear->whole ? 4 : linear->element_bytes, .k = linear->weights.k,
                           .n = linear->weights.n};
}

int32_t oct_linear_zero(const oct_step *step, size_t index) {
  const oct_tensor *zero = &step->inputs[3];
  const int64_t given = oct_node_has(step->node, 3) ? oct_element_int(zero->data, zero->dtype, index) : 0;
  return (int32_t)given + step->inputs[0].quant->zero_point[0];
}

void oct_linear_subtract(const oct_window_gemm *window, const void *panels, int32_t zero, uint32_t *pixel) {
  const uint8_t *panel = panels;
  for (int32_t n = 0; n < window->n; n += OCT_GEMM_COLUMNS, panel += window->panel_bytes) {
    const uint32_t *sums = (const uint32_t *)panel; // in the place of biases, and subtracted once already: see above
    for (int32_t i = 0; i < OCT_GEMM_COLUMNS && n + i < window->n; i++) pixel[n + i] -= (uint32_t)(zero + 1) * sums[i];
  }
}

oct_status oct_linear_sizes(const oct_prepare *context, uint64_t packed_bytes, uint64_t scratch_bytes) {
  if (packed_bytes > OCT_MAX_TENSOR_BYTES || scratch_bytes > OCT_MAX_TENSOR_BYTES) {
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the layer", "%s needs more than 1 GiB for its packed weights",
                    context->step->node->type);
  }
  context->step->packed_bytes = (size_t)packed_bytes;
  context->step->scratch_bytes = (size_t)scratch_bytes;
  return OCT_OK;
}

void *oct_linear_padding(oct_prepare *context, const oct_linear *linear, size_t elements) {
  void *padding = oct_plan_alloc(context, elements * linear->element_bytes + OCT_SLACK_BYTES);
  if (padding && linear->integer) memset(padding, linear->zero_point, elements);
  return padding;
}

void oct_linear_pack(const oct_linear *linear, const oct_weights *weights, void *panels) {
  if (linear->integer) {
    oct_gemm_qs8_pack(weights, linear->kernel->machine, panels);
    return;
  }
  oct_gemm_f32_pack(weights, panels);
  if (linear->weights.data) oct_drop_decayed(panels, oct_gemm_f32_packed_bytes(weights) / sizeof(float)); // constant
}

int32_t oct_linear_panels(const oct_linear *linear) {
  const oct_weights *weights = &linear->weights;
  const ptrdiff_t last = weights->tap_offset[weights->taps - 1] + (weights->k - 1) * weights->k_stride;
  const bool by_column = weights->k_stride > 0 && last < weights->n_stride && !weights->n_offset;
  return linear->integer && linear->groups == 1 && by_column ? (weights->n + OCT_GEMM_COLUMNS - 1) / OCT_GEMM_COLUMNS : 0;
}

void oct_linear_pack_panel(const oct_linear *linear, int32_t panel, void *packed) {
  const int32_t begin = panel * OCT_GEMM_COLUMNS, left = linear->weights.n - begin;
  const oct_weights weights = some_columns(linear, begin, left < OCT_GEMM_COLUMNS ? left : OCT_GEMM_COLUMNS,
                                           begin * linear->weights.n_stride);
  oct_linear_pack(linear, &weights, packed);
}

uint64_t oct_linear_packed_bytes(const oct_linear *linear, const oct_weights *weights) {
  const double elements = (double)weights->taps * (weights->k + 3.0) * (weights->n + 7.0);
  if (elements * 4 > (double)OCT_MAX_TENSOR_BYTES) return UINT64_MAX; // before anything can overflow
  return linear->integer ? oct_gemm_qs8_packed_bytes(weights, linear->kernel->machine)
                         : oct_gemm_f32_packed_bytes(weights);
}
