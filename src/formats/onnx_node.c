// SPDX-License-Identifier: MIT
//
// What every translate function needs: a node's attributes, read from its bytes each time they are asked for (nodes
// are small and nothing has to be stored), and the few ways of appending to the graph.
#include "formats/onnx.h"

#include <limits.h>
#include <string.h>

static const char REPORT[] = "the model file contradicts itself; export it again";

// --- attributes ------------------------------------------------------------------------------------------------------

enum { NODE_ATTRIBUTE = OCT_PB_BYTES(5) };
enum {
  ATTRIBUTE_NAME = OCT_PB_BYTES(1), ATTRIBUTE_FLOAT = OCT_PB_FIXED32(2), ATTRIBUTE_INT = OCT_PB_VARINT(3),
  ATTRIBUTE_TEXT = OCT_PB_BYTES(4), ATTRIBUTE_TENSOR = OCT_PB_BYTES(5), ATTRIBUTE_GRAPH = OCT_PB_BYTES(6),
  ATTRIBUTE_FLOATS = OCT_PB_BYTES(7),
  ATTRIBUTE_FLOATS_UNPACKED = OCT_PB_FIXED32(7), ATTRIBUTE_INTS = OCT_PB_BYTES(8),
  ATTRIBUTE_INTS_UNPACKED = OCT_PB_VARINT(8), ATTRIBUTE_TEXTS = OCT_PB_BYTES(9),
};

bool oct_onnx_text_is(oct_bytes text, const char *expected) {
  size_t length = strlen(expected);
  return text.count == length && (!length || !memcmp(text.at, expected, length));
}

static bool next_attribute(oct_pb *cursor, oct_bytes *attribute) {
  oct_pb_field field;
  while (oct_pb_next(cursor, &field))
    if (field.key == NODE_ATTRIBUTE) return *attribute = field.bytes, true;
  return false;
}

oct_status oct_onnx_attributes_check(const oct_onnx_node *node) {
  oct_pb cursor = oct_pb_of(node->body);
  oct_bytes attribute;
  while (next_attribute(&cursor, &attribute)) {
    oct_pb inner = oct_pb_of(attribute);
    oct_pb_field field;
    while (oct_pb_next(&inner, &field)) {
      oct_pb numbers = oct_pb_of(field.bytes);
      uint64_t number;
      if (field.key == ATTRIBUTE_INTS)
        while (oct_pb_varint(&numbers, &number)) continue;
      OCT_TRY(oct_pb_done(&numbers, "list of integers"));
    }
    OCT_TRY(oct_pb_done(&inner, "AttributeProto"));
  }
  return oct_pb_done(&cursor, "NodeProto");
}

/// Finds an attribute's bytes; false if absent.
static bool find_attribute(const oct_onnx_node *node, const char *name, oct_bytes *found) {
  oct_pb cursor = oct_pb_of(node->body);
  while (next_attribute(&cursor, found)) {
    oct_pb inner = oct_pb_of(*found);
    oct_pb_field field;
    while (oct_pb_next(&inner, &field))
      if (field.key == ATTRIBUTE_NAME && oct_onnx_text_is(field.bytes, name)) return true;
  }
  return false;
}

/// Finds the field `key` of an attribute; false if absent.
static bool find_field(const oct_onnx_node *node, const char *name, uint32_t key, oct_pb_field *field) {
  oct_bytes attribute;
  if (!find_attribute(node, name, &attribute)) return false;
  oct_pb inner = oct_pb_of(attribute);
  while (oct_pb_next(&inner, field))
    if (field->key == key) return true;
  return false;
}

