// SPDX-License-Identifier: MIT
//
// What the operators that only move elements share (trait MOVES): the output has the input's type and quantization.
#ifndef OCT_OPS_MOVES_H
#define OCT_OPS_MOVES_H

#include "ops/op.h"
#include "ops/strided.h"

/// Sets output `index` to `shape` and to input 0's dtype and quantization, where those are not known yet.
oct_status oct_infer_moved(oct_graph *graph, oct_node *node, int index, oct_shape shape);

/// Fails unless every output has input 0's dtype.
oct_status oct_prepare_moved(const oct_prepare *context);

/// Makes the outputs views of input 0, one behind the other.
oct_status oct_prepare_view(oct_prepare *context);

#endif
