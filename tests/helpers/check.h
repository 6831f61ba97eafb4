// SPDX-License-Identifier: MIT
//
// The least a C test needs: a sentence for each test, checks that say where and what, a count at the end.
#ifndef OCT_TESTS_CHECK_H
#define OCT_TESTS_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int checks_failed, tests_run;
static const char *test_sentence = "";

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      printf("not ok: %s\n  %s:%d: %s\n", test_sentence, __FILE__, __LINE__, #condition);                              \
      checks_failed++;                                                                                                 \
    }                                                                                                                  \
  } while (0)

#define CHECK_EQUAL(got, wanted)                                                                                       \
  do {                                                                                                                 \
    const double got_ = (double)(got), wanted_ = (double)(wanted);                                                     \
    if (got_ != wanted_) {                                                                                             \
      printf("not ok: %s\n  %s:%d: %s is %.9g, not %.9g\n", test_sentence, __FILE__, __LINE__, #got, got_, wanted_);   \
      checks_failed++;                                                                                                 \
    }                                                                                                                  \
  } while (0)

#define CHECK_NEAR(got, wanted, tolerance) CHECK(fabs((double)(got) - (double)(wanted)) <= (tolerance))

/// Stops the program: what follows would crash.
#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    CHECK(condition);                                                                                                  \
    if (!(condition)) exit(1);                                                                                         \
  } while (0)

#define TEST(sentence)                                                                                                 \
  test_sentence = sentence;                                                                                            \
  tests_run++;

static inline int check_summary(void) {
  printf("%d tests, %d failed checks\n", tests_run, checks_failed);
  return checks_failed ? 1 : 0;
}

#endif
