// SPDX-License-Identifier: MIT
//
// SLICE: a box cut out of input 0, with a step for each axis; ONNX's Slice, TFLite's SLICE and STRIDED_SLICE.
//
// Starts and ends count from the end where negative and are brought into range, as in Python; infer resolves them to a
// first element and a stride for each axis, which run only follows.
#include "ops/moves.h"

typedef struct cut { // of one axis
  int32_t start, step, size;
  bool shrink; // the dimension is dropped from the output
} cut;

static int64_t clamp_index(int64_t index, int64_t dim, int64_t lo, int64_t hi) {
  if (index < 0) index += dim;
  return index < lo ? lo : index > hi ? hi : index;
}

/// One axis; `entry` is its place in the lists, which the masks count by.
static oct_status cut_axis(const oct_node *node, int entry, int32_t dim, int32_t start, int32_t end, int32_t step,
                           cut *out) {
  const oct_slice_attr *attr = &node->attr.slice;
  int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? dim : dim - 1;
  bool from_edge = attr->begin_mask >> entry & 1, to_edge = attr->end_mask >> entry & 1;
  if (attr->shrink_mask >> entry & 1) {
    int64_t at = from_edge ? 0 : start < 0 ? (int64_t)start + dim : start;
    if (at < 0 || at >= dim)
      return oct_fail(OCT_INVALID_SHAPE, "use a larger input", "%s takes element %d of %d", node->type, (int)start,
                      (int)dim);
    *out = (cut){.start = (int32_t)at, .step = 1, .size = 1, .shrink = true};
    return OCT_OK;
  }
  if (step == 0 || step == INT32_MIN)
    return oct_fail(OCT_INVALID_MODEL, "the model file is damaged; export it again", "%s has step %d", node->type,
                    (int)step);
  int64_t first = from_edge ? (step > 0 ? 0 : dim - 1) : clamp_index(start, dim, 0, hi);
  int64_t last = to_edge ? (step > 0 ? dim : -1) : clamp_index(end, dim, lo, hi);
  if (attr->ends_are_sizes) last = end == -1 ? dim : first + end > dim ? dim : first + end;
  int64_t span = dim == 0 ? 0 : step > 0 ? last - first : first - last, stride = step > 0 ? step : -(int64_t)step;
  *out = (cut){.start = (int32_t)first, .step = step, .size = span <= 0 ? 0 : (int32_t)((span + stride - 1) / stride)};
  if (out->size == 0) out->start = 0;
  return OCT_OK;
}

/// Reads the lists (constants) into one cut an axis. Inputs' data are read through `values`.
static oct_status resolve(const oct_graph *graph, const oct_node *node, const oct_shape *x, cut cuts[OCT_MAX_RANK]) {
  int32_t starts[OCT_MAX_RANK], ends[OCT_MAX_RANK], axes[OCT_MAX_RANK], steps[OCT_MAX_RANK];
  int count, end_count, axis_count, step_count;
  OCT_TRY(oct_infer_ints(graph, node, 1, starts, OCT_MAX_RANK, &count));
  OCT_TRY(oct_infer_ints(graph, node, 2, ends, OCT_MAX_RANK, &end_count));
  axis_count = step_count = count;
  for (int i = 0; i < OCT_MAX_RANK; i++) axes[i] = i, steps[i] = 1;
  if (oct_node_has(node, 3)) OCT_TRY(oct_infer_ints(graph, node, 3, axes, OCT_MAX_RANK, &axis_count));
  if (oct_node_has(node, 4)) OCT_TRY(oct_infer_ints(graph, node, 4, steps, OCT_MAX_RANK, &step_count));
  if (end_count != count || axis_count != count || step_count != count || count > x->rank)
    return oct_fail(OCT_INVALID_MODEL, "the model file is damaged; export it again",
                    "%s has lists of %d starts, %d ends, %d axes and %d steps for %d dimensions", node->type, count,
                    end_count, axis_count, step_count, (int)x->rank);
  for (int i = 0; i < x->rank; i++) cuts[i] = (cut){.start = 0, .step = 1, .size = x->dim[i]};
  for (int i = 0; i < count; i++) {
    int32_t axis;
    OCT_TRY(oct_infer_axis(node, axes[i], x->rank, &axis));
    OCT_TRY(cut_axis(node, i, x->dim[axis], starts[i], ends[i], steps[i], &cuts[axis]));
  }
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 5, 1));
  const oct_shape x = oct_input(graph, node, 0)->shape;
  cut cuts[OCT_MAX_RANK];
  OCT_TRY(resolve(graph, node, &x, cuts));
  oct_shape shape = {0};
  for (int i = 0; i < x.rank; i++)
    if (!cuts[i].shrink) shape.dim[shape.rank++] = cuts[i].size;
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) { oct_strided_copy(step->state, step->inputs[0].data, step->outputs[0].data); }

/// A constant list as resolve wants to see it, out of the step's tensors.
static oct_status resolve_step(const oct_step *step, cut cuts[OCT_MAX_RANK]) {
  oct_value values[5];
  oct_value_id ids[5];
  oct_node node = *step->node;
  node.inputs = ids;
  for (int i = 0; i < node.input_count; i++) {
    ids[i] = step->node->inputs[i] == OCT_NO_VALUE ? OCT_NO_VALUE : i;
    values[i] = (oct_value){.name = step->node->name, .dtype = step->inputs[i].dtype, .shape = step->inputs[i].shape,
                            .data = step->inputs[i].data};
  }
  return resolve(&(oct_graph){.values = values}, &node, &step->inputs[0].shape, cuts);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  OCT_TRY(oct_prepare_moved(context));
  const oct_shape *in = &step->inputs[0].shape;
  cut cuts[OCT_MAX_RANK];
  OCT_TRY(resolve_step(step, cuts));
  oct_strided *box = oct_plan_alloc(context, sizeof *box);
  if (!box) return OCT_OUT_OF_MEMORY;
  ptrdiff_t stride[OCT_MAX_RANK], to = 1;
  oct_strides_dense(in, stride);
  box->rank = in->rank, box->unit = oct_dtype_bytes(step->inputs[0].dtype);
  for (int i = in->rank - 1; i >= 0; i--) {
    box->dim[i] = cuts[i].size;
    box->from_stride[i] = stride[i] * cuts[i].step;
    box->from += stride[i] * cuts[i].start;
    box->to_stride[i] = to;
    to *= cuts[i].size;
  }
  oct_strided_simplify(box);
  if (box->rank == 0) { // one piece of memory
    step->view_offset = (size_t)box->from;
    return oct_prepare_view(context);
  }
  step->state = box;
  step->run = run;
  step->kernel = "slice";
  return OCT_OK;
}

const oct_op_impl oct_op_slice = {infer, prepare};
