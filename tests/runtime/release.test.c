// SPDX-License-Identifier: MIT
#include "graph/build.h"
#include "kernels/harness.h"
#include "runtime/release.h"

enum { CHANNELS = 64 };

/// The one file of a session; tests have one session at a time.
static void give_file(oct_session *session, void *bytes, size_t count) {
  static oct_session_file file;
  file = (oct_session_file){.bytes = bytes, .byte_count = count};
  *session = (oct_session){.files = &file, .file_count = 1};
}

/// y = W x, with W in the "file" (or in the arena), x of `rows` rows.
static void build_product(oct_graph *graph, int32_t rows, const float *file, bool in_file) {
  const oct_value_id x = add_input(graph, OCT_F32, oct_shape_of(2, rows, CHANNELS));
  const oct_shape shape = oct_shape_of(2, CHANNELS, CHANNELS);
  const oct_value_id w = in_file ? oct_graph_add_constant(graph, "w", 1, OCT_F32, shape, file)
                                 : add_floats(graph, shape, file, CHANNELS * CHANNELS);
  const oct_attr attr = {.matmul = {.alpha = 1, .beta = 1}};
  add_output(graph, add_node(graph, OCT_OP_MATMUL, attr, x, w, OCT_NO_VALUE));
}

static void open_session(oct_session *session, int32_t rows, bool in_file) {
  const size_t count = CHANNELS * CHANNELS, bytes = count * sizeof(float);
  float *file = oct_block_alloc(bytes);
  REQUIRE(file != NULL);
  for (size_t i = 0; i < count; i++) file[i] = (float)(i % 7) - 3;
  give_file(session, file, bytes);
  build_product(&session->graph, rows, file, in_file);
  CHECK_EQUAL(oct_session_open(session), OCT_OK);
}

static void close_session(oct_session *session) {
  free(session->graph.inputs);
  free(session->graph.outputs);
  oct_session_close(session);
}

static size_t held(const oct_session *session, const oct_plan *plan) {
  return oct_session_file_bytes(session) + oct_plan_bytes(plan) + oct_graph_bytes(&session->graph);
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
    CHECK(oct_session_file_bytes(&session) == 0);
    close_session(&session);
  }
}

static void keeps_what_others_need(void) {
  TEST("a model with open dimensions keeps its weights for the next plan");
  oct_session session;
  open_session(&session, OCT_DYNAMIC, true);
  for (int32_t run = 0; run < 16; run++) check_run(&session, 1 + run % 7);
  CHECK(oct_session_file_bytes(&session) > 0);
  close_session(&session);
}

static void lets_a_converted_file_go(void) {
  TEST("a file that nothing is read from any more goes when the model is open");
  oct_session session;
  open_session(&session, OCT_DYNAMIC, false);
  CHECK(oct_session_file_bytes(&session) == 0);
  check_run(&session, 3);
  close_session(&session);
}

static void gives_files_back_singly(void) {
  TEST("of several files those go that nothing is read from, and the others stay");
  const size_t count = CHANNELS * CHANNELS, bytes = count * sizeof(float);
  float *weights = oct_block_alloc(bytes);
  REQUIRE(weights != NULL);
  for (size_t i = 0; i < count; i++) weights[i] = (float)(i % 7) - 3;
  oct_session_file files[] = {{oct_block_alloc(100), 100, 0}, {weights, bytes, 0}, {oct_block_alloc(10), 10, 0}};
  oct_session session = {.files = files, .file_count = 3};
  build_product(&session.graph, OCT_DYNAMIC, weights, true);
  CHECK_EQUAL(oct_session_open(&session), OCT_OK);
  CHECK(!files[0].bytes && files[1].bytes == weights && !files[2].bytes);
  CHECK_EQUAL(oct_session_file_bytes(&session), bytes);
  check_run(&session, 3);
  close_session(&session);
}

enum { LAYERS = 6, ADDEND_ROWS = 300 };

