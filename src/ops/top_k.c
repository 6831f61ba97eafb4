// SPDX-License-Identifier: MIT
//
// TOP_K: the k largest (or smallest) elements along an axis, the first of equals first, and their indices (output 1).
// k is input 1, constant.
//
// A list of the best so far is kept in order; a new element sinks to its place. q8 is compared as bytes.
#include "ops/elements.h"
#include "ops/op.h"

#include <string.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  oct_top_k_attr *attr = &node->attr.top_k;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = x->shape;
  int32_t k[1];
  int count;
  OCT_TRY(oct_infer_axis(node, attr->axis, shape.rank, &attr->axis));
  OCT_TRY(oct_infer_ints(graph, node, 1, k, 1, &count));
  if (!count || k[0] < 0 || k[0] > shape.dim[attr->axis])
    return oct_fail(OCT_INVALID_SHAPE, "ask for no more elements than there are", "%s asks for %d of %d elements",
                    node->type, count ? (int)k[0] : -1, (int)shape.dim[attr->axis]);
  shape.dim[attr->axis] = k[0];
  oct_value *out = oct_output(graph, node, 0);
  if (!out->quant && (out->dtype == OCT_NONE || out->dtype == x->dtype)) out->quant = x->quant;
  OCT_TRY(oct_infer_output(graph, node, 0, x->dtype, shape));
  if (node->output_count < 2 || node->outputs[1] == OCT_NO_VALUE) return OCT_OK;
  return oct_infer_output(graph, node, 1, attr->to, shape);
}

/// Defines `name`(step): the search over elements of `type`.
#define SEARCH(name, type)                                                                                             \
  static void name(const oct_step *step) {                                                                             \
    const oct_top_k_attr *attr = &step->node->attr.top_k;                                                              \
    const oct_shape *shape = &step->inputs[0].shape;                                                                   \
    const oct_tensor *places = step->node->output_count > 1 ? &step->outputs[1] : NULL;                                \
    size_t outer = oct_shape_span(shape, 0, attr->axis), inner = oct_shape_span(shape, attr->axis + 1, shape->rank);   \
    int32_t count = shape->dim[attr->axis], k = step->outputs[0].shape.dim[attr->axis], *best = step->scratch;         \
    const type *from = step->inputs[0].data;                                                                           \
    type *to = step->outputs[0].data;                                                                                  \
    for (size_t o = 0; o < outer; o++, from += (size_t)count * inner)                                                  \
      for (size_t i = 0; i < inner; i++) {                                                                             \
        for (int32_t n = 0; n < count; n++) {                                                                          \
          const type x = from[(size_t)n * inner + i];                                                                  \
          int32_t at = n < k ? n : k;                                                                                  \
          for (; at > 0; at--) {                                                                                       \
            const type other = from[(size_t)best[at - 1] * inner + i];                                                 \
            if (attr->smallest ? !(x < other) : !(x > other)) break;                                                   \
            if (at < k) best[at] = best[at - 1];                                                                       \
          }                                                                                                            \
          if (at < k) best[at] = n;                                                                                    \
        }                                                                                                              \
        for (int32_t n = 0; n < k; n++) {                                                                              \
          size_t place = (o * (size_t)k + (size_t)n) * inner + i;                                                      \
          to[place] = from[(size_t)best[n] * inner + i];                                                               \
          if (places && places->data) oct_element_set_int(places->data, places->dtype, place, best[n]);                \
        }                                                                                                              \
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
  static void (*const runs[OCT_DTYPE_COUNT])(const oct_step *) = {
      [OCT_F32] = run_f32, [OCT_Q8] = run_q8, [OCT_I8] = run_i8, [OCT_U8] = run_u8, [OCT_I32] = run_i32, [OCT_I64] = run_i64,
  };
  const oct_tensor *x = &step->inputs[0], *out = &step->outputs[0];
  const bool indexed = step->node->output_count > 1 && step->node->outputs[1] != OCT_NO_VALUE;
  if (!runs[x->dtype] || out->dtype != x->dtype) return oct_prepare_unsupported(context);
  if (indexed && step->outputs[1].dtype != OCT_I64 && step->outputs[1].dtype != OCT_I32)
    return oct_prepare_unsupported(context);
  step->scratch_bytes = (size_t)out->shape.dim[step->node->attr.top_k.axis] * sizeof(int32_t);
  step->run = runs[x->dtype];
  step->kernel = "top_k";
  return OCT_OK;
}

const oct_op_impl oct_op_top_k = {infer, prepare};
