// SPDX-License-Identifier: MIT
#include "graph/build.h"
#include "runtime/plan.h"

static float quantize(float x, float scale, float zero_point) {
  const float y = rintf(x / scale) + zero_point;
  return y < OCT_ACT_MIN ? OCT_ACT_MIN : y > OCT_ACT_MAX ? OCT_ACT_MAX : y;
}

static oct_value_id add_scalar(oct_graph *graph, float scale, int32_t zero_point, int value) {
  oct_act *byte = oct_arena_alloc(&graph->arena, 1);
  *byte = (oct_act)value;
  const oct_value_id id = oct_graph_add_constant(graph, "scalar", 6, OCT_Q8, oct_shape_of(1, 1), byte);
  graph->values[id].quant = oct_graph_add_quant(graph, scale, zero_point);
  return id;
}

static oct_value_id as_q8(oct_graph *graph, oct_value_id id, float scale, int32_t zero_point) {
  graph->values[id].dtype = OCT_Q8;
  graph->values[id].quant = oct_graph_add_quant(graph, scale, zero_point);
  return id;
}

enum { BYTES = 256 };

static const int32_t zero = OCT_ACT_MIN + 100; // of the first quantization, whose steps are 0.05

/// A graph's input, of all bytes' numbers, quantized.
static oct_value_id add_bytes(oct_graph *graph) {
  return add_quantize(graph, add_input(graph, OCT_F32, oct_shape_of(2, 4, 64)), 0.05f, zero);
}

static float number_of(int byte) { return (float)(byte + OCT_ACT_MIN - zero) * 0.05f; }

/// Plans the graph, whose output is dequantized from what one lookup gives, runs it on all bytes, and takes it down.
static void expect_one_lookup(oct_graph *graph, const float wanted[BYTES]) {
  const oct_shape shape = oct_shape_of(2, 4, 64);
  oct_packed *packed = NULL;
  oct_plan *plan = oct_plan_create(graph, &shape, NULL, &packed);
  REQUIRE(plan != NULL);
  CHECK_EQUAL(plan->step_count, 3); // Quantize, the lookup, Dequantize
  void *memory = oct_block_alloc(plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  float *in = plan->tensors[plan->graph.inputs[0]].data;
  for (int i = 0; i < BYTES; i++) in[i] = number_of(i);
  oct_plan_steps(plan, 0, plan->step_count);
  const float *out = plan->tensors[plan->graph.outputs[0]].data;
  for (int i = 0; i < BYTES; i++) CHECK_EQUAL(out[i], wanted[i]);
  oct_block_free(memory);
  oct_plan_destroy(plan);
  oct_packed_free(packed);
  free_graph(graph);
}

static void chains_become_one_lookup(void) {
  TEST("Add of a scalar, Sigmoid and a change of scale are one lookup with the same bits");
  oct_graph graph = {0};
  const oct_value_id q = add_bytes(&graph);
  // 40 steps of 0.02 above its zero point
  const oct_value_id sum = as_q8(&graph, add_binary(&graph, OCT_ADD, q, add_scalar(&graph, 0.02f, 3, 43)), 0.06f, 7);
  const oct_value_id gate = as_q8(&graph, add_unary(&graph, OCT_SIGMOID, 0, 0, sum), 1 / 256.0f, OCT_ACT_MIN);
  const oct_value_id wide = add_node(&graph, OCT_OP_QUANTIZE, (oct_attr){0}, gate, OCT_NO_VALUE, OCT_NO_VALUE);
  add_output(&graph, add_dequantize(&graph, as_q8(&graph, wide, 0.03f, 1)));
  float wanted[BYTES];
  for (int i = 0; i < BYTES; i++) {
    const float a = 0.05f * (quantize(number_of(i), 0.05f, (float)zero) - (float)zero), b = 0.02f * 40;
    const float s = 0.06f * (quantize(a + b, 0.06f, 7) - 7);
    const float g = 1 / 256.0f * (quantize(1 / (1 + expf(-s)), 1 / 256.0f, OCT_ACT_MIN) - OCT_ACT_MIN);
    wanted[i] = 0.03f * (quantize(g, 0.03f, 1) - 1);
  }
  expect_one_lookup(&graph, wanted);
}

static void joined_tables_become_one(void) {
  TEST("x * sigmoid(x), and the sum of two tables of x, are one lookup with the same bits");
  oct_graph graph = {0};
  const oct_value_id q = add_bytes(&graph);
  const oct_value_id gate = as_q8(&graph, add_unary(&graph, OCT_SIGMOID, 0, 0, q), 1 / 256.0f, OCT_ACT_MIN);
  const oct_value_id swish = as_q8(&graph, add_binary(&graph, OCT_MUL, q, gate), 0.03f, OCT_ACT_MIN + 10);
  add_output(&graph, add_dequantize(&graph, as_q8(&graph, add_binary(&graph, OCT_ADD, gate, swish), 0.04f, 0)));
  float wanted[BYTES];
  for (int i = 0; i < BYTES; i++) {
    const float a = 0.05f * (quantize(number_of(i), 0.05f, (float)zero) - (float)zero);
    const float g = 1 / 256.0f * (quantize(1 / (1 + expf(-a)), 1 / 256.0f, OCT_ACT_MIN) - OCT_ACT_MIN);
    const float s = 0.03f * (quantize(a * g, 0.03f, OCT_ACT_MIN + 10) - (OCT_ACT_MIN + 10));
    wanted[i] = 0.04f * quantize(g + s, 0.04f, 0);
  }
  expect_one_lookup(&graph, wanted);
}

static void tensors_stay(void) {
  TEST("a sum of two activations is no table");
  oct_graph graph = {0};
  const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(1, 8));
  const oct_value_id q = add_quantize(&graph, x, 0.05f, 0), r = add_quantize(&graph, x, 0.02f, 0);
  add_output(&graph, add_dequantize(&graph, as_q8(&graph, add_binary(&graph, OCT_ADD, q, r), 0.1f, 0)));
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_BINARY), 1);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_UNARY), 0);
  free_graph(&graph);
}

int main(void) {
  chains_become_one_lookup();
  joined_tables_become_one();
  tensors_stay();
  return check_summary();
}
