// SPDX-License-Identifier: MIT
//
// TFLite: Model -> graph. The main subgraph is read, and what a CALL_ONCE in it runs; the others belong to control flow,
// which is refused by name.
#include "base/print.h"
#include "formats/formats.h"
#include "formats/tflite.h"

#include <string.h>

static const char REPORT[] = "the model file contradicts itself; convert it again";

enum { COPY_FACTOR = 16, COPY_SPARE = 1 << 20, LABEL_BYTES = 256, MAX_ENDS = 1024, SCHEMA_VERSION = 3 };
enum { MODEL_VERSION = 0, MODEL_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_BUFFERS = 4 };
enum { CODE_DEPRECATED = 0, CODE_CUSTOM = 1, CODE_BUILTIN = 3 };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };
enum { OPERATOR_CODE = 0, OPERATOR_INPUTS = 1, OPERATOR_OUTPUTS = 2, OPERATOR_OPTIONS = 4, OPERATOR_CUSTOM = 5 };
enum { BUILTIN_CUSTOM = 32 };

static oct_status damaged(void) {
  return oct_fail(OCT_INVALID_MODEL, "download or convert the file again",
                  "the TFLite file is damaged: an offset points outside it");
}

// --- operators -------------------------------------------------------------------------------------------------------

/// The operator of a node and its name in messages.
static const oct_tflite_operator *operator_of(oct_tflite *reader, oct_fb_vector codes, oct_fb_table node,
                                              char name[static OCT_MISSING_NAME_BYTES]) {
  oct_fb *file = &reader->file;
  uint32_t index = (uint32_t)oct_fb_i32(file, node, OPERATOR_CODE, 0);
  oct_print(name, OCT_MISSING_NAME_BYTES, "operator code %u", (unsigned)index);
  if (index >= codes.count) return file->bad = true, NULL;
  oct_fb_table code = oct_fb_table_at(file, codes, index);
  int32_t old = (int8_t)oct_fb_u8(file, code, CODE_DEPRECATED, 0), builtin = oct_fb_i32(file, code, CODE_BUILTIN, 0);
  if (old > builtin) builtin = old;
  const oct_tflite_operator *found = oct_tflite_operator_find(builtin);
  if (builtin == BUILTIN_CUSTOM) {
    oct_fb_vector text = oct_fb_vector_of(file, code, CODE_CUSTOM, 1);
    const char *words = (const char *)file->data + text.at;
    oct_print(name, OCT_MISSING_NAME_BYTES, "CUSTOM:%.*s", text.count < 32 ? (int)text.count : 32, words);
    found = oct_tflite_custom_find(words, text.count);
  } else if (found) {
    oct_print(name, OCT_MISSING_NAME_BYTES, "%s", found->name);
  } else {
    oct_print(name, OCT_MISSING_NAME_BYTES, "builtin operator %d", (int)builtin);
  }
  return found && found->translate ? found : NULL;
}

/// TFLite operators have no names: a node is named after its first output, one without outputs after its operator.
static void label_of(oct_tflite *reader, oct_fb_table node, const char *operator_name,
                     char label[static LABEL_BYTES]) {
  oct_fb_vector outputs = oct_fb_vector_of(&reader->file, node, OPERATOR_OUTPUTS, 4);
  int32_t first = outputs.count ? oct_fb_i32_at(&reader->file, outputs, 0) : -1;
  oct_print(label, LABEL_BYTES, "%s",
            first >= 0 && first < reader->tensor_count ? reader->tensors[first].name : operator_name);
}

static oct_status read_links(oct_tflite *reader, oct_fb_table node, int slot, int32_t links[], int *count) {
  oct_fb_vector vector = oct_fb_vector_of(&reader->file, node, slot, 4);
  if (vector.count > OCT_TFLITE_MAX_LINKS)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the operator into smaller ones",
                    "an operator has %u inputs or outputs; Octavo takes %d", (unsigned)vector.count,
                    OCT_TFLITE_MAX_LINKS);
  *count = (int)vector.count;
  for (uint32_t i = 0; i < vector.count; i++) {
    links[i] = oct_fb_i32_at(&reader->file, vector, i);
    if (links[i] < -1 || links[i] >= reader->tensor_count || (links[i] < 0 && slot == OPERATOR_OUTPUTS))
      return oct_fail(OCT_INVALID_MODEL, REPORT, "an operator reads tensor %d of %d", (int)links[i],
                      (int)reader->tensor_count);
  }
  return OCT_OK;
}

