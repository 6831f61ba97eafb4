// SPDX-License-Identifier: MIT
#include "graph/build.h"

static const float weight[3] = {0.5f, -1, 0.25f};

static oct_value_id conv3x3(oct_graph *graph, oct_value_id x, int in, int out) {
  oct_value_id w = add_floats(graph, oct_shape_of(4, out, in, 3, 3), weight, 3);
  return add_conv(graph, OCT_NCHW, x, w, OCT_NO_VALUE);
}

static void transposes_at_the_edges_only(void) {
  TEST("Conv -> Relu -> Conv -> Add in NCHW needs one transpose in and one out");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 3, 9, 8));
  oct_value_id y = add_unary(&graph, OCT_SIGMOID, 0, 0, conv3x3(&graph, x, 3, 4));
  oct_value_id per_channel = add_floats(&graph, oct_shape_of(3, 5, 1, 1), weight, 3);
  add_output(&graph, add_binary(&graph, OCT_ADD, conv3x3(&graph, y, 4, 5), per_channel));
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_TRANSPOSE), 2);
  const oct_node *add = find_node(&graph, OCT_OP_BINARY);
  const oct_shape *shape = &graph.values[add->outputs[0]].shape, *constant = &graph.values[add->inputs[1]].shape;
  CHECK_EQUAL(shape->dim[1], 5);
  CHECK_EQUAL(shape->dim[3], 5);
  CHECK_EQUAL(constant->rank, 4);
  CHECK_EQUAL(constant->dim[3], 5);
  CHECK_EQUAL(graph.values[graph.outputs[0]].shape.dim[1], 5); // the caller still sees NCHW
  free_graph(&graph);
}

static void cancels_the_models_own_transpose(void) {
  TEST("a model that transposes to NHWC itself has no transpose left behind its convolution");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 3, 5, 5));
  oct_attr perm = {.transpose = {.perm = {0, 2, 3, 1}, .count = 4}};
  add_output(&graph, add_node(&graph, OCT_OP_TRANSPOSE, perm, conv3x3(&graph, x, 3, 4), OCT_NO_VALUE, OCT_NO_VALUE));
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_TRANSPOSE), 1);
  free_graph(&graph);
}

static void renumbers_axes(void) {
  TEST("Concat over channels of two convolutions becomes a concat over the last axis");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 3, 5, 5));
  oct_attr axis = {.concat = {.axis = 1}};
  oct_value_id y = add_node(&graph, OCT_OP_CONCAT, axis, conv3x3(&graph, x, 3, 4), conv3x3(&graph, x, 3, 2), OCT_NO_VALUE);
  add_output(&graph, y);
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  CHECK_EQUAL(find_node(&graph, OCT_OP_CONCAT)->attr.concat.axis, 3);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_TRANSPOSE), 2);
  free_graph(&graph);
}

static void flattening_one_pixel_is_free(void) {
  TEST("global pooling and a flatten need no transpose: [n, c, 1, 1] is the same bytes either way");
  const oct_reduce_attr ways[2] = {{.kind = OCT_REDUCE_MEAN, .axes = {2, {2, 3}}, .keep_dims = true},
                                   {.kind = OCT_REDUCE_MEAN, .spatial = true, .keep_dims = true}};
  for (int way = 0; way < 2; way++) {
    oct_graph graph = {0};
    oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 3, 5, 5));
    oct_attr mean = {.reduce = ways[way]};
    oct_value_id y = add_node(&graph, OCT_OP_REDUCE, mean, conv3x3(&graph, x, 3, 4), OCT_NO_VALUE, OCT_NO_VALUE);
    oct_attr flat = {.reshape = {.kind = OCT_FLATTEN_AT, .axis = 1}};
    add_output(&graph, add_node(&graph, OCT_OP_RESHAPE, flat, y, OCT_NO_VALUE, OCT_NO_VALUE));
    CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
    CHECK_EQUAL(count_nodes(&graph, OCT_OP_TRANSPOSE), 1);
    const oct_axes *axes = &find_node(&graph, OCT_OP_REDUCE)->attr.reduce.axes;
    CHECK_EQUAL(axes->axis[0], 1);
    CHECK_EQUAL(axes->axis[1], 2);
    free_graph(&graph);
  }
}

static void indifferent_constants_follow(void) {
  TEST("Pad of a channels-last value has its pads reordered");
  oct_graph graph = {0};
  oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 3, 5, 5));
  int32_t pads[8] = {0, 0, 1, 2, 0, 0, 3, 4};
  const oct_attr edges = {.pad = {.kind = OCT_PAD_EDGE}}; // zeros would become the convolution's
  oct_value_id y = add_node(&graph, OCT_OP_PAD, edges, conv3x3(&graph, x, 3, 4), add_ints(&graph, pads, 8),
                            OCT_NO_VALUE);
  add_output(&graph, conv3x3(&graph, y, 4, 2));
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  const oct_node *pad = find_node(&graph, OCT_OP_PAD);
  const int32_t wanted[8] = {0, 1, 2, 0, 0, 3, 4, 0};
  const int32_t *got = graph.values[pad->inputs[1]].data;
  for (int i = 0; i < 8; i++) CHECK_EQUAL(got[i], wanted[i]);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_TRANSPOSE), 2);
  free_graph(&graph);
}

int main(void) {
  transposes_at_the_edges_only();
  cancels_the_models_own_transpose();
  renumbers_axes();
  flattening_one_pixel_is_free();
  indifferent_constants_follow();
  return check_summary();
}
