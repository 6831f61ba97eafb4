// SPDX-License-Identifier: MIT
#include "helpers/check.h"
#include "runtime/rehearsal.h"
#include "runtime/session.h"

#include <string.h>

static void runs_the_usual_layers(void) {
  TEST("a rehearsal is planned and run like a model, on both kinds of integer convolution and a sum");
  oct_session session = {0};
  REQUIRE(oct_rehearsal_build(&session.graph) == OCT_OK);
  REQUIRE(oct_session_open(&session) == OCT_OK);
  const oct_shape shape = session.graph.values[session.graph.inputs[0]].shape;
  oct_plan *plan = oct_session_plan_for(&session, &shape);
  REQUIRE(plan != NULL && oct_session_commit(&session, plan) == OCT_OK);
  int dense = 0, depthwise = 0, sums = 0;
  for (uint32_t s = 0; s < plan->step_count; s++) {
    dense += !strncmp(plan->steps[s].kernel, "gemm_qs8", 8);
    depthwise += !strncmp(plan->steps[s].kernel, "dwconv_qs8", 10);
    sums += !strncmp(plan->steps[s].kernel, "binary_q8", 9);
  }
  CHECK_EQUAL(dense, 3);
  CHECK_EQUAL(depthwise, 2);
  CHECK_EQUAL(sums, 1);
  for (int run = 0; run < 2; run++) oct_plan_steps(plan, 0, plan->step_count);
  oct_session_close(&session);
}

int main(void) {
  runs_the_usual_layers();
  return check_summary();
}
