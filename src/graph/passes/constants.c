// SPDX-License-Identifier: MIT
//
// Shapes and constants: infers every value and evaluates what depends on constants alone. At plan time the graph's
// input shapes are known, so that Shape is a constant too and all shape arithmetic disappears, and with it most Ifs:
// where the condition turns out constant the branch takes the node's place, and the walk goes on inside it.
#include "base/keep.h"
#include "graph/passes/bodies.h"
#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"
#include "ops/op.h"

static bool reads_known_shapes(const oct_graph *graph, const oct_node *node) {
  for (int32_t i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i) && !oct_shape_is_static(&graph->values[node->inputs[i]].shape)) return false;
  return true;
}

/// Weights stay quantized until fold_qdq has had its look at them.
static bool dequantizes_weights(const oct_graph *graph, const oct_node *node) {
  return node->op == OCT_OP_DEQUANTIZE && oct_node_has(node, 0) && graph->values[node->inputs[0]].quant;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  oct_status status = oct_operator_impl(node->op)->infer(graph, node);
  return status == OCT_OK ? OCT_OK : oct_fail_at(status, node->name);
}

oct_status oct_pass_infer_and_fold(oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    int branch;
    if (OCT_HAS_OPERATOR(IF) && oct_branch_is_known(graph, node, &branch)) {
      OCT_TRY(oct_body_inline(graph, n--, branch));
      continue;
    }
    if (!reads_known_shapes(graph, node))
      return oct_fail_at(oct_fail(OCT_INVALID_MODEL, "export the model again with its shapes inferred",
                                  "%s reads a tensor that nothing computes", node->type),
                         node->name);
    OCT_TRY(infer(graph, node));
    const bool shape_only = node->op == OCT_OP_SHAPE;
    if (shape_only || oct_node_is_constant(graph, node)) OCT_TRY(oct_node_fold(graph, node));
  }
  oct_graph_drop_evaluated(graph);
  return OCT_OK;
}

oct_status oct_pass_fold_constants(oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    int branch;
    if (OCT_HAS_OPERATOR(IF) && oct_branch_is_known(graph, node, &branch)) {
      OCT_TRY(oct_body_inline(graph, n--, branch));
      continue;
    }
    if (!oct_node_is_constant(graph, node) || dequantizes_weights(graph, node)) continue;
    OCT_TRY(infer(graph, node));
    OCT_TRY(oct_node_fold(graph, node));
  }
  oct_graph_drop_evaluated(graph);
  return OCT_OK;
}

oct_status oct_pass_dequantize_constants(oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    if (!dequantizes_weights(graph, node) || !oct_node_is_constant(graph, node)) continue;
    OCT_TRY(infer(graph, node));
    OCT_TRY(oct_node_fold(graph, node));
  }
  return oct_pass_fold_constants(graph);
}
