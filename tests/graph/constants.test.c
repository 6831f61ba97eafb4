// SPDX-License-Identifier: MIT
#include "graph/build.h"
#include "graph/passes/evaluate.h"

enum { NUMBERS = 1024, CHAIN = 8 };

/// A chain of squares of a constant.
static void build(oct_graph *graph) {
  const float two = 2;
  oct_value_id value = add_floats(graph, oct_shape_of(1, NUMBERS), &two, 1);
  for (int i = 0; i < CHAIN; i++) value = add_binary(graph, OCT_MUL, value, value);
  add_output(graph, value);
}

static void folds_what_is_constant(void) {
  TEST("what depends on constants alone is computed when the model is read");
  oct_graph graph = {0};
  build(&graph);
  CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 0);
  CHECK(graph.values[graph.outputs[0]].data != NULL);
  free_graph(&graph);
}

static void stops_where_it_costs_too_much(void) {
  TEST("a model that makes much from little is folded as far as the limit goes; the rest is run with the others");
  const uint64_t node_cost = 3 * NUMBERS * sizeof(float); // two inputs, one output
  oct_graph graph = {.folding_limit = 5 * node_cost};
  build(&graph);
  CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, CHAIN - 5);
  CHECK(graph.folded <= graph.folding_limit);
  CHECK(graph.values[graph.outputs[0]].data == NULL);
  oct_graph copy;
  CHECK_EQUAL(oct_graph_clone(&graph, &copy), OCT_OK);
  CHECK_EQUAL(oct_passes_plan(&copy, NULL), OCT_OK); // a plan has as much again, and no more
  CHECK_EQUAL(copy.node_count, 0);
  oct_graph_free(&copy);
  free_graph(&graph);
}

static void grants_more_to_larger_files(void) {
  TEST("the limit grows with the constants that the file brings");
  oct_graph graph = {0};
  build(&graph);
  oct_graph_limit_folding(&graph);
  CHECK_EQUAL(graph.folding_limit, OCT_FOLDING_COST + OCT_FOLDING_COST_PER_BYTE * NUMBERS * sizeof(float));
  CHECK(!oct_graph_affords(&graph, graph.folding_limit + 1));
  CHECK(oct_graph_affords(&graph, graph.folding_limit));
  CHECK(!oct_graph_affords(&graph, 1));
  free_graph(&graph);
}

int main(void) {
  folds_what_is_constant();
  stops_where_it_costs_too_much();
  grants_more_to_larger_files();
  return check_summary();
}
