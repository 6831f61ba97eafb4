// SPDX-License-Identifier: MIT
//
// What the kernel tests share: random numbers, guarded buffers, a clock, and what a family's test is.
#ifndef OCT_TESTS_KERNELS_HARNESS_H
#define OCT_TESTS_KERNELS_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/kernels.h"

/// Checks a kernel on one random case; false if any byte is wrong. Times it on fixed shapes.
typedef struct family_test {
  bool (*check)(const oct_kernel *kernel);
  void (*bench)(const oct_kernel *kernel);
} family_test;

static uint32_t random_state = 1;

static inline uint32_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  return random_state ^= random_state << 5;
}

/// Inclusive.
static inline int32_t random_between(int32_t low, int32_t high) {
  return low + (int32_t)(random_bits() % (uint32_t)(high - low + 1));
}
static inline float random_float(float low, float high) {
  return low + (high - low) * (float)(random_bits() >> 8) / 16777216.0f;
}

static inline void random_bytes(void *to, size_t count) {
  for (size_t i = 0; i < count; i++) ((uint8_t *)to)[i] = (uint8_t)random_bits();
}

enum { GUARD_BYTES = 64, GUARD = 0xA5 };

/// An output of `bytes` bytes between guards; free with guarded_free.
static inline void *guarded_alloc(size_t bytes) {
  uint8_t *block = malloc(bytes + 2 * GUARD_BYTES);
  memset(block, GUARD, bytes + 2 * GUARD_BYTES);
  return block + GUARD_BYTES;
}

static inline void guarded_free(void *buffer) { free((uint8_t *)buffer - GUARD_BYTES); }

/// Compares two guarded outputs, guards and the gaps between pixels included.
static inline bool guarded_equal(const void *a, const void *b, size_t bytes) {
  return memcmp((const uint8_t *)a - GUARD_BYTES, (const uint8_t *)b - GUARD_BYTES, bytes + 2 * GUARD_BYTES) == 0;
}

/// An input of random bytes, with the slack that kernels may read.
static inline void *input_alloc(size_t bytes) {
  uint8_t *block = malloc(bytes + OCT_SLACK_BYTES);
  random_bytes(block, bytes + OCT_SLACK_BYTES);
  return block;
}

static inline float *input_floats(size_t count) {
  float *block = malloc(count * sizeof(float) + OCT_SLACK_BYTES);
  for (size_t i = 0; i < count + OCT_SLACK_BYTES / sizeof(float); i++) block[i] = random_float(-1, 1);
  return block;
}

/// Floats or bytes.
static inline void *input_elements(size_t count, bool floats) {
  return floats ? (void *)input_floats(count) : input_alloc(count);
}

static inline double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/// Runs `work` for about 60 ms in rounds of 3 ms; prints the median and the best round in units a second, and the best as
/// a share of `ceiling`, if that is known.
static inline void bench_report(const char *kernel, const char *shape, double units, double ceiling,
                                void (*work)(void *), void *state) {
  enum { ROUNDS = 21 };
  double rate[ROUNDS];
  work(state);
  double start = seconds_now();
  work(state);
  int repeats = (int)(0.003 / (seconds_now() - start + 1e-9)) + 1;
  for (int round = 0; round < ROUNDS; round++) {
    start = seconds_now();
    for (int i = 0; i < repeats; i++) work(state);
    const double seconds = seconds_now() - start;
    int at = round;
    for (; at > 0 && rate[at - 1] > units * repeats / seconds; at--) rate[at] = rate[at - 1];
    rate[at] = units * repeats / seconds;
  }
  printf("%-34s %-22s %7.2f (%.2f) G/s", kernel, shape, rate[ROUNDS / 2] * 1e-9, rate[ROUNDS - 1] * 1e-9);
  if (ceiling > 0) printf("  %3.0f %% of %.1f", 100 * rate[ROUNDS - 1] / ceiling, ceiling * 1e-9);
  printf("\n");
}

#endif
