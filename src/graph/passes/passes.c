// SPDX-License-Identifier: MIT
//
// The order of the passes. What depends on constants alone happens once, when the model is read; what depends on
// shapes happens in every plan.
#include "graph/passes/passes.h"

/// Bodies are graphs, too.
static oct_status load_bodies(oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++)
    for (int b = 0; b < OCT_MAX_BODIES && graph->nodes[n].bodies[b]; b++)
      OCT_TRY(oct_passes_load(graph->nodes[n].bodies[b]));
  return OCT_OK;
}

oct_status oct_passes_load(oct_graph *graph) {
  OCT_TRY(oct_pass_fold_constants(graph));
  OCT_TRY(load_bodies(graph));
  OCT_TRY(oct_pass_fuse_batch_norm(graph));
  OCT_TRY(oct_pass_fuse_activation(graph));
  OCT_TRY(oct_pass_fold_qdq(graph));
  OCT_TRY(oct_pass_dead_code(graph));
  OCT_TRY(oct_pass_dequantize_constants(graph));
  OCT_TRY(oct_pass_fuse_batch_norm(graph));
  return oct_pass_dead_code(graph);
}

oct_status oct_passes_plan(oct_graph *graph) {
  OCT_TRY(oct_pass_infer_and_fold(graph));
  OCT_TRY(oct_pass_dead_code(graph));
  OCT_TRY(oct_pass_layout(graph));
  OCT_TRY(oct_pass_fuse_tables(graph));
  return oct_pass_dead_code(graph);
}
