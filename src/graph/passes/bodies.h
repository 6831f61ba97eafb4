// SPDX-License-Identifier: MIT
//
// The bodies of control flow while a graph is rewritten: a branch that is known to be taken becomes part of the graph
// around it, and a body that has to be run is rewritten for the shapes that it will see.
#ifndef OCT_GRAPH_BODIES_H
#define OCT_GRAPH_BODIES_H

#include "graph/graph.h"

/// True for an IF whose condition is a constant; `branch` is the body it takes.
bool oct_branch_is_known(const oct_graph *graph, const oct_node *node, int *branch);

/// Puts the nodes of body `index` of an IF, node `at`, in its place.
oct_status oct_body_inline(oct_graph *graph, int32_t at, int index);

/// Runs the plan passes on a copy of body `index`, which becomes the node's. `inputs` says what the body's own inputs
/// are: dtype, shape, quantization, and bytes if constant; what its externals are, the graph knows.
oct_status oct_body_specialize(oct_graph *graph, oct_node *node, int index, const oct_value *inputs);

#endif
