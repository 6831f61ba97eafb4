// SPDX-License-Identifier: MIT
//
// ONNX: ModelProto -> graph. Fields of a message come in any order, so each thing is one walk over its message: the
// opset, then of the graph the names of operators and of other files, the initializers, the inputs, the nodes, the outputs.
#include "base/print.h"
#include "formats/formats.h"
#include "formats/onnx.h"

#include <limits.h>
#include <string.h>

static const char REPORT[] = "the model file contradicts itself; export it again";

enum { COPY_FACTOR = 16, COPY_SPARE = 1 << 20, LABEL_BYTES = 256, MAX_ENDS = 1024 };
enum {
  MODEL_GRAPH = OCT_PB_BYTES(7), MODEL_OPSET = OCT_PB_BYTES(8),
  OPSET_DOMAIN = OCT_PB_BYTES(1), OPSET_VERSION = OCT_PB_VARINT(2),
  GRAPH_NODE = OCT_PB_BYTES(1), GRAPH_INITIALIZER = OCT_PB_BYTES(5), GRAPH_INPUT = OCT_PB_BYTES(11),
  GRAPH_OUTPUT = OCT_PB_BYTES(12), GRAPH_SPARSE = OCT_PB_BYTES(15),
  NODE_INPUT = OCT_PB_BYTES(1), NODE_OUTPUT = OCT_PB_BYTES(2), NODE_NAME = OCT_PB_BYTES(3),
  NODE_TYPE = OCT_PB_BYTES(4), NODE_ATTRIBUTE = OCT_PB_BYTES(5), NODE_DOMAIN = OCT_PB_BYTES(7),
  ATTRIBUTE_TENSOR = OCT_PB_BYTES(5), ATTRIBUTE_GRAPH = OCT_PB_BYTES(6),
  INFO_NAME = OCT_PB_BYTES(1), INFO_TYPE = OCT_PB_BYTES(2), TYPE_TENSOR = OCT_PB_BYTES(1),
  TENSOR_ELEMENT = OCT_PB_VARINT(1), TENSOR_SHAPE = OCT_PB_BYTES(2), SHAPE_DIM = OCT_PB_BYTES(1),
  DIM_VALUE = OCT_PB_VARINT(1), DIM_PARAMETER = OCT_PB_BYTES(2),
};

static bool is_standard(oct_bytes domain) { return !domain.count || oct_onnx_text_is(domain, "ai.onnx"); }

// --- the model -------------------------------------------------------------------------------------------------------

static oct_status read_opset(oct_onnx *reader, oct_bytes message) {
  oct_bytes domain = {0};
  int64_t version = 0;
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == OPSET_DOMAIN) domain = field.bytes;
    else if (field.key == OPSET_VERSION) version = (int64_t)field.number;
  }
  if (is_standard(domain)) reader->opset = version;
  return oct_pb_done(&cursor, "OperatorSetIdProto");
}

static oct_status read_model(oct_onnx *reader, oct_bytes message, oct_bytes *graph) {
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == MODEL_GRAPH) *graph = field.bytes;
    else if (field.key == MODEL_OPSET) OCT_TRY(read_opset(reader, field.bytes));
  }
  OCT_TRY(oct_pb_done(&cursor, "ModelProto"));
  if (!graph->count)
    return oct_fail(OCT_INVALID_MODEL, "pass the bytes of a .onnx or .tflite file", "the file holds no ONNX graph");
  if (reader->opset < OCT_ONNX_OPSET_MIN || reader->opset > OCT_ONNX_OPSET_MAX)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "convert it with onnx.version_converter, or export it for opset 17",
                    "the model uses ONNX opset %lld; Octavo reads %d to %d", (long long)reader->opset,
                    OCT_ONNX_OPSET_MIN, OCT_ONNX_OPSET_MAX);
  return OCT_OK;
}

// --- inputs and outputs ----------------------------------------------------------------------------------------------

typedef struct value_info {
  oct_bytes name;
  int64_t element;
  oct_shape shape;
} value_info;

