// SPDX-License-Identifier: MIT
//
// NORMALIZE: groups of neighbouring elements to mean 0 and variance 1, then scaled and moved.
//
//   LAYER     a group is all from `axis` on; scale and bias have a number an element of it
//   CHANNELS  of [n, c, ...], c is cut into `groups` groups (0: each channel is one); scale and bias have a number a
//             channel, or a group
//
// Inputs: x, scale (optional), bias (optional). Outputs 1 and 2, where wanted: mean and 1 / deviation of each group.
// `root_mean_square` divides by the root of the mean of squares and moves nothing. Sums are double: groups may be large.
#include "kernels/kernels.h"
#include "ops/op.h"

#include <math.h>

typedef struct normalize {
  size_t outer, count;  // groups, elements of a group
  size_t inner, period; // scale's index: element / inner % period
  float epsilon;
  float *absent[2]; // what stands for a scale or a bias that is not there: `period` ones or zeros
} normalize;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 3, 1));
  oct_normalize_attr *attr = &node->attr.normalize;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape kept = x->shape;
  size_t wanted[2] = {0, 0};
  if (attr->kind == OCT_NORMALIZE_LAYER) {
    OCT_TRY(oct_infer_axis(node, attr->axis, x->shape.rank, &attr->axis));
    wanted[0] = wanted[1] = oct_shape_span(&x->shape, attr->axis, x->shape.rank);
    for (int i = attr->axis; i < kept.rank; i++) kept.dim[i] = 1;
  } else {
    const int32_t channels = x->shape.rank < 2 ? 0 : x->shape.dim[1];
    if (!attr->groups) attr->groups = channels;
    if (x->shape.rank < 2 || attr->groups < 1 || channels % attr->groups)
      return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s of '%s' with %d channels in %d groups",
                      node->type, x->name, (int)channels, (int)attr->groups);
    wanted[0] = (size_t)channels, wanted[1] = (size_t)attr->groups;
    kept = oct_shape_of(2, x->shape.dim[0], attr->groups);
  }
  for (int i = 1; i < 3; i++) {
    if (!oct_node_has(node, i)) continue;
    const oct_value *value = oct_input(graph, node, i);
    const size_t count = oct_shape_count(&value->shape);
    if (count == wanted[0] || count == wanted[1]) continue;
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s has '%s' of %zu elements; it takes %zu",
                    node->type, value->name, count, wanted[0]);
  }
  OCT_TRY(oct_infer_output(graph, node, 0, x->dtype, x->shape));
  for (int i = 1; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) OCT_TRY(oct_infer_output(graph, node, i, OCT_F32, kept));
  return OCT_OK;
}

static float *output_of(const oct_step *step, int index) {
  return index < step->node->output_count ? step->outputs[index].data : NULL;
}

/// The scale or the bias: an input, or what stands for it.
static const float *input_of(const oct_step *step, int index) {
  const normalize *self = step->state;
  return oct_node_has(step->node, index) ? step->inputs[index].data : self->absent[index - 1];
}

/// The group from element `first` on, stretch by stretch of the same scale, or of scales side by side.
static void run_group(const normalize *self, const float *x, size_t first, float mean, float factor, const float *scale,
                      const float *bias, float *y) {
  for (size_t i = 0, count; i < self->count; i += count) {
    const size_t at = (first + i) / self->inner % self->period;
    count = self->inner > 1 ? self->inner - (first + i) % self->inner : self->period - at;
    if (count > self->count - i) count = self->count - i;
    oct_normalize_f32__ref(x + i, count, mean, factor, scale + at, bias + at, self->inner == 1, y + i);
  }
}

static void run_part(const oct_step *step, oct_part part) {
  const normalize *self = step->state;
  const bool squares = step->node->attr.normalize.root_mean_square;
  const float *x = step->inputs[0].data, *scale = input_of(step, 1), *bias = input_of(step, 2);
  float *y = step->outputs[0].data, *means = output_of(step, 1), *factors = output_of(step, 2);
  const double count = (double)self->count;
  for (size_t o = oct_part_begin(part, self->outer); o < oct_part_end(part, self->outer); o++) {
    const float *group = x + o * self->count;
    const float mean = squares ? 0.0f : (float)(oct_moment_f32__ref(group, self->count, 0, 1) / count);
    const double variance = oct_moment_f32__ref(group, self->count, mean, 2) / count;
    const float factor = 1.0f / sqrtf((float)variance + self->epsilon);
    run_group(self, group, o * self->count, mean, factor, scale, bias, y + o * self->count);
    if (means) means[o] = mean;
    if (factors) factors[o] = factor;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_normalize_attr *attr = &step->node->attr.normalize;
  const oct_shape *x = &step->inputs[0].shape;
  for (int i = 0; i < step->node->input_count; i++)
    if (oct_node_has(step->node, i) && step->inputs[i].dtype != OCT_F32) return oct_prepare_unsupported(context);
  if (step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  normalize *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->epsilon = attr->epsilon, self->inner = self->period = 1;
  if (attr->kind == OCT_NORMALIZE_LAYER) {
    self->outer = oct_shape_span(x, 0, attr->axis), self->count = oct_shape_span(x, attr->axis, x->rank);
    self->period = self->count;
  } else {
    self->outer = (size_t)x->dim[0] * (size_t)attr->groups;
    self->count = self->outer ? oct_shape_count(x) / self->outer : 0;
    self->period = oct_node_has(step->node, 1) ? oct_shape_count(&step->inputs[1].shape) : (size_t)x->dim[1];
    self->inner = self->period ? (size_t)x->dim[1] * oct_shape_span(x, 2, x->rank) / self->period : 0;
  }
  if (!self->period) self->period = 1;
  if (!self->inner) self->inner = 1;
  for (int i = 0; i < 2; i++) {
    if (oct_node_has(step->node, i + 1)) continue;
    self->absent[i] = oct_plan_alloc(context, self->period * sizeof(float));
    if (!self->absent[i]) return OCT_OUT_OF_MEMORY;
    for (size_t at = 0; i == 0 && at < self->period; at++) self->absent[i][at] = 1;
  }
  step->state = self;
  step->in_place = step->node->output_count > 1 ? -1 : 0;
  step->run_part = run_part;
  step->kernel = "normalize";
  return OCT_OK;
}

const oct_op_impl oct_op_normalize = {infer, prepare};
