// SPDX-License-Identifier: MIT
//
// What the files of the TFLite reader share. The reader describes every tensor of the main subgraph, then hands each
// operator to the translate function that tflite_ops.inc names for it.
//
// A tensor becomes a value when it is made (activations) or first used (constants), in the form that the user wants:
//
//   value    as an activation: float32, int32...; int8 and uint8 with quantization are Q8, constants among them too;
//            int16 with quantization is float32, rounded to the tensor's steps after every operator: a float holds them
//            exactly
//   weights  as the weights of a product: int8 or uint8, with its scales
//
// Graph inputs and outputs stay int8, uint8 or int16, with a node next to them that converts.
#ifndef OCT_FORMATS_TFLITE_H
#define OCT_FORMATS_TFLITE_H

#include "formats/flatbuffer.h"
#include "formats/missing.h"
#include "graph/graph.h"

enum { OCT_TFLITE_MAX_LINKS = 64 }; // inputs, and outputs, of one operator

typedef struct oct_tflite_tensor {
  const char *name;
  oct_dtype dtype;  // as stored
  bool variable;
  oct_shape shape;  // declared; dynamic dimensions are OCT_DYNAMIC
  const void *data; // of a constant, else NULL
  const oct_quant *quant; // in the sign of dtype; NULL if not quantized
  oct_value_id value, weights; // OCT_NO_VALUE until made
  int32_t handle; // of a variable: its number + 1, else 0
} oct_tflite_tensor;

/// A variable, which operators of any subgraph share by its name.
typedef struct oct_tflite_variable {
  oct_fb_vector container, name; // text in the file
  int32_t external;              // of the graph; -1 until an operator reads or assigns it
} oct_tflite_variable;

enum { OCT_TFLITE_MAX_VARIABLES = 1024 };

typedef struct oct_tflite_variables {
  oct_tflite_variable all[OCT_TFLITE_MAX_VARIABLES];
  int32_t count;
} oct_tflite_variables;

typedef struct oct_tflite {
  oct_fb file;
  oct_fb_table model;
  oct_graph *graph;
  oct_tflite_tensor *tensors;
  int32_t tensor_count;
  size_t budget; // bytes that may still be copied; bounds the work that a small file can ask for
  oct_missing missing;
  oct_tflite_variables *variables;
  bool initializes; // reads the subgraph of a CALL_ONCE: what it assigns is what variables start as
} oct_tflite;

typedef struct oct_tflite_node oct_tflite_node;
typedef oct_status (*oct_tflite_translate)(oct_tflite *reader, const oct_tflite_node *node);

/// One line of tflite_ops.inc.
typedef struct oct_tflite_operator {
  const char *name;
  oct_tflite_translate translate; // NULL: Octavo does not have it
  oct_operator op;
  int kind;
} oct_tflite_operator;

/// The table's line for a builtin operator code, or NULL for a code that the table does not know; and for the name of a
/// custom operator (`length` bytes).
const oct_tflite_operator *oct_tflite_operator_find(int32_t code);
const oct_tflite_operator *oct_tflite_custom_find(const char *name, size_t length);

struct oct_tflite_node {
  const oct_tflite_operator *operator;
  const char *label;
  oct_fb_table options; // of a builtin operator
  oct_fb_vector custom; // bytes of a custom operator's own options
  int input_count, output_count;
  int32_t inputs[OCT_TFLITE_MAX_LINKS], outputs[OCT_TFLITE_MAX_LINKS]; // tensor indices, -1 = absent
};

/// The tensor of an input, or NULL if absent.
static inline oct_tflite_tensor *oct_tflite_input(const oct_tflite *reader, const oct_tflite_node *node, int index) {
  return index < node->input_count && node->inputs[index] >= 0 ? &reader->tensors[node->inputs[index]] : NULL;
}
static inline oct_tflite_tensor *oct_tflite_output(const oct_tflite *reader, const oct_tflite_node *node, int index) {
  return &reader->tensors[node->outputs[index]];
}

// --- tflite.c --------------------------------------------------------------------------------------------------------

/// Reads the operators of the subgraph that a CALL_ONCE runs into the reader's graph.
oct_status oct_tflite_read_initializer(oct_tflite *reader, int32_t subgraph);

// --- tflite_tensor.c -------------------------------------------------------------------------------------------------

