// SPDX-License-Identifier: MIT
//
// RESHAPE: the same elements under another shape (Reshape, Flatten, Squeeze, Unsqueeze). Always a view.
#include "ops/moves.h"

static oct_status does_not_fit(const oct_node *node, const oct_value *x, const oct_shape *target) {
  char a[112], b[112];
  return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot give '%s' of shape %s the shape %s",
                  node->type, x->name, oct_shape_print(&x->shape, a), oct_shape_print(target, b));
}

static oct_status reshape_to(const oct_graph *graph, const oct_node *node, const oct_value *x, oct_shape *shape) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  int count, rest = -1;
  OCT_TRY(oct_infer_ints(graph, node, 1, shape->dim, OCT_MAX_RANK, &count));
  shape->rank = count;
  size_t known = 1, total = oct_shape_count(&x->shape), bytes;
  for (int i = 0; i < count; i++) {
    if (shape->dim[i] == 0 && !node->attr.reshape.allow_zero) {
      if (i >= x->shape.rank) return does_not_fit(node, x, shape);
      shape->dim[i] = x->shape.dim[i];
    }
    if (shape->dim[i] == -1 && rest < 0) rest = i;
  }
  oct_shape fixed = *shape;
  if (rest >= 0) fixed.dim[rest] = 1;
  if (!oct_shape_checked_bytes(&fixed, 1, &bytes)) return does_not_fit(node, x, shape);
  known = bytes;
  if (rest >= 0) {
    // A rest beside a dimension of 0 is not determined; 0 is what the runtimes take.
    if (known && total % known) return does_not_fit(node, x, shape);
    shape->dim[rest] = known ? (int32_t)(total / known) : 0;
    known *= (size_t)shape->dim[rest];
  }
  return known == total ? OCT_OK : does_not_fit(node, x, shape);
}

/// The axes as a bit set, resolved against `rank`.
static oct_status axis_set(const oct_graph *graph, oct_node *node, int rank_without, bool grows, uint32_t *set) {
  oct_axes *axes = &node->attr.reshape.axes;
  if (oct_node_has(node, 1)) {
    int count;
    OCT_TRY(oct_infer_ints(graph, node, 1, axes->axis, OCT_MAX_RANK, &count));
    axes->count = count;
  }
  int rank = rank_without + (grows ? axes->count : 0);
  *set = 0;
  if (rank > OCT_MAX_RANK)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fewer dimensions",
                    "%s would give %d dimensions; at most %d are possible", node->type, rank, OCT_MAX_RANK);
  for (int i = 0; i < axes->count; i++) {
    int32_t axis;
    OCT_TRY(oct_infer_axis(node, axes->axis[i], rank, &axis));
    if (*set >> axis & 1)
      return oct_fail(OCT_INVALID_MODEL, "the model file is damaged; export it again", "%s names axis %d twice",
                      node->type, (int)axis);
    *set |= 1u << axis;
  }
  return OCT_OK;
}

static oct_status squeeze(const oct_graph *graph, oct_node *node, const oct_value *x, oct_shape *shape) {
  uint32_t set;
  OCT_TRY(axis_set(graph, node, x->shape.rank, false, &set));
  for (int i = 0; i < x->shape.rank; i++) {
    bool one = x->shape.dim[i] == 1;
    if ((set >> i & 1) && !one) return does_not_fit(node, x, shape);
    if (set ? !(set >> i & 1) : !one) shape->dim[shape->rank++] = x->shape.dim[i];
  }
  return OCT_OK;
}

static oct_status unsqueeze(const oct_graph *graph, oct_node *node, const oct_value *x, oct_shape *shape) {
  uint32_t set;
  OCT_TRY(axis_set(graph, node, x->shape.rank, true, &set));
  int from = 0;
  shape->rank = x->shape.rank + node->attr.reshape.axes.count;
  for (int i = 0; i < shape->rank; i++) shape->dim[i] = set >> i & 1 ? 1 : x->shape.dim[from++];
  return OCT_OK;
}

static oct_status flatten(const oct_node *node, const oct_value *x, oct_shape *shape) {
  int32_t axis = node->attr.reshape.axis, rank = x->shape.rank;
  if (axis != rank) OCT_TRY(oct_infer_axis(node, axis, rank, &axis));
  *shape = oct_shape_of(2, (int)oct_shape_span(&x->shape, 0, axis), (int)oct_shape_span(&x->shape, axis, rank));
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = {0};
  switch (node->attr.reshape.kind) {
    case OCT_FLATTEN_AT: OCT_TRY(flatten(node, x, &shape)); break;
    case OCT_SQUEEZE_AXES: OCT_TRY(squeeze(graph, node, x, &shape)); break;
    case OCT_UNSQUEEZE_AXES: OCT_TRY(unsqueeze(graph, node, x, &shape)); break;
    default: OCT_TRY(reshape_to(graph, node, x, &shape));
  }
  return oct_infer_moved(graph, node, 0, shape);
}

const oct_op_impl oct_op_reshape = {infer, oct_prepare_view};
