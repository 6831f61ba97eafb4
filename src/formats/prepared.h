// SPDX-License-Identifier: MIT
//
// What the files of the prepared format share; prepared.c tells of it.
#ifndef OCT_FORMATS_PREPARED_H
#define OCT_FORMATS_PREPARED_H

#include "graph/graph.h"

/// Whether everything in the graph is made before it is read, by one node only, and bodies fit their nodes: what the
/// other readers see to as they build a graph. Ids are in range already. `work` is for lists.
bool oct_prepared_is_sound(const oct_graph *graph, oct_arena *work);

#endif
