// SPDX-License-Identifier: MIT
//
// SPLIT: cuts input 0 along an axis into as many parts as there are outputs, of the sizes in input 1 (constant) or,
// without it, equal ones (the last one smaller where they do not divide).
#include "ops/moves.h"

#include <string.h>

static oct_status part_sizes(const oct_graph *graph, const oct_node *node, int32_t total, int32_t *sizes) {
  int32_t parts = node->output_count;
  int64_t sum = 0;
  if (oct_node_has(node, 1)) {
    int count;
    OCT_TRY(oct_infer_ints(graph, node, 1, sizes, OCT_MAX_INPUTS, &count));
    int rest = -1;
    if (count == parts)
      for (int i = 0; i < count; i++) {
        if (sizes[i] == -1 && rest < 0) rest = i; // TFLite SPLIT_V: one size may be "the rest"
        else if (sizes[i] < 0) sum = INT64_MIN / 2;
        else sum += sizes[i];
      }
    if (rest >= 0 && sum >= 0 && sum <= total) sizes[rest] = total - (int32_t)sum, sum = total;
    if (count != parts) sum = -1;
  } else {
    int32_t each = (int32_t)(((int64_t)total + parts - 1) / parts);
    for (int i = 0; i < parts; i++) {
      sizes[i] = total - (int32_t)sum < each ? total - (int32_t)sum : each;
      sum += sizes[i];
    }
  }
  if (sum != total)
    return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; export it again",
                    "%s cuts %d elements into %d parts whose sizes do not add up to that", node->type, (int)total,
                    (int)parts);
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, node->output_count));
  if (node->output_count < 1 || node->output_count > OCT_MAX_INPUTS)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "cut in two steps", "%s has %d outputs; 1 to %d are possible", node->type,
                    (int)node->output_count, OCT_MAX_INPUTS);
  const oct_shape x = oct_input(graph, node, 0)->shape;
  int32_t *axis = &node->attr.split.axis, sizes[OCT_MAX_INPUTS];
  OCT_TRY(oct_infer_axis(node, *axis, x.rank, axis));
  OCT_TRY(part_sizes(graph, node, x.dim[*axis], sizes));
  for (int i = 0; i < node->output_count; i++) {
    oct_shape shape = x;
    shape.dim[*axis] = sizes[i];
    OCT_TRY(oct_infer_moved(graph, node, i, shape));
  }
  return OCT_OK;
}

typedef struct split {
  size_t outer, row_bytes; // row: everything from the axis inwards
  size_t part_bytes[];     // of a row, per output
} split;

static void run(const oct_step *step) {
  const split *self = step->state;
  const char *from = step->inputs[0].data;
  for (int i = 0; i < step->node->output_count; i++) {
    size_t bytes = self->part_bytes[i];
    char *to = step->outputs[i].data;
    for (size_t row = 0; bytes && row < self->outer; row++)
      memcpy(to + row * bytes, from + row * self->row_bytes, bytes);
    from += bytes;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  OCT_TRY(oct_prepare_moved(context));
  const oct_tensor *x = &step->inputs[0];
  int32_t axis = step->node->attr.split.axis, parts = step->node->output_count;
  if (oct_shape_span(&x->shape, 0, axis) == 1) return oct_prepare_view(context);
  split *self = oct_plan_alloc(context, sizeof *self + (size_t)parts * sizeof self->part_bytes[0]);
  if (!self) return OCT_OUT_OF_MEMORY;
  size_t inner = oct_shape_span(&x->shape, axis + 1, x->shape.rank) * oct_dtype_bytes(x->dtype);
  self->outer = oct_shape_span(&x->shape, 0, axis);
  self->row_bytes = inner * (size_t)x->shape.dim[axis];
  for (int i = 0; i < parts; i++) self->part_bytes[i] = inner * (size_t)step->outputs[i].shape.dim[axis];
  step->state = self;
  step->run = run;
  step->kernel = "split";
  return OCT_OK;
}

const oct_op_impl oct_op_split = {infer, prepare};
