// SPDX-License-Identifier: MIT
//
// TRANSPOSE: dimensions in another order. Output dimension i is input dimension perm[i].
#include "ops/moves.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_transpose_attr *attr = &node->attr.transpose;
  int rank = x->shape.rank;
  if (oct_node_has(node, 1)) {
    int count;
    OCT_TRY(oct_infer_ints(graph, node, 1, attr->perm, OCT_MAX_RANK, &count));
    attr->count = count;
  }
  if (attr->count == 0) {
    for (int i = 0; i < rank; i++) attr->perm[i] = rank - 1 - i;
    attr->count = rank;
  }
  oct_shape shape = {.rank = rank};
  uint32_t seen = 0;
  for (int i = 0; i < attr->count && attr->count == rank; i++) {
    OCT_TRY(oct_infer_axis(node, attr->perm[i], rank, &attr->perm[i]));
    seen |= 1u << attr->perm[i];
    shape.dim[i] = x->shape.dim[attr->perm[i]];
  }
  if (attr->count != rank || seen != (1u << rank) - 1)
    return oct_fail(OCT_INVALID_MODEL, "the model file is damaged; export it again",
                    "%s of '%s' needs a permutation of its %d dimensions", node->type, x->name, rank);
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) { oct_strided_copy(step->state, step->inputs[0].data, step->outputs[0].data); }

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  OCT_TRY(oct_prepare_moved(context));
  oct_strided *box = oct_plan_alloc(context, sizeof *box);
  if (!box) return OCT_OUT_OF_MEMORY;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  ptrdiff_t stride[OCT_MAX_RANK];
  oct_strides_dense(in, stride);
  oct_strides_dense(out, box->to_stride);
  box->rank = out->rank, box->unit = oct_dtype_bytes(step->inputs[0].dtype);
  for (int i = 0; i < out->rank; i++) {
    box->dim[i] = out->dim[i];
    box->from_stride[i] = stride[step->node->attr.transpose.perm[i]];
  }
  oct_strided_simplify(box);
  if (box->rank == 0) {
    step->view = true; // only dimensions of 1 moved
    step->kernel = "view";
    return OCT_OK;
  }
  step->state = box;
  step->run = run;
  step->kernel = "transpose";
  return OCT_OK;
}

const oct_op_impl oct_op_transpose = {infer, prepare};
