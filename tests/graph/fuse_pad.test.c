// SPDX-License-Identifier: MIT
#include "graph/build.h"

static const float weight[2] = {0.5f, -1};

/// PAD of [1, 2, 5, 6] by ONNX's list of pads and a value, and a 3x3 convolution of it, planned.
static oct_graph padded_conv(const int32_t pads[8], float value, bool shows_padded) {
  oct_graph graph = {0};
  const oct_value_id x = add_input(&graph, OCT_F32, oct_shape_of(4, 1, 2, 5, 6));
  const oct_value_id padded = add_node(&graph, OCT_OP_PAD, (oct_attr){.pad = {.kind = OCT_PAD_CONSTANT}}, x,
                                       add_ints(&graph, pads, 8), add_floats(&graph, oct_shape_of(0), &value, 1));
  const int channels = 2 + pads[1] + pads[5];
  add_output(&graph, add_conv(&graph, OCT_NCHW, padded, add_floats(&graph, oct_shape_of(4, 3, channels, 3, 3), weight, 2),
                              OCT_NO_VALUE));
  if (shows_padded) add_output(&graph, padded);
  CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
  return graph;
}

static void becomes_the_padding(void) {
  TEST("zeros around height and width are the convolution's own");
  oct_graph graph = padded_conv((const int32_t[8]){0, 0, 1, 0, 0, 0, 2, 1}, 0, false);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_PAD), 0);
  const oct_window *window = &find_node(&graph, OCT_OP_CONV)->attr.conv.window;
  CHECK_EQUAL(window->pad_begin[0], 1);
  CHECK_EQUAL(window->pad_begin[1], 0);
  CHECK_EQUAL(window->pad_end[0], 2);
  CHECK_EQUAL(window->pad_end[1], 1);
  CHECK_EQUAL(graph.values[graph.outputs[0]].shape.dim[2], 6);
  free_graph(&graph);
}

static void stays_for_other_readers(void) {
  TEST("what others read is padded, but not for the convolution");
  oct_graph graph = padded_conv((const int32_t[8]){0, 0, 1, 1, 0, 0, 1, 1}, 0, true);
  CHECK_EQUAL(count_nodes(&graph, OCT_OP_PAD), 1);
  CHECK_EQUAL(find_node(&graph, OCT_OP_CONV)->attr.conv.window.pad_begin[0], 1);
  free_graph(&graph);
}

static void stays_what_is_no_padding(void) {
  TEST("other values, other dimensions and cropping stay");
  const struct {
    int32_t pads[8];
    float value;
  } cases[] = {{{0, 0, 1, 1, 0, 0, 1, 1}, 1}, {{0, 1, 1, 1, 0, 0, 1, 1}, 0}, {{0, 0, -1, 1, 0, 0, 1, 1}, 0}};
  for (int i = 0; i < 3; i++) {
    oct_graph graph = padded_conv(cases[i].pads, cases[i].value, false);
    CHECK_EQUAL(count_nodes(&graph, OCT_OP_PAD), 1);
    CHECK_EQUAL(find_node(&graph, OCT_OP_CONV)->attr.conv.window.pad_begin[0], 0);
    free_graph(&graph);
  }
}

static void needs_the_same_zero_point(void) {
  TEST("bytes are padded with the zero point, interleaved as TFLite has it, unless they change their meaning");
  for (int same = 0; same < 2; same++) {
    oct_graph graph = {0};
    const oct_value_id x = add_input(&graph, OCT_Q8, oct_shape_of(4, 1, 5, 6, 2));
    graph.values[x].quant = oct_graph_add_quant(&graph, 0.5f, 3);
    const oct_value_id pads = add_ints(&graph, (const int32_t[8]){0, 0, 0, 1, 0, 1, 0, 0}, 8);
    const oct_attr attr = {.pad = {.kind = OCT_PAD_CONSTANT, .interleaved = true}};
    const oct_value_id padded = add_node(&graph, OCT_OP_PAD, attr, x, pads, OCT_NO_VALUE);
    graph.values[padded].dtype = OCT_Q8;
    graph.values[padded].quant = oct_graph_add_quant(&graph, 0.5f, same ? 3 : 4);
    const int8_t w[2] = {1, -2};
    const oct_value_id y = add_conv(&graph, OCT_NHWC, padded, add_quantized(&graph, oct_shape_of(4, 3, 3, 3, 2), w, 2, 0.1f),
                                    OCT_NO_VALUE);
    for (int32_t n = 0; n < graph.node_count; n++)
      if (graph.nodes[n].op == OCT_OP_CONV) graph.nodes[n].attr.conv.weight_layout = OCT_OHWI;
    graph.values[y].dtype = OCT_Q8;
    graph.values[y].quant = oct_graph_add_quant(&graph, 1, 0);
    add_output(&graph, y);
    CHECK_EQUAL(oct_passes_plan(&graph, NULL), OCT_OK);
    CHECK_EQUAL(count_nodes(&graph, OCT_OP_PAD), !same);
    free_graph(&graph);
  }
}

int main(void) {
  becomes_the_padding();
  stays_for_other_readers();
  stays_what_is_no_padding();
  needs_the_same_zero_point();
  return check_summary();
}
