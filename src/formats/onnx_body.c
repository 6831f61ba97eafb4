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
                      int count, int output_count, const oct_onnx *bodies, int body_count) {
  int total = count;
  for (int b = 0; b < body_count; b++) total += bodies[b].graph->external_count;
  oct_value_id *all = oct_arena_alloc(&reader->graph->arena, (size_t)total * sizeof *all);
  if (!all) return NULL;
  if (count) memcpy(all, inputs, (size_t)count * sizeof *all);
  for (int b = 0; b < body_count; b++) {
    const size_t captured = (size_t)bodies[b].graph->external_count;
    if (captured) memcpy(all + count, bodies[b].captured, captured * sizeof *all);
    count += (int)captured;
  }
  oct_node *made = oct_onnx_emit(reader, node, op, total, all, output_count);
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
  oct_node *made = emit(reader, node, OCT_OP_IF, node->inputs, 1, node->output_count, bodies, 2);
  if (!made) return oct_last_error()->status;
  for (int i = 0; i < made->output_count; i++) {
    const oct_dtype dtype = then->values[then->outputs[i]].dtype;
    if (dtype == otherwise->values[otherwise->outputs[i]].dtype)
      reader->graph->values[made->outputs[i]].dtype = dtype;
  }
  return OCT_OK;
}

enum { LOOP_OWN = 2 }; // inputs of a LOOP before the carried values: turns, condition

/// Reads the body and emits the LOOP; `inputs` are the graph node's, the two that Scan does not have among them.
static oct_node *emit_loop(oct_onnx *reader, const oct_onnx_node *node, const oct_value_id *inputs, int count,
                           const oct_loop_attr *attr) {
  oct_onnx body;
  if (read_body(reader, node, "body", &body) != OCT_OK) return NULL;
  const int given = attr->carried + attr->scanned + (attr->counts ? LOOP_OWN : 0);
  const int made = body.graph->output_count - (attr->counts ? 1 : 0), puts = made - attr->carried;
  if (body.graph->input_count != given || puts < 0 || node->output_count > made) {
    oct_fail(OCT_INVALID_MODEL, REPORT, "the body of %s has %d inputs and %d outputs, which do not fit its node",
             node->operator->name, (int)body.graph->input_count, (int)body.graph->output_count);
    return NULL;
  }
  if (attr->scanned + puts > OCT_MAX_SCANS || made > OCT_ONNX_MAX_OUTPUTS) {
    oct_onnx_refuse(node, "takes apart or puts together more than 16 tensors");
    return NULL;
  }
  oct_node *loop = emit(reader, node, OCT_OP_LOOP, inputs, count, made, &body, 1);
  for (int i = 0; loop && i < made; i++) {
    const oct_graph *graph = body.graph;
    reader->graph->values[loop->outputs[i]].dtype = graph->values[graph->outputs[i + (attr->counts ? 1 : 0)]].dtype;
  }
  if (loop) loop->attr.loop = *attr;
  return loop;
}

OCT_ONNX_TRANSLATE(loop) {
  oct_value_id inputs[OCT_ONNX_MAX_INPUTS] = {OCT_NO_VALUE, OCT_NO_VALUE};
  const int count = node->input_count > LOOP_OWN ? node->input_count : LOOP_OWN;
  for (int i = 0; i < node->input_count; i++) inputs[i] = node->inputs[i];
  const oct_loop_attr attr = {.counts = true, .carried = count - LOOP_OWN};
  return emit_loop(reader, node, inputs, count, &attr) ? OCT_OK : oct_last_error()->status;
}

OCT_ONNX_TRANSLATE(scan) {
  oct_value_id inputs[LOOP_OWN + OCT_ONNX_MAX_INPUTS] = {OCT_NO_VALUE, OCT_NO_VALUE};
  int32_t directions[OCT_MAX_SCANS] = {0};
  int count;
  if (reader->opset < 9) return oct_onnx_refuse(node, "is that of opset 8, with batches");
  oct_loop_attr attr = {.scanned = oct_onnx_int(node, "num_scan_inputs", 0)};
  attr.carried = node->input_count - attr.scanned;
  if (attr.scanned < 1 || attr.scanned > OCT_MAX_SCANS || attr.carried < 0)
    return oct_onnx_refuse(node, "scans none of its inputs, or more than 16");
  const int puts = node->output_count - attr.carried, room = OCT_MAX_SCANS - attr.scanned;
  if (puts < 0 || puts > room) return oct_onnx_refuse(node, "takes apart or puts together more than 16 tensors");
  OCT_TRY(oct_onnx_ints(node, "scan_input_axes", attr.axis, attr.scanned, &count));
  OCT_TRY(oct_onnx_ints(node, "scan_output_axes", attr.axis + attr.scanned, room, &count));
  OCT_TRY(oct_onnx_ints(node, "scan_input_directions", directions, attr.scanned, &count));
  OCT_TRY(oct_onnx_ints(node, "scan_output_directions", directions + attr.scanned, room, &count));
  for (int i = 0; i < OCT_MAX_SCANS; i++) attr.backwards |= (uint32_t)(directions[i] == 1) << i;
  for (int i = 0; i < node->input_count; i++) inputs[LOOP_OWN + i] = node->inputs[i];
  return emit_loop(reader, node, inputs, LOOP_OWN + node->input_count, &attr) ? OCT_OK : oct_last_error()->status;
}
