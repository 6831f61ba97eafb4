// SPDX-License-Identifier: MIT
//
// The order of the passes. What depends on constants alone happens once, when the model is read; what depends on
// shapes happens in every plan.
#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"

#include "base/keep.h"

// Passes that find nothing to do in a build without the operators that they look for, or make, are left out of it.
enum {
  FUSES_SCALES = OCT_MEETS_OPERATOR(BINARY) || OCT_MEETS_OPERATOR(BATCH_NORMALIZATION),
  FUSES_ACTIVATIONS = OCT_MEETS_OPERATOR(UNARY),
  FUSES_PADS = OCT_HAS_OPERATOR(PAD) && OCT_HAS_OPERATOR(CONV),
  FUSES_SWISH = OCT_HAS_OPERATOR(UNARY) && OCT_HAS_OPERATOR(BINARY),
  FOLDS_QDQ = OCT_MEETS_OPERATOR(DEQUANTIZE),
  FUSES_TABLES = OCT_HAS_OPERATOR(UNARY),
  LOADS = OCT_HAS_FORMAT_ONNX || OCT_HAS_FORMAT_TFLITE,          // a prepared model has been loaded before
  TURNS_LAYOUT = OCT_HAS_FORMAT_ONNX || OCT_HAS_FORMAT_PREPARED, // TFLite is channels-last as it is
};

static oct_status load_body(oct_graph *graph, oct_graph *body) {
  body->folding_limit = graph->folding_limit;
  body->folded = graph->folded;
  OCT_TRY(oct_passes_load(body));
  graph->folded = body->folded;
  return OCT_OK;
}

/// Bodies are graphs, too.
static oct_status load_bodies(oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++)
    for (int b = 0; b < OCT_MAX_BODIES && graph->nodes[n].bodies[b]; b++)
      OCT_TRY(load_body(graph, graph->nodes[n].bodies[b]));
  return OCT_OK;
}

oct_status oct_passes_load(oct_graph *graph) {
  if (!LOADS) return OCT_OK;
  if (!graph->folding_limit) oct_graph_limit_folding(graph);
  OCT_TRY(oct_pass_fold_constants(graph));
  OCT_TRY(load_bodies(graph));
  if (FUSES_SCALES) OCT_TRY(oct_pass_fuse_batch_norm(graph));
  if (FUSES_ACTIVATIONS) OCT_TRY(oct_pass_fuse_activation(graph));
  if (FOLDS_QDQ) OCT_TRY(oct_pass_fold_qdq(graph));
  OCT_TRY(oct_pass_dead_code(graph));
  OCT_TRY(oct_pass_dequantize_constants(graph));
  if (FUSES_SCALES) OCT_TRY(oct_pass_fuse_batch_norm(graph));
  return oct_pass_dead_code(graph);
}

oct_status oct_passes_plan(oct_graph *graph, oct_graph *rest) {
  OCT_TRY(oct_pass_infer_and_fold(graph, rest));
  if (FUSES_PADS) OCT_TRY(oct_pass_fuse_pad(graph));
  if (FUSES_SWISH) OCT_TRY(oct_pass_fuse_swish(graph));
  OCT_TRY(oct_pass_dead_code(graph));
  if (TURNS_LAYOUT) OCT_TRY(oct_pass_layout(graph));
  if (FUSES_TABLES) OCT_TRY(oct_pass_fuse_tables(graph));
  return oct_pass_dead_code(graph);
}
