// SPDX-License-Identifier: MIT
//
// UNIDIRECTIONAL_SEQUENCE_LSTM, whose gates TFLite keeps in tensors of their own: they are put together the way ONNX
// has them, in the order input, output, forget, cell. Quantized tensors are dequantized: an LSTM runs in float. Its
// state is two variables of the model, which the next run goes on from, as TFLite's does.
#include "formats/tflite.h"

#include <string.h>

enum { IN_WEIGHTS = 1, STATE_WEIGHTS = 5, PEEPHOLES = 9, BIASES = 12, PROJECTION = 16, STATE = 18, NORMS = 20 };
enum { INPUTS = 24 };
enum { GATES = 4 };

/// Inputs of one kind, from `first` on: which of them is ONNX's i-th gate (TFLite: input, forget, cell, output).
static const int gate_order[GATES] = {0, 3, 1, 2}, peephole_order[GATES - 1] = {0, 2, 1};

/// Joins tensors along dimension 0 and puts a dimension of 1, the direction, before it.
static oct_status join(oct_tflite *reader, const oct_tflite_node *node, int count, const oct_value_id *parts,
                       oct_value_id *joined) {
  oct_value_id whole;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_CONCAT, count, parts, &whole);
  if (!made) return oct_tflite_failure();
  made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &whole, joined);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = {.count = 1}};
  return OCT_OK;
}

/// Joins the inputs first + order[...], as floats.
static oct_status join_inputs(oct_tflite *reader, const oct_tflite_node *node, int first, int count, const int *order,
                              oct_value_id *joined) {
  oct_value_id parts[GATES];
  for (int i = 0; i < count; i++)
    OCT_TRY(oct_tflite_weights(reader, oct_tflite_input(reader, node, first + order[i]), OCT_F32, &parts[i]));
  return join(reader, node, count, parts, joined);
}

/// ONNX has a bias for each product; TFLite's is that of the first, the second is zero.
static oct_status join_biases(oct_tflite *reader, const oct_tflite_node *node, int32_t hidden, oct_value_id *joined) {
  oct_value_id parts[2 * GATES];
  float *zeros = oct_arena_alloc(&reader->graph->arena, (size_t)hidden * sizeof *zeros);
  if (!zeros) return OCT_OUT_OF_MEMORY;
  oct_value_id none = oct_graph_add_constant(reader->graph, "zero", 4, OCT_F32, oct_shape_of(1, hidden), zeros);
  if (none == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  for (int i = 0; i < GATES; i++) {
    oct_tflite_tensor *bias = oct_tflite_input(reader, node, BIASES + gate_order[i]);
    OCT_TRY(oct_tflite_weights(reader, bias, OCT_F32, &parts[i]));
    parts[GATES + i] = none;
  }
  return join(reader, node, 2 * GATES, parts, joined);
}

/// The variable that holds state `index` (0 output, 1 cell) between runs, and its value now with a dimension for the
/// direction. OCT_NO_VALUE where the file has none: the state starts at zero each time.
static oct_status read_state(oct_tflite *reader, const oct_tflite_node *node, int index, int32_t axis,
                             oct_value_id *variable, oct_value_id *now) {
  oct_graph *graph = reader->graph;
  const oct_tflite_tensor *tensor = oct_tflite_input(reader, node, STATE + index);
  *variable = *now = OCT_NO_VALUE;
  if (!tensor || !tensor->variable || !oct_shape_is_static(&tensor->shape)) return OCT_OK;
  *variable = oct_graph_add_value(graph, tensor->name, strlen(tensor->name), OCT_F32, tensor->shape);
  if (*variable == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  OCT_TRY(oct_graph_add_external(graph, *variable, OCT_NO_VALUE));
  oct_value_id read;
  if (!oct_tflite_emit_inner(reader, node, OCT_OP_VARIABLE, 1, variable, &read)) return oct_tflite_failure();
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &read, now);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = {.count = 1, .axis = {axis}}};
  return OCT_OK;
}

/// Puts a state after the run back into its variable.
static oct_status keep_state(oct_tflite *reader, const oct_tflite_node *node, oct_value_id state, int32_t axis,
                             oct_value_id variable) {
  oct_value_id pair[2] = {variable};
  if (variable == OCT_NO_VALUE) return OCT_OK;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &state, &pair[1]);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1, .axis = {axis}}};
  made = oct_graph_add_node(reader->graph, OCT_OP_VARIABLE, node->label, strlen(node->label), 2, 0);
  if (!made) return OCT_OUT_OF_MEMORY;
  made->type = node->operator->name;
  memcpy(made->inputs, pair, sizeof pair);
  return OCT_OK;
}

