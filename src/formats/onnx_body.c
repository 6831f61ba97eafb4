// SPDX-License-Identifier: MIT
//
// Control flow: the graphs among a node's attributes become bodies of the graph node.
//
// A body is read by a reader of its own. What it captures from around it becomes an external of the body and an input of
// the node, behind the node's own inputs.
#include <string.h>

#include "formats/onnx.h"

static const char REPORT[] = "the model file contradicts itself; export it again";

oct_status oct_onnx_capture(oct_onnx *reader, oct_name name) {
  oct_graph *graph = reader->graph;
  const oct_value value = reader->outer->graph->values[name.value];
  const oct_value_id id = oct_graph_add_value(graph, value.name, strlen(value.name), value.dtype, value.shape);
  if (id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  graph->values[id].quant = value.quant;
  graph->values[id].data = value.data;
  if (!value.data) {
    const int32_t count = graph->external_count;
    OCT_TRY(oct_graph_add_external(graph, id, OCT_NO_VALUE));
    if (count == reader->captured_capacity) {
      const int32_t capacity = count ? 2 * count : 16;
      oct_value_id *grown = oct_arena_alloc(&graph->arena, (size_t)capacity * sizeof *grown);
      if (!grown) return OCT_OUT_OF_MEMORY;
      if (count) memcpy(grown, reader->captured, (size_t)count * sizeof *grown);
      reader->captured = grown;
      reader->captured_capacity = capacity;
    }
    reader->captured[count] = name.value;
  }
  name.value = id;
  return oct_names_add(&reader->names, &graph->arena, name);
}

/// Reads the graph in an attribute of the node; `inner` is its reader.
static oct_status read_body(oct_onnx *reader, const oct_onnx_node *node, const char *attribute, oct_onnx *inner) {
  const oct_bytes message = oct_onnx_graph_attribute(node, attribute);
  if (!message.at) return oct_fail(OCT_INVALID_MODEL, REPORT, "%s lacks its '%s'", node->operator->name, attribute);
  *inner = (oct_onnx){.outer = reader, .depth = reader->depth + 1, .opset = reader->opset, .budget = reader->budget};
  inner->graph = oct_graph_add_body(reader->graph, NULL);
  if (!inner->graph) return OCT_OUT_OF_MEMORY;
  const oct_status status = oct_onnx_read_graph(inner, message);
  reader->budget = inner->budget;
  return status;
}

/// Emits the node with its own inputs and what its bodies capture.
static oct_node *emit(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, const oct_value_id *inputs,
                      int count, const oct_onnx *bodies, int body_count) {
  int total = count;
  for (int b = 0; b < body_count; b++) total += bodies[b].graph->external_count;
  oct_value_id *all = oct_arena_alloc(&reader->graph->arena, (size_t)total * sizeof *all);
  if (!all) return NULL;
  memcpy(all, inputs, (size_t)count * sizeof *all);
  for (int b = 0; b < body_count; b++) {
    const size_t captured = (size_t)bodies[b].graph->external_count;
    if (captured) memcpy(all + count, bodies[b].captured, captured * sizeof *all);
    count += (int)captured;
  }
  oct_node *made = oct_onnx_emit(reader, node, op, total, all, node->output_count);
  for (int b = 0; made && b < body_count; b++) made->bodies[b] = bodies[b].graph;
  return made;
}

OCT_ONNX_TRANSLATE(branch) {
  oct_onnx bodies[2];
  OCT_TRY(oct_onnx_needs(node, 1));
  OCT_TRY(read_body(reader, node, "then_branch", &bodies[0]));
  OCT_TRY(read_body(reader, node, "else_branch", &bodies[1]));
  const oct_graph *then = bodies[0].graph, *otherwise = bodies[1].graph;
  if (then->output_count != node->output_count || otherwise->output_count != node->output_count)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "the branches of %s have %d and %d outputs, not %d",
                    node->operator->name, (int)then->output_count, (int)otherwise->output_count, node->output_count);
  oct_node *made = emit(reader, node, OCT_OP_IF, node->inputs, 1, bodies, 2);
  if (!made) return oct_last_error()->status;
  for (int i = 0; i < made->output_count; i++) {
    const oct_dtype dtype = then->values[then->outputs[i]].dtype;
    if (dtype == otherwise->values[otherwise->outputs[i]].dtype)
      reader->graph->values[made->outputs[i]].dtype = dtype;
  }
  return OCT_OK;
}
