// SPDX-License-Identifier: MIT
//
// PRELU: x where it is not negative, else x times the slope in input 1, which broadcasts to x.
//
// The frequent form, q8 with a constant slope for each channel, has a kernel; the others are rows (elementwise.h). In
// TFLite slopes are q8 too, and products are scaled in fixed point.
#include "ops/elementwise.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

static void prelu_f32(const void *a, int a_step, const void *b, int b_step, void *out, size_t count) {
  oct_binary_f32__ref(OCT_PRELU_F32, a, a_step, b, b_step, out, count);
}

typedef struct prelu {
  size_t pixels, channels;
  const float *slope;
  oct_prelu_q8_fn *kernel;
  oct_prelu_q8_params params;
} prelu;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0), *slope = oct_input(graph, node, 1);
  oct_shape shape;
  if (!oct_shape_broadcast(&x->shape, &slope->shape, &shape) || !oct_shape_equal(&shape, &x->shape)) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                    "%s cannot broadcast the slope '%s' of shape %s to '%s' of shape %s", node->type, slope->name,
                    oct_shape_print(&slope->shape, b), x->name, oct_shape_print(&x->shape, a));
  }
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

enum { WORTH_PROVING = 16 }; // pixels; a proof takes as long as 256

static void run_channels(const oct_step *step, oct_part part) {
  const prelu *self = step->state;
  const size_t first = oct_part_begin(part, self->pixels), at = first * self->channels;
  self->kernel((const oct_act *)step->inputs[0].data + at, oct_part_end(part, self->pixels) - first, self->channels,
               self->slope, &self->params, (oct_act *)step->outputs[0].data + at);
}

static void run_pixels(const oct_step *step, const void *const *in, void *out, size_t pixels) {
  const prelu *self = step->state;
  self->kernel(in[0], pixels, self->channels, self->slope, &self->params, out);
}

/// Finite slopes that differ by the last dimension only, or not at all.
static bool has_channels(const oct_shape *x, const oct_tensor *tensor) {
  const oct_shape *slope = &tensor->shape;
  size_t count = oct_shape_count(slope);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(((const float *)tensor->data)[i])) return false;
  return x->rank > 0 && (count == 1 || (count == (size_t)x->dim[x->rank - 1] && slope->dim[slope->rank - 1] > 1));
}

static oct_status prepare_channels(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *slope = &step->inputs[1], *y = &step->outputs[0];
  prelu *self = oct_plan_alloc(context, sizeof *self);
  size_t channels = (size_t)x->shape.dim[x->shape.rank - 1], count = oct_shape_count(&slope->shape);
  float *slopes = oct_plan_alloc(context, (channels + 16) * sizeof *slopes); // the kernel reads whole vectors
  if (!self || !slopes) return OCT_OUT_OF_MEMORY;
  for (size_t c = 0; c < channels; c++)
    memcpy(&slopes[c], (const char *)slope->data + (count == 1 ? 0 : c) * sizeof *slopes, sizeof *slopes);
  self->pixels = oct_shape_span(&x->shape, 0, x->shape.rank - 1), self->channels = channels;
  self->slope = slopes;
  self->kernel = OCT_BEST(prelu_q8);
  self->params.in = oct_dequantize_params_of(x->quant);
  self->params.out = oct_quantize_params_of(y->quant, -INFINITY, INFINITY);
  if (self->pixels >= WORTH_PROVING) {
    oct_arena work = {0};
    oct_prelu_in_steps(self->kernel, &self->params, slopes, channels, &work);
    oct_arena_free(&work);
  }
  step->state = self;
  step->run_part = run_channels;
  step->run_pixels = run_pixels;
  step->in_place = 0;
  step->kernel = oct_kernel_best(OCT_FAMILY_prelu_q8)->name;
  return OCT_OK;
}

// --- TFLite's q8 ----------------------------------------------------------------------------------------------------

typedef struct fixed_prelu {
  oct_broadcast walk;
  const oct_step *step;
  oct_fixed positive, negative;
  int32_t x_zero, slope_zero, y_zero;
} fixed_prelu;

static void visit_fixed(const void *state, size_t a, size_t b, size_t out) {
  const fixed_prelu *self = state;
  const oct_act *in = (const oct_act *)self->step->inputs[0].data + a;
  const oct_act *slope = (const oct_act *)self->step->inputs[1].data + b;
  oct_act *to = (oct_act *)self->step->outputs[0].data + out;
  for (size_t i = 0; i < self->walk.row; i++) {
    int32_t x = in[self->walk.a_step ? i : 0] - self->x_zero, by = slope[self->walk.b_step ? i : 0] - self->slope_zero;
    int32_t y = x >= 0 ? oct_fixed_times(x, self->positive) : oct_fixed_times(x * by, self->negative);
    to[i] = oct_act_saturate((int64_t)y + self->y_zero);
  }
}

static void run_fixed(const oct_step *step) {
  fixed_prelu *self = step->state;
  self->step = step;
  oct_broadcast_rows(&self->walk, visit_fixed, self);
}

static oct_status prepare_fixed(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_quant *x = step->inputs[0].quant, *slope = step->inputs[1].quant, *y = step->outputs[0].quant;
  fixed_prelu *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_broadcast_plan(&self->walk, &step->inputs[0].shape, &step->inputs[1].shape, &step->outputs[0].shape);
  self->positive = oct_fixed_of((double)(x->scale[0] / y->scale[0]));
  self->negative = oct_fixed_of((double)(x->scale[0] * slope->scale[0] / y->scale[0]));
  self->x_zero = x->zero_point[0], self->slope_zero = slope->zero_point[0], self->y_zero = y->zero_point[0];
  step->state = self;
  step->run = run_fixed;
  step->in_place = 0;
  step->kernel = "prelu_fixed";
  return OCT_OK;
}

static oct_status prepare(oct_prepare *context) {
  const oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *slope = &step->inputs[1];
  if (x->dtype != OCT_F32 && x->dtype != OCT_Q8) return oct_prepare_unsupported(context);
  if (oct_is_q8(x) && oct_is_q8(&step->outputs[0]) && slope->dtype == OCT_F32 && slope->data &&
      has_channels(&x->shape, slope))
    return prepare_channels(context);
  if (context->dialect == OCT_DIALECT_TFLITE && oct_is_q8(x) && oct_is_q8(slope) && oct_is_q8(&step->outputs[0]))
    return prepare_fixed(context);
  return oct_elementwise_prepare(context, prelu_f32, false, "prelu");
}

const oct_op_impl oct_op_prelu = {infer, prepare};
