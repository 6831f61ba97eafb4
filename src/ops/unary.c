// SPDX-License-Identifier: MIT
//
// UNARY: one function of one element, looked up by kind in a table.
//
// A quantized tensor has 256 values, so its form of every function is a table of 256 bytes made at plan time by the
// literal meaning (dequantize, function, quantize). Two quantized activations have an arithmetic of their own in TFLite
// and are made by it.
#include "ops/elements.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct unary unary;
struct unary {
  void (*compute)(const unary *self, const void *in, size_t count, void *out);
  oct_unary_attr attr;
  size_t count;
  oct_lut_q8_fn *lookup;
  oct_clamp_q8_fn *clamp;
  int32_t lo, hi; // q8 clip that changes no scale
  oct_act table[256];
};

static float clip(float x, float lo, float hi) {
  x = x < lo ? lo : x;
  return x > hi ? hi : x;
}

/// log(1 + e^x)
static float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }

static float apply(const oct_unary_attr *attr, float x) {
  float alpha = attr->alpha, beta = attr->beta;
  switch (attr->kind) {
    case OCT_RELU_N: return clip(x, alpha, beta);
    case OCT_SIGMOID: return 1.0f / (1.0f + expf(-x));
    case OCT_TANH: return tanhf(x);
    case OCT_HARD_SIGMOID: return clip(alpha * x + beta, 0.0f, 1.0f);
    case OCT_HARD_SWISH: return x * clip(x / 6.0f + 0.5f, 0.0f, 1.0f);
    case OCT_SWISH: return x * (1.0f / (1.0f + expf(-x)));
    case OCT_LEAKY_RELU: return x < 0.0f ? alpha * x : x;
    case OCT_ELU: return x < 0.0f ? alpha * expm1f(x) : x;
    case OCT_EXP: return expf(x);
    case OCT_LOG: return logf(x);
    case OCT_SQRT: return sqrtf(x);
    case OCT_RSQRT: return 1.0f / sqrtf(x);
    case OCT_RECIPROCAL: return 1.0f / x;
    case OCT_SQUARE: return x * x;
    case OCT_ABS: return fabsf(x);
    case OCT_NEG: return -x;
    case OCT_FLOOR: return floorf(x);
    case OCT_CEIL: return ceilf(x);
    case OCT_ROUND: return rintf(x);
    case OCT_ERF: return erff(x);
    case OCT_NOT: return x == 0.0f;
    case OCT_SIN: return sinf(x);
    case OCT_COS: return cosf(x);
    case OCT_TAN: return tanf(x);
    case OCT_ASIN: return asinf(x);
    case OCT_ACOS: return acosf(x);
    case OCT_ATAN: return atanf(x);
    case OCT_SINH: return sinhf(x);
    case OCT_COSH: return coshf(x);
    case OCT_ASINH: return asinhf(x);
    case OCT_ACOSH: return acoshf(x);
    case OCT_ATANH: return atanhf(x);
    case OCT_SIGN: return x != x ? x : (float)((x > 0.0f) - (x < 0.0f));
    case OCT_SOFTPLUS: return softplus(x);
    case OCT_SOFTSIGN: return x / (1.0f + fabsf(x));
    case OCT_MISH: return x * tanhf(softplus(x));
    case OCT_SELU: return beta * (x > 0.0f ? x : alpha * expm1f(x));
    case OCT_CELU: return x > 0.0f ? x : alpha * expm1f(x / alpha);
    case OCT_GELU:
      if (alpha != 0.0f) return 0.5f * x * (1.0f + tanhf(0.797884561f * (x + 0.044715f * x * x * x)));
      return 0.5f * x * (1.0f + erff(x * 0.707106781f));
    case OCT_THRESHOLDED_RELU: return x > alpha ? x : 0.0f;
    case OCT_SHRINK: return x < -alpha ? x + beta : x > alpha ? x - beta : 0.0f;
    case OCT_IS_NAN: return x != x;
    case OCT_IS_INF: return (x == INFINITY && beta != 0.0f) || (x == -INFINITY && alpha != 0.0f);
    case OCT_ROUND_I16: return clip(rintf(x / alpha), -32768.0f, 32767.0f) * alpha;
    default: return x;
  }
}

