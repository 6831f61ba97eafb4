// SPDX-License-Identifier: MIT
//
// The passes, in the order they run. Each is a pure rewrite of the graph with a test of its own.
//
// oct_passes_load runs once, on the graph as read, without shapes: it folds what depends on constants only.
// oct_passes_plan runs on a clone whose input shapes are set: shapes are inferred, shape arithmetic vanishes, layouts
// turn to NHWC. After it every value's dtype and shape is static. What shapes cannot be known of until a run has
// computed data goes to `rest` (zeroed before; cut.h), or is refused where that is NULL.
#ifndef OCT_GRAPH_PASSES_H
#define OCT_GRAPH_PASSES_H

#include "graph/graph.h"

oct_status oct_passes_load(oct_graph *graph);
oct_status oct_passes_plan(oct_graph *graph, oct_graph *rest);

/// Infers every value's shape and dtype in order and evaluates nodes whose inputs are all constant; nodes that have to
/// wait go to `rest`.
oct_status oct_pass_infer_and_fold(oct_graph *graph, oct_graph *rest);
/// Evaluates nodes whose inputs are all constant; dequantized weights are left for fold_qdq to see.
oct_status oct_pass_fold_constants(oct_graph *graph);
/// Evaluates the dequantized weights that fold_qdq did not take, and what follows from them.
oct_status oct_pass_dequantize_constants(oct_graph *graph);
/// Conv / ConvTranspose / MatMul followed by BatchNormalization, or by Mul / Add with a per-channel constant, float only.
oct_status oct_pass_fuse_batch_norm(oct_graph *graph);
/// Relu and Clip into the clamp of the node before.
oct_status oct_pass_fuse_activation(oct_graph *graph);
/// DequantizeLinear -> operator -> QuantizeLinear becomes the integer operator.
oct_status oct_pass_fold_qdq(oct_graph *graph);
/// PAD with zeros into the padding of the convolution behind it; of a graph with shapes.
oct_status oct_pass_fuse_pad(oct_graph *graph);
/// x * sigmoid(x), and x * clip(x + 3, 0, 6) / 6, into one node, in the place of the last; of a graph with shapes.
oct_status oct_pass_fuse_swish(oct_graph *graph);
/// Turns spatial nodes to NHWC and pushes the transposes to the edges, cancelling them.
oct_status oct_pass_layout(oct_graph *graph);
/// Turns q8 nodes that map single elements into tables of 256 bytes, and chains of tables into one.
oct_status oct_pass_fuse_tables(oct_graph *graph);
/// Drops nodes that nothing reads.
oct_status oct_pass_dead_code(oct_graph *graph);

#endif
