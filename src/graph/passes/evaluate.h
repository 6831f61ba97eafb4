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

/// Turns the nodes whose outputs all became constants out of the list.
void oct_graph_drop_evaluated(oct_graph *graph);

#endif
