// SPDX-License-Identifier: MIT
//
// The pool's protocol, with real threads. (Build with -fsanitize=thread to see that it has no race.)
#include "base/parallel.h"
#include "helpers/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, PARTS = 7, ELEMENTS = 700 };

static void *lend(void *unused) {
  oct_parallel_enter();
  return unused;
}

static void start(pthread_t *threads, int count, bool may_wait) {
  oct_parallel_allow(count + 1, may_wait);
  for (int i = 0; i < count; i++) {
    const int refused = pthread_create(&threads[i], NULL, lend, NULL);
    REQUIRE(!refused);
  }
}

static void end(pthread_t *threads, int count) {
  oct_parallel_end();
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/// Plain memory on purpose: the pool alone must order what parts read and write.
typedef struct sums {
  uint32_t in[ELEMENTS], out[ELEMENTS];
  int32_t taken[PARTS];
} sums;

static void add_up(const void *context, int32_t index) {
  sums *all = (sums *)(uintptr_t)context;
  const oct_part part = {index, PARTS};
  all->taken[index]++;
  for (size_t i = oct_part_begin(part, ELEMENTS); i < oct_part_end(part, ELEMENTS); i++)
    all->out[i] = all->in[i] + all->in[ELEMENTS - 1 - i];
}

/// Each round reads what other threads wrote in the round before.
static uint32_t rounds(int count) {
  static sums all;
  all = (sums){0};
  for (uint32_t i = 0; i < ELEMENTS; i++) all.in[i] = i * i;
  for (int round = 0; round < count; round++) {
    oct_parallel(PARTS, add_up, &all);
    for (int i = 0; i < ELEMENTS; i++) all.in[i] = all.out[i] * 3 + (uint32_t)round;
  }
  for (int i = 0; i < PARTS; i++) CHECK_EQUAL(all.taken[i], count);
  uint32_t hash = 0;
  for (int i = 0; i < ELEMENTS; i++) hash = hash * 31 + all.in[i];
  return hash;
}

static void every_part_once(void) {
  TEST("every part is computed once, in whatever number of threads, and the next job sees it");
  enum { ROUNDS = 100 };
  const uint32_t alone = rounds(ROUNDS);
  for (int threads = 1; threads < THREADS; threads++) {
    pthread_t handles[THREADS];
    start(handles, threads, threads % 2 == 0);
    CHECK_EQUAL(rounds(ROUNDS), alone);
    end(handles, threads);
  }
}

static void late_threads(void) {
  TEST("threads may come while jobs run, and go, and come again");
  const uint32_t alone = rounds(50);
  for (int repeat = 0; repeat < 12; repeat++) {
    pthread_t handles[THREADS];
    start(handles, THREADS, true);
    if (repeat % 3) CHECK_EQUAL(rounds(50), alone); // else they may have to leave before they came
    end(handles, THREADS);
  }
}

typedef struct uneven {
  int32_t parts;
  _Atomic int32_t taken[THREADS];
} uneven;

static void count(const void *context, int32_t index) { ((uneven *)(uintptr_t)context)->taken[index]++; }

static void uneven_jobs(void) {
  TEST("a thread that is done with a job takes no part of the next before it is published, though it has more parts");
  pthread_t handles[THREADS];
  start(handles, THREADS - 1, true);
  alarm(60); // a caller that waits for ever is a failure, too
  int32_t wrong = 0;
  const time_t end_of_rounds = time(NULL) + 3;
  for (int32_t round = 0; time(NULL) < end_of_rounds; round++) {
    uneven job = {.parts = round % 2 ? THREADS : 2};
    oct_parallel(job.parts, count, &job);
    for (int32_t i = 0; i < THREADS; i++) wrong += job.taken[i] != (i < job.parts);
  }
  CHECK_EQUAL(wrong, 0);
  alarm(0);
  end(handles, THREADS - 1);
}

static void worth_it(void) {
  TEST("only what takes long is split, and never into more parts than threads");
  oct_parallel_allow(1, true);
  CHECK_EQUAL(oct_parallel_parts(1e9), 1);
  oct_parallel_allow(4, true);
  CHECK_EQUAL(oct_parallel_parts(19e3), 1);
  CHECK_EQUAL(oct_parallel_parts(25e3), 2);
  CHECK_EQUAL(oct_parallel_parts(1e9), 4);
  CHECK_EQUAL(oct_parallel_parts(NAN), 1);
  oct_parallel_allow(1000, true);
  CHECK_EQUAL(oct_parallel_parts(1e12), OCT_MAX_THREADS);
  oct_parallel_allow(1, true);
}

static void shares(void) {
  TEST("parts share everything, without gap or overlap, also of 2^30 and of less than there are parts");
  const size_t totals[] = {0, 1, 5, 16, 1000003, (size_t)1 << 30};
  for (size_t t = 0; t < sizeof totals / sizeof *totals; t++)
    for (int32_t count = 1; count <= OCT_MAX_THREADS; count++) {
      size_t at = 0;
      for (int32_t i = 0; i < count; i++) {
        CHECK_EQUAL(oct_part_begin((oct_part){i, count}, totals[t]), at);
        at = oct_part_end((oct_part){i, count}, totals[t]);
      }
      CHECK_EQUAL(at, totals[t]);
    }
}

int main(void) {
  every_part_once();
  late_threads();
  uneven_jobs();
  worth_it();
  shares();
  return check_summary();
}