static int32_t clamp(uint64_t number) {
  int64_t wide = (int64_t)number;
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

bool oct_onnx_has_attribute(const oct_onnx_node *node, const char *name) {
  oct_bytes attribute;
  return find_attribute(node, name, &attribute);
}

int32_t oct_onnx_int(const oct_onnx_node *node, const char *name, int32_t fallback) {
  oct_pb_field field;
  return find_field(node, name, ATTRIBUTE_INT, &field) ? clamp(field.number) : fallback;
}

float oct_onnx_float(const oct_onnx_node *node, const char *name, float fallback) {
  oct_pb_field field;
  return find_field(node, name, ATTRIBUTE_FLOAT, &field) ? oct_pb_float(field.number) : fallback;
}

oct_bytes oct_onnx_text(const oct_onnx_node *node, const char *name) {
  oct_pb_field field;
  return find_field(node, name, ATTRIBUTE_TEXT, &field) ? field.bytes : (oct_bytes){0};
}

oct_bytes oct_onnx_tensor_attribute(const oct_onnx_node *node, const char *name) {
  oct_pb_field field;
  return find_field(node, name, ATTRIBUTE_TENSOR, &field) ? field.bytes : (oct_bytes){0};
}

oct_bytes oct_onnx_graph_attribute(const oct_onnx_node *node, const char *name) {
  oct_pb_field field;
  return find_field(node, name, ATTRIBUTE_GRAPH, &field) ? field.bytes : (oct_bytes){0};
}

static oct_status too_many(const char *name, int capacity) {
  return oct_fail(OCT_INVALID_MODEL, REPORT, "the attribute '%s' has more than %d elements", name, capacity);
}

oct_status oct_onnx_ints(const oct_onnx_node *node, const char *name, int32_t *out, int capacity, int *count) {
  *count = 0;
  oct_bytes attribute;
  if (!find_attribute(node, name, &attribute)) return OCT_OK;
  oct_pb inner = oct_pb_of(attribute);
  oct_pb_field field;
  while (oct_pb_next(&inner, &field)) {
    if (field.key == ATTRIBUTE_INTS_UNPACKED) {
      if (*count == capacity) return too_many(name, capacity);
      out[(*count)++] = clamp(field.number);
    } else if (field.key == ATTRIBUTE_INTS) {
      oct_pb numbers = oct_pb_of(field.bytes);
      for (uint64_t number; oct_pb_varint(&numbers, &number); out[(*count)++] = clamp(number))
        if (*count == capacity) return too_many(name, capacity);
    }
  }
  return OCT_OK;
}

oct_status oct_onnx_texts(const oct_onnx_node *node, const char *name, oct_bytes *out, int capacity, int *count) {
  *count = 0;
  oct_bytes attribute;
  if (!find_attribute(node, name, &attribute)) return OCT_OK;
  oct_pb inner = oct_pb_of(attribute);
  oct_pb_field field;
  while (oct_pb_next(&inner, &field)) {
    if (field.key != ATTRIBUTE_TEXTS) continue;
    if (*count == capacity) return too_many(name, capacity);
    out[(*count)++] = field.bytes;
  }
  return OCT_OK;
}

oct_status oct_onnx_floats(const oct_onnx_node *node, const char *name, float *out, int capacity, int *count) {
  *count = 0;
  oct_bytes attribute;
  if (!find_attribute(node, name, &attribute)) return OCT_OK;
  oct_pb inner = oct_pb_of(attribute);
  oct_pb_field field;
  while (oct_pb_next(&inner, &field)) {
    if (field.key == ATTRIBUTE_FLOATS_UNPACKED) {
      if (*count == capacity) return too_many(name, capacity);
      out[(*count)++] = oct_pb_float(field.number);
    } else if (field.key == ATTRIBUTE_FLOATS) {
      size_t elements = field.bytes.count / sizeof(float);
      if (elements > (size_t)(capacity - *count)) return too_many(name, capacity);
      if (elements) memcpy(out + *count, field.bytes.at, elements * sizeof(float));
      *count += (int)elements;
    }
  }
  return OCT_OK;
}

// --- refusals --------------------------------------------------------------------------------------------------------

oct_status oct_onnx_needs(const oct_onnx_node *node, int count) {
  for (int i = 0; i < count; i++)
    if (!oct_onnx_has(node, i))
      return oct_fail(OCT_INVALID_MODEL, REPORT, "%s lacks input %d; it needs %d", node->operator->name, i, count);
  return OCT_OK;
}

oct_status oct_onnx_refuse(const oct_onnx_node *node, const char *what) {
  return oct_fail(OCT_UNSUPPORTED_MODEL, "docs/formats.md tells what each operator takes; export the model without it",
                  "%s %s", node->operator->name, what);
}

oct_status oct_onnx_spend(oct_onnx *reader, size_t bytes) {
  if (bytes > reader->budget)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "the model asks for more copies of its constants than its size allows");
  reader->budget -= bytes;
  return OCT_OK;
}

