// SPDX-License-Identifier: MIT
//
// ONNX's signal processing: window functions (sums of cosines over one period), Fourier transforms, the mel scale.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

#include <math.h>
#include <string.h>

/// What each window is: level - first * cos(2 pi n / N) + second * cos(4 pi n / N).
static const struct {
  float level, first, second;
} windows[] = {{0.5f, 0.5f, 0}, {25.0f / 46, 21.0f / 46, 0}, {0.42f, 0.5f, 0.08f}};

static oct_value_id wave(oct_compose c, oct_value_id phase, float cycles, float height) {
  oct_value_id angle = oct_compose_binary(c, OCT_MUL, phase, oct_compose_float(c, cycles * 6.28318530718f));
  return oct_compose_binary(c, OCT_MUL, oct_compose_unary(c, OCT_COS, angle, 0, 0), oct_compose_float(c, height));
}

/// 0, 1, ..., count - 1.
static oct_value_id places(oct_compose c, oct_value_id count) {
  oct_value_id inputs[3] = {oct_compose_int(c, OCT_I64, 0), count, oct_compose_int(c, OCT_I64, 1)};
  if (inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE || inputs[2] == OCT_NO_VALUE) return OCT_NO_VALUE;
  oct_node *range = oct_compose_node(c, OCT_OP_RANGE, 3, inputs);
  return range ? range->outputs[0] : OCT_NO_VALUE;
}

/// HannWindow, HammingWindow, BlackmanWindow of `size` (input 0) samples; the last one ends the period, or follows it.
OCT_ONNX_TRANSLATE(window) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_value_id size = oct_compose_cast(c, node->inputs[0], OCT_I64), period = oct_compose_cast(c, size, OCT_F32);
  if (!oct_onnx_int(node, "periodic", 1)) period = oct_compose_binary(c, OCT_SUB, period, oct_compose_float(c, 1));
  oct_value_id phase = oct_compose_binary(c, OCT_DIV, oct_compose_cast(c, places(c, size), OCT_F32), period);
  const int kind = node->operator->kind;
  oct_value_id sum = oct_compose_binary(c, OCT_SUB, oct_compose_float(c, windows[kind].level),
                                        wave(c, phase, 1, windows[kind].first));
  if (windows[kind].second != 0)
    sum = oct_compose_binary(c, OCT_ADD, sum, wave(c, phase, 2, windows[kind].second));
  return oct_compose_done(c, 0, sum);
}

/// The axis: an attribute before opset 20, an input from then on.
OCT_ONNX_TRANSLATE(dft) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_value_id inputs[3] = {node->inputs[0], oct_onnx_has(node, 1) ? node->inputs[1] : OCT_NO_VALUE,
                            oct_onnx_has(node, 2) ? node->inputs[2] : OCT_NO_VALUE};
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_DFT, 3, inputs, 1);
  if (!made) return oct_last_error()->status;
  made->attr.dft = (oct_dft_attr){.axis = reader->opset < 20 ? oct_onnx_int(node, "axis", 1) : -2,
                                  .inverse = oct_onnx_int(node, "inverse", 0) != 0,
                                  .one_sided = oct_onnx_int(node, "onesided", 0) != 0};
  return OCT_OK;
}

static oct_value_id unsqueezed(oct_compose c, oct_value_id x, int32_t axis) {
  return oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, x, (oct_axes){.count = 1, .axis = {axis}});
}

