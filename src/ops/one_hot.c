// SPDX-License-Identifier: MIT
//
// ONE_HOT: a new axis of `depth` (input 1, constant) elements, all "off" but the one that the index in input 0 names.
// Input 2 holds "off" and "on" (ONNX), or "on", and input 3 "off" (TFLite). Negative indices count from the end (not in
// TFLite); one outside names nothing.
#include "ops/elements.h"
#include "ops/op.h"

#include <math.h>
#include <string.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 4, 1));
  const oct_value *indices = oct_input(graph, node, 0), *values = oct_input(graph, node, 2);
  int32_t *axis = &node->attr.one_hot.axis, depth[1];
  int count;
  oct_shape shape = {.rank = indices->shape.rank + 1};
  OCT_TRY(oct_infer_ints(graph, node, 1, depth, 1, &count));
  if (shape.rank > OCT_MAX_RANK || !count || depth[0] < 0)
    return oct_fail(OCT_INVALID_SHAPE, "use fewer dimensions and a depth of 0 or more",
                    "%s to a depth of %d with %d dimensions", node->type, count ? (int)depth[0] : -1, (int)shape.rank);
  OCT_TRY(oct_infer_axis(node, *axis, shape.rank, axis));
  const size_t wanted = oct_node_has(node, 3) ? 1 : 2;
  if (oct_shape_count(&values->shape) != wanted || (wanted == 1 && oct_shape_count(&oct_input(graph, node, 3)->shape) != 1))
    return oct_fail(OCT_INVALID_SHAPE, "give one value for off and one for on", "%s has %zu values", node->type,
                    oct_shape_count(&values->shape));
  for (int i = 0; i < shape.rank; i++)
    shape.dim[i] = i == *axis ? depth[0] : indices->shape.dim[i < *axis ? i : i - 1];
  return oct_infer_output(graph, node, 0, values->dtype, shape);
}

static void run(const oct_step *step) {
  const oct_tensor *indices = &step->inputs[0], *out = &step->outputs[0];
  const int32_t axis = step->node->attr.one_hot.axis;
  const size_t unit = oct_dtype_bytes(out->dtype), inner = oct_shape_span(&out->shape, axis + 1, out->shape.rank);
  const bool apart = oct_node_has(step->node, 3);
  const char *on = (const char *)step->inputs[2].data + (apart ? 0 : unit);
  const char *off = apart ? step->inputs[3].data : step->inputs[2].data;
  const int32_t depth = out->shape.dim[axis];
  const size_t count = oct_shape_count(&indices->shape);
  oct_fill(out->data, oct_shape_count(&out->shape), off, unit);
  for (size_t i = 0; i < count; i++) {
    const double index = oct_element_real(indices->data, indices->dtype, i);
    const double named = index < 0 && !apart ? index + depth : index;
    if (!(named >= 0 && named < depth) || named != floor(named)) continue;
    memcpy((char *)out->data + ((i / inner * (size_t)depth + (size_t)named) * inner + i % inner) * unit, on, unit);
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_dtype dtype = step->outputs[0].dtype;
  const bool apart = oct_node_has(step->node, 3);
  if (step->inputs[2].dtype != dtype || dtype == OCT_Q8 || step->inputs[0].dtype == OCT_Q8 ||
      (apart && step->inputs[3].dtype != dtype))
    return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "one_hot";
  return OCT_OK;
}

const oct_op_impl oct_op_one_hot = {infer, prepare};
