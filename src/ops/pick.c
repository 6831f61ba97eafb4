// SPDX-License-Identifier: MIT
//
// PICK: every output element is an element of input 0 (or 0) that its place tells, one rule a kind:
//
//   TRILU             the same place; 0 on the other side of diagonal k (input 1, optional)
//   REVERSE_SEQUENCE  along `axis`, the first lengths[batch] elements backwards; lengths are input 1
//   GATHER_ELEMENTS   the same place, its coordinate along `axis` read from input 1
//   GATHER_ND         coordinates behind `axis` batch dimensions are tuples in input 1; the rest is the same
//
// Indices are tensor data: one out of range is brought to the nearest element.
#include "ops/elements.h"
#include "ops/moves.h"

#include <string.h>

typedef struct pick {
  ptrdiff_t stride[OCT_MAX_RANK];       // of input 0
  ptrdiff_t index_stride[OCT_MAX_RANK]; // of input 1
  size_t unit, count;
} pick;

static bool takes_indices(oct_pick_kind kind) { return kind == OCT_GATHER_ELEMENTS || kind == OCT_GATHER_ND; }

static oct_status misfit(const oct_node *node, const oct_value *x, const oct_value *indices) {
  char a[112], b[112];
  return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot pick from '%s' of shape %s by '%s' of %s",
                  node->type, x->name, oct_shape_print(&x->shape, a), indices->name,
                  oct_shape_print(&indices->shape, b));
}

