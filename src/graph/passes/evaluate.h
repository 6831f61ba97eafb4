// SPDX-License-Identifier: MIT
//
// Running single nodes on constants while a graph is rewritten: what passes fold, turn and tabulate with.
#ifndef OCT_GRAPH_EVALUATE_H
#define OCT_GRAPH_EVALUATE_H

#include "graph/graph.h"

/// True when every present input of the node is a constant, none of its outputs is, and it computes the same in any
/// layout (spatial nodes in NCHW are not evaluated, nor is control flow).
bool oct_node_is_constant(const oct_graph *graph, const oct_node *node);

/// Runs an inferred node whose inputs are constants; its outputs become constants in the graph's arena.
oct_status oct_node_evaluate(oct_graph *graph, oct_node *node);

/// What folding a graph's constants may cost, bodies included: elements read and made, in bytes, and multiply-adds. A
/// small file that makes much from little is an attack, or one of ONNX's "light" models (light_vgg19 makes 548 MiB).
#ifndef OCT_FOLDING_COST // fuzzers have less time
#define OCT_FOLDING_COST (UINT64_C(640) << 20)
#endif
/// And for each byte of the file's own constants.
#define OCT_FOLDING_COST_PER_BYTE 32

/// Says what folding the graph as read may cost.
void oct_graph_limit_folding(oct_graph *graph);

/// True, and the cost is counted, where the limit allows it.
bool oct_graph_affords(oct_graph *graph, uint64_t cost);

/// As oct_node_evaluate where the graph affords it; else the node stays, to be run with the others.
oct_status oct_node_fold(oct_graph *graph, oct_node *node);

/// Turns the nodes whose outputs all became constants out of the list.
void oct_graph_drop_evaluated(oct_graph *graph);

#endif
