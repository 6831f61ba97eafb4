// SPDX-License-Identifier: MIT
//
// Sizes and names of element types, read from the one list.
#include "base/dtype.h"

static const struct {
  const char *name;
  size_t bytes;
} dtypes[] = {
#define OCT_DTYPE(name, text, bytes) {text, bytes},
#include "base/dtype.inc"
#undef OCT_DTYPE
};

size_t oct_dtype_bytes(oct_dtype dtype) { return (unsigned)dtype < OCT_DTYPE_COUNT ? dtypes[dtype].bytes : 0; }

const char *oct_dtype_name(oct_dtype dtype) { return (unsigned)dtype < OCT_DTYPE_COUNT ? dtypes[dtype].name : "none"; }
