// SPDX-License-Identifier: MIT
//
// DEPTH_TO_SPACE: channels become blocks of pixels, or (`inverse`) the way back: a transposition of six dimensions.
// Channels stand behind the block's rows and columns (`column_row_depth`: before them).
#include "ops/moves.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_depth_to_space_attr *attr = &node->attr.depth_to_space;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = x->shape;
  const int64_t block = attr->block;
  const int height = attr->layout == OCT_NCHW ? 2 : 1, channel = attr->layout == OCT_NCHW ? 1 : 3;
  bool fits = shape.rank == 4 && block >= 1 && block <= 4096;
  if (fits && attr->inverse) {
    fits = shape.dim[height] % block == 0 && shape.dim[height + 1] % block == 0;
    fits = fits && shape.dim[channel] * block * block <= INT32_MAX;
    shape.dim[height] /= (int32_t)block, shape.dim[height + 1] /= (int32_t)block;
    shape.dim[channel] = (int32_t)(shape.dim[channel] * block * block);
  } else if (fits) {
    fits = shape.dim[channel] % (block * block) == 0;
    fits = fits && shape.dim[height] * block <= INT32_MAX && shape.dim[height + 1] * block <= INT32_MAX;
    shape.dim[height] = (int32_t)(shape.dim[height] * block), shape.dim[height + 1] = (int32_t)(shape.dim[height + 1] * block);
    shape.dim[channel] /= (int32_t)(block * block);
  }
  if (!fits) {
    char text[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s of '%s' of shape %s by blocks of %d",
                    node->type, x->name, oct_shape_print(&x->shape, text), (int)block);
  }
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) { oct_strided_copy(step->state, step->inputs[0].data, step->outputs[0].data); }

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_depth_to_space_attr *attr = &step->node->attr.depth_to_space;
  OCT_TRY(oct_prepare_moved(context));
  oct_strided *box = oct_plan_alloc(context, sizeof *box);
  if (!box) return OCT_OUT_OF_MEMORY;
  // `deep` has the channels, `wide` the pixels; both NHWC. The box is n, h, block row, w, block column, c.
  const oct_shape *deep = &step->inputs[0].shape, *wide = &step->outputs[0].shape;
  if (attr->inverse) deep = &step->outputs[0].shape, wide = &step->inputs[0].shape;
  const ptrdiff_t block = attr->block, channels = wide->dim[3], columns = wide->dim[2], all = deep->dim[3];
  const ptrdiff_t pixel = attr->column_row_depth ? block * block : 1, inner = attr->column_row_depth ? 1 : channels;
  const int32_t dims[6] = {deep->dim[0], deep->dim[1], attr->block, deep->dim[2], attr->block, wide->dim[3]};
  const ptrdiff_t from[6] = {deep->dim[1] * deep->dim[2] * all, deep->dim[2] * all, block * inner, all, inner, pixel};
  const ptrdiff_t to[6] = {wide->dim[1] * columns * channels, block * columns * channels, columns * channels,
                           block * channels, channels, 1};
  *box = (oct_strided){.rank = 6, .unit = oct_dtype_bytes(step->inputs[0].dtype)};
  for (int i = 0; i < 6; i++) {
    box->dim[i] = dims[i];
    box->from_stride[i] = attr->inverse ? to[i] : from[i];
    box->to_stride[i] = attr->inverse ? from[i] : to[i];
  }
  oct_strided_simplify(box);
  step->state = box;
  step->run = run;
  step->kernel = "depth_to_space";
  return OCT_OK;
}

const oct_op_impl oct_op_depth_to_space = {infer, prepare};
