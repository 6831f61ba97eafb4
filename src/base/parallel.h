// SPDX-License-Identifier: MIT
//
// The thread pool, as the engine sees it: a piece of work is cut into parts, and the threads that are there take them.
//
// How many parts is decided when a plan is made, from what is allowed; how many threads come to take them is seen when
// it runs. A thread that is late, or never comes, costs nothing but its help: the caller takes what nobody took. Parts
// must not depend on each other, nor results on how many parts there are.
//
// There is one pool an instance. Whoever has threads (JavaScript, a test) lets each of them call oct_parallel_enter.
#ifndef OCT_BASE_PARALLEL_H
#define OCT_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OCT_MAX_THREADS 16

/// Part `index` of `count`.
typedef struct oct_part {
  int32_t index, count;
} oct_part;

/// All of it.
static inline oct_part oct_whole(void) { return (oct_part){0, 1}; }

/// Where the part's share of `total` units begins and ends.
static inline size_t oct_part_begin(oct_part part, size_t total) {
  return (size_t)((uint64_t)total * (uint64_t)part.index / (uint64_t)part.count);
}
static inline size_t oct_part_end(oct_part part, size_t total) {
  return oct_part_begin((oct_part){part.index + 1, part.count}, total);
}

/// Where the part's share of `total` elements begins, if only every `unit`th may begin one; it ends where the next begins.
static inline size_t oct_part_from(oct_part part, size_t total, size_t unit) {
  const size_t at = oct_part_begin(part, (total + unit - 1) / unit) * unit;
  return at < total ? at : total;
}
static inline size_t oct_part_to(oct_part part, size_t total, size_t unit) {
  return oct_part_from((oct_part){part.index + 1, part.count}, total, unit);
}

/// Allows up to `threads`, the caller's own included, from the next plan on: 1 until told otherwise. `may_wait` says
/// that the calling thread may sleep; the main thread of a page may not, and spins.
void oct_parallel_allow(int32_t threads, bool may_wait);

/// How many parts work of about `nanoseconds` is worth: 1 if handing it out would cost too much of what it saves.
int32_t oct_parallel_parts(double nanoseconds);

/// Calls work(context, part) once for each part, on any thread, and returns when all are done. Not to be nested.
void oct_parallel(int32_t parts, void (*work)(const void *context, int32_t part), const void *context);

/// Lends the calling thread to the pool until oct_parallel_end.
void oct_parallel_enter(void);

/// What a thread's owner calls when the thread crashed in a part: the oct_parallel that waits for it crashes, too.
void oct_parallel_fail(void);

/// Lets every thread leave, and returns when they have. One that comes later leaves at once, until oct_parallel_allow.
void oct_parallel_end(void);

#endif
