// SPDX-License-Identifier: MIT
//
// Shapes and constants: infers every value and evaluates what depends on constants alone. At plan time the graph's
// input shapes are known, so that Shape is a constant too and all shape arithmetic disappears, and with it most Ifs:
// where the condition turns out constant the branch takes the node's place, and the walk goes on inside it. What cannot
// be inferred before a run has computed data is put off (cut.h).
#include "base/keep.h"
#include "graph/passes/bodies.h"
#include "graph/passes/cut.h"
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

/// Infers the node, unless it has to wait: for what waits itself, or for data. Control flow is asked first.
static oct_status infer_or_wait(oct_graph *graph, oct_node *node, const oct_graph *rest, bool *waits) {
  const bool known = reads_known_shapes(graph, node), lacks = rest && oct_node_lacks_data(graph, node);
  *waits = known ? lacks && !node->bodies[0] : rest && rest->node_count;
  if (*waits) return OCT_OK;
  if (!known)
    return oct_fail_at(oct_fail(OCT_INVALID_MODEL, "export the model again with its shapes inferred",
                                "%s reads a tensor that nothing computes", node->type),
                       node->name);
  const oct_node before = *node;
  const oct_status status = infer(graph, node);
  *waits = lacks && status == OCT_UNSUPPORTED_MODEL;
  if (!*waits) return status;
  *node = before; // with its bodies as they were
  return OCT_OK;
}

oct_status oct_pass_infer_and_fold(oct_graph *graph, oct_graph *rest) {
  int32_t kept = 0;
  for (int32_t n = 0; n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    int branch;
    bool waits;
    if (OCT_HAS_OPERATOR(IF) && oct_branch_is_known(graph, node, &branch)) {
      OCT_TRY(oct_body_inline(graph, n--, branch));
      continue;
    }
    OCT_TRY(infer_or_wait(graph, node, rest, &waits));
    if (waits) {
      OCT_TRY(oct_graph_put_off(graph, node, rest));
      continue;
    }
    const bool shape_only = node->op == OCT_OP_SHAPE;
    if (shape_only || oct_node_is_constant(graph, node)) OCT_TRY(oct_node_fold(graph, node));
    graph->nodes[kept++] = *node;
  }
  graph->node_count = kept;
  oct_graph_drop_evaluated(graph);
  return rest && rest->node_count ? oct_graph_cut(graph, rest) : OCT_OK;
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