/// The kernel of a function that has one, or OCT_UNARY_F32_COUNT.
static oct_unary_f32_kind kernel_kind(oct_unary_kind kind) {
  switch (kind) {
    case OCT_RELU_N: return OCT_CLIP_F32;
    case OCT_SIGMOID: return OCT_SIGMOID_F32;
    case OCT_HARD_SIGMOID: return OCT_HARD_SIGMOID_F32;
    case OCT_HARD_SWISH: return OCT_HARD_SWISH_F32;
    case OCT_SWISH: return OCT_SWISH_F32;
    case OCT_LEAKY_RELU: return OCT_LEAKY_RELU_F32;
    case OCT_TANH: return OCT_TANH_F32;
    case OCT_ERF: return OCT_ERF_F32;
    case OCT_EXP: return OCT_EXP_F32;
    case OCT_SQRT: return OCT_SQRT_F32;
    case OCT_SQUARE: return OCT_SQUARE_F32;
    default: return OCT_UNARY_F32_COUNT;
  }
}

static void compute_f32(const unary *self, const void *in, size_t count, void *out) {
  const oct_unary_f32_kind kind = kernel_kind(self->attr.kind);
  const float *x = in;
  float *y = out;
  if (kind != OCT_UNARY_F32_COUNT) oct_unary_f32__ref(kind, x, count, self->attr.alpha, self->attr.beta, y);
  else
    for (size_t i = 0; i < count; i++) y[i] = apply(&self->attr, x[i]);
}

static void compute_q8(const unary *self, const void *in, size_t count, void *out) {
  self->lookup(in, count, self->table, out);
}

static void compute_clamp(const unary *self, const void *in, size_t count, void *out) {
  self->clamp(in, count, self->lo, self->hi, out);
}

static void run_part(const oct_step *step, oct_part part) {
  const unary *self = step->state;
  const size_t begin = oct_part_from(part, self->count, 64), count = oct_part_to(part, self->count, 64) - begin;
  const size_t at = begin * oct_dtype_bytes(step->outputs[0].dtype);
  self->compute(self, (const char *)step->inputs[0].data + at, count, (char *)step->outputs[0].data + at);
}

static void run_pixels(const oct_step *step, const void *const *in, void *out, size_t pixels) {
  const unary *self = step->state;
  self->compute(self, in[0], pixels * oct_shape_channels(&step->outputs[0].shape), out);
}

static void run_bool(const oct_step *step) {
  const unary *self = step->state;
  const uint8_t *in = step->inputs[0].data;
  uint8_t *out = step->outputs[0].data;
  for (size_t i = 0; i < self->count; i++) out[i] = !in[i];
}

/// IS_NAN and IS_INF.
static void run_test(const oct_step *step) {
  const unary *self = step->state;
  const float *in = step->inputs[0].data;
  uint8_t *out = step->outputs[0].data;
  for (size_t i = 0; i < self->count; i++) out[i] = apply(&self->attr, in[i]) != 0.0f;
}

/// Bounds of a clip beyond int64 do not cut; others need not be whole numbers.
static int64_t clip_int(int64_t x, float lo, float hi) {
  if (lo > -0x1.0p63f && (lo >= 0x1.0p63f || x < (int64_t)ceilf(lo))) return lo >= 0x1.0p63f ? INT64_MAX : (int64_t)ceilf(lo);
  if (hi < 0x1.0p63f && (hi <= -0x1.0p63f || x > (int64_t)floorf(hi))) return hi <= -0x1.0p63f ? INT64_MIN : (int64_t)floorf(hi);
  return x;
}

static int64_t apply_int(const oct_unary_attr *attr, int64_t x) {
  switch (attr->kind) {
    case OCT_NEG: return (int64_t)(0 - (uint64_t)x);
    case OCT_ABS: return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
    case OCT_SIGN: return (x > 0) - (x < 0);
    case OCT_SQUARE: return (int64_t)((uint64_t)x * (uint64_t)x);
    case OCT_BITWISE_NOT: return ~x;
    default: return clip_int(x, attr->alpha, attr->beta);
  }
}