/// Describes the tensors of the subgraph.
oct_status oct_tflite_read_tensors(oct_tflite *reader, oct_fb_vector tensors, oct_fb_vector buffers);

/// Makes the value of a tensor that a node writes, or that is a graph input.
oct_status oct_tflite_define(oct_tflite *reader, oct_tflite_tensor *tensor);

/// The value of a tensor as an activation; fails if no operator before made it.
oct_status oct_tflite_value(oct_tflite *reader, oct_tflite_tensor *tensor, oct_value_id *value);

/// The value of a tensor as weights (or bias) of a product with activations of dtype `beside`: integer weights beside
/// float activations are dequantized.
oct_status oct_tflite_weights(oct_tflite *reader, oct_tflite_tensor *tensor, oct_dtype beside, oct_value_id *value);

/// The value of a tensor as float32: dequantized if it is Q8.
oct_status oct_tflite_float(oct_tflite *reader, oct_tflite_tensor *tensor, oct_value_id *value);

/// Brings what an operator made to the form that values of the tensor have: floats to Q8, or to the steps of int16.
oct_status oct_tflite_settle(oct_tflite *reader, oct_tflite_tensor *tensor);

/// A constant made by the reader, its elements copied.
oct_value_id oct_tflite_list(oct_tflite *reader, const int32_t *elements, int count);

/// True where the value of a tensor is not what the file stores.
bool oct_tflite_is_converted(const oct_tflite_tensor *tensor);

/// The stored value beside the value of such a tensor: from it (`to_raw`) or to it.
oct_status oct_tflite_bridge(oct_tflite *reader, oct_tflite_tensor *tensor, bool to_raw, oct_value_id *raw);

// --- tflite_node.c ---------------------------------------------------------------------------------------------------

/// Refuses a variant of an operator: "<operator> <what>".
oct_status oct_tflite_refuse(const oct_tflite_node *node, const char *what);

/// Fails unless the inputs 0..count-1 are there.
oct_status oct_tflite_needs(const oct_tflite *reader, const oct_tflite_node *node, int count);

/// Values of the inputs begin..end-1, OCT_NO_VALUE for absent ones.
oct_status oct_tflite_values(oct_tflite *reader, const oct_tflite_node *node, int begin, int end, oct_value_id *values);

/// Values of a product's inputs: x, weights and bias, the latter OCT_NO_VALUE if absent. x and weights must be there.
/// Floats beside 8-bit weights are rounded as LiteRT quantizes them, a row of so many elements at a time.
enum { OCT_TFLITE_EXACT = -1, OCT_TFLITE_IMAGE = 0 }; // rows: do not round; all dimensions but the first
oct_status oct_tflite_product(oct_tflite *reader, const oct_tflite_node *node, int x, int weights, int bias,
                              int32_t row, oct_value_id values[static 3]);

/// Appends a graph node that makes the node's outputs, or one inner value of input 0's type. Both return NULL on
/// failure, with the record filled.
oct_node *oct_tflite_emit(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                          const oct_value_id *inputs);
/// As oct_tflite_emit, but the operator makes floats where a tensor is quantized; the reader quantizes them after it.
oct_node *oct_tflite_emit_float(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                                const oct_value_id *inputs);
oct_node *oct_tflite_emit_inner(oct_tflite *reader, const oct_tflite_node *node, oct_operator op, int input_count,
                                const oct_value_id *inputs, oct_value_id *output);

/// Emits the table's operator with the node's first `count` inputs, of which `needed` must be there.
oct_node *oct_tflite_emit_inputs(oct_tflite *reader, const oct_tflite_node *node, int needed, int count);

/// What a function that returned NULL recorded.
static inline oct_status oct_tflite_failure(void) { return oct_last_error()->status; }

/// One integer of a constant int32 or int64 input; false where it is none.
bool oct_tflite_constant_int(const oct_tflite *reader, const oct_tflite_node *node, int input, int32_t *value);

/// Puts a fused activation into the graph node's clamp.
oct_status oct_tflite_fuse(const oct_tflite_node *node, oct_node *made, int activation);

#define OCT_TFLITE_TRANSLATE(name) oct_status oct_tflite_##name(oct_tflite *reader, const oct_tflite_node *node)

#endif
