// SPDX-License-Identifier: MIT
//
// The memory planner: lifetimes in, offsets out. Pure.
//
// Greedy: one buffer after the other, at the lowest offset where it overlaps no buffer alive at the same time. Largest
// first, as in Pisarchyk & Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020; and in the order of
// time, which now and then leaves smaller gaps. The best order counts.
#ifndef OCT_RUNTIME_PLANNER_H
#define OCT_RUNTIME_PLANNER_H

#include <stddef.h>
#include <stdint.h>

typedef struct oct_slot {
  size_t bytes;        // in: size; 0 needs no memory
  int32_t first, last; // in: alive from step `first` to step `last`, both included
  size_t offset;       // out: multiple of OCT_ALIGN_BYTES
} oct_slot;

/// Assigns offsets so that slots alive at the same step never overlap, each followed by OCT_SLACK_BYTES that stay
/// inside the block. Returns the block's size, or SIZE_MAX if it would pass 2 GiB. `order` is workspace for `count` indices.
size_t oct_plan_memory(oct_slot *slots, int32_t count, int32_t *order);

#endif
