// SPDX-License-Identifier: MIT
//
// A map from names in a model file to graph values, for formats that link nodes by name. Names are borrowed from the
// model's bytes.
#ifndef OCT_FORMATS_NAMES_H
#define OCT_FORMATS_NAMES_H

#include "formats/protobuf.h"
#include "graph/graph.h"

typedef struct oct_name {
  oct_bytes text; // key; at == NULL marks an empty slot
  oct_value_id value;
  oct_dtype source; // of a Q8 value: the file's own type, OCT_I8 or OCT_U8; else OCT_NONE
} oct_name;

typedef struct oct_names {
  oct_name *slots; // open addressing, capacity a power of two, at most half full
  size_t capacity, count;
} oct_names;

/// The entry of a name, or NULL.
const oct_name *oct_names_find(const oct_names *names, oct_bytes text);

/// Adds a name; INVALID_MODEL if it is there already.
oct_status oct_names_add(oct_names *names, oct_arena *arena, oct_name name);

#endif
