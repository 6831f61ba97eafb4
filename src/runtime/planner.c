// SPDX-License-Identifier: MIT
//
// Greedy, in the best of some orders: see planner.h. Quadratic in the number of slots, which are hundreds.
#include "runtime/planner.h"

#include "base/arena.h"

#include <stdbool.h>

// A slot is at most OCT_MAX_TENSOR_BYTES, so that below this no sum of offset and size overflows 32 bits.
static const size_t LARGEST_OFFSET = (size_t)1 << 31;

static size_t padded(size_t bytes) {
  return oct_align(bytes + OCT_SLACK_BYTES);
}

/// What comes first: the largest; of as large ones the longest alive; what is needed first, or what is done with first.
typedef enum order { BY_SIZE, BY_SIZE_AND_LIFE, BY_FIRST, BY_LAST, ORDERS } order;

static bool comes_before(const oct_slot *a, const oct_slot *b, order by) {
  if (by == BY_FIRST) return a->first < b->first;
  if (by == BY_LAST) return a->last < b->last;
  if (by == BY_SIZE || a->bytes != b->bytes) return a->bytes > b->bytes;
  return a->last - a->first > b->last - b->first;
}

/// Insertion sort: earlier slots first among equals, so that a plan is the same on every machine.
static int32_t sort(const oct_slot *slots, int32_t count, order by, int32_t *sorted) {
  int32_t used = 0;
  for (int32_t i = 0; i < count; i++) {
    if (!slots[i].bytes) continue;
    int32_t at = used++;
    for (; at > 0 && comes_before(&slots[i], &slots[sorted[at - 1]], by); at--) sorted[at] = sorted[at - 1];
    sorted[at] = i;
  }
  return used;
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

static size_t place_all(oct_slot *slots, int32_t count, order by, int32_t *sorted) {
  const int32_t used = sort(slots, count, by, sorted);
  // sorted[0..placed) is the placed part, kept sorted by offset; the rest waits in its order.
  size_t total = OCT_SLACK_BYTES;
  for (int32_t placed = 0; placed < used; placed++) {
    const int32_t current = sorted[placed];
    oct_slot *slot = &slots[current];
    slot->offset = place(slots, sorted, placed, slot);
    if (slot->offset > LARGEST_OFFSET) return SIZE_MAX;
    int32_t at = placed;
    for (; at > 0 && slots[sorted[at - 1]].offset > slot->offset; at--) sorted[at] = sorted[at - 1];
    sorted[at] = current;
    if (slot->offset + padded(slot->bytes) > total) total = slot->offset + padded(slot->bytes);
  }
  return total;
}

size_t oct_plan_memory(oct_slot *slots, int32_t count, int32_t *order) {
  size_t least = SIZE_MAX;
  int best = 0;
  for (int32_t i = 0; i < count; i++) slots[i].offset = 0;
  for (int by = 0; by < ORDERS; by++) {
    const size_t total = place_all(slots, count, by, order);
    if (total < least) least = total, best = by;
  }
  return best == ORDERS - 1 ? least : place_all(slots, count, best, order);
}
