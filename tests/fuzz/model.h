// SPDX-License-Identifier: MIT
//
// What every reader's fuzz target does with its bytes: read, fold, and, where that succeeds, plan and run for the
// model's own shapes (open dimensions are 2). Any answer is right that is no crash, no leak and no hang.
#ifndef OCT_TESTS_FUZZ_MODEL_H
#define OCT_TESTS_FUZZ_MODEL_H

#include "formats/formats.h"
#include "runtime/session.h"

#include <string.h>

enum { OPEN_DIMENSION = 2, LARGEST_PLAN_BYTES = 1 << 20, LARGEST_PLAN_MACS = 1 << 20, MOST_TURNS = 16 };

typedef oct_status (*reader)(const void *bytes, size_t count, oct_graph *graph);

/// A model that may have two other files, with the same bytes.
static inline oct_status read_onnx(const void *bytes, size_t count, oct_graph *graph) {
  static const uint8_t file[128] = {1, 2, 3, 4, 5, 6, 7, 8};
  static const oct_bytes files[] = {{file, sizeof file}, {file, sizeof file}};
  return oct_onnx_read(bytes, count, files, sizeof files / sizeof *files, graph);
}

static inline void choose_shapes(const oct_graph *graph, oct_shape *shapes) {
  for (int32_t i = 0; i < graph->input_count; i++) {
    shapes[i] = graph->values[graph->inputs[i]].shape;
    if (shapes[i].rank < 0) shapes[i] = oct_shape_of(1, OPEN_DIMENSION);
    for (int d = 0; d < shapes[i].rank; d++)
      if (shapes[i].dim[d] < 0) shapes[i].dim[d] = OPEN_DIMENSION;
  }
}

/// Inputs that are planned for by value hold ones.
static inline bool choose_values(oct_session *session, const oct_shape *shapes) {
  static uint8_t ones[OCT_SESSION_VALUES * 8];
  for (int32_t i = 0; i < session->graph.input_count; i++) {
    const size_t unit = oct_dtype_bytes(session->graph.values[session->graph.inputs[i]].dtype);
    size_t bytes;
    if (!oct_shape_checked_bytes(&shapes[i], unit, &bytes) || bytes > sizeof ones) continue;
    for (size_t b = 0; b < bytes; b += unit) ones[b] = 1;
    if (oct_session_set_value(session, i, ones, bytes) != OCT_OK) return false;
    memset(ones, 0, bytes);
  }
  return true;
}

/// A loop may take as many turns as its data say, for which a fuzzer has no time.
static inline bool takes_long(const oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    if (node->op == OCT_OP_LOOP && (node->attr.loop.turns < 0 || node->attr.loop.turns > MOST_TURNS)) return true;
    for (int b = 0; b < OCT_MAX_BODIES && node->bodies[b]; b++)
      if (takes_long(node->bodies[b])) return true;
  }
  return false;
}

static inline bool is_small(const oct_plan *plan) {
  return plan->macs <= LARGEST_PLAN_MACS && !takes_long(&plan->graph) && plan->activation_bytes <= LARGEST_PLAN_BYTES &&
         plan->weight_bytes <= LARGEST_PLAN_BYTES;
}

/// Every stage, as far as they are small.
static inline void run_stages(oct_session *session, oct_plan *plan) {
  for (int32_t i = 0; i < plan->graph.input_count; i++) {
    const oct_tensor *input = &plan->tensors[plan->graph.inputs[i]];
    if (!plan->graph.values[plan->graph.inputs[i]].data) memset(input->data, 0x3e, oct_tensor_bytes(input));
  }
  for (; plan && is_small(plan); plan = plan->rest.node_count ? oct_plan_rest(plan, &session->packed) : NULL)
    oct_plan_steps(plan, 0, plan->step_count);
}

static inline void plan_and_run(oct_session *session) {
  oct_arena work = {0};
  oct_shape *shapes = oct_arena_alloc(&work, (size_t)(session->graph.input_count + 1) * sizeof *shapes);
  if (shapes) choose_shapes(&session->graph, shapes);
  oct_plan *plan = shapes && choose_values(session, shapes) ? oct_session_plan_for(session, shapes) : NULL;
  oct_arena_free(&work);
  if (!plan || !is_small(plan) || oct_session_commit(session, plan) != OCT_OK) return;
  for (int run = 0; run < (plan->rest.node_count ? 2 : 1); run++) run_stages(session, plan);
}

/// The reader of prepared models; what a file says of its version and size is made true first, since nothing else would be
/// read.
static inline oct_status read_prepared(const void *bytes, size_t count, oct_graph *graph) {
  const uint32_t words[2] = {oct_prepared_version(), (uint32_t)count};
  if (count >= 16) memcpy((uint8_t *)bytes + 8, words, sizeof words); // the caller's own copy
  return oct_prepared_read(bytes, count, graph);
}

/// What a model says of a value that it does not hold: another type than it has.
typedef struct claim {
  int32_t value; // -1: nothing
  oct_dtype dtype;
} claim;

static inline void make_claim(oct_graph *graph, claim what) {
  static const float scale = 0.5f;
  static const int32_t zero_point = 1;
  static const oct_quant quant = {.count = 1, .scale = &scale, .zero_point = &zero_point};
  oct_value *value = &graph->values[what.value];
  if (value->data) return;
  value->dtype = what.dtype;
  if (what.dtype == OCT_Q8 && !value->quant) value->quant = &quant;
}

/// The number of the model's values, 0 where it cannot be read.
static inline int32_t fuzz_model_that_claims(reader read, const uint8_t *bytes, size_t count, claim what) {
  oct_session_file file = {.bytes = oct_block_alloc(count), .byte_count = count};
  oct_session session = {.files = &file, .file_count = 1};
  if (!file.bytes) return 0;
  if (count) memcpy(file.bytes, bytes, count);
  int32_t values = 0;
  if (read(file.bytes, count, &session.graph) == OCT_OK) {
    values = session.graph.value_count;
    if (what.value >= 0) make_claim(&session.graph, what);
    if (oct_session_open(&session) == OCT_OK) plan_and_run(&session);
  }
  oct_session_close(&session);
  return values;
}

static inline int32_t fuzz_model(reader read, const uint8_t *bytes, size_t count) {
  return fuzz_model_that_claims(read, bytes, count, (claim){.value = -1});
}

#endif