static oct_status add_operator(oct_tflite *reader, oct_fb_vector codes, oct_fb_table table) {
  char name[OCT_MISSING_NAME_BYTES], label[LABEL_BYTES];
  oct_tflite_node node = {.operator = operator_of(reader, codes, table, name), .label = label};
  if (!node.operator) return damaged(); // missing ones were refused before
  label_of(reader, table, name, label);
  node.options = oct_fb_table_of(&reader->file, table, OPERATOR_OPTIONS);
  node.custom = oct_fb_vector_of(&reader->file, table, OPERATOR_CUSTOM, 1);
  OCT_TRY(read_links(reader, table, OPERATOR_INPUTS, node.inputs, &node.input_count));
  OCT_TRY(read_links(reader, table, OPERATOR_OUTPUTS, node.outputs, &node.output_count));
  if (!node.output_count && node.operator->op != OCT_OP_VARIABLE)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s makes nothing", node.operator->name);
  oct_status status = node.operator->translate(reader, &node);
  for (int i = 0; status == OCT_OK && i < node.output_count; i++)
    status = oct_tflite_settle(reader, oct_tflite_output(reader, &node, i));
  return status == OCT_OK ? OCT_OK : oct_fail_at(status, label);
}

static oct_status check_operators(oct_tflite *reader, oct_fb_vector codes, oct_fb_vector operators) {
  for (uint32_t i = 0; i < operators.count; i++) {
    char name[OCT_MISSING_NAME_BYTES], label[LABEL_BYTES];
    oct_fb_table table = oct_fb_table_at(&reader->file, operators, i);
    if (operator_of(reader, codes, table, name)) continue;
    label_of(reader, table, name, label);
    oct_missing_add(&reader->missing, name, strlen(name), label, strlen(label));
  }
  return reader->file.bad ? damaged() : oct_missing_report(&reader->missing);
}

// --- inputs and outputs ----------------------------------------------------------------------------------------------

static oct_status end_at(oct_tflite *reader, oct_fb_vector ends, uint32_t index, oct_tflite_tensor **tensor) {
  int32_t at = oct_fb_i32_at(&reader->file, ends, index);
  if (at < 0 || at >= reader->tensor_count)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "the model's inputs and outputs name tensor %d of %d", (int)at,
                    (int)reader->tensor_count);
  *tensor = &reader->tensors[at];
  return OCT_OK;
}

static oct_status add_inputs(oct_tflite *reader, oct_fb_vector inputs) {
  oct_graph *graph = reader->graph;
  for (uint32_t i = 0; i < inputs.count; i++) {
    oct_tflite_tensor *tensor;
    oct_value_id raw = OCT_NO_VALUE;
    OCT_TRY(end_at(reader, inputs, i, &tensor));
    if (tensor->value != OCT_NO_VALUE || tensor->data)
      return oct_fail(OCT_INVALID_MODEL, REPORT, "the input '%s' is a constant or named twice", tensor->name);
    if (oct_tflite_is_converted(tensor)) {
      OCT_TRY(oct_tflite_bridge(reader, tensor, false, &raw));
    } else {
      OCT_TRY(oct_tflite_define(reader, tensor));
      raw = tensor->value;
    }
    graph->values[raw].shape = tensor->shape;
    graph->inputs[graph->input_count++] = raw;
  }
  return OCT_OK;
}

/// A graph output is a value of its own: as stored where the tensor is quantized, a copy where it is an input, a
/// constant or another output.
static oct_status add_output(oct_tflite *reader, oct_tflite_tensor *tensor) {
  oct_graph *graph = reader->graph;
  oct_value_id value, raw = OCT_NO_VALUE;
  OCT_TRY(oct_tflite_value(reader, tensor, &value));
  if (oct_tflite_is_converted(tensor)) {
    OCT_TRY(oct_tflite_bridge(reader, tensor, true, &raw));
    value = raw;
  }
  bool shared = graph->values[value].data != NULL;
  for (int i = 0; i < graph->input_count; i++) shared |= graph->inputs[i] == value;
  for (int i = 0; i < graph->output_count; i++) shared |= graph->outputs[i] == value;
  if (shared) {
    static const oct_tflite_operator bridge = {.name = "Output"};
    oct_tflite_node node = {.operator = &bridge, .label = tensor->name};
    oct_value_id from = value;
    oct_node *made = oct_tflite_emit_inner(reader, &node, OCT_OP_RESHAPE, 1, &from, &value);
    if (!made) return OCT_OUT_OF_MEMORY;
    made->attr.reshape.kind = OCT_UNSQUEEZE_AXES; // of no axes: the same shape
  }
  graph->values[value].name = tensor->name;
  graph->values[value].shape = tensor->shape; // as declared, for reports: inference sets it anew
  graph->outputs[graph->output_count++] = value;
  return OCT_OK;
}

