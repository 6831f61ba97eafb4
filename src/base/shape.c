// SPDX-License-Identifier: MIT
//
// Shape arithmetic.
#include "base/shape.h"

#include <stdarg.h>
#include <string.h>

#include "base/print.h"

oct_shape oct_shape_of(int rank, ...) {
  oct_shape shape = {.rank = rank};
  va_list dims;
  va_start(dims, rank);
  for (int i = 0; i < rank; i++) shape.dim[i] = va_arg(dims, int);
  va_end(dims);
  return shape;
}

oct_shape oct_shape_unknown(void) { return (oct_shape){.rank = -1}; }

bool oct_shape_is_static(const oct_shape *shape) {
  if (shape->rank < 0) return false;
  for (int i = 0; i < shape->rank; i++)
    if (shape->dim[i] < 0) return false;
  return true;
}

bool oct_shape_equal(const oct_shape *a, const oct_shape *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->dim[i] != b->dim[i]) return false;
  return true;
}

size_t oct_shape_count(const oct_shape *shape) { return oct_shape_span(shape, 0, shape->rank); }

size_t oct_shape_span(const oct_shape *shape, int begin, int end) {
  size_t count = 1;
  for (int i = begin; i < end; i++) count *= (size_t)shape->dim[i];
  return count;
}

bool oct_shape_checked_bytes(const oct_shape *shape, size_t element_bytes, size_t *bytes) {
  if (shape->rank < 0 || shape->rank > OCT_MAX_RANK) return false;
  uint64_t total = element_bytes;
  bool empty = false;
  for (int i = 0; i < shape->rank; i++) {
    if (shape->dim[i] < 0) return false;
    if (shape->dim[i] == 0) empty = true;
    else if ((total *= (uint64_t)shape->dim[i]) > OCT_MAX_TENSOR_BYTES) return false;
  }
  *bytes = empty ? 0 : (size_t)total;
  return true;
}

bool oct_shape_broadcast(const oct_shape *a, const oct_shape *b, oct_shape *out) {
  oct_shape result = {.rank = a->rank > b->rank ? a->rank : b->rank};
  for (int i = 0; i < result.rank; i++) {
    int ia = i - (result.rank - a->rank), ib = i - (result.rank - b->rank);
    int da = ia < 0 ? 1 : a->dim[ia], db = ib < 0 ? 1 : b->dim[ib];
    if (da != db && da != 1 && db != 1) return false;
    result.dim[i] = da == 1 ? db : da;
  }
  *out = result;
  return true;
}

const char *oct_shape_print(const oct_shape *shape, char text[static 112]) {
  if (shape->rank < 0) return strcpy(text, "[...]");
  size_t at = oct_print(text, 112, "[");
  for (int i = 0; i < shape->rank; i++) {
    const char *comma = i ? ", " : "";
    if (shape->dim[i] < 0) at += oct_print(text + at, 112 - at, "%s?", comma);
    else at += oct_print(text + at, 112 - at, "%s%d", comma, (int)shape->dim[i]);
  }
  oct_print(text + at, 112 - at, "]");
  return text;
}
