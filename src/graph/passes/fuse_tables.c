// SPDX-License-Identifier: MIT
//
// A quantized tensor has 256 values, so whatever maps it element by element without another tensor is a table of 256
// bytes: an activation, a product with or a sum of one constant, a change of scale, and what joins such tables of one
// tensor. The pass makes the table by running the node itself on all 256 values, so that the bits are the node's own. A
// HardSwish exported as Add, Clip, Mul, Div, each between its quantizations, is one lookup, and so is x * sigmoid(x).
#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"
#include "ops/op.h"

#include <string.h>

typedef struct tabling {
  oct_graph *graph;
  oct_value_id *source; // per value: what its table is applied to, or none
  oct_value_id *table;  // per value: its table, from `source` to it
} tabling;

static bool is_plain_q8(const oct_value *value) { return value->dtype == OCT_Q8 && value->quant && value->quant->count == 1; }

static bool is_scalar(const oct_value *value) { return value->data && oct_shape_count(&value->shape) == 1; }

/// The one value that the node maps element by element: all inputs but constant scalars are it, or are looked up by it.
/// None if there is no such value, or two inputs and no lookup that would be saved.
static oct_value_id mapped_value(const tabling *t, const oct_node *node) {
  const oct_value *values = t->graph->values, *out = &values[node->outputs[0]];
  oct_value_id mapped = OCT_NO_VALUE;
  int32_t inputs = 0, lookups = 0;
  if (node->op != OCT_OP_BINARY && node->op != OCT_OP_UNARY && node->op != OCT_OP_PRELU && node->op != OCT_OP_QUANTIZE)
    return OCT_NO_VALUE;
  for (int32_t i = 0; i < node->input_count; i++) {
    if (!oct_node_has(node, i) || is_scalar(&values[node->inputs[i]])) continue;
    const oct_value_id in = node->inputs[i], from = t->source[in] == OCT_NO_VALUE ? in : t->source[in];
    if ((inputs && from != mapped) || values[in].data || !is_plain_q8(&values[in])) return OCT_NO_VALUE;
    mapped = from;
    lookups += from != in;
    inputs++;
  }
  const bool is_worth_it = inputs == 1 || lookups > 0;
  return inputs && is_worth_it && is_plain_q8(out) && oct_shape_equal(&values[mapped].shape, &out->shape) ? mapped
                                                                                                         : OCT_NO_VALUE;
}

/// A clip that changes no scale is two instructions a vector: cheaper than a table, unless it joins one.
static bool is_clip(const oct_graph *graph, const oct_node *node) {
  if (node->op != OCT_OP_UNARY || node->attr.unary.kind != OCT_RELU_N) return false;
  const oct_quant *in = graph->values[node->inputs[0]].quant, *out = graph->values[node->outputs[0]].quant;
  return in->scale[0] == out->scale[0] && in->zero_point[0] == out->zero_point[0];
}

/// A constant holding all bytes under the quantization of `like`.
static oct_value_id all_bytes(oct_graph *graph, oct_value_id like) {
  uint8_t *bytes = oct_arena_alloc(&graph->arena, 256);
  if (!bytes) return OCT_NO_VALUE;
  for (int i = 0; i < 256; i++) bytes[i] = (uint8_t)i;
  const oct_value_id id = oct_graph_add_constant(graph, "bytes", 5, OCT_Q8, oct_shape_of(1, 256), bytes);
  if (id != OCT_NO_VALUE) graph->values[id].quant = graph->values[like].quant;
  return id;
}

/// Runs the node on all bytes, or on what its inputs are looked up as; its output there is the table.
static oct_status make_table(const tabling *t, const oct_node *node, oct_value_id *table) {
  oct_graph *graph = t->graph;
  oct_node probe = *node;
  oct_value_id ids[OCT_MAX_INPUTS];
  if (node->input_count > OCT_MAX_INPUTS) return OCT_INTERNAL;
  for (int32_t i = 0; i < node->input_count; i++) {
    const oct_value_id in = ids[i] = node->inputs[i];
    if (!oct_node_has(node, i) || is_scalar(&graph->values[in])) continue;
    ids[i] = t->source[in] == OCT_NO_VALUE ? all_bytes(graph, in) : t->table[in];
    if (ids[i] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  }
  *table = oct_graph_add_value(graph, "table", 5, OCT_Q8, oct_shape_unknown());
  if (*table == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  graph->values[*table].quant = graph->values[node->outputs[0]].quant;
  probe.inputs = ids;
  probe.outputs = table;
  OCT_TRY(oct_operator_impl(node->op)->infer(graph, &probe));
  OCT_TRY(oct_node_evaluate(graph, &probe));
  graph->values[*table].shape = oct_shape_of(1, 256);
  return OCT_OK;
}

static oct_status visit(tabling *t, oct_node *node) {
  oct_graph *graph = t->graph;
  const oct_value_id from = mapped_value(t, node);
  oct_value_id table;
  if (from == OCT_NO_VALUE || (from == node->inputs[0] && is_clip(graph, node))) return OCT_OK;
  OCT_TRY(make_table(t, node, &table));
  oct_value_id *inputs = oct_arena_alloc(&graph->arena, 2 * sizeof *inputs);
  if (!inputs) return OCT_OUT_OF_MEMORY;
  inputs[0] = from;
  inputs[1] = table;
  node->op = OCT_OP_UNARY;
  node->attr.unary = (oct_unary_attr){.kind = OCT_LOOKUP};
  node->inputs = inputs;
  node->input_count = 2;
  t->source[node->outputs[0]] = from;
  t->table[node->outputs[0]] = table;
  return OCT_OK;
}

oct_status oct_pass_fuse_tables(oct_graph *graph) {
  oct_arena work = {0};
  const size_t bytes = (size_t)graph->value_count * sizeof(oct_value_id);
  tabling t = {graph, oct_arena_alloc(&work, bytes), oct_arena_alloc(&work, bytes)};
  oct_status status = t.source && t.table ? OCT_OK : OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; status == OCT_OK && i < graph->value_count; i++) t.source[i] = t.table[i] = OCT_NO_VALUE;
  for (int32_t n = 0; status == OCT_OK && n < graph->node_count; n++) status = visit(&t, &graph->nodes[n]);
  oct_arena_free(&work);
  return status;
}
