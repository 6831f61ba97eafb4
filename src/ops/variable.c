// SPDX-License-Identifier: MIT
//
// VARIABLE: with an output, what the variable (input 0, an external of the graph) holds now; without one, puts input 1
// there. Nodes run in the file's order, and a value that was read is a copy, so that a later assignment leaves it alone.
#include <string.h>

#include "ops/op.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  const bool assigns = node->output_count == 0;
  OCT_TRY(oct_infer_counts(node, assigns ? 2 : 1, assigns ? 2 : 1, 0));
  const oct_value *variable = oct_input(graph, node, 0);
  if (!assigns) return oct_infer_output(graph, node, 0, variable->dtype, variable->shape);
  const oct_value *given = oct_input(graph, node, 1);
  char wanted[112], got[112];
  if (given->dtype == variable->dtype && oct_shape_equal(&given->shape, &variable->shape)) return OCT_OK;
  return oct_fail(OCT_INVALID_SHAPE, "keep the shapes that the model was converted for",
                  "%s assigns %s %s to the variable '%s' of %s %s", node->type, oct_dtype_name(given->dtype),
                  oct_shape_print(&given->shape, got), variable->name, oct_dtype_name(variable->dtype),
                  oct_shape_print(&variable->shape, wanted));
}

static void read(const oct_step *step) {
  memcpy(step->outputs[0].data, step->inputs[0].data, oct_tensor_bytes(&step->outputs[0]));
}

static void assign(const oct_step *step) {
  memcpy(step->inputs[0].data, step->inputs[1].data, oct_tensor_bytes(&step->inputs[0]));
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  step->run = step->node->output_count ? read : assign;
  step->kernel = step->node->output_count ? "read" : "assign";
  return OCT_OK;
}

const oct_op_impl oct_op_variable = {infer, prepare};
