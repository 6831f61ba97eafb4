// SPDX-License-Identifier: MIT
//
// ARG_MAX (and the minimum): the index of the largest element along an axis, of equals the first or last. Order survives quantization, so
// bytes are compared as they are.
#include "ops/op.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, 1));
  oct_arg_max_attr *attr = &node->attr.arg_max;
  oct_shape shape = oct_input(graph, node, 0)->shape;
  if (oct_node_has(node, 1)) {
    int count;
    int32_t axis[1];
    OCT_TRY(oct_infer_ints(graph, node, 1, axis, 1, &count));
    if (count) attr->axis = axis[0];
  }
  OCT_TRY(oct_infer_axis(node, attr->axis, shape.rank, &attr->axis));
  if (shape.dim[attr->axis] == 0)
    return oct_fail(OCT_INVALID_SHAPE, "use a larger input", "%s looks along axis %d, which is empty", node->type,
                    (int)attr->axis);
  shape.dim[attr->axis] = 1;
  if (!attr->keep_dims) {
    for (int i = attr->axis; i + 1 < shape.rank; i++) shape.dim[i] = shape.dim[i + 1];
    shape.dim[--shape.rank] = 0;
  }
  return oct_infer_output(graph, node, 0, attr->to, shape);
}

static void put(const oct_tensor *out, size_t at, int32_t index) {
  if (out->dtype == OCT_I64) ((int64_t *)out->data)[at] = index;
  else ((int32_t *)out->data)[at] = index;
}

/// Defines `name`(step): the search over elements of `type`.
#define SEARCH(name, type)                                                                                             \
  static void name(const oct_step *step) {                                                                             \
    const oct_arg_max_attr *attr = &step->node->attr.arg_max;                                                          \
    const oct_shape *shape = &step->inputs[0].shape;                                                                   \
    size_t outer = oct_shape_span(shape, 0, attr->axis), inner = oct_shape_span(shape, attr->axis + 1, shape->rank);   \
    size_t count = (size_t)shape->dim[attr->axis];                                                                     \
    const type *from = step->inputs[0].data;                                                                           \
    for (size_t o = 0; o < outer; o++, from += count * inner)                                                          \
      for (size_t i = 0; i < inner; i++) {                                                                             \
        const type *at = from + i;                                                                                     \
        type best = *at;                                                                                               \
        int32_t index = 0;                                                                                             \
        for (size_t k = 1; k < count; k++) {                                                                           \
          at += inner;                                                                                                 \
          if ((attr->minimum ? *at < best : *at > best) || (attr->last && *at == best)) best = *at, index = (int32_t)k;  \
        }                                                                                                              \
        put(&step->outputs[0], o * inner + i, index);                                                                  \
      }                                                                                                                \
  }
SEARCH(run_f32, float)
SEARCH(run_q8, oct_act)
SEARCH(run_i8, int8_t)
SEARCH(run_u8, uint8_t)
SEARCH(run_i32, int32_t)
SEARCH(run_i64, int64_t)

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  oct_dtype to = step->outputs[0].dtype;
  if (to != OCT_I64 && to != OCT_I32) return oct_prepare_unsupported(context);
  switch (step->inputs[0].dtype) {
    case OCT_F32: step->run = run_f32; break;
    case OCT_Q8: step->run = run_q8; break;
    case OCT_I8: step->run = run_i8; break;
    case OCT_U8: step->run = run_u8; break;
    case OCT_I32: step->run = run_i32; break;
    case OCT_I64: step->run = run_i64; break;
    default: return oct_prepare_unsupported(context);
  }
  step->kernel = "arg_max";
  return OCT_OK;
}

const oct_op_impl oct_op_arg_max = {infer, prepare};
