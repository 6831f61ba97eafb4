// SPDX-License-Identifier: MIT
//
// Bodies put in the place of their node, and copies of bodies for known shapes: see bodies.h.
#include "graph/passes/bodies.h"

#include "graph/passes/passes.h"

#include <string.h>

bool oct_branch_is_known(const oct_graph *graph, const oct_node *node, int *branch) {
  if (node->op != OCT_OP_IF || !oct_node_has(node, 0)) return false;
  const oct_value *condition = &graph->values[node->inputs[0]];
  if (!condition->data || condition->dtype != OCT_BOOL || oct_shape_count(&condition->shape) != 1) return false;
  *branch = *(const uint8_t *)condition->data ? 0 : 1;
  return true;
}

/// Gives an output of the node what the body makes of it: the body's node will write it, or it is a constant.
static void take_output(oct_graph *graph, oct_value_id out, const oct_value *from) {
  oct_value *value = &graph->values[out];
  if (value->dtype == OCT_NONE) value->dtype = from->dtype;
  if (!value->quant) value->quant = from->quant;
  if (from->data) value->shape = from->shape, value->data = from->data;
}

/// For each value of the body the one that it becomes in the graph.
static oct_status map_values(oct_graph *graph, const oct_node *node, int index, oct_value_id *map) {
  const oct_graph *body = node->bodies[index];
  const int32_t first = oct_node_first_external(node, index);
  for (int32_t v = 0; v < body->value_count; v++) map[v] = OCT_NO_VALUE;
  for (int32_t i = 0; i < body->external_count; i++) map[body->externals[i].value] = node->inputs[first + i];
  for (int32_t i = 0; i < body->output_count && i < node->output_count; i++) {
    if (node->outputs[i] == OCT_NO_VALUE) continue;
    map[body->outputs[i]] = node->outputs[i];
    take_output(graph, node->outputs[i], &body->values[body->outputs[i]]);
  }
  for (int32_t v = 0; v < body->value_count; v++) {
    if (map[v] != OCT_NO_VALUE) continue;
    const oct_value *value = &body->values[v];
    map[v] = oct_graph_add_value(graph, value->name, strlen(value->name), value->dtype, value->shape);
    if (map[v] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    graph->values[map[v]].quant = value->quant;
    graph->values[map[v]].data = value->data;
  }
  return OCT_OK;
}

static oct_status copy_node(oct_graph *graph, oct_node *to, const oct_node *from, const oct_value_id *map) {
  const int32_t count = from->input_count + from->output_count;
  oct_value_id *ids = oct_arena_alloc(&graph->arena, (size_t)count * sizeof *ids);
  if (!ids) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < from->input_count; i++)
    ids[i] = from->inputs[i] == OCT_NO_VALUE ? OCT_NO_VALUE : map[from->inputs[i]];
  for (int32_t i = 0; i < from->output_count; i++)
    ids[from->input_count + i] = from->outputs[i] == OCT_NO_VALUE ? OCT_NO_VALUE : map[from->outputs[i]];
  *to = *from;
  to->inputs = ids;
  to->outputs = ids + from->input_count;
  return OCT_OK;
}

oct_status oct_body_inline(oct_graph *graph, int32_t at, int index) {
  const oct_node node = graph->nodes[at];
  const oct_graph *body = node.bodies[index];
  oct_arena work = {0};
  oct_value_id *map = oct_arena_alloc(&work, (size_t)body->value_count * sizeof *map);
  oct_status status = map ? map_values(graph, &node, index, map) : OCT_OUT_OF_MEMORY;
  if (status == OCT_OK) status = oct_graph_replace_node(graph, at, body->node_count);
  for (int32_t n = 0; status == OCT_OK && n < body->node_count; n++)
    status = copy_node(graph, &graph->nodes[at + n], &body->nodes[n], map);
  oct_arena_free(&work);
  return status;
}

static oct_status take_input(const oct_node *node, oct_value *to, const oct_value *from) {
  if (to->dtype != OCT_NONE && to->dtype != from->dtype)
    return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; export it again",
                    "a body of %s takes '%s' as %s, but it is %s", node->type, to->name, oct_dtype_name(to->dtype),
                    oct_dtype_name(from->dtype));
  to->dtype = from->dtype;
  to->shape = from->shape;
  to->quant = from->quant;
  to->data = from->data;
  return OCT_OK;
}

oct_status oct_body_specialize(oct_graph *graph, oct_node *node, int index, const oct_value *inputs) {
  const int32_t first = oct_node_first_external(node, index);
  oct_graph *body = oct_graph_add_body(graph, node->bodies[index]);
  if (!body) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < body->input_count; i++)
    OCT_TRY(take_input(node, &body->values[body->inputs[i]], &inputs[i]));
  for (int32_t i = 0; i < body->external_count; i++)
    OCT_TRY(take_input(node, &body->values[body->externals[i].value], &graph->values[node->inputs[first + i]]));
  node->bodies[index] = body;
  body->folded = graph->folded;
  OCT_TRY(oct_passes_plan(body, NULL));
  graph->folded = body->folded;
  return OCT_OK;
}
