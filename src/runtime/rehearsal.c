// SPDX-License-Identifier: MIT
//
// The layers of a rehearsal: see rehearsal.h.
#include "runtime/rehearsal.h"

enum { SIDE = 56, IMAGE_CHANNELS = 3, CHANNELS = 32 };

/// Adds a convolution, or without a kernel the sum of x and what went into the layer before. Weights are zeros.
static oct_value_id add_layer(oct_graph *graph, oct_value_id x, oct_value_id before, int32_t kernel, int32_t stride,
                              int32_t groups) {
  const int32_t channels = before == OCT_NO_VALUE ? IMAGE_CHANNELS : CHANNELS;
  const oct_shape shape = oct_shape_of(4, CHANNELS, channels / groups, kernel, kernel);
  const oct_quant *quant = graph->values[x].quant;
  oct_value_id second = before;
  if (kernel) {
    const void *zeros = oct_arena_alloc(&graph->arena, oct_shape_count(&shape));
    second = zeros ? oct_graph_add_constant(graph, "w", 1, OCT_I8, shape, zeros) : OCT_NO_VALUE;
  }
  const oct_value_id y = oct_graph_add_value(graph, "y", 1, OCT_Q8, oct_shape_unknown());
  oct_node *node = oct_graph_add_node(graph, kernel ? OCT_OP_CONV : OCT_OP_BINARY, "n", 1, 2, 1);
  if (second == OCT_NO_VALUE || y == OCT_NO_VALUE || !node) return OCT_NO_VALUE;
  graph->values[second].quant = graph->values[y].quant = quant;
  node->inputs[0] = x, node->inputs[1] = second, node->outputs[0] = y;
  if (!kernel) {
    node->attr.binary.kind = OCT_ADD;
    return y;
  }
  oct_conv_attr *conv = &node->attr.conv;
  *conv = (oct_conv_attr){.groups = groups, .layout = OCT_NHWC, .weight_layout = OCT_OIHW};
  for (int i = 0; i < 2; i++) {
    conv->window.stride[i] = stride, conv->window.dilation[i] = 1;
    conv->window.pad_begin[i] = conv->window.pad_end[i] = kernel / 2;
  }
  return y;
}

oct_status oct_rehearsal_build(oct_graph *graph) {
  static const struct {
    int32_t kernel, stride, groups;
  } layers[] = {{3, 2, 1}, {3, 1, CHANNELS}, {1, 1, 1}, {0, 0, 1}, {3, 2, CHANNELS}, {1, 1, 1}};
  oct_value_id *ends = oct_arena_alloc(&graph->arena, 2 * sizeof *ends), before = OCT_NO_VALUE;
  oct_value_id x = oct_graph_add_value(graph, "x", 1, OCT_Q8, oct_shape_of(4, 1, SIDE, SIDE, IMAGE_CHANNELS));
  const oct_quant *quant = oct_graph_add_quant(graph, 1, 0);
  if (!ends || x == OCT_NO_VALUE || !quant) return OCT_OUT_OF_MEMORY;
  graph->values[x].quant = quant;
  ends[0] = x;
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
    const oct_value_id y = add_layer(graph, x, before, layers[i].kernel, layers[i].stride, layers[i].groups);
    if (y == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    before = x, x = y;
  }
  ends[1] = x;
  graph->inputs = ends, graph->outputs = ends + 1;
  graph->input_count = graph->output_count = 1;
  return OCT_OK;
}
