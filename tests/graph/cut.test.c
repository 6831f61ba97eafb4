// SPDX-License-Identifier: MIT
#include "graph/build.h"

enum { ROWS = 4, COLUMNS = 6 };

/// y = NonZero(abs(x)), z = exp(x); the Slice of x that `bounds`, computed from x, says.
typedef struct cut {
  oct_graph graph, rest;
  oct_value_id x, places, bounds, part;
} cut;

static void build(cut *c) {
  *c = (cut){.x = OCT_NO_VALUE};
  oct_graph *graph = &c->graph;
  const int32_t zero = 0;
  c->x = add_input(graph, OCT_F32, oct_shape_of(2, ROWS, COLUMNS));
  const oct_value_id begin = add_ints(graph, &zero, 1);
  const oct_value_id abs = add_unary(graph, OCT_ABS, 0, 0, c->x);
  c->places = add_node(graph, OCT_OP_NON_ZERO, (oct_attr){0}, abs, OCT_NO_VALUE, OCT_NO_VALUE);
  const oct_value_id exp = add_unary(graph, OCT_EXP, 0, 0, c->x);
  const oct_attr first = {.arg_max = {.to = OCT_I64}};
  const oct_value_id top = add_node(graph, OCT_OP_ARG_MAX, first, exp, begin, OCT_NO_VALUE);
  c->bounds = add_node(graph, OCT_OP_ARG_MAX, first, top, begin, OCT_NO_VALUE);
  c->part = add_node(graph, OCT_OP_SLICE, (oct_attr){0}, c->x, begin, c->bounds);
  add_output(graph, c->places);
  add_output(graph, exp);
  add_output(graph, c->part);
}

static void free_cut(cut *c, const oct_value_id *outputs) {
  free((void *)outputs);
  c->graph.outputs = NULL; // of the rest, by now
  oct_graph_free(&c->rest);
  free(c->graph.inputs);
  oct_graph_free(&c->graph);
}

static bool is_among(const oct_value_id *ids, int32_t count, oct_value_id id) {
  for (int32_t i = 0; i < count; i++)
    if (ids[i] == id) return true;
  return false;
}

static void cuts_where_data_decide(void) {
  TEST("what reads shapes out of computed data goes to the rest, and nothing else does");
  cut c;
  build(&c);
  const oct_value_id *outputs = c.graph.outputs;
  c.graph.values[c.part].shape = oct_shape_of(2, 3, COLUMNS); // so says the file
  CHECK_EQUAL(oct_pass_infer_and_fold(&c.graph, &c.rest), OCT_OK);
  CHECK_EQUAL(c.graph.node_count, 4);
  REQUIRE(c.rest.node_count == 2);
  CHECK_EQUAL(c.rest.nodes[0].op, OCT_OP_NON_ZERO);
  CHECK_EQUAL(c.rest.nodes[1].op, OCT_OP_SLICE);
  CHECK(!oct_shape_is_static(&c.rest.values[c.part].shape));
  free_cut(&c, outputs);
}

static void hands_over(void) {
  TEST("what decides shapes comes first of the outputs, and what is read besides is an external of the rest");
  cut c;
  build(&c);
  const oct_value_id *outputs = c.graph.outputs;
  CHECK_EQUAL(oct_pass_infer_and_fold(&c.graph, &c.rest), OCT_OK);
  CHECK(c.rest.outputs == outputs);
  CHECK_EQUAL(c.rest.input_count, 2);
  CHECK(is_among(c.rest.inputs, 2, c.bounds));
  CHECK_EQUAL(c.rest.external_count, 2); // x, which is sliced, and the exp, which is an output
  CHECK_EQUAL(c.graph.output_count, 4);
  for (int32_t i = 0; i < 2; i++) {
    CHECK_EQUAL(c.graph.outputs[i], c.rest.inputs[i]);
    CHECK_EQUAL(c.graph.outputs[2 + i], c.rest.externals[i].value);
  }
  free_cut(&c, outputs);
}

static void plans_the_rest(void) {
  TEST("with these elements the rest is as static as any graph");
  cut c;
  build(&c);
  const oct_value_id *outputs = c.graph.outputs;
  CHECK_EQUAL(oct_pass_infer_and_fold(&c.graph, &c.rest), OCT_OK);
  const float numbers[ROWS * COLUMNS] = {1, 0, 2}; // what NonZero counts
  const int64_t two = 2;
  oct_graph copy, none = {0};
  for (int32_t i = 0; i < 2; i++)
    c.rest.values[c.rest.inputs[i]].data = c.rest.inputs[i] == c.bounds ? (const void *)&two : numbers;
  CHECK_EQUAL(oct_graph_clone(&c.rest, &copy), OCT_OK);
  CHECK_EQUAL(oct_passes_plan(&copy, &none), OCT_OK);
  CHECK_EQUAL(none.node_count, 0);
  CHECK_EQUAL(copy.values[c.places].shape.dim[1], 2);
  CHECK_EQUAL(copy.values[c.part].shape.dim[0], 2);
  oct_graph_free(&copy);
  free_cut(&c, outputs);
}

static void refuses_without_a_rest(void) {
  TEST("in a body, which has no rest, such nodes are refused");
  cut c;
  build(&c);
  CHECK_EQUAL(oct_pass_infer_and_fold(&c.graph, NULL), OCT_UNSUPPORTED_MODEL);
  free_graph(&c.graph);
}

static void refuses_what_nobody_makes(void) {
  TEST("a tensor that nothing computes is refused, whether its reader waits or not");
  cut c;
  build(&c);
  const oct_value_id *outputs = c.graph.outputs;
  const oct_value_id nothing = add_value(&c.graph, "nothing", OCT_F32, oct_shape_unknown());
  add_unary(&c.graph, OCT_ABS, 0, 0, nothing);
  CHECK_EQUAL(oct_pass_infer_and_fold(&c.graph, &c.rest), OCT_INVALID_MODEL);
  free_cut(&c, outputs);
}

int main(void) {
  cuts_where_data_decide();
  hands_over();
  plans_the_rest();
  refuses_without_a_rest();
  refuses_what_nobody_makes();
  return check_summary();
}