static void run_int(const oct_step *step) {
  const unary *self = step->state;
  oct_dtype dtype = step->outputs[0].dtype;
  for (size_t i = 0; i < self->count; i++)
    oct_element_set_int(step->outputs[0].data, dtype, i,
                        apply_int(&self->attr, oct_element_int(step->inputs[0].data, dtype, i)));
}

static bool takes_integers(oct_unary_kind kind) {
  return kind == OCT_RELU_N || kind == OCT_NEG || kind == OCT_ABS || kind == OCT_SIGN || kind == OCT_SQUARE ||
         kind == OCT_BITWISE_NOT;
}

static bool tests(oct_unary_kind kind) { return kind == OCT_IS_NAN || kind == OCT_IS_INF; }

/// TFLite's LEAKY_RELU (XNNPACK): one 8-bit fixed-point factor for each sign.
static int32_t leaky_relu_tflite(float scale, float alpha, int32_t x) {
  int32_t factor = (int32_t)rintf(256.0f * (x < 0 ? scale * alpha : scale));
  return (x * factor + 128) >> 8;
}

/// Whether both factors of leaky_relu_tflite are within what XNNPACK takes.
static bool leaky_relu_fits(const oct_quant *in, const oct_quant *out, float alpha) {
  float scale = in->scale[0] / out->scale[0], negative = fabsf(scale * alpha);
  return scale >= 0x1.0p-8f && scale <= 128.0f && negative >= 0x1.0p-8f && negative <= 128.0f;
}

// TFLite's HARD_SWISH counts in 16 bits; each step is one of its reference kernel's.

static int16_t saturate_16(int32_t x) { return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x); }

