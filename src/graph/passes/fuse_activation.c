// SPDX-License-Identifier: MIT
//
// Relu, Relu6 and Clip become the clamp of the node that feeds them, if nobody else reads it. On quantized values this
// holds only where both have the same quantization: the clamp then is the same bytes.
#include "graph/passes/passes.h"

#include <math.h>

/// An input that is known to be of integers: rows of those have no clamp.
static bool reads_integers(const oct_graph *graph, const oct_node *node) {
  for (int32_t i = 0; i < node->input_count; i++) {
    if (!oct_node_has(node, i)) continue;
    const oct_dtype dtype = graph->values[node->inputs[i]].dtype;
    if (dtype == OCT_I32 || dtype == OCT_I64) return true;
  }
  return false;
}

static bool can_clamp(const oct_graph *graph, const oct_node *node) {
  if (node->op == OCT_OP_BINARY) return node->attr.binary.kind <= OCT_DIV && !reads_integers(graph, node);
  return node->op == OCT_OP_CONV || node->op == OCT_OP_CONV_TRANSPOSE || node->op == OCT_OP_MATMUL ||
         node->op == OCT_OP_POOL;
}

oct_status oct_pass_fuse_activation(oct_graph *graph) {
  oct_arena work = {0};
  oct_uses uses;
  oct_status status = oct_graph_uses(graph, &work, &uses);
  for (int32_t n = 0; status == OCT_OK && n < graph->node_count; n++) {
    oct_node *relu = &graph->nodes[n];
    if (relu->op != OCT_OP_UNARY || relu->attr.unary.kind != OCT_RELU_N || !oct_node_has(relu, 0)) continue;
    const oct_value_id in = relu->inputs[0], out = relu->outputs[0];
    const int32_t producer = uses.producer[in];
    if (producer < 0 || uses.consumer_count[in] != 1 || !can_clamp(graph, &graph->nodes[producer])) continue;
    if (!oct_quant_same(graph->values[in].quant, graph->values[out].quant)) continue;
    oct_node *node = &graph->nodes[producer];
    // clip(clip(x, a, b), c, d): the second wins where the ranges do not meet.
    node->clamp_min = fminf(fmaxf(node->clamp_min, relu->attr.unary.alpha), relu->attr.unary.beta);
    node->clamp_max = fmaxf(fminf(node->clamp_max, relu->attr.unary.beta), relu->attr.unary.alpha);
    node->outputs[0] = out;
    uses.producer[out] = producer;
    // The activation becomes a node without readers: its output moves to the value it used to read.
    relu->inputs[0] = out;
    relu->outputs[0] = in;
  }
  oct_arena_free(&work);
  return status == OCT_OK ? oct_pass_dead_code(graph) : status;
}
