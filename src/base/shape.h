// SPDX-License-Identifier: MIT
//
// Shapes: rank and dimensions, with overflow-checked sizes.
#ifndef OCT_BASE_SHAPE_H
#define OCT_BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OCT_MAX_RANK 8
#define OCT_DYNAMIC (-1)                    // a dimension that the input's shape decides at run time
#define OCT_MAX_TENSOR_BYTES ((size_t)1 << 30) // larger tensors are refused

typedef struct oct_shape {
  int32_t rank;               // 0..OCT_MAX_RANK, or -1: not known yet
  int32_t dim[OCT_MAX_RANK];  // outermost first; unused entries are 0
} oct_shape;

/// Builds a shape: oct_shape_of(2, 3, 4) is [3, 4].
oct_shape oct_shape_of(int rank, ...);

/// A shape whose rank is not known yet.
oct_shape oct_shape_unknown(void);

/// True when the rank and every dimension are known.
bool oct_shape_is_static(const oct_shape *shape);

bool oct_shape_equal(const oct_shape *a, const oct_shape *b);

/// Number of elements of a static shape. The importers and infer have checked that it fits (OCT_MAX_TENSOR_BYTES).
size_t oct_shape_count(const oct_shape *shape);

/// Like oct_shape_count, for unchecked shapes: false if a dimension is negative or the product times `element_bytes`
/// exceeds OCT_MAX_TENSOR_BYTES.
bool oct_shape_checked_bytes(const oct_shape *shape, size_t element_bytes, size_t *bytes);

/// Product of dim[begin..end).
size_t oct_shape_span(const oct_shape *shape, int begin, int end);

/// Elements of a pixel: the last dimension; 1 of a scalar.
static inline size_t oct_shape_channels(const oct_shape *shape) {
  return shape->rank > 0 ? (size_t)shape->dim[shape->rank - 1] : 1;
}

/// NumPy broadcasting of two static shapes; false if they do not fit.
bool oct_shape_broadcast(const oct_shape *a, const oct_shape *b, oct_shape *out);

/// Writes "[1, 3, ?, 224]" into `text`; returns `text`.
const char *oct_shape_print(const oct_shape *shape, char text[static 112]);

#endif
