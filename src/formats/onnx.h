// SPDX-License-Identifier: MIT
//
// What the files of the ONNX reader share. The reader walks the ModelProto once, in order: initializers become
// constants, graph inputs become values, and each NodeProto is handed to the translate function that onnx_ops.inc
// names for it, which appends graph nodes and defines the names of its outputs. A name must be defined before it is
// used, so a graph with a cycle cannot be built.
//
// A body (the graph of an If, Loop or Scan) is read by a reader of its own; a name that it does not have it captures
// from the reader around it.
//
// Names stand for float tensors, raw integers, or quantized activations: a Q8 value remembers (`source`) whether the
// file calls it int8 or uint8. Operators that only move elements pass Q8 on; QuantizeLinear and its kin know it; all
// others see the raw bytes (a REINTERPRET is put between).
#ifndef OCT_FORMATS_ONNX_H
#define OCT_FORMATS_ONNX_H

#include "formats/missing.h"
#include "formats/names.h"
#include "formats/protobuf.h"
#include "graph/graph.h"

enum { OCT_ONNX_MAX_INPUTS = 64, OCT_ONNX_MAX_OUTPUTS = 64, OCT_ONNX_MAX_DEPTH = 8,
       OCT_ONNX_OPSET_MIN = 1, OCT_ONNX_OPSET_MAX = 23 };

typedef struct oct_onnx oct_onnx;
struct oct_onnx {
  oct_graph *graph;
  oct_names names;
  oct_onnx *outer;         // the reader of the graph around this body, or NULL
  oct_value_id *captured;  // of a body: for each external of the graph, the value around it
  int32_t captured_capacity;
  int depth;               // of bodies inside bodies
  int64_t opset;
  size_t budget; // bytes that may still be copied; bounds the work that a small file can ask for
  oct_missing missing;
  oct_names file_names;   // of the outermost reader: the files beside the model, numbered in the order met
  const oct_bytes *files; // their bytes
  size_t file_count;
  void (*tell)(void *told, const char *file_name); // who wants to know their names, or NULL
  void *told;
};

typedef struct oct_onnx_node oct_onnx_node;
typedef oct_status (*oct_onnx_translate)(oct_onnx *reader, const oct_onnx_node *node);

/// How an operator treats quantized activations among its inputs.
typedef enum oct_onnx_q8 {
  OCT_ONNX_RAW,   // sees the file's int8 or uint8
  OCT_ONNX_MOVES, // input 0 may be Q8; then so is every output, with the same scale and zero point
  OCT_ONNX_KNOWS, // its translate function deals with Q8
} oct_onnx_q8;

/// One line of onnx_ops.inc.
typedef struct oct_onnx_operator {
  const char *name;
  oct_onnx_translate translate;
  oct_operator op; // what it becomes
  int kind;        // its kind within the operator, e.g. OCT_MUL
  oct_onnx_q8 q8;
} oct_onnx_operator;

/// The table's line for an operator, or NULL.
const oct_onnx_operator *oct_onnx_operator_find(oct_bytes domain, oct_bytes type);

struct oct_onnx_node {
  const oct_onnx_operator *operator;
  const char *label; // the file's node name, or "<operator>_<index>"; for messages and reports
  oct_bytes body;    // the NodeProto
  int input_count, output_count;
  oct_value_id inputs[OCT_ONNX_MAX_INPUTS]; // OCT_NO_VALUE for absent ones
  oct_dtype sources[OCT_ONNX_MAX_INPUTS];   // of Q8 inputs
  oct_bytes outputs[OCT_ONNX_MAX_OUTPUTS];  // names, empty for absent ones
};

static inline bool oct_onnx_has(const oct_onnx_node *node, int input) {
  return input < node->input_count && node->inputs[input] != OCT_NO_VALUE;
}
static inline oct_value *oct_onnx_input(const oct_onnx *reader, const oct_onnx_node *node, int input) {
  return &reader->graph->values[node->inputs[input]];
}

// --- onnx_node.c: attributes (numbers are clamped to int32), names, and appending to the graph ----------------------

/// Checks the attribute messages of a node once, so that the getters need not fail.
oct_status oct_onnx_attributes_check(const oct_onnx_node *node);

