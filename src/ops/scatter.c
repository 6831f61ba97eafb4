// SPDX-License-Identifier: MIT
//
// SCATTER: input 0 with the elements that input 1 points at replaced by those of input 2, or joined with them.
//
// Without `nd`, input 1 has input 2's shape and says each element's coordinate along `axis`. With it, the last dimension
// of input 1 holds tuples of leading coordinates, each pointing at a whole slice. An index out of range is brought to
// the nearest element.
#include "ops/elements.h"
#include "ops/moves.h"

#include <string.h>

typedef struct scatter {
  ptrdiff_t stride[OCT_MAX_RANK]; // of the output
  size_t unit;
  size_t places, slice; // indices or tuples; elements each moves
} scatter;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 3, 1));
  oct_scatter_attr *attr = &node->attr.scatter;
  const oct_value *x = oct_input(graph, node, 0), *indices = oct_input(graph, node, 1), *y = oct_input(graph, node, 2);
  const int32_t rank = x->shape.rank, last = indices->shape.rank - 1;
  bool fits;
  if (attr->nd) {
    const int32_t tuple = last >= 0 ? indices->shape.dim[last] : 0;
    fits = tuple >= 1 && tuple <= rank && y->shape.rank == last + rank - tuple;
    for (int i = 0; fits && i < last; i++) fits = y->shape.dim[i] == indices->shape.dim[i];
    for (int i = tuple; fits && i < rank; i++) fits = y->shape.dim[last + i - tuple] == x->shape.dim[i];
  } else {
    OCT_TRY(oct_infer_axis(node, attr->axis, rank, &attr->axis));
    fits = last + 1 == rank && oct_shape_equal(&indices->shape, &y->shape);
    for (int i = 0; fits && i < rank; i++) fits = i == attr->axis || y->shape.dim[i] <= x->shape.dim[i];
  }
  if (!fits || (oct_shape_count(&y->shape) && !oct_shape_count(&x->shape))) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot place '%s' of shape %s by '%s' of %s",
                    node->type, y->name, oct_shape_print(&y->shape, a), indices->name,
                    oct_shape_print(&indices->shape, b));
  }
  return oct_infer_moved(graph, node, 0, x->shape);
}

static int32_t clamp_index(int64_t index, int32_t dim) {
  if (index < 0) index += dim;
  return index < 0 ? 0 : index >= dim ? dim - 1 : (int32_t)index;
}

static double join_reals(oct_scatter_kind kind, double x, double y) {
  switch (kind) {
    case OCT_SCATTER_ADD: return x + y;
    case OCT_SCATTER_MUL: return x * y;
    case OCT_SCATTER_MAX: return y > x ? y : x;
    default: return y < x ? y : x;
  }
}

static int64_t join_ints(oct_scatter_kind kind, int64_t x, int64_t y) {
  switch (kind) {
    case OCT_SCATTER_ADD: return (int64_t)((uint64_t)x + (uint64_t)y);
    case OCT_SCATTER_MUL: return (int64_t)((uint64_t)x * (uint64_t)y);
    case OCT_SCATTER_MAX: return y > x ? y : x;
    default: return y < x ? y : x;
  }
}

/// Puts elements from..from + count of input 2 to the output from element `to` on.
static void put(const oct_step *step, const scatter *self, size_t to, size_t from, size_t count) {
  const oct_tensor *out = &step->outputs[0];
  const char *y = step->inputs[2].data;
  const oct_scatter_kind kind = step->node->attr.scatter.kind;
  if (kind == OCT_SCATTER_REPLACE) {
    memcpy((char *)out->data + to * self->unit, y + from * self->unit, count * self->unit);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (oct_is_float(out->dtype))
      oct_element_set_real(out->data, out->dtype, to + i,
                           join_reals(kind, oct_element_real(out->data, out->dtype, to + i),
                                      oct_element_real(y, out->dtype, from + i)));
    else
      oct_element_set_int(out->data, out->dtype, to + i,
                          join_ints(kind, oct_element_int(out->data, out->dtype, to + i),
                                    oct_element_int(y, out->dtype, from + i)));
  }
}

static void run_nd(const oct_step *step) {
  const scatter *self = step->state;
  const oct_tensor *indices = &step->inputs[1];
  const int32_t tuple = indices->shape.dim[indices->shape.rank - 1];
  for (size_t i = 0; i < self->places; i++) {
    ptrdiff_t to = 0;
    for (int32_t k = 0; k < tuple; k++) {
      int64_t index = oct_element_int(indices->data, indices->dtype, i * (size_t)tuple + (size_t)k);
      to += clamp_index(index, step->outputs[0].shape.dim[k]) * self->stride[k];
    }
    put(step, self, (size_t)to, i * self->slice, self->slice);
  }
}

static void run_elements(const oct_step *step) {
  const scatter *self = step->state;
  const oct_tensor *indices = &step->inputs[1];
  const oct_shape *shape = &indices->shape;
  const int32_t axis = step->node->attr.scatter.axis;
  int32_t at[OCT_MAX_RANK] = {0};
  for (size_t i = 0; i < self->places; i++) {
    ptrdiff_t to = clamp_index(oct_element_int(indices->data, indices->dtype, i), step->outputs[0].shape.dim[axis]) *
                   self->stride[axis];
    for (int d = 0; d < shape->rank; d++)
      if (d != axis) to += at[d] * self->stride[d];
    put(step, self, (size_t)to, i, 1);
    for (int32_t d = shape->rank - 1; d >= 0 && ++at[d] == shape->dim[d]; d--) at[d] = 0;
  }
}

static void run(const oct_step *step) {
  const oct_tensor *x = &step->inputs[0], *out = &step->outputs[0];
  const size_t bytes = oct_shape_count(&x->shape) * oct_dtype_bytes(x->dtype);
  if (bytes && out->data != x->data) memcpy(out->data, x->data, bytes);
  if (step->node->attr.scatter.nd) run_nd(step);
  else run_elements(step);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *indices = &step->inputs[1];
  OCT_TRY(oct_prepare_moved(context));
  const oct_scatter_kind kind = step->node->attr.scatter.kind;
  bool joins = kind == OCT_SCATTER_REPLACE || oct_is_float(x->dtype) || (oct_is_integer(x->dtype) && x->dtype != OCT_U64);
  if (step->inputs[2].dtype != x->dtype || x->dtype == OCT_Q8 || !joins) return oct_prepare_unsupported(context);
  if (indices->dtype != OCT_I32 && indices->dtype != OCT_I64) return oct_prepare_unsupported(context);
  scatter *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_strides_dense(&x->shape, self->stride);
  self->unit = oct_dtype_bytes(x->dtype);
  self->places = oct_shape_count(&indices->shape), self->slice = 1;
  if (step->node->attr.scatter.nd) {
    const int32_t tuple = indices->shape.dim[indices->shape.rank - 1];
    self->places /= (size_t)tuple, self->slice = oct_shape_span(&x->shape, tuple, x->shape.rank);
  }
  step->state = self;
  step->in_place = 0;
  step->run = run;
  step->kernel = "scatter";
  return OCT_OK;
}

const oct_op_impl oct_op_scatter = {infer, prepare};