static oct_status read_dim(oct_bytes message, oct_shape *shape) {
  if (shape->rank == OCT_MAX_RANK)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "reshape it to fewer dimensions", "an input has more than %d dimensions",
                    OCT_MAX_RANK);
  int64_t dim = OCT_DYNAMIC;
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field))
    if (field.key == DIM_VALUE) dim = (int64_t)field.number;
  if (dim > INT32_MAX)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "an input has a dimension of %lld", (long long)dim);
  shape->dim[shape->rank++] = dim <= 0 ? OCT_DYNAMIC : (int32_t)dim; // exporters write 0 and -1 for "any"
  return oct_pb_done(&cursor, "Dimension");
}

static oct_status read_tensor_type(oct_bytes message, value_info *info) {
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == TENSOR_ELEMENT) info->element = (int64_t)field.number;
    if (field.key != TENSOR_SHAPE) continue;
    info->shape = (oct_shape){.rank = 0};
    oct_pb dims = oct_pb_of(field.bytes);
    oct_pb_field dim;
    while (oct_pb_next(&dims, &dim))
      if (dim.key == SHAPE_DIM) OCT_TRY(read_dim(dim.bytes, &info->shape));
    OCT_TRY(oct_pb_done(&dims, "TensorShapeProto"));
  }
  return oct_pb_done(&cursor, "TypeProto");
}

static oct_status read_value_info(oct_bytes message, value_info *info) {
  *info = (value_info){.shape = oct_shape_unknown()};
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == INFO_NAME) info->name = field.bytes;
    if (field.key != INFO_TYPE) continue;
    oct_pb type = oct_pb_of(field.bytes);
    oct_pb_field kind;
    while (oct_pb_next(&type, &kind))
      if (kind.key == TYPE_TENSOR) OCT_TRY(read_tensor_type(kind.bytes, info));
    OCT_TRY(oct_pb_done(&type, "TypeProto"));
  }
  return oct_pb_done(&cursor, "ValueInfoProto");
}

static int shown(oct_bytes text) { return text.count < 80 ? (int)text.count : 80; }

static oct_status too_many_ends(const char *which) {
  return oct_fail(OCT_UNSUPPORTED_MODEL, "export it without those that are not needed", "the model has more than %d %s",
                  MAX_ENDS, which);
}

static oct_status add_input(oct_onnx *reader, oct_bytes message) {
  oct_graph *graph = reader->graph;
  value_info info;
  OCT_TRY(read_value_info(message, &info));
  if (oct_names_find(&reader->names, info.name)) return OCT_OK; // an initializer: a constant
  oct_dtype dtype = oct_onnx_dtype(info.element);
  if ((dtype == OCT_NONE && !reader->outer) || !info.name.count) // a body's input has the type of what it is given
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with tensors of float32, int8, uint8, int32 or int64",
                    "the input '%.*s' has ONNX data type %lld, which Octavo does not have", shown(info.name),
                    (const char *)info.name.at, (long long)info.element);
  oct_value_id id = oct_graph_add_value(graph, (const char *)info.name.at, info.name.count, dtype, info.shape);
  if (id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  if (graph->input_count == MAX_ENDS) return too_many_ends("inputs");
  graph->inputs[graph->input_count++] = id;
  return oct_names_add(&reader->names, &graph->arena, (oct_name){.text = info.name, .value = id});
}

