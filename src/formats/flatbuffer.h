// SPDX-License-Identifier: MIT
//
// Reading flatbuffers: tables reached by offsets, fields found by vtable slot, no schema compiler, no copies. Bytes are
// hostile: every offset, slot and count is checked against the file, and what points outside reads as absent and marks
// the file bad, so that a reader can go on and ask once at the end.
//
//   table:  [i32 distance back to its vtable][fields...]
//   vtable: [u16 its bytes][u16 the table's bytes][u16 where slot 0 is in the table, 0 = absent][slot 1]...
//   vector: [u32 count][elements...]; a field that refers holds the u32 distance forward to what it refers to
#ifndef OCT_FORMATS_FLATBUFFER_H
#define OCT_FORMATS_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct oct_fb {
  const uint8_t *data;
  size_t size;
  bool bad;
} oct_fb;

typedef struct oct_fb_table {
  size_t at;     // of the table; 0 = absent: every field reads as its fallback
  size_t vtable; // of its vtable
} oct_fb_table;

typedef struct oct_fb_vector {
  size_t at;      // of element 0
  uint32_t count; // 0 = empty or absent
} oct_fb_vector;

oct_fb_table oct_fb_root(oct_fb *file);

/// Scalars of a table: the fallback where the field is absent.
uint8_t oct_fb_u8(oct_fb *file, oct_fb_table table, int slot, uint8_t fallback);
int32_t oct_fb_i32(oct_fb *file, oct_fb_table table, int slot, int32_t fallback);
uint64_t oct_fb_u64(oct_fb *file, oct_fb_table table, int slot, uint64_t fallback);
float oct_fb_f32(oct_fb *file, oct_fb_table table, int slot, float fallback);

/// What a field refers to.
oct_fb_table oct_fb_table_of(oct_fb *file, oct_fb_table table, int slot);
oct_fb_vector oct_fb_vector_of(oct_fb *file, oct_fb_table table, int slot, size_t element_bytes);

/// Elements of a vector; the index must be less than its count.
int32_t oct_fb_i32_at(const oct_fb *file, oct_fb_vector vector, uint32_t index);
int64_t oct_fb_i64_at(const oct_fb *file, oct_fb_vector vector, uint32_t index);
oct_fb_table oct_fb_table_at(oct_fb *file, oct_fb_vector vector, uint32_t index);

#endif
