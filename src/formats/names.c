// SPDX-License-Identifier: MIT
//
// Linear probing over a table that doubles; old tables stay in the arena, which costs as much again at most.
#include "formats/names.h"

#include <string.h>

enum { FIRST_CAPACITY = 256 };

/// FNV-1a with a final mix, since the table takes the low bits.
static uint64_t hash(oct_bytes text) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < text.count; i++) h = (h ^ text.at[i]) * 0x100000001b3u;
  return (h ^ h >> 32) * 0x9e3779b97f4a7c15u >> 20;
}

/// The slot that holds `text`, or the empty one where it belongs.
static oct_name *slot_of(const oct_names *names, oct_bytes text) {
  for (size_t i = (size_t)hash(text);; i++) {
    oct_name *slot = &names->slots[i & (names->capacity - 1)];
    if (!slot->text.at) return slot;
    if (slot->text.count == text.count && !memcmp(slot->text.at, text.at, text.count)) return slot;
  }
}

const oct_name *oct_names_find(const oct_names *names, oct_bytes text) {
  if (!names->capacity || !text.at) return NULL;
  const oct_name *slot = slot_of(names, text);
  return slot->text.at ? slot : NULL;
}

static oct_status grow(oct_names *names, oct_arena *arena) {
  oct_names larger = {.capacity = names->capacity ? 2 * names->capacity : FIRST_CAPACITY, .count = names->count};
  larger.slots = oct_arena_alloc(arena, larger.capacity * sizeof *larger.slots);
  if (!larger.slots) return OCT_OUT_OF_MEMORY;
  for (size_t i = 0; i < names->capacity; i++)
    if (names->slots[i].text.at) *slot_of(&larger, names->slots[i].text) = names->slots[i];
  *names = larger;
  return OCT_OK;
}

oct_status oct_names_add(oct_names *names, oct_arena *arena, oct_name name) {
  if (2 * names->count >= names->capacity) OCT_TRY(grow(names, arena));
  oct_name *slot = slot_of(names, name.text);
  if (slot->text.at) {
    int length = name.text.count < 80 ? (int)name.text.count : 80;
    return oct_fail(OCT_INVALID_MODEL, "export the model again", "two tensors of the model have the name '%.*s'",
                    length, (const char *)name.text.at);
  }
  *slot = name;
  names->count++;
  return OCT_OK;
}
