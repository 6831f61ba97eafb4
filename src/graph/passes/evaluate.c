// SPDX-License-Identifier: MIT
//
// Constant folding's engine: runs a node through the same prepare, pack and run that a plan uses, so that there is no
// second implementation of any operator.
#include "graph/passes/evaluate.h"

#include "ops/op.h"

bool oct_node_is_constant(const oct_graph *graph, const oct_node *node) {
  switch (node->op) {
    case OCT_OP_CONV:
    case OCT_OP_CONV_TRANSPOSE:
    case OCT_OP_POOL:
    case OCT_OP_RESIZE:
    case OCT_OP_LRN:
    case OCT_OP_DEPTH_TO_SPACE:
    case OCT_OP_BATCH_NORMALIZATION: return false;
    default: break;
  }
  if (node->bodies[0]) return false;
  for (int32_t i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i) && !graph->values[node->inputs[i]].data) return false;
  for (int32_t i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE && graph->values[node->outputs[i]].data) return false;
  return true;
}

static oct_tensor tensor_of(const oct_value *value) {
  return (oct_tensor){(void *)value->data, value->dtype, value->shape, value->quant};
}

void oct_graph_limit_folding(oct_graph *graph) {
  graph->folding_limit = OCT_FOLDING_COST;
  for (int32_t v = 0; v < graph->value_count; v++) {
    const oct_tensor tensor = tensor_of(&graph->values[v]);
    if (tensor.data) graph->folding_limit += OCT_FOLDING_COST_PER_BYTE * (uint64_t)oct_tensor_bytes(&tensor);
  }
}

bool oct_graph_affords(oct_graph *graph, uint64_t cost) {
  const uint64_t limit = graph->folding_limit ? graph->folding_limit : OCT_FOLDING_COST;
  if (graph->folded > limit || cost > limit - graph->folded) return false;
  graph->folded += cost;
  return true;
}

static uint64_t cost_of(const oct_step *step) {
  uint64_t cost = step->macs;
  for (int32_t i = 0; i < step->node->input_count; i++)
    if (step->inputs[i].data) cost += oct_tensor_bytes(&step->inputs[i]);
  for (int32_t i = 0; i < step->node->output_count; i++) cost += oct_tensor_bytes(&step->outputs[i]);
  return step->view ? 0 : cost;
}

static oct_status run_once(oct_graph *graph, oct_node *node, oct_arena *work, oct_step *step, bool limited) {
  for (int32_t i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i)) step->inputs[i] = tensor_of(&graph->values[node->inputs[i]]);
  for (int32_t i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) step->outputs[i] = tensor_of(&graph->values[node->outputs[i]]);
  oct_prepare context = {.step = step, .arena = work, .dialect = graph->dialect};
  OCT_TRY(oct_operator_impl(node->op)->prepare(&context));
  if (limited && !oct_graph_affords(graph, cost_of(step))) return OCT_OK;
  if (step->packed_bytes) {
    void *packed = oct_arena_alloc(work, step->packed_bytes);
    if (!packed) return OCT_OUT_OF_MEMORY;
    step->pack(step, packed);
    step->packed = packed;
  }
  step->scratch = oct_arena_alloc(work, step->scratch_bytes);
  if (!step->scratch) return OCT_OUT_OF_MEMORY;
  size_t at = step->view_offset;
  for (int32_t i = 0; i < node->output_count; i++) {
    if (node->outputs[i] == OCT_NO_VALUE) continue;
    oct_tensor *out = &step->outputs[i];
    const size_t bytes = oct_shape_count(&out->shape) * oct_dtype_bytes(out->dtype);
    // A view keeps reading its input's bytes; constants are never written, so that sharing them is safe.
    out->data = step->view ? (char *)step->inputs[0].data + at : oct_arena_alloc(&graph->arena, bytes);
    at += bytes;
    if (!out->data) return OCT_OUT_OF_MEMORY;
  }
  if (!step->view) oct_step_run(step);
  for (int32_t i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) graph->values[node->outputs[i]].data = step->outputs[i].data;
  return OCT_OK;
}

static oct_status evaluate(oct_graph *graph, oct_node *node, bool limited) {
  oct_arena work = {0};
  const size_t tensors = (size_t)(node->input_count + node->output_count);
  oct_step step = {.node = node, .parts = 1, .in_place = -1, .inputs = oct_arena_alloc(&work, tensors * sizeof(oct_tensor))};
  step.outputs = step.inputs + node->input_count;
  oct_status status = step.inputs ? run_once(graph, node, &work, &step, limited) : OCT_OUT_OF_MEMORY;
  oct_arena_free(&work);
  return status == OCT_OK ? OCT_OK : oct_fail_at(status, node->name);
}

oct_status oct_node_evaluate(oct_graph *graph, oct_node *node) { return evaluate(graph, node, false); }
oct_status oct_node_fold(oct_graph *graph, oct_node *node) { return evaluate(graph, node, true); }

void oct_graph_drop_evaluated(oct_graph *graph) {
  int32_t kept = 0;
  for (int32_t n = 0; n < graph->node_count; n++) {
    bool evaluated = graph->nodes[n].output_count > 0;
    for (int32_t i = 0; i < graph->nodes[n].output_count; i++) {
      oct_value_id out = graph->nodes[n].outputs[i];
      if (out != OCT_NO_VALUE && !graph->values[out].data) evaluated = false;
    }
    if (!evaluated) graph->nodes[kept++] = graph->nodes[n];
  }
  graph->node_count = kept;
}
