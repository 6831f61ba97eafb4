// SPDX-License-Identifier: MIT
//
// DEQUANTIZE: quantized integers to float by the input's scale and zero point, per tensor or per index of an axis; and
// half precision weights to float.
#include "base/half.h"
#include "ops/quantization.h"

typedef struct dequantize {
  size_t outer, channels, inner; // x is [outer, channels, inner]; channels is 1 where there is one scale
  oct_dequantize_q8_fn *bytes;
} dequantize;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  return oct_infer_output(graph, node, 0, OCT_F32, oct_input(graph, node, 0)->shape);
}

static void run_half(const oct_step *step) {
  const uint16_t *in = step->inputs[0].data;
  float *out = step->outputs[0].data;
  size_t count = oct_shape_count(&step->outputs[0].shape);
  for (size_t i = 0; i < count; i++) out[i] = oct_half_to_float(in[i]);
}

static int64_t integer_at(const void *data, oct_dtype dtype, size_t i) {
  switch (dtype) {
    case OCT_Q8: return ((const oct_act *)data)[i];
    case OCT_I8: return ((const int8_t *)data)[i];
    case OCT_U8: return ((const uint8_t *)data)[i];
    case OCT_I16: return ((const int16_t *)data)[i];
    case OCT_U16: return ((const uint16_t *)data)[i];
    case OCT_I64: return ((const int64_t *)data)[i];
    default: return ((const int32_t *)data)[i];
  }
}

static void run_q8(const oct_step *step) {
  const dequantize *self = step->state;
  oct_dequantize_params params = oct_dequantize_params_of(step->inputs[0].quant);
  self->bytes(step->inputs[0].data, self->inner, &params, step->outputs[0].data);
}

static void run_any(const oct_step *step) {
  const dequantize *self = step->state;
  const oct_tensor *in = &step->inputs[0];
  float *out = step->outputs[0].data;
  for (size_t o = 0, at = 0; o < self->outer; o++)
    for (size_t c = 0; c < self->channels; c++)
      for (size_t i = 0; i < self->inner; i++, at++)
        out[at] = in->quant->scale[c] * (float)(integer_at(in->data, in->dtype, at) - in->quant->zero_point[c]);
}

static bool holds_integers(oct_dtype dtype) {
  return dtype == OCT_Q8 || dtype == OCT_I8 || dtype == OCT_U8 || dtype == OCT_I16 || dtype == OCT_U16 ||
         dtype == OCT_I32 || dtype == OCT_I64;
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *in = &step->inputs[0];
  if (step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  step->kernel = "dequantize";
  if (in->dtype == OCT_F32 || in->dtype == OCT_F16) {
    if (in->dtype == OCT_F16) step->run = run_half;
    else step->view = true;
    return OCT_OK;
  }
  if (!holds_integers(in->dtype) || !in->quant) return oct_prepare_unsupported(context);
  dequantize *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  int32_t axis = in->quant->axis, rank = in->shape.rank;
  *self = (dequantize){1, 1, oct_shape_count(&in->shape), OCT_BEST(dequantize_q8)};
  if (in->quant->count > 1) {
    if (axis < 0 || axis >= rank || in->shape.dim[axis] != in->quant->count)
      return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; export it again",
                      "%s has %d scales along axis %d, which does not have as many elements", step->node->type,
                      (int)in->quant->count, (int)axis);
    self->outer = oct_shape_span(&in->shape, 0, axis), self->channels = (size_t)in->quant->count;
    self->inner = oct_shape_span(&in->shape, axis + 1, rank);
  }
  step->state = self;
  step->run = oct_is_q8(in) ? run_q8 : run_any;
  if (oct_is_q8(in)) step->kernel = oct_kernel_best(OCT_FAMILY_dequantize_q8)->name;
  return OCT_OK;
}

const oct_op_impl oct_op_dequantize = {infer, prepare};
