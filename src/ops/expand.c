// SPDX-License-Identifier: MIT
//
// EXPAND: broadcasts input 0 to the shape in input 1 (constant); either side's dimensions of 1 stretch.
#include "ops/moves.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape target = {0}, shape;
  int count;
  OCT_TRY(oct_infer_ints(graph, node, 1, target.dim, OCT_MAX_RANK, &count));
  target.rank = count;
  for (int i = 0; i < count; i++) {
    // TFLite's BROADCAST_TO and some exporters write -1 for "as it is".
    int from = i - (count - x->shape.rank);
    if (target.dim[i] == -1) target.dim[i] = from < 0 ? 1 : x->shape.dim[from];
  }
  if (!oct_shape_is_static(&target) || !oct_shape_broadcast(&x->shape, &target, &shape)) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot stretch '%s' of shape %s to %s",
                    node->type, x->name, oct_shape_print(&x->shape, a), oct_shape_print(&target, b));
  }
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) { oct_strided_copy(step->state, step->inputs[0].data, step->outputs[0].data); }

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  OCT_TRY(oct_prepare_moved(context));
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  if (oct_shape_count(in) == oct_shape_count(out)) return oct_prepare_view(context);
  oct_strided *box = oct_plan_alloc(context, sizeof *box);
  if (!box) return OCT_OUT_OF_MEMORY;
  ptrdiff_t stride[OCT_MAX_RANK];
  oct_strides_dense(in, stride);
  oct_strides_dense(out, box->to_stride);
  box->rank = out->rank, box->unit = oct_dtype_bytes(step->inputs[0].dtype);
  for (int i = 0; i < out->rank; i++) {
    int from = i - (out->rank - in->rank);
    box->dim[i] = out->dim[i];
    box->from_stride[i] = from < 0 || in->dim[from] == 1 ? 0 : stride[from];
  }
  oct_strided_simplify(box);
  step->state = box;
  step->run = run;
  step->kernel = "expand";
  return OCT_OK;
}

const oct_op_impl oct_op_expand = {infer, prepare};
