// SPDX-License-Identifier: MIT
//
// A job is published in `claim`: its number, and how many parts are left to take. Threads take parts by counting it
// down, which fails once another job's number stands there, and of a job that has none left nothing can be taken,
// whatever the fields say by then. Whoever took a part knows that the fields are that job's, because the job is not over
// before the part is; nobody else reads them. The caller takes parts like everybody, and then waits for the rest.
//
// Waiting is spinning first, for about as long as a step takes, because waking a sleeper costs several microseconds. Who
// is about to sleep says so, then looks once more; who has news tells them, then looks for sleepers. One of the two sees
// the other (all four are sequentially consistent), so that nobody sleeps through the news, and nobody is woken without
// need.
#include "base/parallel.h"

#include <stdatomic.h>

#ifdef __wasm__
// A function of its own: the first compiler of V8 11.3 (Chrome 113, Node 20) spills the address into twice the room it
// has for it, and so loses whatever local lies beside it. Here nothing does that is needed after the wait.
__attribute__((noinline)) static void sleep_while(_Atomic uint32_t *word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, -1);
}
static void wake(_Atomic uint32_t *word) { __builtin_wasm_memory_atomic_notify((int *)word, UINT32_MAX); }
#else
#include <sched.h>
static void sleep_while(_Atomic uint32_t *word, uint32_t value) {
  if (atomic_load(word) == value) sched_yield();
}
static void wake(_Atomic uint32_t *word) { (void)word; }
#endif

enum {
  SPINS = 40000,              // some 50 microseconds: of a thread without work
  CALLER_SPINS = 400000,      // of the caller, whose parts are as long as the others': somebody else has the core
  WORTH_NANOSECONDS = 20000,  // what takes less is not split
  PART_NANOSECONDS = 10000,   // and no part is made shorter
};

static struct {
  int32_t allowed; // threads; 0 means 1
  bool may_wait;
  _Alignas(64) _Atomic uint64_t claim; // job number << 32 | parts left
  void (*_Atomic work)(const void *, int32_t);
  const void *_Atomic context;
  _Atomic uint32_t parts;
  _Alignas(64) _Atomic uint32_t job; // number of the latest; what threads sleep on
  _Atomic uint32_t sleepers, helpers;
  _Atomic bool is_over;
  _Alignas(64) _Atomic uint32_t done; // parts of the latest job; what the caller sleeps on
  _Atomic bool is_awaited, has_failed;
} pool;

void oct_parallel_allow(int32_t threads, bool may_wait) {
  pool.allowed = threads < OCT_MAX_THREADS ? threads : OCT_MAX_THREADS;
  pool.may_wait = may_wait;
  atomic_store(&pool.is_over, false);
}

int32_t oct_parallel_parts(double nanoseconds) {
  if (pool.allowed < 2 || !(nanoseconds >= WORTH_NANOSECONDS)) return 1;
  const double most = nanoseconds / PART_NANOSECONDS;
  return most < pool.allowed ? (int32_t)most : pool.allowed;
}

static void finish_part(uint32_t parts) {
  if (atomic_fetch_add(&pool.done, 1) + 1 == parts && atomic_load(&pool.is_awaited)) wake(&pool.done);
}

static void take_parts(uint32_t job) {
  uint64_t claim = atomic_load(&pool.claim);
  while ((uint32_t)(claim >> 32) == job && (uint32_t)claim > 0) {
    if (!atomic_compare_exchange_weak(&pool.claim, &claim, claim - 1)) continue;
    void (*work)(const void *, int32_t) = atomic_load_explicit(&pool.work, memory_order_relaxed);
    const void *context = atomic_load_explicit(&pool.context, memory_order_relaxed);
    const uint32_t parts = atomic_load_explicit(&pool.parts, memory_order_relaxed);
    work(context, (int32_t)(parts - (uint32_t)claim));
    finish_part(parts);
    claim--;
  }
}

static void await_parts(uint32_t parts) {
  for (uint32_t i = 0; i < CALLER_SPINS || !pool.may_wait; i++)
    if (atomic_load_explicit(&pool.done, memory_order_acquire) == parts) return;
  atomic_store(&pool.is_awaited, true);
  for (uint32_t done; (done = atomic_load(&pool.done)) != parts;) sleep_while(&pool.done, done);
  atomic_store(&pool.is_awaited, false);
}

void oct_parallel(int32_t parts, void (*work)(const void *context, int32_t part), const void *context) {
  if (parts == 1 || !atomic_load_explicit(&pool.helpers, memory_order_relaxed)) {
    for (int32_t part = 0; part < parts; part++) work(context, part);
    return;
  }
  const uint32_t job = atomic_load_explicit(&pool.job, memory_order_relaxed) + 1;
  atomic_store_explicit(&pool.work, work, memory_order_relaxed);
  atomic_store_explicit(&pool.context, context, memory_order_relaxed);
  atomic_store_explicit(&pool.parts, (uint32_t)parts, memory_order_relaxed);
  atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
  atomic_store(&pool.claim, (uint64_t)job << 32 | (uint32_t)parts);
  atomic_store(&pool.job, job);
  if (atomic_load(&pool.sleepers)) wake(&pool.job);
  take_parts(job);
  await_parts((uint32_t)parts);
  if (atomic_load_explicit(&pool.has_failed, memory_order_relaxed)) __builtin_trap();
}

/// The number of a job after `seen`.
static uint32_t next_job(uint32_t seen) {
  uint32_t job;
  for (int32_t i = 0; i < SPINS; i++)
    if ((job = atomic_load_explicit(&pool.job, memory_order_acquire)) != seen) return job;
  atomic_fetch_add(&pool.sleepers, 1);
  while ((job = atomic_load(&pool.job)) == seen) sleep_while(&pool.job, seen);
  atomic_fetch_sub(&pool.sleepers, 1);
  return job;
}

void oct_parallel_enter(void) {
  atomic_fetch_add(&pool.helpers, 1);
  for (uint32_t job = atomic_load(&pool.job); !atomic_load(&pool.is_over); job = next_job(job)) take_parts(job);
  atomic_fetch_sub(&pool.helpers, 1);
  wake(&pool.helpers);
}

void oct_parallel_fail(void) {
  atomic_store(&pool.has_failed, true);
  finish_part(atomic_load(&pool.parts));
}

void oct_parallel_end(void) {
  atomic_store(&pool.is_over, true);
  atomic_fetch_add(&pool.job, 1);
  wake(&pool.job);
  for (uint32_t helpers; (helpers = atomic_load(&pool.helpers)) != 0;) sleep_while(&pool.helpers, helpers);
}