/// y = (x W0) W1 ... with an addend behind the third product that is too large to be copied; all constants in the "file",
/// in order or backwards, or none.
static void open_chain(oct_session *session, int in_file) {
  const size_t weights = CHANNELS * CHANNELS, addend = ADDEND_ROWS * CHANNELS, count = LAYERS * weights + addend;
  float *file = oct_block_alloc(count * sizeof(float));
  REQUIRE(file != NULL);
  give_file(session, file, count * sizeof(float));
  oct_graph *graph = &session->graph;
  float *at = in_file == 2 ? file + count : file;
  oct_value_id x = add_input(graph, OCT_F32, oct_shape_of(2, ADDEND_ROWS, CHANNELS));
  for (int layer = 0; layer <= LAYERS; layer++) {
    const bool adds = layer == 3;
    const size_t own = adds ? addend : weights;
    float *data = in_file == 2 ? (at -= own) : at;
    for (size_t i = 0; i < own; i++) data[i] = (float)((i * 7 + (size_t)layer) % 5) - 2;
    at += in_file == 2 ? 0 : own;
    const oct_shape shape = oct_shape_of(2, adds ? ADDEND_ROWS : CHANNELS, CHANNELS);
    const oct_value_id w = in_file ? oct_graph_add_constant(graph, "w", 1, OCT_F32, shape, data)
                                   : add_floats(graph, shape, data, own);
    const oct_attr product = {.matmul = {.alpha = 1, .beta = 1}}, sum = {.binary = {.kind = OCT_ADD}};
    x = add_node(graph, adds ? OCT_OP_BINARY : OCT_OP_MATMUL, adds ? sum : product, x, w, OCT_NO_VALUE);
  }
  add_output(graph, x);
  CHECK_EQUAL(oct_session_open(session), OCT_OK);
}

/// Runs it twice, and copies what comes out.
static void run_chain(oct_session *session, float *y) {
  const oct_shape shape = oct_shape_of(2, ADDEND_ROWS, CHANNELS);
  for (int run = 0; run < 2; run++) {
    oct_plan *plan = oct_session_plan_for(session, &shape);
    REQUIRE(plan != NULL);
    CHECK_EQUAL(oct_session_commit(session, plan), OCT_OK);
    float *x = plan->tensors[plan->graph.inputs[0]].data;
    for (int i = 0; i < ADDEND_ROWS * CHANNELS; i++) x[i] = (float)(i % 3) - 1;
    oct_plan_steps(plan, 0, plan->step_count);
    memcpy(y, plan->tensors[plan->graph.outputs[0]].data, ADDEND_ROWS * CHANNELS * sizeof(float));
  }
}

static void packs_over_the_file(void) {
  TEST("weights are packed over the file they lie in, around a constant that is read, with the same results");
  static float wanted[ADDEND_ROWS * CHANNELS], found[ADDEND_ROWS * CHANNELS];
  for (int in_file = 0; in_file < 3; in_file++) {
    oct_session session;
    open_chain(&session, in_file);
    run_chain(&session, in_file ? found : wanted);
    if (in_file) CHECK(!memcmp(found, wanted, sizeof found));
    int inside = 0;
    for (const oct_packed *packed = session.packed; packed; packed = packed->next) {
      const char *file = session.files[0].bytes, *block = packed->block;
      CHECK_EQUAL(packed->in_file, file && block >= file && block < file + session.files[0].byte_count);
      inside += packed->in_file;
    }
    CHECK_EQUAL(inside, in_file ? LAYERS - 2 : 0); // each is larger than its weights, on both sides of the addend
    close_session(&session);
  }
}

/// Fully connected layers of bytes, whose weights lie in the file in an order of their own, one behind the other or not.
typedef struct byte_chain {
  int32_t count, width[LAYERS + 1], place[LAYERS]; // which weights come first, second, ...
  size_t gap;
} byte_chain;