/// A graph output is a value of its own: neither an input, a constant nor another output. Where the model makes it one
/// (or where it is quantized) a node is put between.
static oct_status add_output(oct_onnx *reader, oct_bytes message) {
  oct_graph *graph = reader->graph;
  value_info info;
  OCT_TRY(read_value_info(message, &info));
  const oct_name *name;
  OCT_TRY(oct_onnx_find(reader, info.name, &name));
  if (!name)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "no node makes the output '%.*s'", shown(info.name),
                    info.name.count ? (const char *)info.name.at : "");
  static const oct_onnx_operator bridge = {.name = "Output"};
  oct_onnx_node node = {.operator = &bridge, .label = "output", .input_count = 1, .output_count = 1,
                        .inputs = {name->value}, .sources = {name->source}, .outputs = {info.name}};
  bool shared = graph->values[name->value].data != NULL;
  for (int i = 0; i < graph->input_count; i++) shared |= graph->inputs[i] == name->value;
  for (int i = 0; i < graph->output_count; i++) shared |= graph->outputs[i] == name->value;
  for (int i = 0; i < graph->external_count; i++) shared |= graph->externals[i].value == name->value;
  if (name->source != OCT_NONE) {
    OCT_TRY(oct_onnx_make_raw(reader, &node, 0));
  } else if (shared) {
    oct_value_id copy;
    oct_node *made = oct_onnx_emit_inner(reader, &node, OCT_OP_RESHAPE, 1, node.inputs, &copy);
    if (!made) return OCT_OUT_OF_MEMORY;
    made->attr.reshape.kind = OCT_UNSQUEEZE_AXES; // of no axes: the same shape
    node.inputs[0] = copy;
  }
  oct_value *value = &graph->values[node.inputs[0]];
  value->name = oct_arena_text(&graph->arena, (const char *)info.name.at, info.name.count);
  if (!value->name) return OCT_OUT_OF_MEMORY;
  if (value->dtype == OCT_NONE) value->dtype = oct_onnx_dtype(info.element);
  value->shape = info.shape; // as declared, for reports: inference sets it anew
  graph->outputs[graph->output_count++] = node.inputs[0];
  return OCT_OK;
}

// --- nodes -----------------------------------------------------------------------------------------------------------

typedef struct node_header {
  oct_bytes name, type, domain;
  const oct_onnx_operator *operator;
} node_header;

static oct_status read_header(oct_bytes message, node_header *header) {
  *header = (node_header){0};
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == NODE_NAME) header->name = field.bytes;
    else if (field.key == NODE_TYPE) header->type = field.bytes;
    else if (field.key == NODE_DOMAIN) header->domain = field.bytes;
  }
  oct_bytes domain = is_standard(header->domain) ? (oct_bytes){0} : header->domain;
  header->operator = oct_onnx_operator_find(domain, header->type);
  return oct_pb_done(&cursor, "NodeProto");
}

static oct_status check_bodies(oct_onnx *reader, oct_bytes node);

static oct_status check_operator(oct_onnx *reader, oct_bytes message) {
  node_header header;
  OCT_TRY(read_header(message, &header));
  OCT_TRY(check_bodies(reader, message));
  if (header.operator) return OCT_OK;
  char name[2 * OCT_MISSING_NAME_BYTES];
  const char *dot = is_standard(header.domain) ? "" : ".";
  int domain = *dot ? shown(header.domain) : 0;
  const size_t length =
      oct_print(name, sizeof name, "%.*s%s%.*s", domain, (const char *)header.domain.at, dot,
                shown(header.type), header.type.count ? (const char *)header.type.at : "?");
  oct_missing_add(&reader->missing, name, length, (const char *)header.name.at, header.name.count);
  return OCT_OK;
}

static oct_status add_node_input(oct_onnx *reader, oct_onnx_node *node, oct_bytes text) {
  if (node->input_count == OCT_ONNX_MAX_INPUTS)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the node into smaller ones", "%s has more than %d inputs",
                    node->operator->name, OCT_ONNX_MAX_INPUTS);
  int index = node->input_count++;
  node->inputs[index] = OCT_NO_VALUE;
  if (!text.count) return OCT_OK;
  const oct_name *name;
  OCT_TRY(oct_onnx_find(reader, text, &name));
  if (!name)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s reads '%.*s', which no node before it makes", node->operator->name,
                    shown(text), (const char *)text.at);
  node->inputs[index] = name->value;
  node->sources[index] = name->source;
  return OCT_OK;
}

static oct_status read_links(oct_onnx *reader, oct_onnx_node *node) {
  oct_pb cursor = oct_pb_of(node->body);
  oct_pb_field field;
  bool named = false;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == NODE_INPUT) OCT_TRY(add_node_input(reader, node, field.bytes));
    if (field.key != NODE_OUTPUT) continue;
    if (node->output_count == OCT_ONNX_MAX_OUTPUTS)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "split the node into smaller ones", "%s has more than %d outputs",
                      node->operator->name, OCT_ONNX_MAX_OUTPUTS);
    named |= field.bytes.count > 0;
    node->outputs[node->output_count++] = field.bytes;
  }
  if (!named)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s makes nothing", node->operator->name);
  return OCT_OK;
}

