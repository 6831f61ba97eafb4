// SPDX-License-Identifier: MIT
//
// BATCH_NORMALIZATION: (x - mean) / sqrt(variance + epsilon) * scale + bias for each channel. What follows a
// convolution is folded into its weights by a pass; this is for the rest.
#include "ops/op.h"

#include <math.h>

typedef struct batch_norm {
  size_t outer, channels, inner; // x is [outer, channels, inner]
} batch_norm;

static int channel_axis(const oct_node *node, int rank) {
  return node->attr.batch_norm.layout == OCT_NCHW ? 1 : rank - 1;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 5, 5, 1));
  const oct_value *x = oct_input(graph, node, 0);
  int axis = channel_axis(node, x->shape.rank);
  for (int i = 1; i < 5; i++) {
    const oct_value *parameter = oct_input(graph, node, i);
    if (axis < 0 || axis >= x->shape.rank || parameter->shape.rank != 1 ||
        parameter->shape.dim[0] != x->shape.dim[axis]) {
      char a[112], b[112];
      return oct_fail(OCT_INVALID_SHAPE, "the model file contradicts itself; export it again",
                      "%s has '%s' of shape %s for an input of shape %s", node->type, parameter->name,
                      oct_shape_print(&parameter->shape, b), oct_shape_print(&x->shape, a));
    }
  }
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

static void run(const oct_step *step) {
  const batch_norm *self = step->state;
  const float *x = step->inputs[0].data, *scale = step->inputs[1].data, *bias = step->inputs[2].data;
  const float *mean = step->inputs[3].data, *variance = step->inputs[4].data;
  float *y = step->outputs[0].data, *factor = step->scratch, *offset = factor + self->channels;
  for (size_t c = 0; c < self->channels; c++) {
    factor[c] = scale[c] / sqrtf(variance[c] + step->node->attr.batch_norm.epsilon);
    offset[c] = bias[c] - mean[c] * factor[c];
  }
  for (size_t o = 0; o < self->outer; o++) {
    if (self->inner == 1) {
      for (size_t c = 0; c < self->channels; c++) y[c] = x[c] * factor[c] + offset[c];
      x += self->channels, y += self->channels;
    } else {
      for (size_t c = 0; c < self->channels; c++, x += self->inner, y += self->inner)
        for (size_t i = 0; i < self->inner; i++) y[i] = x[i] * factor[c] + offset[c];
    }
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  for (int i = 0; i < 5; i++)
    if (step->inputs[i].dtype != OCT_F32) return oct_prepare_unsupported(context);
  if (step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  batch_norm *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  const oct_shape *x = &step->inputs[0].shape;
  int axis = channel_axis(step->node, x->rank);
  self->outer = oct_shape_span(x, 0, axis), self->channels = (size_t)x->dim[axis];
  self->inner = oct_shape_span(x, axis + 1, x->rank);
  step->scratch_bytes = 2 * self->channels * sizeof(float);
  step->in_place = 0;
  step->state = self;
  step->run = run;
  step->kernel = "batch_normalization";
  return OCT_OK;
}

const oct_op_impl oct_op_batch_normalization = {infer, prepare};
