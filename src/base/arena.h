// SPDX-License-Identifier: MIT
//
// Arenas: allocate many, free once. A graph, a plan and the packed weights each live in one.
#ifndef OCT_BASE_ARENA_H
#define OCT_BASE_ARENA_H

#include <stddef.h>

/// Kernels may read (never write) this many bytes past the end of any tensor, packed block or scratch.
#define OCT_SLACK_BYTES 64

/// Alignment of every block.
#define OCT_ALIGN_BYTES 64

/// Bytes from the start of one block to the start of the next, without slack.
static inline size_t oct_align(size_t bytes) {
  return (bytes + OCT_ALIGN_BYTES - 1) / OCT_ALIGN_BYTES * OCT_ALIGN_BYTES;
}

typedef struct oct_arena_block oct_arena_block;

typedef struct oct_arena {
  oct_arena_block *blocks; // newest first
  size_t used_bytes;       // handed out, for reports
} oct_arena;

/// Returns zeroed memory aligned to 16 bytes (64 for requests of 1 KiB and more) that lives until the arena is
/// freed, with OCT_SLACK_BYTES readable past its end; NULL when the system refuses, with the error record filled.
void *oct_arena_alloc(oct_arena *arena, size_t bytes);

/// Copies a string of `length` bytes and terminates it.
char *oct_arena_text(oct_arena *arena, const char *text, size_t length);

/// Frees the large requests (of 1 KiB and more) that begin at one of `dead`, unless one of `live` points into them.
/// Sorts both lists.
void oct_arena_sweep(oct_arena *arena, const void **dead, size_t dead_count, const void **live, size_t live_count);

/// Frees everything; the arena is empty and usable again.
void oct_arena_free(oct_arena *arena);

/// One aligned block with slack outside any arena; free with oct_block_free. Not zeroed.
void *oct_block_alloc(size_t bytes);
void oct_block_free(void *block);

#endif