// --- appending to the graph ------------------------------------------------------------------------------------------

oct_status oct_onnx_find(oct_onnx *reader, oct_bytes text, const oct_name **found) {
  *found = oct_names_find(&reader->names, text);
  if (*found || !reader->outer) return OCT_OK;
  OCT_TRY(oct_onnx_find(reader->outer, text, found));
  if (*found) OCT_TRY(oct_onnx_capture(reader, **found));
  *found = oct_names_find(&reader->names, text);
  return OCT_OK;
}

oct_status oct_onnx_define(oct_onnx *reader, const oct_onnx_node *node, int index, oct_value_id value,
                           oct_dtype source) {
  if (index >= node->output_count || !node->outputs[index].count) return OCT_OK;
  return oct_names_add(&reader->names, &reader->graph->arena,
                       (oct_name){.text = node->outputs[index], .value = value, .source = source});
}

/// Appends a node with outputs named after the file's; those of a node that moves elements are Q8 as its input is.
static oct_node *append(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, int input_count,
                        const oct_value_id *inputs, int output_count) {
  oct_graph *graph = reader->graph;
  while (input_count > 0 && inputs[input_count - 1] == OCT_NO_VALUE) input_count--;
  oct_node *made = oct_graph_add_node(graph, op, node->label, strlen(node->label), input_count, output_count);
  if (!made) return NULL;
  made->type = node->operator->name;
  for (int i = 0; i < input_count; i++) made->inputs[i] = inputs[i];
  bool moves = op == OCT_OP_RESHAPE || node->operator->q8 == OCT_ONNX_MOVES;
  for (int i = 0; i < output_count; i++) {
    oct_bytes name = i < node->output_count ? node->outputs[i] : (oct_bytes){0};
    oct_value_id id = oct_graph_add_value(graph, (const char *)name.at, name.count, OCT_NONE, oct_shape_unknown());
    if (id == OCT_NO_VALUE) return NULL;
    made->outputs[i] = id;
    const oct_value *input = input_count && inputs[0] != OCT_NO_VALUE ? &graph->values[inputs[0]] : NULL;
    if (moves && input && input->dtype == OCT_Q8) {
      graph->values[id].dtype = OCT_Q8;
      graph->values[id].quant = input->quant;
    }
  }
  return made;
}

oct_node *oct_onnx_emit_inner(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, int input_count,
                              const oct_value_id *inputs, oct_value_id *output) {
  oct_node *made = append(reader, node, op, input_count, inputs, 1);
  if (made) *output = made->outputs[0];
  return made;
}

oct_node *oct_onnx_emit(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, int input_count,
                        const oct_value_id *inputs, int output_count) {
  oct_node *made = append(reader, node, op, input_count, inputs, output_count);
  if (!made) return NULL;
  oct_dtype source = node->operator->q8 == OCT_ONNX_MOVES ? node->sources[0] : OCT_NONE;
  for (int i = 0; i < output_count; i++)
    if (oct_onnx_define(reader, node, i, made->outputs[i], source) != OCT_OK) return NULL;
  return made;
}

oct_value_id oct_onnx_list(oct_onnx *reader, const oct_onnx_node *node, oct_dtype dtype, const void *elements,
                           int count) {
  size_t bytes = (size_t)count * oct_dtype_bytes(dtype);
  void *copy = oct_arena_alloc(&reader->graph->arena, bytes);
  if (!copy) return OCT_NO_VALUE;
  if (bytes) memcpy(copy, elements, bytes);
  return oct_graph_add_constant(reader->graph, node->label, strlen(node->label), dtype, oct_shape_of(1, count), copy);
}

oct_status oct_onnx_make_raw(oct_onnx *reader, oct_onnx_node *node, int input) {
  oct_value_id raw;
  if (!oct_onnx_emit_inner(reader, node, OCT_OP_REINTERPRET, 1, &node->inputs[input], &raw))
    return oct_last_error()->status;
  oct_value *value = &reader->graph->values[raw];
  value->dtype = node->sources[input];
  value->quant = NULL;
  node->inputs[input] = raw;
  node->sources[input] = OCT_NONE;
  return OCT_OK;
}