static byte_chain make_byte_chain(void) {
  byte_chain c = {.count = random_between(1, LAYERS), .gap = random_bits() % 2 ? 0 : (size_t)random_between(1, 3000)};
  for (int i = 0; i <= c.count; i++) c.width[i] = random_between(1, random_bits() % 3 ? 80 : 400);
  const int32_t order = random_between(0, 2); // as they are run, backwards, shuffled
  for (int i = 0; i < c.count; i++) c.place[i] = order == 1 ? c.count - 1 - i : i;
  for (int i = c.count - 1; i > 0 && order == 2; i--) {
    const int32_t other = random_between(0, i), moved = c.place[i];
    c.place[i] = c.place[other];
    c.place[other] = moved;
  }
  return c;
}

static void open_byte_chain(oct_session *session, const byte_chain *c, bool in_file) {
  size_t bytes = 16, at = 16;
  for (int i = 0; i < c->count; i++) bytes += (size_t)c->width[i] * (size_t)c->width[i + 1] + c->gap;
  int8_t *file = oct_block_alloc(bytes);
  REQUIRE(file != NULL);
  memset(file, 0, bytes);
  give_file(session, file, bytes);
  oct_graph *graph = &session->graph;
  int8_t *weights[LAYERS];
  for (int i = 0; i < c->count; i++) {
    const int32_t layer = c->place[i];
    weights[layer] = file + at;
    at += (size_t)c->width[layer] * (size_t)c->width[layer + 1] + c->gap;
  }
  oct_value_id x = add_input(graph, OCT_Q8, oct_shape_of(2, 2, c->width[0]));
  graph->values[x].quant = oct_graph_add_quant(graph, 1, 3);
  for (int i = 0; i < c->count; i++) {
    const oct_shape shape = oct_shape_of(2, c->width[i + 1], c->width[i]);
    const size_t count = oct_shape_count(&shape);
    for (size_t j = 0; j < count; j++) weights[i][j] = (int8_t)((j * 37 + (size_t)i * 11) % 255 - 127);
    const oct_value_id w = in_file ? oct_graph_add_constant(graph, "w", 1, OCT_I8, shape, weights[i])
                                   : add_quantized(graph, shape, weights[i], count, 1 / 64.0f);
    graph->values[w].quant = oct_graph_add_quant(graph, 1 / 64.0f, 0);
    const oct_attr product = {.matmul = {.alpha = 1, .beta = 1, .transpose_b = true}};
    x = add_node(graph, OCT_OP_MATMUL, product, x, w, OCT_NO_VALUE);
    graph->values[x].dtype = OCT_Q8;
    graph->values[x].quant = oct_graph_add_quant(graph, 1, -2);
  }
  add_output(graph, x);
  CHECK_EQUAL(oct_session_open(session), OCT_OK);
}

static void packs_panels_over_the_file(void) {
  TEST("bytes are packed over the file panel by panel, in any order, with the same results");
  random_state = 1;
  int inside = 0;
  for (int i = 0; i < 200; i++) {
    const byte_chain c = make_byte_chain();
    oct_act found[2][2 * 400];
    const size_t out_bytes = 2 * (size_t)c.width[c.count];
    for (int in_file = 0; in_file < 2; in_file++) {
      oct_session session;
      open_byte_chain(&session, &c, in_file);
      const oct_shape shape = oct_shape_of(2, 2, c.width[0]);
      oct_plan *plan = oct_session_plan_for(&session, &shape);
      REQUIRE(plan != NULL);
      CHECK_EQUAL(oct_session_commit(&session, plan), OCT_OK);
      oct_act *in = plan->tensors[plan->graph.inputs[0]].data;
      for (int32_t j = 0; j < 2 * c.width[0]; j++) in[j] = (oct_act)(j * 5 % 100);
      oct_plan_steps(plan, 0, plan->step_count);
      memcpy(found[in_file], plan->tensors[plan->graph.outputs[0]].data, out_bytes);
      for (const oct_packed *packed = session.packed; packed; packed = packed->next) inside += packed->in_file;
      close_session(&session);
    }
    CHECK(!memcmp(found[0], found[1], out_bytes));
  }
  CHECK(inside > 100);
}