static oct_status reserve_ends(oct_graph *graph, uint32_t inputs, uint32_t outputs) {
  if (!outputs) return oct_fail(OCT_INVALID_MODEL, REPORT, "the model has no outputs");
  if (inputs > MAX_ENDS || outputs > MAX_ENDS)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "convert it without the outputs that are not needed",
                    "the model has %u inputs and %u outputs; Octavo takes %d", (unsigned)inputs, (unsigned)outputs,
                    MAX_ENDS);
  graph->inputs = oct_arena_alloc(&graph->arena, inputs * sizeof *graph->inputs);
  graph->outputs = oct_arena_alloc(&graph->arena, outputs * sizeof *graph->outputs);
  return graph->inputs && graph->outputs ? OCT_OK : OCT_OUT_OF_MEMORY;
}

// --- the model -------------------------------------------------------------------------------------------------------

/// Reads the tensors and operators of a subgraph; `inputs` become the graph's in between, if it is the main one.
static oct_status read_operators(oct_tflite *reader, oct_fb_table subgraph, const oct_fb_vector *inputs) {
  oct_fb *file = &reader->file;
  oct_fb_vector codes = oct_fb_vector_of(file, reader->model, MODEL_CODES, 4);
  oct_fb_vector tensors = oct_fb_vector_of(file, subgraph, SUBGRAPH_TENSORS, 4);
  oct_fb_vector operators = oct_fb_vector_of(file, subgraph, SUBGRAPH_OPERATORS, 4);
  if (file->bad) return damaged();
  OCT_TRY(oct_tflite_read_tensors(reader, tensors, oct_fb_vector_of(file, reader->model, MODEL_BUFFERS, 4)));
  OCT_TRY(check_operators(reader, codes, operators));
  if (inputs) OCT_TRY(add_inputs(reader, *inputs));
  for (uint32_t i = 0; i < operators.count; i++)
    OCT_TRY(add_operator(reader, codes, oct_fb_table_at(file, operators, i)));
  return file->bad ? damaged() : OCT_OK;
}

static oct_status read_main(oct_tflite *reader, oct_fb_table subgraph) {
  oct_fb *file = &reader->file;
  oct_fb_vector inputs = oct_fb_vector_of(file, subgraph, SUBGRAPH_INPUTS, 4);
  oct_fb_vector outputs = oct_fb_vector_of(file, subgraph, SUBGRAPH_OUTPUTS, 4);
  OCT_TRY(reserve_ends(reader->graph, inputs.count, outputs.count));
  OCT_TRY(read_operators(reader, subgraph, &inputs));
  for (uint32_t i = 0; i < outputs.count; i++) {
    oct_tflite_tensor *tensor;
    OCT_TRY(end_at(reader, outputs, i, &tensor));
    OCT_TRY(add_output(reader, tensor));
  }
  return file->bad ? damaged() : OCT_OK;
}

oct_status oct_tflite_read_initializer(oct_tflite *reader, int32_t subgraph) {
  oct_fb_vector subgraphs = oct_fb_vector_of(&reader->file, reader->model, MODEL_SUBGRAPHS, 4);
  if (subgraph < 0 || (uint32_t)subgraph >= subgraphs.count)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "CALL_ONCE runs subgraph %d of %u", (int)subgraph,
                    (unsigned)subgraphs.count);
  oct_tflite inner = *reader;
  inner.initializes = true;
  oct_status status = read_operators(&inner, oct_fb_table_at(&inner.file, subgraphs, (uint32_t)subgraph), NULL);
  reader->budget = inner.budget;
  return status;
}

oct_status oct_tflite_read(const void *bytes, size_t count, oct_graph *graph) {
  size_t budget = count > SIZE_MAX / COPY_FACTOR - COPY_SPARE ? SIZE_MAX : COPY_FACTOR * count + COPY_SPARE;
  oct_tflite reader = {.file = {.data = bytes, .size = count}, .graph = graph, .budget = budget};
  oct_fb *file = &reader.file;
  graph->dialect = OCT_DIALECT_TFLITE;
  reader.model = oct_fb_root(file);
  int32_t version = oct_fb_i32(file, reader.model, MODEL_VERSION, 0);
  oct_fb_vector subgraphs = oct_fb_vector_of(file, reader.model, MODEL_SUBGRAPHS, 4);
  if (file->bad) return damaged();
  if (version != SCHEMA_VERSION)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "convert the model with a current TensorFlow or LiteRT",
                    "the model has TFLite schema version %d; Octavo reads %d", (int)version, SCHEMA_VERSION);
  if (!subgraphs.count) return oct_fail(OCT_INVALID_MODEL, REPORT, "the model has no subgraph");
  reader.variables = oct_arena_alloc(&graph->arena, sizeof *reader.variables);
  if (!reader.variables) return OCT_OUT_OF_MEMORY;
  return read_main(&reader, oct_fb_table_at(file, subgraphs, 0));
}
