// SPDX-License-Identifier: MIT
//
// GATHER: slices of input 0 along an axis, picked by the indices in input 1 (negative counts from the end).
//
// Constant indices are checked at plan time. Others are the one kind of tensor data that run looks at before it uses
// it: an index out of range is brought to the nearest element, so that no input can read outside the tensor.
#include "ops/moves.h"

#include <string.h>

typedef struct gather {
  size_t outer, slice_bytes, count;
  int32_t dim;
} gather;

static int64_t index_at(const oct_tensor *indices, size_t i) {
  int64_t wide;
  int32_t narrow;
  if (indices->dtype == OCT_I64) return memcpy(&wide, (const char *)indices->data + i * 8, 8), wide;
  return memcpy(&narrow, (const char *)indices->data + i * 4, 4), narrow;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0), *indices = oct_input(graph, node, 1);
  int32_t *axis = &node->attr.gather.axis;
  OCT_TRY(oct_infer_axis(node, *axis, x->shape.rank, axis));
  oct_shape shape = {.rank = x->shape.rank - 1 + indices->shape.rank};
  if (shape.rank > OCT_MAX_RANK)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fewer dimensions",
                    "%s would give %d dimensions; at most %d are possible", node->type, (int)shape.rank, OCT_MAX_RANK);
  int to = 0;
  for (int i = 0; i < *axis; i++) shape.dim[to++] = x->shape.dim[i];
  for (int i = 0; i < indices->shape.rank; i++) shape.dim[to++] = indices->shape.dim[i];
  for (int i = *axis + 1; i < x->shape.rank; i++) shape.dim[to++] = x->shape.dim[i];
  if (x->shape.dim[*axis] == 0 && oct_shape_count(&indices->shape))
    return oct_fail(OCT_INVALID_SHAPE, "use a larger input", "%s picks from '%s', which is empty along axis %d",
                    node->type, x->name, (int)*axis);
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) {
  const gather *self = step->state;
  const char *from = step->inputs[0].data;
  char *to = step->outputs[0].data;
  for (size_t o = 0; o < self->outer; o++, from += self->slice_bytes * (size_t)self->dim)
    for (size_t i = 0; i < self->count; i++, to += self->slice_bytes) {
      int64_t index = index_at(&step->inputs[1], i);
      if (index < 0) index += self->dim;
      index = index < 0 ? 0 : index >= self->dim ? self->dim - 1 : index;
      if (self->slice_bytes) memcpy(to, from + (size_t)index * self->slice_bytes, self->slice_bytes);
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *indices = &step->inputs[1];
  OCT_TRY(oct_prepare_moved(context));
  if (indices->dtype != OCT_I32 && indices->dtype != OCT_I64) return oct_prepare_unsupported(context);
  gather *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  int32_t axis = step->node->attr.gather.axis;
  self->outer = oct_shape_span(&x->shape, 0, axis);
  self->slice_bytes = oct_shape_span(&x->shape, axis + 1, x->shape.rank) * oct_dtype_bytes(x->dtype);
  self->dim = x->shape.dim[axis];
  self->count = oct_shape_count(&indices->shape);
  for (size_t i = 0; indices->data && i < self->count; i++) {
    int64_t index = index_at(indices, i);
    if (index < -(int64_t)self->dim || index >= self->dim)
      return oct_fail(OCT_INVALID_MODEL, "the model file is damaged, or the input is too small for it",
                      "%s picks element %lld of %d", step->node->type, (long long)index, (int)self->dim);
  }
  step->state = self;
  step->run = run;
  step->kernel = "gather";
  return OCT_OK;
}

const oct_op_impl oct_op_gather = {infer, prepare};