bool oct_onnx_has_attribute(const oct_onnx_node *node, const char *name);
int32_t oct_onnx_int(const oct_onnx_node *node, const char *name, int32_t fallback);
float oct_onnx_float(const oct_onnx_node *node, const char *name, float fallback);
oct_bytes oct_onnx_text(const oct_onnx_node *node, const char *name);   // empty if absent
oct_bytes oct_onnx_tensor_attribute(const oct_onnx_node *node, const char *name); // TensorProto, empty if absent
bool oct_onnx_text_is(oct_bytes text, const char *expected);

oct_bytes oct_onnx_graph_attribute(const oct_onnx_node *node, const char *name); // GraphProto, empty if absent

/// Lists: `count` is 0 if absent; more than `capacity` fails.
oct_status oct_onnx_ints(const oct_onnx_node *node, const char *name, int32_t *out, int capacity, int *count);
oct_status oct_onnx_texts(const oct_onnx_node *node, const char *name, oct_bytes *out, int capacity, int *count);
oct_status oct_onnx_floats(const oct_onnx_node *node, const char *name, float *out, int capacity, int *count);

/// Fails unless the inputs 0..count-1 are there.
oct_status oct_onnx_needs(const oct_onnx_node *node, int count);

/// Refuses a variant of an operator: "<operator> <what>".
oct_status oct_onnx_refuse(const oct_onnx_node *node, const char *what);

/// Finds the entry of a name, captured from around a body if need be; NULL where there is none.
oct_status oct_onnx_find(oct_onnx *reader, oct_bytes text, const oct_name **found);

/// Makes output `index` of the node another name for `value`.
oct_status oct_onnx_define(oct_onnx *reader, const oct_onnx_node *node, int index, oct_value_id value,
                           oct_dtype source);

/// Appends a graph node whose one output is an inner value (no name in the file), or whose outputs are the node's. Both
/// return NULL on failure, with the record filled. Q8 follows the table for outputs and `operator` MOVES for inner.
oct_node *oct_onnx_emit_inner(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, int input_count,
                              const oct_value_id *inputs, oct_value_id *output);
oct_node *oct_onnx_emit(oct_onnx *reader, const oct_onnx_node *node, oct_operator op, int input_count,
                        const oct_value_id *inputs, int output_count);

/// A constant made by the reader, its elements copied into the graph.
oct_value_id oct_onnx_list(oct_onnx *reader, const oct_onnx_node *node, oct_dtype dtype, const void *elements,
                           int count);

/// Puts the raw int8 or uint8 tensor in the place of a Q8 input.
oct_status oct_onnx_make_raw(oct_onnx *reader, oct_onnx_node *node, int input);

/// Takes from the budget of copied bytes.
oct_status oct_onnx_spend(oct_onnx *reader, size_t bytes);

// --- onnx.c ----------------------------------------------------------------------------------------------------------

/// Reads a GraphProto into the reader's graph.
oct_status oct_onnx_read_graph(oct_onnx *reader, oct_bytes message);

// --- onnx_body.c -----------------------------------------------------------------------------------------------------

/// Gives a body the value that `name` stands for in the graph around it: as a constant if it is one, else as an external.
oct_status oct_onnx_capture(oct_onnx *reader, oct_name name);

// --- onnx_tensor.c ---------------------------------------------------------------------------------------------------

/// The dtype that stands for an ONNX TensorProto.DataType (float16, bfloat16 and double stand as float32); NONE if
/// there is none.
oct_dtype oct_onnx_dtype(int64_t data_type);

/// The name of the file that a TensorProto's elements lie in; empty where that is the model's own.
oct_status oct_onnx_tensor_file(oct_bytes message, oct_bytes *file);

/// Reads a TensorProto into a constant; refuses strings and damaged tensors. An empty `name` takes the
/// tensor's own, which `own_name` (may be NULL) gets in any case.
oct_status oct_onnx_read_tensor(oct_onnx *reader, oct_bytes message, oct_bytes name, oct_value_id *value,
                                oct_bytes *own_name);

/// The number in a constant of one element (float32, int32, int64, int8, uint8 or bool); false for any other value.
bool oct_onnx_scalar(const oct_onnx *reader, oct_value_id value, double *scalar);

#define OCT_ONNX_TRANSLATE(name) oct_status oct_onnx_##name(oct_onnx *reader, const oct_onnx_node *node)

#endif