/// Q8 reaches only translate functions that expect it (onnx.h).
static oct_status settle_q8(oct_onnx *reader, oct_onnx_node *node) {
  if (node->operator->q8 == OCT_ONNX_KNOWS) return OCT_OK;
  for (int i = node->operator->q8 == OCT_ONNX_MOVES ? 1 : 0; i < node->input_count; i++)
    if (node->sources[i] != OCT_NONE) OCT_TRY(oct_onnx_make_raw(reader, node, i));
  return OCT_OK;
}

static oct_status translate(oct_onnx *reader, oct_onnx_node *node) {
  OCT_TRY(oct_onnx_attributes_check(node));
  OCT_TRY(read_links(reader, node));
  OCT_TRY(settle_q8(reader, node));
  return node->operator->translate(reader, node);
}

static oct_status add_node(oct_onnx *reader, oct_bytes message, int index) {
  node_header header;
  OCT_TRY(read_header(message, &header));
  oct_onnx_node node = {.operator = header.operator, .body = message};
  char label[LABEL_BYTES];
  if (header.name.count)
    oct_print(label, sizeof label, "%.*s", header.name.count < LABEL_BYTES ? (int)header.name.count : LABEL_BYTES,
              (const char *)header.name.at);
  else
    oct_print(label, sizeof label, "%s_%d", header.operator->name, index);
  node.label = label;
  oct_status status = translate(reader, &node);
  return status == OCT_OK ? OCT_OK : oct_fail_at(status, label);
}

// --- the graph -------------------------------------------------------------------------------------------------------

static oct_status add_initializer(oct_onnx *reader, oct_bytes message) {
  oct_value_id value;
  oct_bytes name;
  OCT_TRY(oct_onnx_read_tensor(reader, message, (oct_bytes){0}, &value, &name));
  if (!name.count) return OCT_OK;
  return oct_names_add(&reader->names, &reader->graph->arena, (oct_name){.text = name, .value = value});
}

/// Walks one kind of field of the graph.
static oct_status walk(oct_onnx *reader, oct_bytes graph, uint32_t key,
                       oct_status (*visit)(oct_onnx *reader, oct_bytes message)) {
  oct_pb cursor = oct_pb_of(graph);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field))
    if (field.key == key) OCT_TRY(visit(reader, field.bytes));
  return oct_pb_done(&cursor, "GraphProto");
}

static oct_status add_nodes(oct_onnx *reader, oct_bytes graph) {
  oct_pb cursor = oct_pb_of(graph);
  oct_pb_field field;
  for (int index = 0; oct_pb_next(&cursor, &field);)
    if (field.key == GRAPH_NODE) OCT_TRY(add_node(reader, field.bytes, index++));
  return OCT_OK;
}

static oct_status refuse_sparse(oct_onnx *reader, oct_bytes message) {
  (void)reader, (void)message;
  return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with dense weights", "the model has sparse constants");
}

/// Room for the lists of inputs and outputs.
static oct_status reserve_ends(oct_onnx *reader, oct_bytes message) {
  size_t inputs = 0, outputs = 0;
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    inputs += field.key == GRAPH_INPUT;
    outputs += field.key == GRAPH_OUTPUT;
  }
  oct_graph *graph = reader->graph;
  graph->inputs = oct_arena_alloc(&graph->arena, inputs * sizeof *graph->inputs);
  graph->outputs = oct_arena_alloc(&graph->arena, outputs * sizeof *graph->outputs);
  if (!outputs) return oct_fail(OCT_INVALID_MODEL, REPORT, "the model has no outputs");
  if (outputs > MAX_ENDS) return too_many_ends("outputs");
  return graph->inputs && graph->outputs ? OCT_OK : OCT_OUT_OF_MEMORY;
}

