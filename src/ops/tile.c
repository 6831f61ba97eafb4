// SPDX-License-Identifier: MIT
//
// TILE: input 0, repeated along each dimension as often as input 1 (constant) says.
//
// The input is copied to the corner; then, from the innermost dimension out, what is there is copied on.
#include "ops/moves.h"

#include <string.h>

typedef struct tile {
  oct_strided corner;
  size_t unit;
} tile;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  oct_shape shape = oct_input(graph, node, 0)->shape;
  int32_t repeats[OCT_MAX_RANK];
  int count;
  OCT_TRY(oct_infer_ints(graph, node, 1, repeats, OCT_MAX_RANK, &count));
  bool fits = count == shape.rank;
  for (int i = 0; fits && i < count; i++) {
    int64_t size = (int64_t)shape.dim[i] * repeats[i];
    fits = repeats[i] >= 0 && size <= INT32_MAX;
    shape.dim[i] = (int32_t)size;
  }
  if (!fits)
    return oct_fail(OCT_INVALID_SHAPE, "give one number, 0 or more, a dimension",
                    "%s of %d dimensions has %d repeats, or one that is negative or too large", node->type,
                    (int)shape.rank, count);
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) {
  const tile *self = step->state;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  if (!oct_shape_count(out)) return;
  oct_strided_copy(&self->corner, step->inputs[0].data, step->outputs[0].data);
  for (int axis = out->rank - 1; axis >= 0; axis--) {
    const size_t row = oct_shape_span(out, axis + 1, out->rank) * self->unit;
    const size_t whole = row * (size_t)out->dim[axis], once = row * (size_t)in->dim[axis];
    // Only the rows that the input has are there yet in the outer dimensions.
    int32_t at[OCT_MAX_RANK] = {0};
    for (bool more = true; more;) {
      size_t place = 0;
      for (int i = 0; i < axis; i++) place = place * (size_t)out->dim[i] + (size_t)at[i];
      char *to = (char *)step->outputs[0].data + place * whole;
      for (size_t done = once; done < whole; done += once) memcpy(to + done, to, once);
      more = false;
      for (int i = axis - 1; i >= 0 && !more; i--) {
        more = ++at[i] < in->dim[i];
        if (!more) at[i] = 0;
      }
    }
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  OCT_TRY(oct_prepare_moved(context));
  tile *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  const oct_shape *in = &step->inputs[0].shape;
  self->unit = oct_dtype_bytes(step->inputs[0].dtype);
  self->corner = (oct_strided){.rank = in->rank, .unit = self->unit};
  memcpy(self->corner.dim, in->dim, sizeof self->corner.dim);
  oct_strides_dense(in, self->corner.from_stride);
  oct_strides_dense(&step->outputs[0].shape, self->corner.to_stride);
  oct_strided_simplify(&self->corner);
  step->state = self;
  step->run = run;
  step->kernel = "tile";
  return OCT_OK;
}

const oct_op_impl oct_op_tile = {infer, prepare};