/// GATHER_ND: batch dimensions, then the tuples' own, then those of x that a tuple does not reach.
static oct_status gathered_shape(const oct_node *node, const oct_value *x, const oct_value *indices, oct_shape *shape) {
  const int32_t batch = node->attr.pick.axis, rank = indices->shape.rank;
  const int32_t tuple = rank > 0 ? indices->shape.dim[rank - 1] : 0;
  bool fits = batch >= 0 && batch < rank && tuple >= 1 && tuple <= x->shape.rank - batch;
  for (int i = 0; fits && i < batch; i++) fits = indices->shape.dim[i] == x->shape.dim[i];
  if (!fits || rank - 1 + x->shape.rank - batch - tuple > OCT_MAX_RANK) return misfit(node, x, indices);
  *shape = (oct_shape){0};
  for (int i = 0; i < rank - 1; i++) shape->dim[shape->rank++] = indices->shape.dim[i];
  for (int i = batch + tuple; i < x->shape.rank; i++) shape->dim[shape->rank++] = x->shape.dim[i];
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  oct_pick_attr *attr = &node->attr.pick;
  OCT_TRY(oct_infer_counts(node, attr->kind == OCT_TRILU ? 1 : 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0), *second = oct_input(graph, node, 1);
  oct_shape shape = x->shape;
  switch (attr->kind) {
    case OCT_TRILU:
      if (shape.rank >= 2 && (!second || oct_shape_count(&second->shape) == 1)) break;
      return oct_fail(OCT_INVALID_SHAPE, "pass matrices, and one diagonal", "%s of '%s' with %d dimensions", node->type,
                      x->name, (int)shape.rank);
    case OCT_REVERSE_SEQUENCE:
      OCT_TRY(oct_infer_axis(node, attr->axis, shape.rank, &attr->axis));
      OCT_TRY(oct_infer_axis(node, attr->batch_axis, shape.rank, &attr->batch_axis));
      if (second->shape.rank != 1 || second->shape.dim[0] != shape.dim[attr->batch_axis])
        return misfit(node, x, second);
      break;
    case OCT_GATHER_ELEMENTS:
      OCT_TRY(oct_infer_axis(node, attr->axis, shape.rank, &attr->axis));
      if (second->shape.rank != shape.rank) return misfit(node, x, second);
      for (int i = 0; i < shape.rank; i++)
        if (i != attr->axis && second->shape.dim[i] > shape.dim[i]) return misfit(node, x, second);
      shape = second->shape;
      break;
    case OCT_GATHER_ND: OCT_TRY(gathered_shape(node, x, second, &shape)); break;
  }
  if (takes_indices(attr->kind) && oct_shape_count(&shape) && !oct_shape_count(&x->shape)) return misfit(node, x, second);
  return oct_infer_moved(graph, node, 0, shape);
}

static int32_t clamp_index(int64_t index, int32_t dim) {
  if (index < 0) index += dim;
  return index < 0 ? 0 : index >= dim ? dim - 1 : (int32_t)index;
}

/// Brings the output's coordinates to those of the element of input 0; false for 0.
static bool locate(const oct_step *step, const pick *self, const int32_t *at, int32_t *from) {
  const oct_pick_attr *attr = &step->node->attr.pick;
  const oct_shape *x = &step->inputs[0].shape;
  const oct_tensor *second = step->node->input_count > 1 ? &step->inputs[1] : NULL;
  memcpy(from, at, (size_t)x->rank * sizeof *from);
  switch (attr->kind) {
    case OCT_TRILU: {
      int64_t k = second && second->data ? oct_element_int(second->data, second->dtype, 0) : 0;
      int64_t right = (int64_t)at[x->rank - 1] - at[x->rank - 2];
      return attr->upper ? right >= k : right <= k;
    }
    case OCT_REVERSE_SEQUENCE: {
      int64_t length = oct_element_int(second->data, second->dtype, (size_t)at[attr->batch_axis]);
      if (length > x->dim[attr->axis]) length = x->dim[attr->axis];
      if (at[attr->axis] < length) from[attr->axis] = (int32_t)length - 1 - at[attr->axis];
      return true;
    }
    case OCT_GATHER_ELEMENTS: {
      size_t index = 0;
      for (int i = 0; i < x->rank; i++) index += (size_t)(at[i] * self->index_stride[i]);
      from[attr->axis] = clamp_index(oct_element_int(second->data, second->dtype, index), x->dim[attr->axis]);
      return true;
    }
    default: { // GATHER_ND
      const int32_t leading = second->shape.rank - 1, tuple = second->shape.dim[leading];
      size_t index = 0;
      for (int i = 0; i < leading; i++) index += (size_t)(at[i] * self->index_stride[i]);
      for (int i = 0; i < tuple; i++)
        from[attr->axis + i] = clamp_index(oct_element_int(second->data, second->dtype, index + (size_t)i),
                                           x->dim[attr->axis + i]);
      for (int i = attr->axis + tuple; i < x->rank; i++) from[i] = at[leading + i - attr->axis - tuple];
      return true;
    }
  }
}

static void run(const oct_step *step) {
  const pick *self = step->state;
  const oct_shape *out = &step->outputs[0].shape;
  const int32_t rank = step->inputs[0].shape.rank;
  const char *x = step->inputs[0].data;
  char *to = step->outputs[0].data;
  int32_t at[OCT_MAX_RANK] = {0}, from[OCT_MAX_RANK] = {0};
  for (size_t i = 0; i < self->count; i++, to += self->unit) {
    if (locate(step, self, at, from)) {
      ptrdiff_t offset = 0;
      for (int d = 0; d < rank; d++) offset += from[d] * self->stride[d];
      memcpy(to, x + (size_t)offset * self->unit, self->unit);
    } else {
      memset(to, 0, self->unit);
    }
    for (int32_t d = out->rank - 1; d >= 0 && ++at[d] == out->dim[d]; d--) at[d] = 0;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *second = step->node->input_count > 1 ? &step->inputs[1] : NULL;
  OCT_TRY(oct_prepare_moved(context));
  if (second && second->dtype != OCT_I32 && second->dtype != OCT_I64) return oct_prepare_unsupported(context);
  if (step->inputs[0].dtype == OCT_Q8 && step->node->attr.pick.kind == OCT_TRILU) return oct_prepare_unsupported(context);
  pick *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_strides_dense(&step->inputs[0].shape, self->stride);
  if (second) oct_strides_dense(&second->shape, self->index_stride);
  self->unit = oct_dtype_bytes(step->inputs[0].dtype), self->count = oct_shape_count(&step->outputs[0].shape);
  step->state = self;
  step->run = run;
  step->kernel = "pick";
  return OCT_OK;
}

const oct_op_impl oct_op_pick = {infer, prepare};
