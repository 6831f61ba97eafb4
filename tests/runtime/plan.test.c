// SPDX-License-Identifier: MIT
#include "graph/build.h"
#include "runtime/plan.h"

/// y = relu(x + 1) * x, and y's sigmoid
static void build(oct_graph *graph) {
  oct_value_id x = add_input(graph, OCT_F32, oct_shape_of(2, OCT_DYNAMIC, 4));
  const float one = 1;
  oct_value_id y = add_binary(graph, OCT_ADD, x, add_floats(graph, oct_shape_of(1, 4), &one, 1));
  y = add_unary(graph, OCT_RELU_N, 0, INFINITY, y);
  y = add_binary(graph, OCT_MUL, y, x);
  add_output(graph, y);
  add_output(graph, add_unary(graph, OCT_ABS, 0, 0, y));
}

static void check_run(oct_plan *plan, int rows) {
  void *memory = oct_block_alloc(plan->activation_bytes);
  REQUIRE(memory != NULL);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  float *in = plan->tensors[plan->graph.inputs[0]].data;
  const float *out = plan->tensors[plan->graph.outputs[0]].data, *magnitude = plan->tensors[plan->graph.outputs[1]].data;
  for (int repeat = 0; repeat < 2; repeat++) {
    for (int i = 0; i < rows * 4; i++) in[i] = (float)i - 3;
    for (uint32_t s = 0; s < plan->step_count; s++) oct_plan_steps(plan, s, s + 1);
    for (int i = 0; i < rows * 4; i++) {
      const float x = (float)i - 3, wanted = (x + 1 > 0 ? x + 1 : 0) * x;
      CHECK_EQUAL(out[i], wanted);
      CHECK_EQUAL(magnitude[i], fabsf(wanted));
    }
  }
  oct_block_free(memory);
}

static void runs_for_any_batch(void) {
  TEST("one graph gives a plan for each shape, run in pieces, again and again");
  oct_graph graph = {0};
  build(&graph);
  CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
  oct_packed *packed = NULL;
  const int rows[] = {1, 3, 17};
  for (int i = 0; i < 3; i++) {
    const oct_shape shape = oct_shape_of(2, rows[i], 4);
    oct_plan *plan = oct_plan_create(&graph, &shape, NULL, &packed);
    REQUIRE(plan != NULL);
    CHECK_EQUAL(plan->tensors[plan->graph.outputs[0]].shape.dim[0], rows[i]);
    check_run(plan, rows[i]);
    oct_plan_destroy(plan);
  }
  oct_packed_free(packed);
  free_graph(&graph);
}

static void says_which_node_fails(void) {
  TEST("a shape that does not fit fails with the node's name");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, OCT_DYNAMIC, 4));
  const float one = 1;
  add_output(&graph, add_binary(&graph, OCT_ADD, x, add_floats(&graph, oct_shape_of(2, 3, 4), &one, 1)));
  oct_packed *packed = NULL;
  const oct_shape shape = oct_shape_of(2, 2, 4);
  CHECK(oct_plan_create(&graph, &shape, NULL, &packed) == NULL);
  CHECK_EQUAL(strcmp(oct_last_error()->node, "node"), 0);
  CHECK(oct_last_error()->hint[0] != 0);
  free_graph(&graph);
}

