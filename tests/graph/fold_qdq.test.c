// SPDX-License-Identifier: MIT
#include "graph/build.h"

static const int8_t ones[1] = {1};

static void folds_a_convolution(void) {
  TEST("Q(Conv(DQ(x), DQ(w), DQ(b))) becomes one integer convolution");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 4, 3, 3));
  oct_value_id q = add_quantize(&graph, x, 0.5f, 3);
  oct_value_id w = add_dequantize(&graph, add_quantized(&graph, oct_shape_of(4, 2, 4, 1, 1), ones, 1, 0.25f));
  int32_t bias[2] = {7, -7};
  oct_value_id b = add_ints(&graph, bias, 2);
  graph.values[b].quant = oct_graph_add_quant(&graph, 0.125f, 0);
  oct_value_id y = add_conv(&graph, OCT_NCHW, add_dequantize(&graph, q), w, add_dequantize(&graph, b));
  oct_value_id out = add_dequantize(&graph, add_quantize(&graph, y, 0.75f, 9));
  add_output(&graph, out);
  CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
  CHECK_EQUAL(oct_pass_dead_code(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 3); // Q, Conv, DQ
  const oct_node *conv = find_node(&graph, OCT_OP_CONV);
  REQUIRE(conv != NULL);
  CHECK_EQUAL(graph.values[conv->inputs[0]].dtype, OCT_Q8);
  CHECK_EQUAL(graph.values[conv->inputs[1]].dtype, OCT_I8);
  CHECK_EQUAL(conv->inputs[2], b); // the scale is the product: the int32 constant itself
  CHECK_EQUAL(graph.values[conv->outputs[0]].quant->scale[0], 0.75f);
  free_graph(&graph);
}

static void keeps_float_readers(void) {
  TEST("a value that is read as float too is not folded");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 1, 4));
  oct_value_id y = add_unary(&graph, OCT_SIGMOID, 0, 0, add_dequantize(&graph, add_quantize(&graph, x, 1, 0)));
  add_output(&graph, add_quantize(&graph, y, 1, 0));
  add_output(&graph, y);
  CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
  const oct_node *unary = find_node(&graph, OCT_OP_UNARY);
  CHECK(graph.values[unary->outputs[0]].dtype != OCT_Q8);
  free_graph(&graph);
}

static void cancels_equal_pairs(void) {
  TEST("DQ -> Q with the same parameters disappears; with others one Q is left");
  for (int same = 0; same < 2; same++) {
    oct_graph graph = {0};
    oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(1, 8));
    oct_value_id q = add_quantize(&graph, x, 0.5f, 1);
    add_output(&graph, add_quantize(&graph, add_dequantize(&graph, q), same ? 0.5f : 0.25f, 1));
    CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
    CHECK_EQUAL(oct_pass_dead_code(&graph), OCT_OK);
    CHECK_EQUAL(graph.node_count, same ? 1 : 2);
    CHECK_EQUAL(count_nodes(&graph, OCT_OP_DEQUANTIZE), 0);
    if (same) CHECK_EQUAL(graph.outputs[0], q);
    free_graph(&graph);
  }
}

static void moves_below_data_movement(void) {
  TEST("DQ moves below a transpose and a reshape, and cancels with the Q after them");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 2, 3, 4));
  oct_value_id y = add_dequantize(&graph, add_quantize(&graph, x, 0.5f, 1));
  oct_attr perm = {.transpose = {.perm = {0, 2, 3, 1}, .count = 4}};
  y = add_node(&graph, OCT_OP_TRANSPOSE, perm, y, OCT_NO_VALUE, OCT_NO_VALUE);
  oct_attr flat = {.reshape = {.kind = OCT_FLATTEN_AT, .axis = 1}};
  y = add_node(&graph, OCT_OP_RESHAPE, flat, y, OCT_NO_VALUE, OCT_NO_VALUE);
  add_output(&graph, add_dequantize(&graph, add_quantize(&graph, y, 0.5f, 1)));
  CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
  CHECK_EQUAL(oct_pass_dead_code(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 4); // Q, Transpose, Reshape, DQ
  CHECK_EQUAL(graph.values[find_node(&graph, OCT_OP_TRANSPOSE)->outputs[0]].dtype, OCT_Q8);
  free_graph(&graph);
}

static void unifies_repeated_quantizes(void) {
  TEST("several equal Qs of one value become one");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(1, 8));
  oct_value_id y = add_unary(&graph, OCT_SIGMOID, 0, 0, add_dequantize(&graph, add_quantize(&graph, x, 1, 0)));
  oct_value_id a = add_dequantize(&graph, add_quantize(&graph, y, 0.5f, 0));
  oct_value_id b = add_dequantize(&graph, add_quantize(&graph, y, 0.5f, 0));
  add_output(&graph, add_dequantize(&graph, add_quantize(&graph, add_binary(&graph, OCT_ADD, a, b), 1, 0)));
  CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
  CHECK_EQUAL(oct_pass_dead_code(&graph), OCT_OK);
  const oct_node *add = find_node(&graph, OCT_OP_BINARY);
  REQUIRE(add != NULL);
  CHECK_EQUAL(add->inputs[0], add->inputs[1]);
  CHECK_EQUAL(graph.values[add->outputs[0]].dtype, OCT_Q8);
  CHECK_EQUAL(graph.node_count, 4); // Q, Sigmoid, Add, DQ
  free_graph(&graph);
}

static void quantizes_constants(void) {
  TEST("a quantized constant operand is re-signed for the build");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(1, 4));
  static const int8_t bytes[4] = {-128, -1, 0, 127};
  oct_value_id c = add_dequantize(&graph, add_quantized(&graph, oct_shape_of(1, 4), bytes, 4, 0.5f));
  oct_value_id y = add_binary(&graph, OCT_ADD, add_dequantize(&graph, add_quantize(&graph, x, 1, 0)), c);
  add_output(&graph, add_quantize(&graph, y, 1, 0));
  CHECK_EQUAL(oct_pass_fold_qdq(&graph), OCT_OK);
  const oct_value *constant = &graph.values[find_node(&graph, OCT_OP_BINARY)->inputs[1]];
  CHECK_EQUAL(constant->dtype, OCT_Q8);
  for (int i = 0; i < 4; i++)
    CHECK_EQUAL(((const oct_act *)constant->data)[i] - constant->quant->zero_point[0], bytes[i]);
  free_graph(&graph);
}

int main(void) {
  folds_a_convolution();
  keeps_float_readers();
  cancels_equal_pairs();
  moves_below_data_movement();
  unifies_repeated_quantizes();
  quantizes_constants();
  return check_summary();
}
