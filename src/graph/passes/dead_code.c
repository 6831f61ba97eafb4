// SPDX-License-Identifier: MIT
//
// Drops nodes that nothing reads, last to first, so that a chain of them goes in one pass. A node without outputs writes
// a variable, and stays.
#include "graph/passes/passes.h"

oct_status oct_pass_dead_code(oct_graph *graph) {
  oct_arena work = {0};
  bool *live = oct_arena_alloc(&work, (size_t)graph->value_count);
  bool *keep = oct_arena_alloc(&work, (size_t)graph->node_count);
  if (!live || !keep) {
    oct_arena_free(&work);
    return OCT_OUT_OF_MEMORY;
  }
  for (int32_t i = 0; i < graph->output_count; i++) live[graph->outputs[i]] = true;
  for (int32_t n = graph->node_count; n-- > 0;) {
    const oct_node *node = &graph->nodes[n];
    keep[n] = node->output_count == 0;
    for (int32_t i = 0; i < node->output_count; i++)
      keep[n] |= node->outputs[i] != OCT_NO_VALUE && live[node->outputs[i]];
    for (int32_t i = 0; keep[n] && i < node->input_count; i++)
      if (oct_node_has(node, i)) live[node->inputs[i]] = true;
  }
  int32_t kept = 0;
  for (int32_t n = 0; n < graph->node_count; n++)
    if (keep[n]) graph->nodes[kept++] = graph->nodes[n];
  graph->node_count = kept;
  oct_arena_free(&work);
  return OCT_OK;
}
