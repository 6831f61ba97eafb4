// SPDX-License-Identifier: MIT
//
// SOFTMAX: exp(beta * (x - max)) over its sum, along an axis; or the logarithm of that; or 1 for the largest, else 0.
//
// q8 looks its exponentials up in a table of 256 floats, since x - max takes only so many values: for TFLite as
// LiteRT's optimized kernel does it, for ONNX by the literal meaning.
#include "ops/quantization.h"

#include <math.h>

typedef struct softmax {
  size_t outer, count, inner; // x is [outer, count, inner]; count is what sums to one
  float beta;
  bool tflite;
  oct_quantize_params out;
  float table[256]; // q8: exp(-beta * scale * i)
} softmax;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  int32_t *axis = &node->attr.softmax.axis;
  // A flattening axis may stand behind the last dimension.
  if (!node->attr.softmax.flatten || *axis != x->shape.rank) OCT_TRY(oct_infer_axis(node, *axis, x->shape.rank, axis));
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

/// Along the last axis.
static void run_rows(const oct_step *step) {
  const softmax *self = step->state;
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  for (size_t o = 0; o < self->outer && self->count; o++, x += self->count, y += self->count)
    oct_softmax_f32__ref(x, self->count, self->beta, y);
}

static void run_f32(const oct_step *step) {
  const softmax *self = step->state;
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  size_t stride = self->inner;
  for (size_t o = 0; o < self->outer; o++, x += self->count * stride, y += self->count * stride)
    for (size_t i = 0; i < stride; i++) {
      float largest = -INFINITY, sum = 0;
      for (size_t k = 0; k < self->count; k++) largest = x[k * stride + i] > largest ? x[k * stride + i] : largest;
      for (size_t k = 0; k < self->count; k++) {
        float e = expf((x[k * stride + i] - largest) * self->beta);
        y[k * stride + i] = e;
        sum += e;
      }
      for (size_t k = 0; k < self->count; k++) y[k * stride + i] /= sum;
    }
}

static void run_hardmax(const oct_step *step) {
  const softmax *self = step->state;
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  size_t stride = self->inner;
  for (size_t o = 0; o < self->outer; o++, x += self->count * stride, y += self->count * stride)
    for (size_t i = 0; i < stride; i++) {
      size_t largest = 0;
      for (size_t k = 1; k < self->count; k++) largest = x[k * stride + i] > x[largest * stride + i] ? k : largest;
      for (size_t k = 0; k < self->count; k++) y[k * stride + i] = k == largest;
    }
}

static void run_log(const oct_step *step) {
  const softmax *self = step->state;
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data;
  size_t stride = self->inner;
  for (size_t o = 0; o < self->outer; o++, x += self->count * stride, y += self->count * stride)
    for (size_t i = 0; i < stride; i++) {
      float largest = -INFINITY, sum = 0;
      for (size_t k = 0; k < self->count; k++) largest = x[k * stride + i] > largest ? x[k * stride + i] : largest;
      for (size_t k = 0; k < self->count; k++) sum += expf((x[k * stride + i] - largest) * self->beta);
      float total = logf(sum);
      for (size_t k = 0; k < self->count; k++) y[k * stride + i] = (x[k * stride + i] - largest) * self->beta - total;
    }
}

static oct_act quantized(const softmax *self, float probability, float scaled) {
  const oct_quantize_params *out = &self->out;
  float q = (self->tflite ? roundf(scaled) : rintf(probability / out->divisor)) + (float)out->zero_point;
  return (oct_act)(q < (float)out->hi ? q > (float)out->lo ? (int32_t)q : out->lo : out->hi);
}

static void run_q8(const oct_step *step) {
  const softmax *self = step->state;
  const oct_act *x = step->inputs[0].data;
  oct_act *y = step->outputs[0].data;
  size_t stride = self->inner;
  for (size_t o = 0; o < self->outer; o++, x += self->count * stride, y += self->count * stride)
    for (size_t i = 0; i < stride; i++) {
      int32_t largest = OCT_ACT_MIN;
      float sum = 0;
      for (size_t k = 0; k < self->count; k++) largest = x[k * stride + i] > largest ? x[k * stride + i] : largest;
      for (size_t k = 0; k < self->count; k++) sum += self->table[largest - x[k * stride + i]];
      float factor = 1.0f / (sum * self->out.divisor); // TFLite multiplies by this; ONNX divides twice
      for (size_t k = 0; k < self->count; k++) {
        float e = self->table[largest - x[k * stride + i]];
        y[k * stride + i] = quantized(self, e / sum, e * factor);
      }
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *out = &step->outputs[0];
  const oct_softmax_attr *attr = &step->node->attr.softmax;
  softmax *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  int32_t axis = attr->axis, end = attr->flatten ? x->shape.rank : axis + 1;
  self->outer = oct_shape_span(&x->shape, 0, axis), self->count = oct_shape_span(&x->shape, axis, end);
  self->inner = oct_shape_span(&x->shape, end, x->shape.rank);
  self->beta = attr->beta;
  self->tflite = context->dialect == OCT_DIALECT_TFLITE;
  step->state = self;
  step->in_place = 0;
  if (x->dtype == OCT_F32 && out->dtype == OCT_F32) {
    static void (*const runs[])(const oct_step *) = {run_f32, run_log, run_hardmax};
    step->run = attr->kind == OCT_SOFTMAX && self->inner == 1 ? run_rows : runs[attr->kind];
    step->kernel = "softmax_f32";
    if (attr->kind == OCT_HARDMAX) step->in_place = -1;
  } else if (oct_is_q8(x) && oct_is_q8(out) && attr->kind == OCT_SOFTMAX) {
    self->out = oct_quantize_params_of(out->quant, -INFINITY, INFINITY);
    float scale = -x->quant->scale[0] * attr->beta;
    for (int i = 0; i < 256; i++) self->table[i] = expf(scale * (float)i);
    step->run = run_q8;
    step->kernel = "softmax_q8";
  } else {
    return oct_prepare_unsupported(context);
  }
  return OCT_OK;
}

const oct_op_impl oct_op_softmax = {infer, prepare};
