// SPDX-License-Identifier: MIT
//
// PAD with zeros around height and width becomes the padding of the convolution behind it: TensorFlow writes strided
// convolutions so. Quantized zeros are the zero point, which is what convolutions pad with.
#include "graph/passes/passes.h"

#include <string.h>

static bool pads_with_zero(const oct_graph *graph, const oct_node *pad) {
  if (pad->attr.pad.kind != OCT_PAD_CONSTANT || pad->attr.pad.to_size || pad->attr.pad.axes.count) return false;
  if (!oct_node_has(pad, 2)) return true;
  const oct_value *value = &graph->values[pad->inputs[2]];
  float zero;
  if (value->dtype != OCT_F32 || !value->data || oct_shape_count(&value->shape) != 1) return false;
  memcpy(&zero, value->data, sizeof zero);
  return zero == 0;
}

static int64_t int_at(const oct_value *list, int i) {
  int64_t wide;
  int32_t narrow;
  if (list->dtype == OCT_I64) return memcpy(&wide, (const char *)list->data + i * 8, sizeof wide), wide;
  return memcpy(&narrow, (const char *)list->data + i * 4, sizeof narrow), narrow;
}

/// The pads of height and width, where those are all that there are and none is negative.
static bool read_pads(const oct_graph *graph, const oct_node *pad, int first, int32_t begin[2], int32_t end[2]) {
  const oct_value *list = &graph->values[pad->inputs[1]];
  if (!list->data || (list->dtype != OCT_I32 && list->dtype != OCT_I64) || oct_shape_count(&list->shape) != 8)
    return false;
  for (int d = 0; d < 4; d++) {
    const bool interleaved = pad->attr.pad.interleaved, slides = d == first || d == first + 1;
    const int64_t before = int_at(list, interleaved ? 2 * d : d), after = int_at(list, interleaved ? 2 * d + 1 : 4 + d);
    const int64_t most = slides ? INT16_MAX : 0;
    if (before < 0 || after < 0 || before > most || after > most) return false;
    if (slides) begin[d - first] = (int32_t)before, end[d - first] = (int32_t)after;
  }
  return true;
}

static void fuse(oct_graph *graph, const oct_node *pad, oct_node *conv) {
  const oct_value *x = &graph->values[pad->inputs[0]], *padded = &graph->values[pad->outputs[0]];
  oct_window *window = &conv->attr.conv.window;
  int32_t begin[2], end[2];
  if (window->pad_mode != OCT_PAD_EXPLICIT || x->shape.rank != 4 || x->dtype != padded->dtype) return;
  if (!oct_quant_same(x->quant, padded->quant) || !pads_with_zero(graph, pad)) return;
  if (!read_pads(graph, pad, conv->attr.conv.layout == OCT_NCHW ? 2 : 1, begin, end)) return;
  for (int d = 0; d < 2; d++) window->pad_begin[d] += begin[d], window->pad_end[d] += end[d];
  conv->inputs[0] = pad->inputs[0];
}

oct_status oct_pass_fuse_pad(oct_graph *graph) {
  oct_arena work = {0};
  oct_uses uses;
  const oct_status status = oct_graph_uses(graph, &work, &uses);
  for (int32_t n = 0; status == OCT_OK && n < graph->node_count; n++) {
    oct_node *conv = &graph->nodes[n];
    if (conv->op != OCT_OP_CONV || !oct_node_has(conv, 0)) continue;
    const int32_t producer = uses.producer[conv->inputs[0]];
    if (producer >= 0 && graph->nodes[producer].op == OCT_OP_PAD) fuse(graph, &graph->nodes[producer], conv);
  }
  oct_arena_free(&work);
  return status;
}
