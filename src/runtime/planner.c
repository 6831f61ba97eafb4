// SPDX-License-Identifier: MIT
//
// Greedy by size: see planner.h. Quadratic in the number of slots, which are hundreds.
#include "runtime/planner.h"

#include "base/arena.h"

// A slot is at most OCT_MAX_TENSOR_BYTES, so that below this no sum of offset and size overflows 32 bits.
static const size_t LARGEST_OFFSET = (size_t)1 << 31;

static size_t padded(size_t bytes) {
  return oct_align(bytes + OCT_SLACK_BYTES);
}

static void sort_by_size(const oct_slot *slots, int32_t *order, int32_t count) {
  // Insertion sort: largest first, earlier slots first among equals, so that a plan is the same on every machine.
  for (int32_t i = 1; i < count; i++) {
    const int32_t moved = order[i];
    int32_t at = i;
    for (; at > 0 && slots[order[at - 1]].bytes < slots[moved].bytes; at--) order[at] = order[at - 1];
    order[at] = moved;
  }
}

/// The lowest offset at which `slot` fits beside the placed slots that are alive with it. `placed` is sorted by offset.
static size_t place(const oct_slot *slots, const int32_t *placed, int32_t count, const oct_slot *slot) {
  size_t offset = 0;
  for (int32_t i = 0; i < count; i++) {
    const oct_slot *other = &slots[placed[i]];
    if (other->last < slot->first || other->first > slot->last) continue;
    if (other->offset >= offset + padded(slot->bytes)) break;
    const size_t end = other->offset + padded(other->bytes);
    if (end > offset) offset = end;
  }
  return offset;
}

size_t oct_plan_memory(oct_slot *slots, int32_t count, int32_t *order) {
  int32_t used = 0;
  for (int32_t i = 0; i < count; i++) {
    slots[i].offset = 0;
    if (slots[i].bytes) order[used++] = i;
  }
  sort_by_size(slots, order, used);
  // order[0..placed) is the placed part, kept sorted by offset; the rest waits, largest first.
  size_t total = OCT_SLACK_BYTES;
  for (int32_t placed = 0; placed < used; placed++) {
    const int32_t current = order[placed];
    oct_slot *slot = &slots[current];
    slot->offset = place(slots, order, placed, slot);
    if (slot->offset > LARGEST_OFFSET) return SIZE_MAX;
    int32_t at = placed;
    for (; at > 0 && slots[order[at - 1]].offset > slot->offset; at--) order[at] = order[at - 1];
    order[at] = current;
    if (slot->offset + padded(slot->bytes) > total) total = slot->offset + padded(slot->bytes);
  }
  return total;
}
