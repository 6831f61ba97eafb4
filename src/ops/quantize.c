// SPDX-License-Identifier: MIT
//
// QUANTIZE: float to q8 or int16, or q8 to q8 of another quantization, by the output's scale and zero point.
#include "ops/quantization.h"

#include <math.h>

typedef struct quantize {
  size_t count;
  oct_quantize_f32_fn *floats;
  oct_lut_q8_fn *lookup;
  oct_quantize_params params;
  oct_act table[256];
} quantize;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  return oct_infer_output(graph, node, 0, OCT_Q8, oct_input(graph, node, 0)->shape);
}

static void run_floats(const oct_step *step, oct_part part) {
  const quantize *self = step->state;
  const size_t begin = oct_part_from(part, self->count, 64), end = oct_part_to(part, self->count, 64);
  self->floats((const float *)step->inputs[0].data + begin, end - begin, &self->params,
               (oct_act *)step->outputs[0].data + begin);
}

static void run_q8(const oct_step *step) {
  const quantize *self = step->state;
  self->lookup(step->inputs[0].data, self->count, self->table, step->outputs[0].data);
}

static void run_i16(const oct_step *step) {
  const oct_quant *quant = step->outputs[0].quant;
  const float *in = step->inputs[0].data, scale = quant->scale[0], zero = (float)quant->zero_point[0];
  int16_t *out = step->outputs[0].data;
  size_t count = oct_shape_count(&step->outputs[0].shape);
  for (size_t i = 0; i < count; i++) {
    float q = rintf(in[i] / scale) + zero;
    out[i] = (int16_t)(q > -32768.0f ? q < 32767.0f ? (int32_t)q : 32767 : -32768);
  }
}

/// TFLite (XNNPACK) requantizes bytes with a factor of 8 fractional bits; where that does not fit, and between int8 and
/// uint8, its older kernel runs, which has 31.
static void fill_table_tflite(const oct_quant *from, const oct_quant *to, bool fixed, oct_act table[256]) {
  float scale = from->scale[0] / to->scale[0];
  bool narrow = scale >= 0x1.0p-8f && scale <= 128.0f && !fixed;
  int32_t factor = narrow ? (int32_t)rintf(256.0f * scale) : 0;
  oct_fixed wide = oct_fixed_of((double)from->scale[0] / (double)to->scale[0]);
  for (int32_t q = OCT_ACT_MIN; q <= OCT_ACT_MAX; q++) {
    int32_t x = q - from->zero_point[0], y = narrow ? (x * factor + 128) >> 8 : oct_fixed_times(x, wide);
    table[(uint8_t)q] = oct_act_saturate((int64_t)y + to->zero_point[0]);
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *in = &step->inputs[0], *out = &step->outputs[0];
  bool tflite = context->dialect == OCT_DIALECT_TFLITE;
  if (out->dtype == OCT_I16 && out->quant && out->quant->count == 1 && in->dtype == OCT_F32) {
    step->run = run_i16;
    step->kernel = "quantize_i16";
    return OCT_OK;
  }
  if (!oct_is_q8(out)) return oct_prepare_unsupported(context);
  quantize *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->count = oct_shape_count(&out->shape);
  step->state = self;
  if (in->dtype == OCT_F32) {
    self->params = oct_quantize_params_of(out->quant, -INFINITY, INFINITY);
    if (tflite) self->params.factor = 1.0f / out->quant->scale[0], self->params.divisor = 1.0f;
    self->floats = OCT_BEST(quantize_f32);
    step->run_part = run_floats;
    step->kernel = oct_kernel_best(OCT_FAMILY_quantize_f32)->name;
  } else if (!oct_is_q8(in)) {
    return oct_prepare_unsupported(context);
  } else if (oct_quant_same(in->quant, out->quant)) {
    step->view = true;
    step->kernel = "view";
  } else {
    if (tflite) fill_table_tflite(in->quant, out->quant, step->node->attr.quantize.fixed, self->table);
    else oct_requantize_table(in->quant, out->quant, self->table);
    self->lookup = OCT_BEST(lut_q8);
    step->run = run_q8;
    step->in_place = 0;
    step->kernel = oct_kernel_best(OCT_FAMILY_lut_q8)->name;
  }
  return OCT_OK;
}

const oct_op_impl oct_op_quantize = {infer, prepare};