/// Numbers, and tells, the file that a constant lies in, unless that is the model's own, or has a number.
static oct_status number_file(oct_onnx *reader, oct_bytes tensor) {
  oct_names *known = &reader->file_names;
  oct_arena *arena = &reader->graph->arena;
  oct_bytes file;
  OCT_TRY(oct_onnx_tensor_file(tensor, &file));
  if (!file.count || oct_names_find(known, file)) return OCT_OK;
  if (reader->tell) {
    const char *text = oct_arena_text(arena, (const char *)file.at, file.count);
    if (!text) return OCT_OUT_OF_MEMORY;
    reader->tell(reader->told, text);
  }
  return oct_names_add(known, arena, (oct_name){.text = file, .value = (oct_value_id)known->count});
}

/// Looks for other files and missing operators, in the graphs among nodes' attributes, too.
static oct_status check_graph(oct_onnx *reader, oct_bytes graph) {
  OCT_TRY(walk(reader, graph, GRAPH_INITIALIZER, number_file));
  return walk(reader, graph, GRAPH_NODE, check_operator);
}

static oct_status check_bodies(oct_onnx *reader, oct_bytes node) {
  oct_pb attributes = oct_pb_of(node);
  oct_pb_field attribute, field;
  reader->depth++;
  while (oct_pb_next(&attributes, &attribute)) {
    if (attribute.key != NODE_ATTRIBUTE) continue;
    oct_pb fields = oct_pb_of(attribute.bytes);
    while (oct_pb_next(&fields, &field)) {
      if (field.key == ATTRIBUTE_TENSOR) OCT_TRY(number_file(reader, field.bytes));
      if (field.key != ATTRIBUTE_GRAPH) continue;
      if (reader->depth > OCT_ONNX_MAX_DEPTH)
        return oct_fail(OCT_UNSUPPORTED_MODEL, "simplify the model's control flow",
                        "the graphs of control flow are nested more than %d deep", OCT_ONNX_MAX_DEPTH);
      OCT_TRY(check_graph(reader, field.bytes));
    }
  }
  reader->depth--;
  return OCT_OK;
}

oct_status oct_onnx_read_graph(oct_onnx *reader, oct_bytes message) {
  OCT_TRY(reserve_ends(reader, message));
  OCT_TRY(walk(reader, message, GRAPH_SPARSE, refuse_sparse));
  OCT_TRY(walk(reader, message, GRAPH_INITIALIZER, add_initializer));
  OCT_TRY(walk(reader, message, GRAPH_INPUT, add_input));
  OCT_TRY(add_nodes(reader, message));
  return walk(reader, message, GRAPH_OUTPUT, add_output);
}

/// Finds the graph, and whether all that it needs is there.
static oct_status check_model(oct_onnx *reader, const void *bytes, size_t count, oct_bytes *body) {
  OCT_TRY(read_model(reader, (oct_bytes){.at = bytes, .count = count}, body));
  OCT_TRY(check_graph(reader, *body));
  return oct_missing_report(&reader->missing);
}

oct_status oct_onnx_files(const void *bytes, size_t count, void (*tell)(void *to, const char *name), void *to) {
  oct_graph scratch = {0};
  oct_onnx reader = {.graph = &scratch, .tell = tell, .told = to};
  oct_bytes body = {0};
  oct_status status = check_model(&reader, bytes, count, &body);
  oct_graph_free(&scratch);
  return status;
}

oct_status oct_onnx_read(const void *bytes, size_t count, const oct_bytes *files, size_t file_count, oct_graph *graph) {
  size_t total = count;
  for (size_t i = 0; i < file_count; i++) total += files[i].count;
  size_t budget = total > SIZE_MAX / COPY_FACTOR - COPY_SPARE ? SIZE_MAX : COPY_FACTOR * total + COPY_SPARE;
  oct_onnx reader = {.graph = graph, .budget = budget, .files = files, .file_count = file_count};
  oct_bytes body = {0};
  graph->dialect = OCT_DIALECT_ONNX;
  OCT_TRY(check_model(&reader, bytes, count, &body));
  return oct_onnx_read_graph(&reader, body);
}
