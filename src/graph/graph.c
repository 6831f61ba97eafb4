// SPDX-License-Identifier: MIT
//
// The graph's lists: growing arrays in one arena. An outgrown array stays in the arena until the graph is freed; the
// arrays double, so that waste is bounded by their size.
#include "graph/graph.h"

#include <math.h>
#include <string.h>

// Returns `array` with room for one more element, copied to twice the capacity if full; NULL on refusal.
static void *grow(oct_arena *arena, void *array, int32_t count, int32_t *capacity, size_t element_bytes) {
  if (count < *capacity) return array;
  int32_t wanted = *capacity ? *capacity * 2 : 64;
  void *grown = oct_arena_alloc(arena, (size_t)wanted * element_bytes);
  if (!grown) return NULL;
  if (count) memcpy(grown, array, (size_t)count * element_bytes);
  *capacity = wanted;
  return grown;
}

oct_value_id oct_graph_add_value(oct_graph *graph, const char *name, size_t length, oct_dtype dtype, oct_shape shape) {
  oct_value *values =
      grow(&graph->arena, graph->values, graph->value_count, &graph->value_capacity, sizeof(oct_value));
  char *text = values ? oct_arena_text(&graph->arena, name, length) : NULL;
  if (!text) return OCT_NO_VALUE;
  graph->values = values;
  values[graph->value_count] = (oct_value){.name = text, .dtype = dtype, .shape = shape};
  return graph->value_count++;
}

oct_value_id oct_graph_add_constant(oct_graph *graph, const char *name, size_t length, oct_dtype dtype, oct_shape shape,
                                    const void *data) {
  size_t bytes = oct_shape_count(&shape) * oct_dtype_bytes(dtype);
  if (bytes && (uintptr_t)data % oct_dtype_bytes(dtype)) {
    void *copy = oct_arena_alloc(&graph->arena, bytes);
    if (!copy) return OCT_NO_VALUE;
    data = memcpy(copy, data, bytes);
  }
  oct_value_id id = oct_graph_add_value(graph, name, length, dtype, shape);
  if (id != OCT_NO_VALUE) graph->values[id].data = data;
  return id;
}

oct_status oct_graph_append_node(oct_graph *graph, const oct_node *node) {
  oct_node *nodes = grow(&graph->arena, graph->nodes, graph->node_count, &graph->node_capacity, sizeof(oct_node));
  if (!nodes) return OCT_OUT_OF_MEMORY;
  graph->nodes = nodes;
  nodes[graph->node_count++] = *node;
  oct_operator_meet(node->op);
  return OCT_OK;
}

oct_node *oct_graph_add_node(oct_graph *graph, oct_operator op, const char *name, size_t length, int input_count,
                             int output_count) {
  char *text = oct_arena_text(&graph->arena, name, length);
  oct_value_id *ids = text ? oct_arena_alloc(&graph->arena, (size_t)(input_count + output_count) * sizeof *ids) : NULL;
  if (!ids) return NULL;
  for (int i = 0; i < input_count + output_count; i++) ids[i] = OCT_NO_VALUE;
  const oct_node node = {.op = op,
                         .name = text,
                         .type = oct_operator_name(op),
                         .clamp_min = -INFINITY,
                         .clamp_max = INFINITY,
                         .input_count = input_count,
                         .output_count = output_count,
                         .inputs = ids,
                         .outputs = ids + input_count};
  return oct_graph_append_node(graph, &node) == OCT_OK ? &graph->nodes[graph->node_count - 1] : NULL;
}

bool oct_quant_same(const oct_quant *a, const oct_quant *b) {
  if (!a || !b) return a == b;
  return a->count == 1 && b->count == 1 && a->scale[0] == b->scale[0] && a->zero_point[0] == b->zero_point[0];
}

const oct_quant *oct_graph_add_quant(oct_graph *graph, float scale, int32_t zero_point) {
  struct block {
    oct_quant quant;
    float scale;
    int32_t zero_point;
  } *block = oct_arena_alloc(&graph->arena, sizeof *block);
  if (!block) return NULL;
  block->scale = scale;
  block->zero_point = zero_point;
  block->quant = (oct_quant){.count = 1, .scale = &block->scale, .zero_point = &block->zero_point};
  return &block->quant;
}

oct_status oct_graph_add_external(oct_graph *graph, oct_value_id value, oct_value_id initial) {
  oct_external *externals =
      grow(&graph->arena, graph->externals, graph->external_count, &graph->external_capacity, sizeof(oct_external));
  if (!externals) return OCT_OUT_OF_MEMORY;
  graph->externals = externals;
  externals[graph->external_count++] = (oct_external){value, initial};
  return OCT_OK;
}

oct_graph *oct_graph_add_body(oct_graph *graph, const oct_graph *source) {
  oct_graph *body = oct_arena_alloc(&graph->arena, sizeof *body);
  if (!body) return NULL;
  const oct_status status = source ? oct_graph_clone(source, body) : OCT_OK;
  body->dialect = graph->dialect;
  body->folding_limit = graph->folding_limit;
  body->next = graph->owned;
  graph->owned = body;
  return status == OCT_OK ? body : NULL;
}

