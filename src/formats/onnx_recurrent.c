// SPDX-License-Identifier: MIT
//
// RNN, GRU and LSTM: their attributes, most of which say which functions the gates go through.
#include "formats/onnx.h"

static const char REPORT[] = "the model file contradicts itself; export it again";

/// Activation functions by name; which of the lists activation_alpha and activation_beta they take from, and what
/// stands for a value that is not there.
static const struct {
  const char *name;
  bool takes_alpha, takes_beta;
  float alpha, beta;
} functions[OCT_ACTIVATION_COUNT] = {
  [OCT_ACTIVATION_SIGMOID] = {"Sigmoid", false, false, 0, 0},
  [OCT_ACTIVATION_TANH] = {"Tanh", false, false, 0, 0},
  [OCT_ACTIVATION_RELU] = {"Relu", false, false, 0, 0},
  [OCT_ACTIVATION_AFFINE] = {"Affine", true, true, 1, 0},
  [OCT_ACTIVATION_LEAKY_RELU] = {"LeakyRelu", true, false, 0.01f, 0},
  [OCT_ACTIVATION_THRESHOLDED_RELU] = {"ThresholdedRelu", true, false, 1, 0},
  [OCT_ACTIVATION_SCALED_TANH] = {"ScaledTanh", true, true, 1, 1},
  [OCT_ACTIVATION_HARD_SIGMOID] = {"HardSigmoid", true, true, 0.2f, 0.5f},
  [OCT_ACTIVATION_ELU] = {"Elu", true, false, 1, 0},
  [OCT_ACTIVATION_SOFTSIGN] = {"Softsign", false, false, 0, 0},
  [OCT_ACTIVATION_SOFTPLUS] = {"Softplus", false, false, 0, 0},
};

enum { FUNCTIONS = 3, MAX_FUNCTIONS = 2 * FUNCTIONS }; // of a direction, in the attribute's array; of both

/// Functions that a kind has for one direction, and which they are where the file does not say.
static int default_functions(oct_recurrent_kind kind, oct_activation function[FUNCTIONS]) {
  function[0] = kind == OCT_RNN ? OCT_ACTIVATION_TANH : OCT_ACTIVATION_SIGMOID;
  function[1] = function[2] = OCT_ACTIVATION_TANH;
  return kind == OCT_RNN ? 1 : kind == OCT_GRU ? 2 : 3;
}

static oct_status read_functions(const oct_onnx_node *node, oct_recurrent_attr *attr) {
  oct_activation fallback[FUNCTIONS];
  const int each = default_functions(attr->kind, fallback), total = each * (attr->both ? 2 : 1);
  oct_bytes names[MAX_FUNCTIONS];
  float alpha[MAX_FUNCTIONS], beta[MAX_FUNCTIONS];
  int name_count, alphas, betas, alpha_at = 0, beta_at = 0;
  OCT_TRY(oct_onnx_texts(node, "activations", names, MAX_FUNCTIONS, &name_count));
  OCT_TRY(oct_onnx_floats(node, "activation_alpha", alpha, MAX_FUNCTIONS, &alphas));
  OCT_TRY(oct_onnx_floats(node, "activation_beta", beta, MAX_FUNCTIONS, &betas));
  if (name_count && name_count != total)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s has %d activations, not %d", node->operator->name, name_count, total);
  for (int i = 0; i < total; i++) {
    const int at = i / each * FUNCTIONS + i % each;
    int function = 0;
    if (!name_count) function = fallback[i % each];
    else while (function < OCT_ACTIVATION_COUNT && !oct_onnx_text_is(names[i], functions[function].name)) function++;
    if (function == OCT_ACTIVATION_COUNT) return oct_onnx_refuse(node, "has an activation that Octavo does not have");
    attr->activation[at] = (uint8_t)function;
    attr->alpha[at] = functions[function].takes_alpha && alpha_at < alphas ? alpha[alpha_at++] : functions[function].alpha;
    attr->beta[at] = functions[function].takes_beta && beta_at < betas ? beta[beta_at++] : functions[function].beta;
  }
  return OCT_OK;
}

OCT_ONNX_TRANSLATE(recurrent) {
  OCT_TRY(oct_onnx_needs(node, 3));
  const oct_bytes direction = oct_onnx_text(node, "direction");
  oct_recurrent_attr attr = {.kind = (oct_recurrent_kind)node->operator->kind,
                             .both = oct_onnx_text_is(direction, "bidirectional"),
                             .reverse = oct_onnx_text_is(direction, "reverse"),
                             .batch_first = oct_onnx_int(node, "layout", 0) != 0,
                             .couple = oct_onnx_int(node, "input_forget", 0) != 0,
                             .linear_before_reset = oct_onnx_int(node, "linear_before_reset", 0) != 0,
                             .clip = oct_onnx_float(node, "clip", 0)};
  if (!attr.both && !attr.reverse && direction.count && !oct_onnx_text_is(direction, "forward"))
    return oct_onnx_refuse(node, "has a direction other than forward, reverse and bidirectional");
  OCT_TRY(read_functions(node, &attr));
  const int outputs = node->output_count < (attr.kind == OCT_LSTM ? 3 : 2) ? node->output_count
                                                                          : attr.kind == OCT_LSTM ? 3 : 2;
  oct_node *made = oct_onnx_emit(reader, node, OCT_OP_RECURRENT, node->input_count, node->inputs, outputs);
  if (!made) return oct_last_error()->status;
  made->attr.recurrent = attr;
  for (int i = 0; i < outputs; i++)
    if (!node->outputs[i].count) made->outputs[i] = OCT_NO_VALUE;
  return OCT_OK;
}