static void packs_each_quantization(void) {
  TEST("two convolutions over the same bytes with other scales have packed weights of their own");
  oct_graph graph = {0};
  const oct_value_id x = add_quantize(&graph, add_input(&graph, OCT_F32, oct_shape_of(4, 1, 1, 1, 1)), 1, 0);
  const int8_t one = 1;
  const oct_value_id w = add_quantized(&graph, oct_shape_of(4, 1, 1, 1, 1), &one, 1, 0.5f);
  const oct_value_id other = oct_graph_add_constant(&graph, "w", 1, OCT_I8, oct_shape_of(4, 1, 1, 1, 1),
                                                    graph.values[w].data);
  graph.values[other].quant = oct_graph_add_quant(&graph, 2, 0);
  for (int i = 0; i < 2; i++) {
    const oct_value_id y = add_conv(&graph, OCT_NHWC, x, i ? other : w, OCT_NO_VALUE);
    graph.values[y].dtype = OCT_Q8;
    graph.values[y].quant = oct_graph_add_quant(&graph, 1, 0);
    add_output(&graph, add_dequantize(&graph, y));
  }
  oct_packed *packed = NULL;
  const oct_shape shape = oct_shape_of(4, 1, 1, 1, 1);
  oct_plan *plan = oct_plan_create(&graph, &shape, NULL, &packed);
  REQUIRE(plan != NULL);
  void *memory = oct_block_alloc(plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  *(float *)plan->tensors[plan->graph.inputs[0]].data = 20;
  oct_plan_steps(plan, 0, plan->step_count);
  CHECK_EQUAL(*(float *)plan->tensors[plan->graph.outputs[0]].data, 10);
  CHECK_EQUAL(*(float *)plan->tensors[plan->graph.outputs[1]].data, 40);
  oct_block_free(memory);
  oct_plan_destroy(plan);
  oct_packed_free(packed);
  free_graph(&graph);
}

/// y = join(square(b), a + 1, b) of the halves of x = [a, b]
static void cuts_and_joins_without_copies(void) {
  TEST("pieces of memory are views, and what is joined is made in its place, except what has another");
  oct_graph graph = {0};
  const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 4, 2));
  const oct_value_id b = add_value(&graph, "b", OCT_NONE, oct_shape_unknown());
  const oct_value_id a = add_value(&graph, "a", OCT_NONE, oct_shape_unknown());
  oct_node *split = oct_graph_add_node(&graph, OCT_OP_SPLIT, "split", 5, 1, 2);
  split->inputs[0] = x, split->outputs[0] = a, split->outputs[1] = b;
  const float one = 1;
  const oct_value_id square = add_unary(&graph, OCT_SQUARE, 0, 0, b);
  const oct_value_id sum = add_binary(&graph, OCT_ADD, a, add_floats(&graph, oct_shape_of(1, 2), &one, 1));
  const oct_value_id y = add_node(&graph, OCT_OP_CONCAT, (oct_attr){0}, square, sum, b);
  add_output(&graph, y);
  oct_packed *packed = NULL;
  const oct_shape shape = oct_shape_of(2, 4, 2);
  oct_plan *plan = oct_plan_create(&graph, &shape, NULL, &packed);
  REQUIRE(plan != NULL);
  void *memory = oct_block_alloc(plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  CHECK_EQUAL(plan->step_count, 3);
  const float *out = plan->tensors[y].data;
  float *in = plan->tensors[x].data;
  CHECK(plan->tensors[a].data == in && plan->tensors[b].data == in + 4);
  CHECK(plan->tensors[square].data == out && plan->tensors[sum].data == out + 4);
  for (int repeat = 0; repeat < 2; repeat++) {
    for (int i = 0; i < 8; i++) in[i] = (float)i;
    oct_plan_steps(plan, 0, plan->step_count);
    for (int i = 0; i < 4; i++) {
      CHECK_EQUAL(out[i], (float)((i + 4) * (i + 4)));
      CHECK_EQUAL(out[4 + i], (float)(i + 1));
      CHECK_EQUAL(out[8 + i], (float)(i + 4));
    }
  }
  oct_block_free(memory);
  oct_plan_destroy(plan);
  oct_packed_free(packed);
  free_graph(&graph);
}

/// A sum over what the graph's output holds after one run, that tells any two apart.
static uint32_t run_hash(const oct_graph *graph, const oct_shape *shape, int32_t threads, int32_t *parts) {
  oct_packed *packed = NULL;
  oct_parallel_allow(threads, true);
  oct_plan *plan = oct_plan_create(graph, shape, NULL, &packed);
  REQUIRE(plan != NULL);
  *parts = plan->parts;
  void *memory = oct_block_alloc(plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  float *in = plan->tensors[plan->graph.inputs[0]].data;
  for (size_t i = 0; i < oct_shape_count(shape); i++) in[i] = (float)((i * 2654435761u >> 16) % 255) / 64.0f - 2.0f;
  oct_plan_steps(plan, 0, plan->step_count);
  const oct_tensor *out = &plan->tensors[plan->graph.outputs[0]];
  uint32_t hash = 0;
  for (size_t i = 0; i < oct_tensor_bytes(out); i++) hash = hash * 31 + ((const uint8_t *)out->data)[i];
  oct_block_free(memory);
  oct_plan_destroy(plan);
  oct_packed_free(packed);
  oct_parallel_allow(1, true);
  return hash;
}

static void cuts_steps_into_parts(void) {
  TEST("a plan cut into parts gives the bits of one that is not, by tiles, by columns, by pieces of a row");
  const float pattern[7] = {0.5f, -1, 0.25f, 2, -0.125f, 1, -3};
  const int sides[] = {64, 37, 2}; // the last has so few pixels that columns are cut
  for (int i = 0; i < 3; i++) {
    oct_graph graph = {0};
    const int channels = sides[i] == 2 ? 600 : 8;
    const oct_shape shape = oct_shape_of(4, 1, sides[i], sides[i], channels);
    const oct_value_id x = add_input(&graph, OCT_F32, shape);
    const oct_value_id w = add_floats(&graph, oct_shape_of(4, 520, channels, 1, 1), pattern, 7);
    oct_value_id y = add_conv(&graph, OCT_NHWC, x, w, OCT_NO_VALUE);
    y = add_binary(&graph, OCT_MUL, y, add_floats(&graph, oct_shape_of(1, 520), pattern, 5));
    add_output(&graph, add_unary(&graph, OCT_HARD_SWISH, 0, 0, y));
    CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
    int32_t parts;
    const uint32_t whole = run_hash(&graph, &shape, 1, &parts);
    CHECK(parts <= 1);
    for (int32_t threads = 2; threads <= 5; threads++) {
      CHECK(run_hash(&graph, &shape, threads, &parts) == whole);
      CHECK_EQUAL(parts, threads);
    }
    free_graph(&graph);
  }
}

int main(void) {
  cuts_steps_into_parts();
  cuts_and_joins_without_copies();
  packs_each_quantization();
  runs_for_any_batch();
  says_which_node_fails();
  return check_summary();
}