/// Appends the operator, with its three outputs: y, the state, the cell's.
static oct_node *emit_lstm(oct_tflite *reader, const oct_tflite_node *node, const oct_value_id inputs[8],
                           oct_value_id outputs[3]) {
  oct_graph *graph = reader->graph;
  for (int i = 0; i < 3; i++) {
    outputs[i] = oct_graph_add_value(graph, node->label, strlen(node->label), OCT_F32, oct_shape_unknown());
    if (outputs[i] == OCT_NO_VALUE) return NULL;
  }
  oct_node *made = oct_graph_add_node(graph, OCT_OP_RECURRENT, node->label, strlen(node->label), 8, 3);
  if (!made) return NULL;
  made->type = node->operator->name;
  memcpy(made->inputs, inputs, 8 * sizeof *inputs);
  memcpy(made->outputs, outputs, 3 * sizeof *outputs);
  return made;
}

static bool has_any(const oct_tflite *reader, const oct_tflite_node *node, int begin, int end) {
  for (int i = begin; i < end; i++)
    if (oct_tflite_input(reader, node, i)) return true;
  return false;
}

/// Options: 0 fused activation (4: TANH), 1 cell clip, 2 projection clip, 3 time comes before the batch.
OCT_TFLITE_TRANSLATE(sequence_lstm) {
  enum { TANH = 4 };
  oct_fb *file = &reader->file;
  if (has_any(reader, node, PROJECTION, PROJECTION + 2)) return oct_tflite_refuse(node, "has a projection");
  if (has_any(reader, node, NORMS, INPUTS)) return oct_tflite_refuse(node, "normalizes its gates");
  if (oct_fb_u8(file, node->options, 0, 0) != TANH) return oct_tflite_refuse(node, "has an activation other than TANH");
  for (int i = 0; i < PROJECTION; i++)
    if ((i < PEEPHOLES || i >= BIASES) && !oct_tflite_input(reader, node, i))
      return oct_tflite_refuse(node, "lacks weights or biases of a gate");
  const oct_shape *bias = &oct_tflite_input(reader, node, BIASES)->shape;
  if (bias->rank != 1 || bias->dim[0] < 1) return oct_tflite_refuse(node, "has biases that are no lists");
  oct_value_id inputs[8], outputs[3], variables[2];
  for (int i = 0; i < 8; i++) inputs[i] = OCT_NO_VALUE;
  OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, 0), &inputs[0]));
  OCT_TRY(join_inputs(reader, node, IN_WEIGHTS, GATES, gate_order, &inputs[1]));
  OCT_TRY(join_inputs(reader, node, STATE_WEIGHTS, GATES, gate_order, &inputs[2]));
  OCT_TRY(join_biases(reader, node, bias->dim[0], &inputs[3]));
  if (has_any(reader, node, PEEPHOLES, BIASES)) {
    for (int i = PEEPHOLES; i < BIASES; i++)
      if (!oct_tflite_input(reader, node, i)) return oct_tflite_refuse(node, "lacks a peephole");
    OCT_TRY(join_inputs(reader, node, PEEPHOLES, GATES - 1, peephole_order, &inputs[7]));
  }
  bool time_first = oct_fb_u8(file, node->options, 3, 0) != 0;
  int32_t axis = time_first ? 0 : 1; // of the direction, among the state's dimensions
  for (int i = 0; i < 2; i++) OCT_TRY(read_state(reader, node, i, axis, &variables[i], &inputs[5 + i]));
  oct_node *made = emit_lstm(reader, node, inputs, outputs);
  if (!made) return OCT_OUT_OF_MEMORY;
  made->attr.recurrent = (oct_recurrent_attr){
      .kind = OCT_LSTM,
      .batch_first = !time_first,
      .cell_clip = oct_fb_f32(file, node->options, 1, 0),
      .activation = {OCT_ACTIVATION_SIGMOID, OCT_ACTIVATION_TANH, OCT_ACTIVATION_TANH}};
  for (int i = 0; i < 2; i++) OCT_TRY(keep_state(reader, node, outputs[1 + i], axis, variables[i]));
  made = oct_tflite_emit_float(reader, node, OCT_OP_RESHAPE, 1, &outputs[0]);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1, .axis = {time_first ? 1 : 2}}};
  return OCT_OK;
}
