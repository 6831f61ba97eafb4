// SPDX-License-Identifier: MIT
//
// The strided copy. Most boxes simplify to rows of bytes; the rest to a gather of 1, 2, 4 or 8 byte units, of which the
// transposition of a matrix is the frequent case and has kernels.
#include "ops/strided.h"

#include "ops/quantization.h"

#include <string.h>

void oct_strides_dense(const oct_shape *shape, ptrdiff_t stride[OCT_MAX_RANK]) {
  ptrdiff_t size = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    stride[i] = size;
    size *= shape->dim[i];
  }
}

void oct_strided_simplify(oct_strided *box) {
  int32_t rank = 0;
  for (int32_t i = 0; i < box->rank; i++) {
    if (box->dim[i] == 1) continue;
    int32_t last = rank - 1;
    bool merges = rank && box->from_stride[last] == box->from_stride[i] * box->dim[i] &&
                  box->to_stride[last] == box->to_stride[i] * box->dim[i];
    if (merges) {
      box->dim[last] *= box->dim[i];
      box->from_stride[last] = box->from_stride[i], box->to_stride[last] = box->to_stride[i];
    } else {
      box->dim[rank] = box->dim[i];
      box->from_stride[rank] = box->from_stride[i], box->to_stride[rank] = box->to_stride[i];
      rank++;
    }
  }
  // From here on offsets and strides are in bytes and the innermost rows, where contiguous, are one unit.
  ptrdiff_t bytes = (ptrdiff_t)box->unit;
  for (int32_t i = 0; i < rank; i++) box->from_stride[i] *= bytes, box->to_stride[i] *= bytes;
  box->from *= bytes, box->to *= bytes;
  if (rank && box->from_stride[rank - 1] == bytes && box->to_stride[rank - 1] == bytes)
    box->unit *= (size_t)box->dim[--rank];
  box->rank = rank;
  if (rank < 2) return;
  ptrdiff_t unit = (ptrdiff_t)box->unit;
  bool transposes = box->from_stride[rank - 2] == unit && box->to_stride[rank - 1] == unit &&
                    box->from_stride[rank - 1] > 0 && box->to_stride[rank - 2] > 0;
  if (transposes && unit == 1) box->transpose_x8 = OCT_BEST(transpose_x8);
  if (transposes && unit == 4) box->transpose_x32 = OCT_BEST(transpose_x32);
}

/// One row of units: a move each, at any alignment (a unit of a constant may be several of its elements).
#define COPY_ROW(type)                                                                                                 \
  for (int32_t i = 0; i < count; i++, from += from_stride, to += to_stride) memcpy(to, from, sizeof(type));            \
  return

static void copy_row(const char *from, ptrdiff_t from_stride, char *to, ptrdiff_t to_stride, int32_t count,
                     size_t unit) {
  switch (unit) {
    case 1: COPY_ROW(uint8_t);
    case 2: COPY_ROW(uint16_t);
    case 4: COPY_ROW(uint32_t);
    case 8: COPY_ROW(uint64_t);
    default:
      for (int32_t i = 0; i < count; i++, from += from_stride, to += to_stride) memcpy(to, from, unit);
  }
}

/// The two innermost dimensions.
static void copy_plane(const oct_strided *box, int32_t outer, const char *from, char *to) {
  int32_t inner = outer + 1, rows = box->dim[outer], columns = box->dim[inner];
  ptrdiff_t from_row = box->from_stride[outer], to_row = box->to_stride[outer];
  ptrdiff_t from_column = box->from_stride[inner], to_column = box->to_stride[inner];
  if (box->transpose_x8) {
    box->transpose_x8((const uint8_t *)from, (size_t)from_column, (size_t)rows, (size_t)columns, (uint8_t *)to,
                      (size_t)to_row);
  } else if (box->transpose_x32) {
    box->transpose_x32((const uint32_t *)from, (size_t)from_column / 4, (size_t)rows, (size_t)columns, (uint32_t *)to,
                       (size_t)to_row / 4);
  } else {
    for (int32_t r = 0; r < rows; r++)
      copy_row(from + r * from_row, from_column, to + r * to_row, to_column, columns, box->unit);
  }
}

static void copy_box(const oct_strided *box, int32_t depth, const char *from, char *to) {
  if (box->rank - depth == 2) {
    copy_plane(box, depth, from, to);
  } else if (box->rank - depth == 1) {
    copy_row(from, box->from_stride[depth], to, box->to_stride[depth], box->dim[depth], box->unit);
  } else if (box->rank - depth == 0) {
    memcpy(to, from, box->unit);
  } else {
    for (int32_t i = 0; i < box->dim[depth]; i++)
      copy_box(box, depth + 1, from + i * box->from_stride[depth], to + i * box->to_stride[depth]);
  }
}

void oct_strided_copy(const oct_strided *box, const void *from, void *to) {
  for (int32_t i = 0; i < box->rank; i++)
    if (!box->dim[i]) return;
  if (box->unit) copy_box(box, 0, (const char *)from + box->from, (char *)to + box->to);
}