oct_status oct_graph_replace_node(oct_graph *graph, int32_t at, int32_t count) {
  const int32_t behind = graph->node_count - at - 1, total = at + count + behind;
  oct_node *nodes = graph->nodes;
  if (total > graph->node_capacity) {
    nodes = oct_arena_alloc(&graph->arena, 2 * (size_t)total * sizeof *nodes);
    if (!nodes) return OCT_OUT_OF_MEMORY;
    graph->node_capacity = 2 * total;
    memcpy(nodes, graph->nodes, (size_t)at * sizeof *nodes);
  }
  memmove(nodes + at + count, graph->nodes + at + 1, (size_t)behind * sizeof *nodes);
  memset(nodes + at, 0, (size_t)count * sizeof *nodes);
  graph->nodes = nodes;
  graph->node_count = total;
  return OCT_OK;
}

static void *copy_array(oct_arena *arena, const void *source, size_t bytes) {
  void *copy = oct_arena_alloc(arena, bytes);
  if (copy && bytes) memcpy(copy, source, bytes);
  return copy;
}

oct_status oct_graph_clone(const oct_graph *source, oct_graph *copy) {
  // Names, quantization, constants and bodies are immutable and stay with the source, which outlives its clones.
  *copy = (oct_graph){.dialect = source->dialect,
                      .folding_limit = source->folding_limit,
                      .source = source->source ? source->source : source,
                      .operators = source->operators,
                      .operator_count = source->operator_count,
                      .value_count = source->value_count,
                      .value_capacity = source->value_count,
                      .node_count = source->node_count,
                      .node_capacity = source->node_count,
                      .input_count = source->input_count,
                      .output_count = source->output_count,
                      .external_count = source->external_count,
                      .external_capacity = source->external_count};
  oct_arena *arena = &copy->arena;
  copy->values = copy_array(arena, source->values, (size_t)source->value_count * sizeof(oct_value));
  copy->nodes = copy_array(arena, source->nodes, (size_t)source->node_count * sizeof(oct_node));
  copy->inputs = copy_array(arena, source->inputs, (size_t)source->input_count * sizeof(oct_value_id));
  copy->outputs = copy_array(arena, source->outputs, (size_t)source->output_count * sizeof(oct_value_id));
  copy->externals = copy_array(arena, source->externals, (size_t)source->external_count * sizeof(oct_external));
  if (!copy->values || !copy->nodes || !copy->inputs || !copy->outputs || !copy->externals) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < copy->node_count; i++) {
    oct_node *node = &copy->nodes[i];
    const size_t inputs = (size_t)node->input_count, outputs = (size_t)node->output_count;
    node->inputs = copy_array(arena, node->inputs, inputs * sizeof(oct_value_id));
    node->outputs = copy_array(arena, node->outputs, outputs * sizeof(oct_value_id));
    if (!node->inputs || !node->outputs) return OCT_OUT_OF_MEMORY;
  }
  return OCT_OK;
}

void oct_graph_free(oct_graph *graph) {
  for (oct_graph *body = graph->owned, *next; body; body = next) {
    next = body->next;
    oct_graph_free(body);
  }
  oct_arena_free(&graph->arena);
  *graph = (oct_graph){0};
}

size_t oct_graph_bytes(const oct_graph *graph) {
  size_t bytes = graph->arena.used_bytes;
  for (const oct_graph *body = graph->owned; body; body = body->next) bytes += oct_graph_bytes(body);
  return bytes;
}

int32_t oct_graph_producer(const oct_graph *graph, oct_value_id value) {
  for (int32_t n = 0; n < graph->node_count; n++)
    for (int32_t i = 0; i < graph->nodes[n].output_count; i++)
      if (graph->nodes[n].outputs[i] == value) return n;
  return -1;
}

int32_t oct_node_first_external(const oct_node *node, int index) {
  int32_t first = node->input_count;
  for (int b = OCT_MAX_BODIES; b-- > index;)
    if (node->bodies[b]) first -= node->bodies[b]->external_count;
  return first;
}

oct_status oct_graph_uses(const oct_graph *graph, oct_arena *arena, oct_uses *uses) {
  const size_t count = (size_t)graph->value_count;
  int32_t *block = oct_arena_alloc(arena, 2 * count * sizeof(int32_t));
  if (!block) return OCT_OUT_OF_MEMORY;
  *uses = (oct_uses){.producer = block, .consumer_count = block + count};
  for (size_t i = 0; i < count; i++) uses->producer[i] = -1;
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    for (int32_t i = 0; i < node->output_count; i++)
      if (node->outputs[i] != OCT_NO_VALUE) uses->producer[node->outputs[i]] = n;
    for (int32_t i = 0; i < node->input_count; i++)
      if (node->inputs[i] != OCT_NO_VALUE) uses->consumer_count[node->inputs[i]]++;
  }
  for (int32_t i = 0; i < graph->output_count; i++) uses->consumer_count[graph->outputs[i]]++;
  return OCT_OK;
}
