// SPDX-License-Identifier: MIT
#include "graph/build.h"
#include "runtime/release.h"

enum { CHANNELS = 64 };

/// y = W x, with W in the "file" (or in the arena), x of `rows` rows.
static void open_session(oct_session *session, int32_t rows, bool in_file) {
  const size_t count = CHANNELS * CHANNELS, bytes = count * sizeof(float);
  float *file = oct_block_alloc(bytes);
  REQUIRE(file != NULL);
  for (size_t i = 0; i < count; i++) file[i] = (float)(i % 7) - 3;
  *session = (oct_session){.model = file, .model_bytes = bytes};
  oct_graph *graph = &session->graph;
  const oct_value_id x = add_input(graph, OCT_F32, oct_shape_of(2, rows, CHANNELS));
  const oct_shape shape = oct_shape_of(2, CHANNELS, CHANNELS);
  const oct_value_id w = in_file ? oct_graph_add_constant(graph, "w", 1, OCT_F32, shape, file)
                                 : add_floats(graph, shape, file, (int)count);
  const oct_attr attr = {.matmul = {.alpha = 1, .beta = 1}};
  add_output(graph, add_node(graph, OCT_OP_MATMUL, attr, x, w, OCT_NO_VALUE));
  CHECK_EQUAL(oct_session_open(session), OCT_OK);
}

static void close_session(oct_session *session) {
  free(session->graph.inputs);
  free(session->graph.outputs);
  oct_session_close(session);
}

static size_t held(const oct_session *session, const oct_plan *plan) {
  return session->model_bytes + oct_plan_bytes(plan) + oct_graph_bytes(&session->graph);
}

/// Runs on ones and checks the sums of W's columns.
static void check_run(oct_session *session, int32_t rows) {
  const oct_shape shape = oct_shape_of(2, rows, CHANNELS);
  oct_plan *plan = oct_session_plan_for(session, &shape);
  REQUIRE(plan != NULL);
  CHECK_EQUAL(oct_session_commit(session, plan), OCT_OK);
  float *x = plan->tensors[plan->graph.inputs[0]].data;
  for (int i = 0; i < rows * CHANNELS; i++) x[i] = 1;
  oct_plan_steps(plan, 0, plan->step_count);
  const float *y = plan->tensors[plan->graph.outputs[0]].data;
  for (int n = 0; n < CHANNELS; n++) {
    float wanted = 0;
    for (int k = 0; k < CHANNELS; k++) wanted += (float)((k * CHANNELS + n) % 7) - 3;
    CHECK_EQUAL(y[n], wanted);
  }
}

static void gives_weights_back(void) {
  TEST("weights that were packed for the only plan there can be are held once");
  for (int in_file = 0; in_file < 2; in_file++) {
    oct_session session;
    open_session(&session, 2, in_file);
    const oct_shape shape = oct_shape_of(2, 2, CHANNELS);
    oct_plan *plan = oct_session_plan_for(&session, &shape);
    REQUIRE(plan != NULL);
    const size_t before = held(&session, plan), weights = CHANNELS * CHANNELS * sizeof(float);
    for (int run = 0; run < 3; run++) check_run(&session, 2);
    CHECK(held(&session, plan) <= before - weights);
    CHECK(session.model == NULL);
    close_session(&session);
  }
}

static void keeps_what_others_need(void) {
  TEST("a model with open dimensions keeps its weights for the next plan");
  oct_session session;
  open_session(&session, OCT_DYNAMIC, true);
  for (int32_t run = 0; run < 16; run++) check_run(&session, 1 + run % 7);
  CHECK(session.model != NULL);
  close_session(&session);
}

static void lets_a_converted_file_go(void) {
  TEST("a file that nothing is read from any more goes when the model is open");
  oct_session session;
  open_session(&session, OCT_DYNAMIC, false);
  CHECK(session.model == NULL && session.model_bytes == 0);
  check_run(&session, 3);
  close_session(&session);
}

static void sweeps_what_is_dead(void) {
  TEST("a sweep frees a large request that is dead, and none that something points into");
  oct_arena arena = {0};
  char *dead = oct_arena_alloc(&arena, 4096), *live = oct_arena_alloc(&arena, 4096), *chunk = oct_arena_alloc(&arena, 16);
  const size_t before = arena.used_bytes;
  const void *candidates[] = {live, chunk, dead}, *read[] = {live + 100};
  oct_arena_sweep(&arena, candidates, 3, read, 1);
  CHECK_EQUAL(arena.used_bytes, before - 4096);
  live[4095] = chunk[15] = 1; // a sanitizer would tell
  oct_arena_free(&arena);
}

int main(void) {
  gives_weights_back();
  keeps_what_others_need();
  lets_a_converted_file_go();
  sweeps_what_is_dead();
  return check_summary();
}
