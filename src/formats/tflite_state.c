// SPDX-License-Identifier: MIT
//
// Variables: what a streaming model keeps from one run to the next.
//
// A variable has a name, by which VAR_HANDLE finds it in any subgraph; what it holds is known from the tensors that are
// read from it and assigned to it, which all have one type, shape and quantization. What it starts as is assigned in
// the subgraph that CALL_ONCE runs.
#include <string.h>

#include "formats/tflite.h"

static const char REPORT[] = "the model file contradicts itself; convert it again";

OCT_TFLITE_TRANSLATE(call_once) {
  enum { SUBGRAPH };
  if (reader->initializes) return oct_tflite_refuse(node, "stands in a subgraph that another CALL_ONCE runs");
  return oct_tflite_read_initializer(reader, oct_fb_i32(&reader->file, node->options, SUBGRAPH, 0));
}

static bool same_text(const oct_tflite *reader, oct_fb_vector a, oct_fb_vector b) {
  return a.count == b.count && (!a.count || !memcmp(reader->file.data + a.at, reader->file.data + b.at, a.count));
}

OCT_TFLITE_TRANSLATE(var_handle) {
  enum { CONTAINER, NAME };
  if (!node->output_count) return oct_tflite_refuse(node, "gives no handle");
  const oct_tflite_variable wanted = {.container = oct_fb_vector_of(&reader->file, node->options, CONTAINER, 1),
                                      .name = oct_fb_vector_of(&reader->file, node->options, NAME, 1),
                                      .external = -1};
  oct_tflite_variables *variables = reader->variables;
  int32_t at = 0;
  while (at < variables->count && !(same_text(reader, variables->all[at].name, wanted.name) &&
                                    same_text(reader, variables->all[at].container, wanted.container)))
    at++;
  if (at == OCT_TFLITE_MAX_VARIABLES) return oct_tflite_refuse(node, "is one of more than 1024 variables");
  if (at == variables->count) variables->all[variables->count++] = wanted;
  oct_tflite_output(reader, node, 0)->handle = at + 1;
  return OCT_OK;
}

/// The external of the variable whose handle is input 0, holding what `like`, the value of a tensor of `shape`, holds.
static oct_status find_external(oct_tflite *reader, const oct_tflite_node *node, const oct_tflite_tensor *tensor,
                                oct_value_id like, int32_t *external) {
  oct_graph *graph = reader->graph;
  const oct_tflite_tensor *handle = oct_tflite_input(reader, node, 0);
  if (!handle || !handle->handle)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s has no handle of a variable", node->operator->name);
  oct_tflite_variable *variable = &reader->variables->all[handle->handle - 1];
  const oct_value wanted = graph->values[like];
  if (variable->external < 0) {
    if (!oct_shape_is_static(&tensor->shape)) return oct_tflite_refuse(node, "has a variable of open shape");
    const oct_value_id id = oct_graph_add_value(graph, (const char *)reader->file.data + variable->name.at,
                                                variable->name.count, wanted.dtype, tensor->shape);
    if (id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    graph->values[id].quant = wanted.quant;
    variable->external = graph->external_count;
    OCT_TRY(oct_graph_add_external(graph, id, OCT_NO_VALUE));
  }
  *external = variable->external;
  const oct_value *value = &graph->values[graph->externals[*external].value];
  if (value->dtype != wanted.dtype || !oct_shape_equal(&value->shape, &tensor->shape) ||
      !oct_quant_same(value->quant, wanted.quant))
    return oct_tflite_refuse(node, "takes a variable for a tensor of another type, shape or quantization");
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(read_variable) {
  oct_graph *graph = reader->graph;
  int32_t external;
  if (!node->output_count || reader->initializes) return oct_tflite_refuse(node, "reads a variable for nothing");
  oct_tflite_tensor *tensor = oct_tflite_output(reader, node, 0);
  OCT_TRY(oct_tflite_define(reader, tensor));
  OCT_TRY(find_external(reader, node, tensor, tensor->value, &external));
  oct_node *made = oct_graph_add_node(graph, OCT_OP_VARIABLE, node->label, strlen(node->label), 1, 1);
  if (!made) return OCT_OUT_OF_MEMORY;
  made->type = node->operator->name;
  made->inputs[0] = graph->externals[external].value;
  made->outputs[0] = tensor->value;
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(assign_variable) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  oct_tflite_tensor *tensor = oct_tflite_input(reader, node, 1);
  oct_value_id inputs[2];
  int32_t external;
  OCT_TRY(oct_tflite_value(reader, tensor, &inputs[1]));
  OCT_TRY(find_external(reader, node, tensor, inputs[1], &external));
  inputs[0] = reader->graph->externals[external].value;
  if (reader->initializes) return reader->graph->externals[external].initial = inputs[1], OCT_OK;
  oct_tflite_node bare = *node;
  bare.output_count = 0;
  return oct_tflite_emit(reader, &bare, OCT_OP_VARIABLE, 2, inputs) ? OCT_OK : oct_tflite_failure();
}
