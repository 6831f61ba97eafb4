// SPDX-License-Identifier: MIT
//
// ONNX's window functions (sums of cosines over one period) and Fourier transform.
#include "formats/onnx.h"
#include "formats/onnx_compose.h"

/// What each window is: level - first * cos(2 pi n / N) + second * cos(4 pi n / N).
static const struct {
  float level, first, second;
} windows[] = {{0.5f, 0.5f, 0}, {25.0f / 46, 21.0f / 46, 0}, {0.42f, 0.5f, 0.08f}};

static oct_value_id wave(oct_compose c, oct_value_id phase, float cycles, float height) {
  oct_value_id angle = oct_compose_binary(c, OCT_MUL, phase, oct_compose_float(c, cycles * 6.28318530718f));
  return oct_compose_binary(c, OCT_MUL, oct_compose_unary(c, OCT_COS, angle, 0, 0), oct_compose_float(c, height));
}

/// HannWindow, HammingWindow, BlackmanWindow of `size` (input 0) samples; the last one ends the period, or follows it.
OCT_ONNX_TRANSLATE(window) {
  OCT_TRY(oct_onnx_needs(node, 1));
  oct_compose c = {reader, node};
  oct_value_id inputs[3] = {oct_compose_int(c, OCT_I64, 0), oct_compose_cast(c, node->inputs[0], OCT_I64),
                            oct_compose_int(c, OCT_I64, 1)};
  if (inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE || inputs[2] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  oct_node *range = oct_compose_node(c, OCT_OP_RANGE, 3, inputs);
  if (!range) return oct_last_error()->status;
  oct_value_id places = oct_compose_cast(c, range->outputs[0], OCT_F32);
  oct_value_id period = oct_compose_cast(c, inputs[1], OCT_F32);
  if (!oct_onnx_int(node, "periodic", 1)) period = oct_compose_binary(c, OCT_SUB, period, oct_compose_float(c, 1));
  oct_value_id phase = oct_compose_binary(c, OCT_DIV, places, period);
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
