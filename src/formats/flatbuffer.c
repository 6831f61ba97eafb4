// SPDX-License-Identifier: MIT
//
// Offsets are size_t and every sum is checked before it is made: `fits` is the one place where an offset becomes
// readable.
#include "formats/flatbuffer.h"

#include <string.h>

static bool fits(oct_fb *file, size_t at, size_t bytes) {
  if (at <= file->size && bytes <= file->size - at) return true;
  file->bad = true;
  return false;
}

static uint64_t load(const oct_fb *file, size_t at, size_t bytes) {
  uint64_t value = 0;
  memcpy(&value, file->data + at, bytes); // both the file and every target are little-endian
  return value;
}

/// Follows the forward distance that is stored at `at`; 0 for damage.
static size_t follow(oct_fb *file, size_t at) {
  if (!fits(file, at, 4)) return 0;
  size_t distance = (size_t)load(file, at, 4);
  if (!distance || !fits(file, at, distance)) return 0;
  return at + distance;
}

static oct_fb_table open_table(oct_fb *file, size_t at) {
  oct_fb_table none = {0};
  if (!at || !fits(file, at, 4)) return none;
  int64_t vtable = (int64_t)at - (int32_t)load(file, at, 4);
  if (vtable < 0 || !fits(file, (size_t)vtable, 4)) return file->bad = true, none;
  size_t vtable_bytes = (size_t)load(file, (size_t)vtable, 2), table_bytes = (size_t)load(file, (size_t)vtable + 2, 2);
  if (vtable_bytes < 4 || table_bytes < 4) return file->bad = true, none;
  if (!fits(file, (size_t)vtable, vtable_bytes) || !fits(file, at, table_bytes)) return none;
  return (oct_fb_table){.at = at, .vtable = (size_t)vtable};
}

oct_fb_table oct_fb_root(oct_fb *file) { return open_table(file, follow(file, 0)); }

/// Where a field of `bytes` bytes is; 0 if absent.
static size_t field(oct_fb *file, oct_fb_table table, int slot, size_t bytes) {
  if (!table.at) return 0;
  size_t entry = 4 + 2 * (size_t)slot;
  if (entry + 2 > load(file, table.vtable, 2)) return 0;
  size_t offset = (size_t)load(file, table.vtable + entry, 2);
  if (!offset) return 0;
  if (offset < 4 || offset + bytes > load(file, table.vtable + 2, 2)) return file->bad = true, 0;
  return table.at + offset;
}

uint8_t oct_fb_u8(oct_fb *file, oct_fb_table table, int slot, uint8_t fallback) {
  size_t at = field(file, table, slot, 1);
  return at ? file->data[at] : fallback;
}

int32_t oct_fb_i32(oct_fb *file, oct_fb_table table, int slot, int32_t fallback) {
  size_t at = field(file, table, slot, 4);
  return at ? (int32_t)load(file, at, 4) : fallback;
}

uint64_t oct_fb_u64(oct_fb *file, oct_fb_table table, int slot, uint64_t fallback) {
  size_t at = field(file, table, slot, 8);
  return at ? load(file, at, 8) : fallback;
}

float oct_fb_f32(oct_fb *file, oct_fb_table table, int slot, float fallback) {
  size_t at = field(file, table, slot, 4);
  float value = fallback;
  if (at) memcpy(&value, file->data + at, 4);
  return value;
}

oct_fb_table oct_fb_table_of(oct_fb *file, oct_fb_table table, int slot) {
  size_t at = field(file, table, slot, 4);
  return at ? open_table(file, follow(file, at)) : (oct_fb_table){0};
}

oct_fb_vector oct_fb_vector_of(oct_fb *file, oct_fb_table table, int slot, size_t element_bytes) {
  size_t reference = field(file, table, slot, 4), at = reference ? follow(file, reference) : 0;
  if (!at || !fits(file, at, 4)) return (oct_fb_vector){0};
  uint32_t count = (uint32_t)load(file, at, 4);
  if (count > (file->size - at - 4) / element_bytes) return file->bad = true, (oct_fb_vector){0};
  return (oct_fb_vector){.at = at + 4, .count = count};
}

int32_t oct_fb_i32_at(const oct_fb *file, oct_fb_vector vector, uint32_t index) {
  return (int32_t)load(file, vector.at + 4 * (size_t)index, 4);
}

int64_t oct_fb_i64_at(const oct_fb *file, oct_fb_vector vector, uint32_t index) {
  return (int64_t)load(file, vector.at + 8 * (size_t)index, 8);
}

oct_fb_table oct_fb_table_at(oct_fb *file, oct_fb_vector vector, uint32_t index) {
  return open_table(file, follow(file, vector.at + 4 * (size_t)index));
}