/// Half the product's high word, rounded with halves away from zero.
static int16_t multiply_16(int16_t a, int16_t b) {
  int32_t product = a * b;
  return saturate_16((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/// x / 2^shift, rounded with halves away from zero.
static int32_t divide_by_power(int32_t x, int32_t shift) { return oct_fixed_times(x, (oct_fixed){INT32_MAX, -shift}); }

/// The 16 upper bits of a factor.
static int16_t upper_bits(oct_fixed by) {
  return by.factor >= INT32_MAX - (1 << 15) ? INT16_MAX : (int16_t)((by.factor + (1 << 15)) >> 16);
}

static int32_t hard_swish_tflite(const oct_quant *in, const oct_quant *out, int32_t x) {
  const float fine = in->scale[0] / 128.0f; // of x in 16 bits
  oct_fixed to_out = oct_fixed_of((double)(fine / out->scale[0]));
  oct_fixed to_ramp = oct_fixed_of((double)(fine / (3.0f / 32768.0f)));
  int16_t wide = (int16_t)(x * 128), value = multiply_16(wide, upper_bits(to_out)), ramp = wide;
  if (to_ramp.shift > 0) ramp = saturate_16(ramp * (1 << (to_ramp.shift - 1)));
  ramp = multiply_16(ramp, upper_bits(to_ramp));
  if (to_ramp.shift > 0) ramp = saturate_16(ramp * 2);
  if (to_ramp.shift < 0) ramp = (int16_t)divide_by_power(ramp, -to_ramp.shift);
  ramp = (int16_t)((ramp + (1 << 15)) >> 1);
  return divide_by_power(ramp * value / (1 << 15), -to_out.shift);
}

/// What TFLite computes in integers: output steps above the zero point for `x` input steps above theirs. False for the
/// functions that it looks up in a table made by floats, as here.
static bool apply_tflite(const oct_unary_attr *attr, const oct_quant *in, const oct_quant *out, int32_t x, int32_t *y) {
  float scale = in->scale[0] / out->scale[0];
  oct_fixed factor = oct_fixed_of((double)scale);
  switch (attr->kind) {
    case OCT_RELU_N: return *y = oct_fixed_times(x, factor), true;
    case OCT_HARD_SWISH: return *y = hard_swish_tflite(in, out, x), in->scale[0] < 128.0f * out->scale[0];
    case OCT_ABS: return *y = oct_fixed_times(x < 0 ? -x : x, factor), true;
    case OCT_SQRT: return *y = (int32_t)(sqrtf(in->scale[0] * (float)(x > 0 ? x : 0)) / out->scale[0]), true;
    case OCT_LEAKY_RELU:
      if (leaky_relu_fits(in, out, attr->alpha)) *y = leaky_relu_tflite(scale, attr->alpha, x);
      else *y = oct_fixed_times(x, x < 0 ? oct_fixed_of((double)(scale * attr->alpha)) : factor);
      return true;
    default: return false;
  }
}

static void fill_table(unary *self, const oct_quant *in, const oct_quant *out, oct_dialect dialect) {
  oct_quantize_params quantize = oct_quantize_params_of(out, -INFINITY, INFINITY);
  int32_t lo = OCT_ACT_MIN, hi = OCT_ACT_MAX, y;
  if (self->attr.kind == OCT_RELU_N) oct_act_range(out, self->attr.alpha, self->attr.beta, &lo, &hi);
  for (int32_t byte = 0; byte < 256; byte++) {
    int32_t q = byte + OCT_ACT_MIN, x = q - in->zero_point[0];
    oct_act *entry = &self->table[(uint8_t)q];
    if (dialect == OCT_DIALECT_TFLITE && apply_tflite(&self->attr, in, out, x, &y)) {
      int64_t wide = (int64_t)y + out->zero_point[0];
      *entry = (oct_act)(wide < lo ? lo : wide > hi ? hi : wide);
    } else {
      float real = apply(&self->attr, in->scale[0] * (float)x);
      oct_quantize_f32__ref(&real, 1, &quantize, entry);
    }
  }
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  const int inputs = node->attr.unary.kind == OCT_LOOKUP ? 2 : 1;
  OCT_TRY(oct_infer_counts(node, inputs, inputs, 1));
  const oct_value *x = oct_input(graph, node, 0);
  return oct_infer_output(graph, node, 0, tests(node->attr.unary.kind) ? OCT_BOOL : x->dtype, x->shape);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *in = &step->inputs[0], *out = &step->outputs[0];
  unary *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->attr = step->node->attr.unary;
  self->count = oct_shape_count(&out->shape);
  step->state = self;
  step->in_place = 0;
  step->kernel = "unary_f32";
  bool q8 = oct_is_q8(in) && oct_is_q8(out);
  if (in->dtype == OCT_F32 && out->dtype == OCT_F32 && self->attr.kind != OCT_BITWISE_NOT) {
    self->compute = compute_f32;
  } else if (q8 && self->attr.kind == OCT_RELU_N && oct_quant_same(in->quant, out->quant)) {
    oct_act_range(out->quant, self->attr.alpha, self->attr.beta, &self->lo, &self->hi);
    self->clamp = OCT_BEST(clamp_q8);
    self->compute = compute_clamp;
    step->kernel = oct_kernel_best(OCT_FAMILY_clamp_q8)->name;
  } else if (q8) {
    if (self->attr.kind == OCT_LOOKUP) memcpy(self->table, step->inputs[1].data, sizeof self->table);
    else fill_table(self, in->quant, out->quant, context->dialect);
    self->lookup = OCT_BEST(lut_q8);
    self->compute = compute_q8;
    step->kernel = "lut_q8";
  } else if (in->dtype == OCT_BOOL && out->dtype == OCT_BOOL && self->attr.kind == OCT_NOT) {
    step->run = run_bool;
    step->kernel = "unary_bool";
  } else if (in->dtype == OCT_F32 && out->dtype == OCT_BOOL && tests(self->attr.kind)) {
    step->run = run_test;
    step->kernel = "unary_test";
    step->in_place = -1;
  } else if (in->dtype == out->dtype && oct_is_integer(in->dtype) && in->dtype != OCT_U64 && in->dtype != OCT_BOOL &&
             takes_integers(self->attr.kind)) {
    step->run = run_int;
    step->kernel = "unary_int";
  } else {
    return oct_prepare_unsupported(context);
  }
  if (self->compute) step->run_part = run_part, step->run_pixels = run_pixels;
  return OCT_OK;
}

const oct_op_impl oct_op_unary = {infer, prepare};
