// SPDX-License-Identifier: MIT
//
// Beside snprintf, wherever both know the conversion.
#include "base/print.h"
#include "helpers/check.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#define CHECK_SAME(...)                                                                                                \
  do {                                                                                                                 \
    char ours[200], theirs[200];                                                                                       \
    const size_t length = oct_print(ours, sizeof ours, __VA_ARGS__);                                                  \
    snprintf(theirs, sizeof theirs, __VA_ARGS__);                                                                      \
    CHECK(strcmp(ours, theirs) == 0 && length == strlen(theirs));                                                      \
    if (strcmp(ours, theirs)) printf("  '%s' instead of '%s'\n", ours, theirs);                                        \
  } while (0)

/// A float with these bits, or 1 in place of one that is no number.
static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return isfinite(value) ? value : 1;
}

int main(void) {
  TEST("Texts and integers of every size are those of snprintf");
  CHECK_SAME("nothing to convert");
  CHECK_SAME("100 %% of '%s' and '%.3s' and '%.*s'%c", "all", "clipped", 2, "shortened", '!');
  CHECK_SAME("%d %d %d %d", 0, -1, INT32_MAX, INT32_MIN);
  CHECK_SAME("%u %x %zu", UINT32_MAX, 0xbeefu, (size_t)1 << 31);
  CHECK_SAME("%lld %lld %llu", LLONG_MAX, LLONG_MIN, ULLONG_MAX);

  char text[8];
  CHECK_EQUAL(oct_print(text, sizeof text, "[%.*s]", 0, (const char *)NULL), 2); // an empty name in a model is so

  TEST("Reals are written as %g writes them");
  CHECK_SAME("%g %g %g %g %g %g", 0.0, 1.0, -2.5, 1e-4, 123456.0, 0.0000999999999);
  CHECK_SAME("%g %g %g", (double)INFINITY, -(double)INFINITY, 99999.96);
  CHECK_SAME("%.9g %.9g %.9g %.9g", 0.1, 1.0 / 3, 123456789.0, 100000000.0);
  CHECK_SAME("%.3g %.1g", 0.15625, 0.75);

  TEST("Nine digits bring every float back");
  uint32_t bits = 1;
  for (int i = 0; i < 200000; i++, bits = bits * 1664525u + 1013904223u) {
    char text[40];
    const float value = float_of(bits);
    oct_print(text, sizeof text, "%.9g", (double)value);
    CHECK(strtof(text, NULL) == value);
  }
  for (bits = 0; bits < 100; bits++) { // the smallest there are
    char text[40];
    oct_print(text, sizeof text, "%.9g", (double)float_of(bits));
    CHECK(strtof(text, NULL) == float_of(bits));
  }

  TEST("What does not fit is left out, and the text ends");
  for (size_t capacity = 1; capacity < 12; capacity++) {
    char text[16];
    memset(text, '?', sizeof text);
    CHECK_EQUAL(oct_print(text, capacity, "%s%d", "sizes", 123456), capacity - 1 < 11 ? capacity - 1 : 11);
    CHECK(text[capacity - 1] == 0 && text[capacity] == '?' && strncmp(text, "sizes123456", capacity - 1) == 0);
  }
  return check_summary();
}
