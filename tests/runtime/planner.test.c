// SPDX-License-Identifier: MIT
#include "base/arena.h"
#include "helpers/check.h"
#include "runtime/planner.h"

static uint32_t state = 1;
static uint32_t random_below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

static void never_overlaps(void) {
  TEST("slots alive at the same step never overlap, slack included, and nothing lies outside the block");
  for (int round = 0; round < 300; round++) {
    oct_slot slots[60];
    int32_t order[60];
    const int32_t count = 1 + (int32_t)random_below(60);
    for (int32_t i = 0; i < count; i++) {
      const int32_t first = (int32_t)random_below(40);
      slots[i] = (oct_slot){.bytes = random_below(4) ? random_below(5000) : 0, .first = first,
                            .last = first + (int32_t)random_below(10)};
    }
    const size_t total = oct_plan_memory(slots, count, order);
    for (int32_t i = 0; i < count; i++) {
      CHECK_EQUAL(slots[i].offset % OCT_ALIGN_BYTES, 0);
      CHECK(!slots[i].bytes || slots[i].offset + slots[i].bytes + OCT_SLACK_BYTES <= total);
      for (int32_t j = 0; j < i; j++) {
        if (!slots[i].bytes || !slots[j].bytes) continue;
        if (slots[i].last < slots[j].first || slots[j].last < slots[i].first) continue;
        const bool apart = slots[i].offset + slots[i].bytes + OCT_SLACK_BYTES <= slots[j].offset ||
                           slots[j].offset + slots[j].bytes + OCT_SLACK_BYTES <= slots[i].offset;
        CHECK(apart);
      }
    }
  }
}

static void chains_reuse_memory(void) {
  TEST("a chain of equal buffers needs two of them");
  oct_slot slots[50];
  int32_t order[50];
  for (int i = 0; i < 50; i++) slots[i] = (oct_slot){.bytes = 4096 - OCT_SLACK_BYTES, .first = i, .last = i + 1};
  CHECK_EQUAL(oct_plan_memory(slots, 50, order), 2 * 4096);
}

static void takes_the_best_order(void) {
  TEST("of the orders to place slots in, the one that leaves no gap is taken");
  static const struct {
    int32_t slots[5][3]; // units, first and last step
    int32_t units;       // at the fullest step: one order finds it, the others need more
  } cases[] = {
      {{{4, 0, 1}, {3, 2, 3}, {1, 3, 4}, {3, 2, 2}, {3, 0, 2}}, 9},
      {{{3, 1, 1}, {4, 3, 3}, {1, 2, 4}, {1, 3, 5}, {3, 0, 2}}, 6},
      {{{4, 0, 0}, {2, 0, 2}, {4, 3, 3}, {3, 1, 1}, {2, 2, 3}}, 6},
      {{{2, 0, 1}, {2, 0, 2}, {4, 2, 4}, {4, 1, 2}, {3, 0, 1}}, 11},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    oct_slot slots[5];
    int32_t order[5];
    for (int i = 0; i < 5; i++)
      slots[i] = (oct_slot){.bytes = (size_t)cases[c].slots[i][0] * 1024 - OCT_SLACK_BYTES,
                            .first = cases[c].slots[i][1], .last = cases[c].slots[i][2]};
    CHECK_EQUAL(oct_plan_memory(slots, 5, order), cases[c].units * 1024);
  }
}

static void nothing_needs_nothing(void) {
  TEST("no slots, and slots without bytes, plan to the slack alone");
  oct_slot slots[2] = {{0}, {0}};
  int32_t order[2];
  CHECK_EQUAL(oct_plan_memory(slots, 0, order), OCT_SLACK_BYTES);
  CHECK_EQUAL(oct_plan_memory(slots, 2, order), OCT_SLACK_BYTES);
}

static void refuses_too_much(void) {
  TEST("slots that would pass 2 GiB together are refused instead of overflowing an offset");
  oct_slot slots[4];
  int32_t order[4];
  for (int i = 0; i < 4; i++) slots[i] = (oct_slot){.bytes = (size_t)1 << 30, .first = 0, .last = 1};
  CHECK(oct_plan_memory(slots, 4, order) == SIZE_MAX);
}

int main(void) {
  refuses_too_much();
  never_overlaps();
  chains_reuse_memory();
  takes_the_best_order();
  nothing_needs_nothing();
  return check_summary();
}
