// SPDX-License-Identifier: MIT
#include "graph/build.h"

static void fuses_batch_norm_into_weights(void) {
  TEST("Conv -> BatchNormalization -> Mul -> Add -> Relu is one convolution");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 1, 2, 2));
  const float w[2] = {2, 4}, b[2] = {1, 1}, scale[2] = {3, 5}, shift[2] = {7, 9}, mean[2] = {1, 2}, variance[2] = {3, 8};
  oct_value_id y = add_conv(&graph, OCT_NCHW, x, add_floats(&graph, oct_shape_of(4, 2, 1, 1, 1), w, 2),
                            add_floats(&graph, oct_shape_of(1, 2), b, 2));
  oct_value_id normal = add_value(&graph, "normal", OCT_NONE, oct_shape_unknown());
  oct_node *node = oct_graph_add_node(&graph, OCT_OP_BATCH_NORMALIZATION, "bn", 2, 5, 1);
  node->attr.batch_norm = (oct_batch_norm_attr){.epsilon = 1, .layout = OCT_NCHW};
  node->outputs[0] = normal;
  oct_value_id *inputs = node->inputs;
  inputs[0] = y;
  const float *parameters[4] = {scale, shift, mean, variance};
  for (int i = 0; i < 4; i++) inputs[i + 1] = add_floats(&graph, oct_shape_of(1, 2), parameters[i], 2);
  const float twice = 2, one = 1;
  y = add_binary(&graph, OCT_MUL, normal, add_floats(&graph, oct_shape_of(0), &twice, 1));
  y = add_binary(&graph, OCT_ADD, y, add_floats(&graph, oct_shape_of(3, 2, 1, 1), &one, 1));
  add_output(&graph, add_unary(&graph, OCT_RELU_N, 0, 6, y));
  CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 1);
  const oct_node *conv = &graph.nodes[0];
  CHECK_EQUAL(conv->clamp_min, 0);
  CHECK_EQUAL(conv->clamp_max, 6);
  const float *weights = graph.values[conv->inputs[1]].data, *bias = graph.values[conv->inputs[2]].data;
  CHECK_NEAR(weights[0], 2 * 3 / 2.0 * 2, 1e-5); // w * scale / sqrt(variance + 1) * 2
  CHECK_NEAR(weights[1], 4 * 5 / 3.0 * 2, 1e-5);
  CHECK_NEAR(bias[0], ((1 - 1) * 3 / 2.0 + 7) * 2 + 1, 1e-5);
  CHECK_NEAR(bias[1], ((1 - 2) * 5 / 3.0 + 9) * 2 + 1, 1e-5);
  free_graph(&graph);
}

static void scales_each_weight_layout(void) {
  TEST("a factor for each output channel reaches its own weights in every layout");
  const float ones[1] = {1}, factors[4] = {2, 3, 5, 7};
  const struct {
    oct_weight_layout layout;
    oct_operator op;
    int groups;
    oct_shape shape;
    float wanted[8];
  } cases[] = {
      {OCT_OIHW, OCT_OP_CONV, 1, {4, {4, 2, 1, 1}}, {2, 2, 3, 3, 5, 5, 7, 7}},
      {OCT_1HWO, OCT_OP_CONV, 4, {4, {1, 2, 1, 4}}, {2, 3, 5, 7, 2, 3, 5, 7}},
      {OCT_IOHW, OCT_OP_CONV_TRANSPOSE, 2, {4, {2, 2, 1, 2}}, {2, 2, 3, 3, 5, 5, 7, 7}},
  };
  for (int i = 0; i < 3; i++) {
    oct_graph graph = {0};
    oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 2, 4, 4));
    oct_conv_attr conv = {.window = {.stride = {1, 1}, .dilation = {1, 1}}, .groups = cases[i].groups,
                          .layout = OCT_NCHW, .weight_layout = cases[i].layout};
    oct_value_id y = add_node(&graph, cases[i].op, (oct_attr){.conv = conv}, x,
                              add_floats(&graph, cases[i].shape, ones, 1), OCT_NO_VALUE);
    add_output(&graph, add_binary(&graph, OCT_MUL, y, add_floats(&graph, oct_shape_of(3, 4, 1, 1), factors, 4)));
    CHECK_EQUAL(oct_pass_fuse_batch_norm(&graph), OCT_OK);
    CHECK_EQUAL(graph.node_count, 1);
    const float *weights = graph.values[graph.nodes[0].inputs[1]].data;
    for (int w = 0; w < 8; w++) CHECK_EQUAL(weights[w], cases[i].wanted[w]);
    free_graph(&graph);
  }
}

static void keeps_what_others_read(void) {
  TEST("a convolution whose raw output is read elsewhere keeps it");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 1, 2, 2));
  const float one = 1;
  oct_value_id y = add_conv(&graph, OCT_NCHW, x, add_floats(&graph, oct_shape_of(4, 2, 1, 1, 1), &one, 1), OCT_NO_VALUE);
  add_output(&graph, y);
  add_output(&graph, add_unary(&graph, OCT_RELU_N, 0, INFINITY, y));
  CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 2);
  CHECK(isinf(graph.nodes[0].clamp_min));
  free_graph(&graph);
}

static void clamps_intersect(void) {
  TEST("Clip after Clip is their intersection; the later one wins where they do not meet");
  const float ranges[2][6] = {{0, 6, 2, 9, 2, 6}, {0, 1, 3, 4, 3, 3}};
  for (int i = 0; i < 2; i++) {
    const float *range = ranges[i];
    oct_graph graph = {0};
    oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 1, 4));
    oct_value_id y = add_binary(&graph, OCT_ADD, x, x);
    y = add_unary(&graph, OCT_RELU_N, range[0], range[1], y);
    add_output(&graph, add_unary(&graph, OCT_RELU_N, range[2], range[3], y));
    CHECK_EQUAL(oct_pass_fuse_activation(&graph), OCT_OK);
    CHECK_EQUAL(graph.node_count, 1);
    CHECK_EQUAL(graph.nodes[0].clamp_min, range[4]);
    CHECK_EQUAL(graph.nodes[0].clamp_max, range[5]);
    free_graph(&graph);
  }
}

