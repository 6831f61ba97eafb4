// SPDX-License-Identifier: MIT
//
// A network to rehearse with. Browsers compile a function well only once it has run for a while, in the background; a
// first run then waits for slow code. While a model is still on its way, a small network of the layers that most integer
// models are made of can be planned and run in its place: what it computes is nothing, but the code is ready after it.
#ifndef OCT_RUNTIME_REHEARSAL_H
#define OCT_RUNTIME_REHEARSAL_H

#include "graph/graph.h"

/// Fills a zeroed graph.
oct_status oct_rehearsal_build(oct_graph *graph);

#endif