/// y = x W, and the first rows of it times V, as many as y has columns before the first number above 0; W and V are in
/// the "file".
static void open_stages(oct_session *session) {
  const size_t count = CHANNELS * CHANNELS;
  float *file = oct_block_alloc(2 * count * sizeof(float));
  REQUIRE(file != NULL);
  for (size_t i = 0; i < 2 * count; i++) file[i] = i < count ? (float)(i % 7) - 3 : 0.5f;
  give_file(session, file, 2 * count * sizeof(float));
  oct_graph *graph = &session->graph;
  const int32_t zero = 0;
  const oct_shape shape = oct_shape_of(2, CHANNELS, CHANNELS);
  const oct_value_id x = add_input(graph, OCT_F32, oct_shape_of(2, CHANNELS, CHANNELS));
  const oct_value_id w = oct_graph_add_constant(graph, "w", 1, OCT_F32, shape, file);
  const oct_value_id v = oct_graph_add_constant(graph, "v", 1, OCT_F32, shape, file + count);
  const oct_value_id begin = add_ints(graph, &zero, 1);
  const oct_attr product = {.matmul = {.alpha = 1, .beta = 1}}, first = {.arg_max = {.to = OCT_I64}};
  const oct_value_id y = add_node(graph, OCT_OP_MATMUL, product, x, w, OCT_NO_VALUE);
  const oct_value_id tops = add_node(graph, OCT_OP_ARG_MAX, first, y, begin, OCT_NO_VALUE);
  const oct_value_id end = add_node(graph, OCT_OP_ARG_MAX, first, tops, begin, OCT_NO_VALUE);
  const oct_value_id part = add_node(graph, OCT_OP_SLICE, (oct_attr){0}, y, begin, end);
  add_output(graph, add_node(graph, OCT_OP_MATMUL, product, part, v, OCT_NO_VALUE));
  CHECK_EQUAL(oct_session_open(session), OCT_OK);
}

/// Runs on an x that is 0 but for a 1 where `row` begins, so that this row of y is W's first. Returns V's packed block.
static const void *check_stages(oct_session *session, int32_t row) {
  const oct_shape shape = oct_shape_of(2, CHANNELS, CHANNELS);
  oct_plan *plan = oct_session_plan_for(session, &shape);
  REQUIRE(plan != NULL);
  CHECK_EQUAL(oct_session_commit(session, plan), OCT_OK);
  float *x = plan->tensors[plan->graph.inputs[0]].data;
  for (int i = 0; i < CHANNELS * CHANNELS; i++) x[i] = i / CHANNELS == row && i % CHANNELS == 0 ? 1 : 0;
  oct_plan_steps(plan, 0, plan->step_count);
  oct_plan *rest = oct_plan_rest(plan, &session->packed);
  REQUIRE(rest != NULL);
  oct_plan_steps(rest, 0, rest->step_count);
  const oct_tensor *y = &rest->tensors[rest->graph.outputs[0]];
  CHECK_EQUAL(y->shape.dim[0], 4); // W begins with -3, -2, -1, 0, 1
  for (int i = 0; i < 4 * CHANNELS; i++)
    CHECK_EQUAL(((const float *)y->data)[i], i / CHANNELS == row ? -1.5f : 0); // half the sum of W's first row
  for (uint32_t s = 0; s < rest->step_count; s++)
    if (rest->packed[s]) return rest->packed[s]->block;
  return NULL;
}

static void keeps_what_later_stages_read(void) {
  TEST("of a model whose runs have stages the later ones' weights are kept, and packed once");
  oct_session session;
  open_stages(&session);
  const void *block = check_stages(&session, 3);
  CHECK(block != NULL);
  for (int32_t row = 1; row < 6; row++) CHECK(check_stages(&session, row) == block);
  CHECK(oct_session_file_bytes(&session) < CHANNELS * CHANNELS * sizeof(float)); // W, packed, is in there
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
  gives_files_back_singly();
  packs_over_the_file();
  packs_panels_over_the_file();
  keeps_what_later_stages_read();
  sweeps_what_is_dead();
  return check_summary();
}
