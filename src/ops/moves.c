// SPDX-License-Identifier: MIT
//
// Shared by the operators that only move elements. See moves.h.
#include "ops/moves.h"

oct_status oct_infer_moved(oct_graph *graph, oct_node *node, int index, oct_shape shape) {
  const oct_value *x = oct_input(graph, node, 0);
  oct_value *out = oct_output(graph, node, index);
  if (!out->quant && (out->dtype == OCT_NONE || out->dtype == x->dtype)) out->quant = x->quant;
  return oct_infer_output(graph, node, index, x->dtype, shape);
}

oct_status oct_prepare_moved(const oct_prepare *context) {
  const oct_step *step = context->step;
  for (int i = 0; i < step->node->output_count; i++)
    if (step->node->outputs[i] != OCT_NO_VALUE && step->outputs[i].dtype != step->inputs[0].dtype)
      return oct_prepare_unsupported(context);
  return OCT_OK;
}

oct_status oct_prepare_view(oct_prepare *context) {
  OCT_TRY(oct_prepare_moved(context));
  context->step->view = true;
  context->step->kernel = "view";
  return OCT_OK;
}