/// One of the ways to write a HardSwish: where the sixth is, and the order of products.
static oct_value_id add_hard_swish(oct_graph *graph, oct_value_id x, int way, float three) {
  const float six = 6, sixth = 0.16667f;
  if (way == 0) return add_binary(graph, OCT_MUL, x, add_unary(graph, OCT_HARD_SIGMOID, 1 / 6.0f, 0.5f, x));
  const oct_value_id sum = add_binary(graph, OCT_ADD, add_floats(graph, oct_shape_of(0), &three, 1), x);
  const oct_value_id ramp = add_unary(graph, OCT_RELU_N, 0, 6, sum);
  if (way == 1) {
    const oct_value_id gate = add_binary(graph, OCT_MUL, ramp, add_floats(graph, oct_shape_of(1, 1), &sixth, 1));
    return add_binary(graph, OCT_MUL, gate, x);
  }
  const oct_value_id product = add_binary(graph, OCT_MUL, way == 2 ? ramp : x, way == 2 ? x : ramp);
  return way == 2 ? add_binary(graph, OCT_DIV, product, add_floats(graph, oct_shape_of(0), &six, 1))
                  : add_binary(graph, OCT_MUL, add_floats(graph, oct_shape_of(0), &sixth, 1), product);
}

static void finds_hard_swish(void) {
  TEST("x * clip(x + 3, 0, 6) / 6 is one HardSwish however it is written, and nothing else is");
  for (int way = 0; way < 4; way++) {
    for (int other = 0; other < (way ? 2 : 1); other++) {
      oct_graph graph = {0};
      const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 2, 4));
      const oct_value_id y = add_hard_swish(&graph, x, way, other ? 2 : 3);
      add_output(&graph, add_unary(&graph, OCT_SQUARE, 0, 0, y));
      CHECK_EQUAL(oct_passes_load(&graph), OCT_OK);
      CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
      CHECK_EQUAL(graph.node_count, other ? 4 : 2);
      if (!other) CHECK_EQUAL(graph.nodes[0].attr.unary.kind, OCT_HARD_SWISH);
      free_graph(&graph);
    }
  }
}

static void finds_swish(void) {
  TEST("x * sigmoid(x) is one Swish, in any order, and x * sigmoid(y) is not");
  for (int way = 0; way < 3; way++) {
    oct_graph graph = {0};
    const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 2, 4));
    const oct_value_id z = way < 2 ? x : add_input(&graph, OCT_F32, oct_shape_of(2, 2, 4));
    const oct_value_id gate = add_unary(&graph, OCT_SIGMOID, 0, 0, z);
    add_output(&graph, add_binary(&graph, OCT_MUL, way ? gate : x, way ? x : gate));
    CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
    CHECK_EQUAL(graph.node_count, way < 2 ? 1 : 2);
    if (way < 2) CHECK_EQUAL(graph.nodes[0].attr.unary.kind, OCT_SWISH);
    free_graph(&graph);
  }
}

static void folds_shape_arithmetic(void) {
  TEST("Shape, and what is computed from it, is gone from a plan");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 3, 4));
  oct_attr all = {.shape = {.start = 0, .end = INT32_MAX, .to = OCT_I32}};
  oct_value_id shape = add_node(&graph, OCT_OP_SHAPE, all, x, OCT_NO_VALUE, OCT_NO_VALUE);
  oct_attr picks = {.gather = {.axis = 0}};
  const int32_t order[3] = {1, 0, 0};
  shape = add_node(&graph, OCT_OP_GATHER, picks, shape, add_ints(&graph, order, 2), OCT_NO_VALUE);
  oct_attr to = {.reshape = {.kind = OCT_RESHAPE_TO}};
  add_output(&graph, add_node(&graph, OCT_OP_RESHAPE, to, x, shape, OCT_NO_VALUE));
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  CHECK_EQUAL(graph.node_count, 1);
  CHECK_EQUAL(graph.values[graph.outputs[0]].shape.dim[0], 4);
  CHECK_EQUAL(graph.values[graph.outputs[0]].shape.dim[1], 3);
  free_graph(&graph);
}

static void leaves_a_bias_of_rows(void) {
  TEST("a bias that is one number a row of a matrix product is not taken for one a column");
  oct_graph graph = {0};
  const float numbers[2] = {2, 3};
  const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(2, 2, 2));
  const oct_value_id y = add_node(&graph, OCT_OP_MATMUL, (oct_attr){.matmul = {.alpha = 1, .beta = 1}}, x,
                                  add_floats(&graph, oct_shape_of(2, 2, 2), numbers, 2),
                                  add_floats(&graph, oct_shape_of(2, 2, 1), numbers, 2));
  add_output(&graph, add_binary(&graph, OCT_MUL, y, add_floats(&graph, oct_shape_of(1, 2), numbers, 2)));
  CHECK_EQUAL(oct_pass_fuse_batch_norm(&graph), OCT_OK);
  CHECK_EQUAL(graph.node_count, 2);
  free_graph(&graph);
}

int main(void) {
  leaves_a_bias_of_rows();
  fuses_batch_norm_into_weights();
  scales_each_weight_layout();
  keeps_what_others_read();
  clamps_intersect();
  finds_hard_swish();
  finds_swish();
  folds_shape_arithmetic();
  return check_summary();
}
