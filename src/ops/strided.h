// SPDX-License-Identifier: MIT
//
// Moving a box of elements between two strided places: what TRANSPOSE, SLICE, EXPAND and PAD come down to.
#ifndef OCT_OPS_STRIDED_H
#define OCT_OPS_STRIDED_H

#include "kernels/kernels.h"
#include "ops/op.h"

/// A box of dim[0] x ... x dim[rank - 1] elements, outermost first; offsets and strides are in elements and may be
/// zero or negative on the `from` side.
typedef struct oct_strided {
  int32_t rank;
  int32_t dim[OCT_MAX_RANK];
  ptrdiff_t from_stride[OCT_MAX_RANK], to_stride[OCT_MAX_RANK];
  ptrdiff_t from, to; // offset of the first element
  size_t unit;        // bytes of an element
  oct_transpose_x8_fn *transpose_x8;   // set by simplify where the two innermost dimensions are a transposition
  oct_transpose_x32_fn *transpose_x32;
} oct_strided;

/// Strides of a dense tensor: stride[rank - 1] is 1.
void oct_strides_dense(const oct_shape *shape, ptrdiff_t stride[OCT_MAX_RANK]);

/// Merges what is contiguous on both sides; contiguous rows become units of their own. Do it once, in prepare.
void oct_strided_simplify(oct_strided *box);

void oct_strided_copy(const oct_strided *box, const void *from, void *to);

#endif