/// signal [batch, samples, 1 or 2], step from frame to frame, window (optional), length of a frame (optional, else the
/// window's): the transform of each frame, [batch, frames, frequencies, 2].
OCT_ONNX_TRANSLATE(stft) {
  OCT_TRY(oct_onnx_needs(node, 2));
  oct_compose c = {reader, node};
  const bool has_window = oct_onnx_has(node, 2), has_length = oct_onnx_has(node, 3);
  if (!has_window && !has_length) return oct_onnx_refuse(node, "has neither a window nor a length of its frames");
  oct_value_id step = oct_compose_cast(c, node->inputs[1], OCT_I64);
  oct_value_id length = has_length ? oct_compose_cast(c, node->inputs[3], OCT_I64)
                                   : oct_compose_shape(c, node->inputs[2], 0, 1);
  oct_value_id rest = oct_compose_binary(c, OCT_SUB, oct_compose_shape(c, node->inputs[0], 1, 2), length);
  oct_value_id frames = oct_compose_binary(c, OCT_ADD, oct_compose_binary(c, OCT_DIV, rest, step),
                                           oct_compose_int(c, OCT_I64, 1));
  oct_value_id starts = oct_compose_binary(c, OCT_MUL, places(c, frames), step);
  oct_value_id inputs[2] = {node->inputs[0],
                            oct_compose_binary(c, OCT_ADD, unsqueezed(c, starts, 1), places(c, length))};
  oct_node *gather = inputs[1] == OCT_NO_VALUE ? NULL : oct_compose_node(c, OCT_OP_GATHER, 2, inputs);
  if (!gather) return oct_last_error()->status;
  gather->attr.gather.axis = 1;
  oct_value_id framed = gather->outputs[0];
  if (has_window) framed = oct_compose_binary(c, OCT_MUL, framed, unsqueezed(c, node->inputs[2], 1));
  oct_node *made = framed == OCT_NO_VALUE ? NULL : oct_onnx_emit(reader, node, OCT_OP_DFT, 1, &framed, 1);
  if (!made) return oct_last_error()->status;
  made->attr.dft = (oct_dft_attr){.axis = 2, .one_sided = oct_onnx_int(node, "onesided", 1) != 0};
  return OCT_OK;
}

/// What the mel scale, m = 2595 log10(1 + f / 700), makes of a step: x^(1 / steps), by Newton from a float's precision.
static double root(double x, int32_t steps) {
  double root = (double)powf((float)x, 1.0f / (float)steps);
  for (int i = 0; i < 2; i++) {
    double power = 1;
    for (int32_t k = 1; k < steps; k++) power *= root;
    root -= (power * root - x) / (steps * power);
  }
  return root;
}

/// mel bands, length of the transform, samples a second, lowest and highest frequency, all constants: a triangle for
/// each band over the transform's frequencies, [frequencies, bands].
OCT_ONNX_TRANSLATE(mel_weights) {
  OCT_TRY(oct_onnx_needs(node, 5));
  double number[5];
  for (int i = 0; i < 5; i++)
    if (!oct_onnx_scalar(reader, node->inputs[i], &number[i]))
      return oct_onnx_refuse(node, "has parameters that are no constants");
  const double rate = number[2], low = number[3] + 700, high = number[4] + 700;
  if (!(number[0] >= 1 && number[0] <= 4096 && number[1] >= 1 && number[1] <= 1 << 16 && rate > 0 && low >= 700 &&
        high >= low && high - 700 <= rate) || oct_onnx_int(node, "output_datatype", 1) != 1)
    return oct_onnx_refuse(node, "asks for bands that there are not");
  const int32_t bands = (int32_t)number[0], length = (int32_t)number[1], lines = length / 2 + 1;
  const oct_shape shape = oct_shape_of(2, (int)lines, (int)bands);
  const size_t bytes = oct_shape_count(&shape) * sizeof(float);
  OCT_TRY(oct_onnx_spend(reader, bytes));
  float *weight = oct_arena_alloc(&reader->graph->arena, bytes);
  if (!weight) return OCT_OUT_OF_MEMORY;
  const double ratio = root(high / low, bands + 2);
  int32_t edge[3] = {0};
  double frequency = low;
  for (int32_t band = -2; band < bands; band++, frequency *= ratio) {
    edge[0] = edge[1], edge[1] = edge[2], edge[2] = (int32_t)((length + 1) * (frequency - 700) / rate);
    if (band < 0 || edge[2] > lines) continue;
    for (int32_t line = edge[0]; line < edge[2]; line++)
      weight[line * bands + band] = line < edge[1] ? (float)(line - edge[0]) / (float)(edge[1] - edge[0])
                                                   : (float)(edge[2] - line) / (float)(edge[2] - edge[1]);
    if (edge[1] < lines) weight[edge[1] * bands + band] = 1;
  }
  const oct_value_id made =
      oct_graph_add_constant(reader->graph, node->label, strlen(node->label), OCT_F32, shape, weight);
  return oct_compose_done((oct_compose){reader, node}, 0, made);
}
