// SPDX-License-Identifier: MIT
//
// A chunked bump allocator over malloc. Small requests share 16 KiB chunks; a large one gets a chunk of its own, so
// that nothing is wasted on it and sanitizers see its true end (plus the slack that kernels may read).
#include "base/arena.h"

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct oct_arena_block {
  oct_arena_block *next;
  size_t used, capacity;
  bool large; // holds one request
};

enum { CHUNK_BYTES = 16384, LARGE_BYTES = 1024, HEADER_BYTES = 64 };

void *oct_block_alloc(size_t bytes) {
  if (bytes > SIZE_MAX - 2 * OCT_ALIGN_BYTES - OCT_SLACK_BYTES) bytes = SIZE_MAX;
  char *raw = bytes == SIZE_MAX ? NULL : malloc(bytes + OCT_SLACK_BYTES + OCT_ALIGN_BYTES);
  if (!raw) {
    oct_fail(OCT_OUT_OF_MEMORY, "close other models or use a smaller input", "cannot allocate %zu bytes", bytes);
    return NULL;
  }
  uintptr_t aligned = ((uintptr_t)raw + OCT_ALIGN_BYTES) & ~(uintptr_t)(OCT_ALIGN_BYTES - 1);
  ((unsigned char *)aligned)[-1] = (unsigned char)(aligned - (uintptr_t)raw);
  return (void *)aligned;
}

void oct_block_free(void *block) {
  if (block) free((char *)block - ((unsigned char *)block)[-1]);
}

static oct_arena_block *add_block(oct_arena *arena, size_t capacity) {
  oct_arena_block *block = oct_block_alloc(HEADER_BYTES + capacity);
  if (!block) return NULL;
  *block = (oct_arena_block){.next = arena->blocks, .capacity = capacity};
  return arena->blocks = block;
}

void *oct_arena_alloc(oct_arena *arena, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return oct_block_alloc(SIZE_MAX);
  size_t step = (bytes + 15) & ~(size_t)15;
  oct_arena_block *block = arena->blocks;
  if (bytes >= LARGE_BYTES) {
    // Goes behind the current chunk, which stays open for small requests.
    oct_arena_block *open = arena->blocks;
    if (!(block = add_block(arena, bytes))) return NULL;
    block->large = true;
    if (open) {
      arena->blocks = open;
      block->next = open->next;
      open->next = block;
    }
  } else if (!block || block->capacity - block->used < step) {
    if (!(block = add_block(arena, CHUNK_BYTES))) return NULL;
  }
  char *result = (char *)block + HEADER_BYTES + block->used;
  block->used += bytes >= LARGE_BYTES ? bytes : step;
  arena->used_bytes += step;
  return memset(result, 0, bytes);
}

char *oct_arena_text(oct_arena *arena, const char *text, size_t length) {
  char *copy = oct_arena_alloc(arena, length + 1);
  if (copy && length) memcpy(copy, text, length);
  return copy;
}

static int by_address(const void *a, const void *b) {
  const uintptr_t left = (uintptr_t)*(const void *const *)a, right = (uintptr_t)*(const void *const *)b;
  return (left > right) - (left < right);
}

/// True when one of the sorted pointers is in [begin, begin + bytes).
static bool any_in(const void **pointers, size_t count, const char *begin, size_t bytes) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if ((uintptr_t)pointers[middle] < (uintptr_t)begin) low = middle + 1;
    else high = middle;
  }
  return low < count && (uintptr_t)pointers[low] < (uintptr_t)begin + bytes;
}

void oct_arena_sweep(oct_arena *arena, const void **dead, size_t dead_count, const void **live, size_t live_count) {
  qsort(dead, dead_count, sizeof *dead, by_address);
  qsort(live, live_count, sizeof *live, by_address);
  for (oct_arena_block **at = &arena->blocks, *block; (block = *at);) {
    const char *begin = (const char *)block + HEADER_BYTES;
    if (!block->large || !any_in(dead, dead_count, begin, 1) || any_in(live, live_count, begin, block->capacity)) {
      at = &block->next;
      continue;
    }
    *at = block->next;
    arena->used_bytes -= (block->capacity + 15) & ~(size_t)15;
    oct_block_free(block);
  }
}

void oct_arena_free(oct_arena *arena) {
  for (oct_arena_block *block = arena->blocks, *next; block; block = next) {
    next = block->next;
    oct_block_free(block);
  }
  *arena = (oct_arena){0};
}
