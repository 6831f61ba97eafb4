// SPDX-License-Identifier: MIT
//
// WHERE: input 0 (bool) picks, element by element, from input 1 (true) or input 2, all three broadcast.
//
// Elements are moved as they are, so that every type will do. Rows go along the last dimension; those before it are
// counted like an odometer.
#include "ops/elements.h"
#include "ops/op.h"
#include "ops/quantization.h"

#include <string.h>

typedef struct where {
  int32_t rank;
  int32_t dim[OCT_MAX_RANK];
  size_t stride[3][OCT_MAX_RANK]; // in elements; 0 where an input is broadcast
  size_t unit, count;
} where;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 3, 1));
  oct_shape shape = oct_input(graph, node, 0)->shape;
  for (int i = 1; i < 3; i++) {
    const oct_value *x = oct_input(graph, node, i);
    oct_shape joined;
    if (!oct_shape_broadcast(&shape, &x->shape, &joined)) {
      char a[112], b[112];
      return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot broadcast '%s' of shape %s to %s",
                      node->type, x->name, oct_shape_print(&x->shape, a), oct_shape_print(&shape, b));
    }
    shape = joined;
  }
  return oct_infer_output(graph, node, 0, oct_input(graph, node, 1)->dtype, shape);
}

static void run(const oct_step *step) {
  const where *self = step->state;
  const uint8_t *condition = step->inputs[0].data;
  const char *from[2] = {step->inputs[2].data, step->inputs[1].data};
  char *out = step->outputs[0].data;
  int32_t at[OCT_MAX_RANK] = {0};
  size_t offset[3] = {0};
  for (size_t i = 0; i < self->count; i++, out += self->unit) {
    const bool picked = condition[offset[0]] != 0;
    memcpy(out, from[picked] + offset[picked ? 1 : 2] * self->unit, self->unit);
    for (int32_t d = self->rank - 1; d >= 0; d--) {
      for (int k = 0; k < 3; k++) offset[k] += self->stride[k][d];
      if (++at[d] < self->dim[d]) break;
      for (int k = 0; k < 3; k++) offset[k] -= self->stride[k][d] * (size_t)self->dim[d];
      at[d] = 0;
    }
  }
}

/// False where quantized elements would mean something else when they are moved.
static bool same_bytes(const oct_step *step) {
  const oct_tensor *out = &step->outputs[0];
  for (int i = 1; i < 3; i++)
    if (out->dtype == OCT_Q8 && (!oct_is_q8(&step->inputs[i]) || !oct_quant_same(step->inputs[i].quant, out->quant)))
      return false;
  return true;
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *out = &step->outputs[0];
  const oct_dtype dtype = step->inputs[1].dtype;
  if (step->inputs[0].dtype != OCT_BOOL || step->inputs[2].dtype != dtype || out->dtype != dtype || !same_bytes(step))
    return oct_prepare_unsupported(context);
  where *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->rank = out->shape.rank, self->count = oct_shape_count(&out->shape), self->unit = oct_dtype_bytes(dtype);
  memcpy(self->dim, out->shape.dim, sizeof self->dim);
  for (int k = 0; k < 3; k++) {
    const oct_shape *shape = &step->inputs[k].shape;
    size_t stride = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
      if (shape->dim[i] != 1) self->stride[k][i + out->shape.rank - shape->rank] = stride;
      stride *= (size_t)shape->dim[i];
    }
  }
  step->state = self;
  step->run = run;
  step->kernel = "where";
  return OCT_OK;
}

const oct_op_impl oct_op_where = {infer, prepare};
