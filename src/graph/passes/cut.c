// SPDX-License-Identifier: MIT
//
// Graphs cut into stages: see cut.h.
#include "graph/passes/cut.h"

#include "ops/op.h"

#include <string.h>

/// Whether the elements of input `index` decide shapes: the condition of an If does, by what its branches give.
static bool decides(const oct_node *node, int index) {
  return node->op == OCT_OP_IF ? index == 0 : oct_operator_reads(node->op, index);
}

bool oct_node_lacks_data(const oct_graph *graph, const oct_node *node) {
  for (int32_t i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i) && decides(node, i) && !graph->values[node->inputs[i]].data) return true;
  return false;
}

oct_status oct_graph_put_off(oct_graph *graph, const oct_node *node, oct_graph *rest) {
  for (int32_t i = 0; i < node->output_count; i++) {
    if (node->outputs[i] == OCT_NO_VALUE) continue;
    oct_shape *shape = &graph->values[node->outputs[i]].shape;
    if (oct_shape_is_static(shape)) shape->rank = -1; // what the file says is not what it will be
  }
  return oct_graph_append_node(rest, node);
}

enum { MADE = 1, READ = 2, DECIDES = 4 }; // by nodes of the rest

static void mark(const oct_graph *rest, uint8_t *marks) {
  for (int32_t n = 0; n < rest->node_count; n++) {
    const oct_node *node = &rest->nodes[n];
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i)) marks[node->inputs[i]] |= decides(node, i) ? READ | DECIDES : READ;
    for (int32_t i = 0; i < node->output_count; i++)
      if (node->outputs[i] != OCT_NO_VALUE) marks[node->outputs[i]] |= MADE;
  }
  for (int32_t i = 0; i < rest->output_count; i++) marks[rest->outputs[i]] |= READ;
}

/// Shares out the values that the rest reads and nobody in it makes, those that decide shapes first.
static oct_status set_ends(oct_graph *graph, oct_graph *rest, const uint8_t *marks) {
  oct_value_id *ends = graph->outputs = rest->inputs;
  int32_t count = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t v = 0; v < graph->value_count; v++) {
      const oct_value *value = &graph->values[v];
      const uint8_t wanted = pass ? READ : READ | DECIDES;
      if (marks[v] != wanted || value->data) continue;
      if (!oct_shape_is_static(&value->shape))
        return oct_fail(OCT_INVALID_MODEL, "export the model again with its shapes inferred",
                        "nothing computes '%s', which is read", value->name);
      if (pass) OCT_TRY(oct_graph_add_external(rest, v, OCT_NO_VALUE));
      ends[count++] = v;
    }
    if (!pass) rest->input_count = count;
  }
  graph->output_count = count;
  return OCT_OK;
}

oct_status oct_graph_cut(oct_graph *graph, oct_graph *rest) {
  const size_t count = (size_t)graph->value_count;
  rest->dialect = graph->dialect;
  rest->folding_limit = graph->folding_limit;
  rest->source = graph->source;
  rest->outputs = graph->outputs;
  rest->output_count = graph->output_count;
  rest->values = oct_arena_alloc(&rest->arena, count * sizeof(oct_value));
  rest->inputs = oct_arena_alloc(&rest->arena, count * sizeof(oct_value_id));
  uint8_t *marks = oct_arena_alloc(&rest->arena, count);
  if (!rest->values || !rest->inputs || !marks) return OCT_OUT_OF_MEMORY;
  memcpy(rest->values, graph->values, count * sizeof(oct_value));
  rest->value_count = rest->value_capacity = graph->value_count;
  mark(rest, marks);
  return set_ends(graph, rest, marks);
}
