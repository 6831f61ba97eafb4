// SPDX-License-Identifier: MIT
//
// Small graphs in a few lines, for the tests of passes and plans.
#ifndef OCT_TESTS_BUILD_H
#define OCT_TESTS_BUILD_H

#include "graph/passes/passes.h"
#include "ops/op.h"
#include "helpers/check.h"

#include <string.h>

static inline oct_value_id add_value(oct_graph *graph, const char *name, oct_dtype dtype, oct_shape shape) {
  return oct_graph_add_value(graph, name, strlen(name), dtype, shape);
}

static inline oct_value_id add_input(oct_graph *graph, oct_dtype dtype, oct_shape shape) {
  graph->inputs = realloc(graph->inputs, (size_t)(graph->input_count + 1) * sizeof *graph->inputs);
  return graph->inputs[graph->input_count++] = add_value(graph, "input", dtype, shape);
}

static inline void add_output(oct_graph *graph, oct_value_id value) {
  graph->outputs = realloc(graph->outputs, (size_t)(graph->output_count + 1) * sizeof *graph->outputs);
  graph->outputs[graph->output_count++] = value;
}

/// A constant of a repeating pattern of `count` numbers.
static inline oct_value_id add_floats(oct_graph *graph, oct_shape shape, const float *pattern, size_t count) {
  const size_t total = oct_shape_count(&shape);
  float *data = oct_arena_alloc(&graph->arena, total * sizeof(float) + 1);
  for (size_t i = 0; i < total; i++) data[i] = pattern[i % count];
  return oct_graph_add_constant(graph, "constant", 8, OCT_F32, shape, data);
}

static inline oct_value_id add_ints(oct_graph *graph, const int32_t *ints, int count) {
  int32_t *data = oct_arena_alloc(&graph->arena, (size_t)count * sizeof *data);
  memcpy(data, ints, (size_t)count * sizeof *data);
  return oct_graph_add_constant(graph, "ints", 4, OCT_I32, oct_shape_of(1, count), data);
}

static inline oct_value_id add_quantized(oct_graph *graph, oct_shape shape, const int8_t *pattern, size_t count, float scale) {
  const size_t total = oct_shape_count(&shape);
  int8_t *data = oct_arena_alloc(&graph->arena, total + 1);
  for (size_t i = 0; i < total; i++) data[i] = pattern[i % count];
  const oct_value_id id = oct_graph_add_constant(graph, "weights", 7, OCT_I8, shape, data);
  graph->values[id].quant = oct_graph_add_quant(graph, scale, 0);
  return id;
}

/// Appends a node with one output of unknown shape; up to 3 inputs, OCT_NO_VALUE ends them. Returns the output.
static inline oct_value_id add_node(oct_graph *graph, oct_operator op, oct_attr attr, oct_value_id a, oct_value_id b,
                                    oct_value_id c) {
  const oct_value_id out = add_value(graph, "value", OCT_NONE, oct_shape_unknown());
  const int count = c != OCT_NO_VALUE ? 3 : b != OCT_NO_VALUE ? 2 : 1;
  oct_node *node = oct_graph_add_node(graph, op, "node", 4, count, 1);
  const oct_value_id inputs[3] = {a, b, c};
  memcpy(node->inputs, inputs, (size_t)count * sizeof *inputs);
  node->outputs[0] = out;
  node->attr = attr;
  return out;
}

static inline oct_value_id add_unary(oct_graph *graph, oct_unary_kind kind, float alpha, float beta, oct_value_id x) {
  return add_node(graph, OCT_OP_UNARY, (oct_attr){.unary = {kind, alpha, beta}}, x, OCT_NO_VALUE, OCT_NO_VALUE);
}

static inline oct_value_id add_binary(oct_graph *graph, oct_binary_kind kind, oct_value_id a, oct_value_id b) {
  return add_node(graph, OCT_OP_BINARY, (oct_attr){.binary = {kind}}, a, b, OCT_NO_VALUE);
}

static inline oct_value_id add_quantize(oct_graph *graph, oct_value_id x, float scale, int32_t zero_point) {
  const oct_value_id out = add_node(graph, OCT_OP_QUANTIZE, (oct_attr){0}, x, OCT_NO_VALUE, OCT_NO_VALUE);
  graph->values[out].dtype = OCT_Q8;
  graph->values[out].quant = oct_graph_add_quant(graph, scale, zero_point);
  return out;
}

static inline oct_value_id add_dequantize(oct_graph *graph, oct_value_id x) {
  return add_node(graph, OCT_OP_DEQUANTIZE, (oct_attr){0}, x, OCT_NO_VALUE, OCT_NO_VALUE);
}

/// A 1x1 or larger convolution, stride 1, no padding, OIHW weights.
static inline oct_value_id add_conv(oct_graph *graph, oct_layout layout, oct_value_id x, oct_value_id weights,
                                    oct_value_id bias) {
  oct_conv_attr conv = {.window = {.stride = {1, 1}, .dilation = {1, 1}}, .groups = 1, .layout = layout,
                        .weight_layout = OCT_OIHW};
  return add_node(graph, OCT_OP_CONV, (oct_attr){.conv = conv}, x, weights, bias);
}

static inline int count_nodes(const oct_graph *graph, oct_operator op) {
  int count = 0;
  for (int32_t n = 0; n < graph->node_count; n++) count += graph->nodes[n].op == op;
  return count;
}

static inline const oct_node *find_node(const oct_graph *graph, oct_operator op) {
  for (int32_t n = 0; n < graph->node_count; n++)
    if (graph->nodes[n].op == op) return &graph->nodes[n];
  return NULL;
}

static inline void free_graph(oct_graph *graph) {
  free(graph->inputs);
  free(graph->outputs);
  oct_graph_free(graph);
}

#endif
