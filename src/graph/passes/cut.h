// SPDX-License-Identifier: MIT
//
// Stages: a graph is cut where shapes depend on data that only a run computes (the count of a NonZero, the bounds of a
// Slice).
//
// The node that reads such data waits, and with it every node that reads what it makes. They leave the graph for a graph
// of their own, the rest; what they read becomes the graph's outputs. When a run has made these, those whose elements
// decide shapes are constants of the rest (its inputs), the others lie where they are (its externals), and the rest is
// planned like any graph: cut again if it must be.
#ifndef OCT_GRAPH_CUT_H
#define OCT_GRAPH_CUT_H

#include "graph/graph.h"

/// Whether the node lacks elements that decide shapes. Control flow may do without, and is asked only where it refused.
bool oct_node_lacks_data(const oct_graph *graph, const oct_node *node);

/// Adds the node to the rest, and forgets the shapes of what it makes.
oct_status oct_graph_put_off(oct_graph *graph, const oct_node *node, oct_graph *rest);

/// Sets the outputs of a graph whose waiting nodes are gone, and makes the rest a graph of the same values. Its inputs
/// are the first of these outputs, its externals the others, in order.
oct_status oct_graph_cut(oct_graph *graph, oct_graph *rest);

#endif
