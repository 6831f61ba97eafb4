// SPDX-License-Identifier: MIT
//
// The graph: values, nodes, attributes. What the importers make, what the passes rewrite, what the planner reads.
//
// A value is a tensor's description: name, dtype, shape (dimensions may be OCT_DYNAMIC, the rank may be unknown until
// plan time), quantization, and, if it is a constant, its bytes. A node is an operator with attributes, inputs and
// outputs. Every value is made by one node, or is a graph input, or is a constant. Nodes stand in execution order.
// Everything lives in the graph's arena; nothing is ever freed singly. Constants may point into the model's bytes.
//
// A node of control flow has bodies: graphs of their own, which its step runs. What a body reads from around it are its
// externals. They are inputs of the node as well, after its own, those of the first body first, so that every pass sees
// who reads what. A model's variables are externals of the outermost graph.
#ifndef OCT_GRAPH_GRAPH_H
#define OCT_GRAPH_GRAPH_H

#include <math.h>

#include "base/arena.h"
#include "base/dtype.h"
#include "base/shape.h"
#include "base/status.h"
#include "graph/attr.h"

/// Nodes of one graph; larger models are refused, because planning takes time with the square of it.
#define OCT_MAX_NODES 16384

typedef int32_t oct_value_id; // index into graph->values
#define OCT_NO_VALUE (-1)     // an absent optional input

typedef enum oct_operator {
#define OCT_OPERATOR(name, stem, traits) OCT_OP_##name,
#include "ops/ops.inc"
#undef OCT_OPERATOR
  OCT_OP_COUNT
} oct_operator;

/// real = scale * (stored - zero_point). Per tensor (count 1) or per index along `axis` (weights).
typedef struct oct_quant {
  int32_t count; // scales; 1 = per tensor
  int32_t axis;  // meaningful when count > 1
  const float *scale;
  const int32_t *zero_point; // `count` of them; in the sign of the value's dtype (for Q8: the build's sign)
} oct_quant;

/// Whether bytes can be copied from one to the other: both are NULL, or one scale and zero point each, the same.
bool oct_quant_same(const oct_quant *a, const oct_quant *b);

typedef struct oct_value {
  const char *name; // never NULL
  oct_dtype dtype;  // OCT_NONE until known. Q8 is set by whoever sets `quant`; infer never changes a set dtype
  oct_shape shape;
  const oct_quant *quant; // NULL if not quantized. Weights: I8 or U8 with quant. Bias: I32, scale implied by x and w
  const void *data;       // bytes of a constant, little-endian, aligned to its element, or NULL; not NULL when empty
} oct_value;

/// Whose arithmetic an integer operator follows where the two formats' references differ by a rounding step.
typedef enum oct_dialect {
  OCT_DIALECT_ONNX,   // the literal semantics of DequantizeLinear -> float op -> QuantizeLinear
  OCT_DIALECT_TFLITE, // what LiteRT computes (XNNPACK and the TFLite kernels)
} oct_dialect;

typedef struct oct_graph oct_graph;

#define OCT_MAX_BODIES 2

typedef struct oct_node {
  oct_operator op;
  const char *name; // the file's node name, or "<operator>_<index>"; never NULL
  const char *type; // the file's operator name, e.g. "QLinearConv"; for reports
  oct_attr attr;
  float clamp_min, clamp_max; // fused activation of CONV, CONV_TRANSPOSE, MATMUL, BINARY, POOL; -inf, +inf = none
  int32_t input_count, output_count;
  oct_value_id *inputs;  // OCT_NO_VALUE for absent optional inputs
  oct_value_id *outputs;
  oct_graph *bodies[OCT_MAX_BODIES]; // kept; IF: then, else. NULL: none
} oct_node;

/// Whether the node has a fused activation.
static inline bool oct_node_clamps(const oct_node *node) {
  return node->clamp_min > -INFINITY || node->clamp_max < INFINITY;
}

/// A value without a producer whose memory somebody else has: in a body one of the graph around it, else a variable.
typedef struct oct_external {
  oct_value_id value;
  oct_value_id initial; // of a variable: the constant that it starts as, or OCT_NO_VALUE: zeros
} oct_external;

/// How many nodes of one of the file's operators a model has, before any pass.
typedef struct oct_operator_count {
  const char *type;
  int32_t count;
} oct_operator_count;

struct oct_graph {
  oct_arena arena; // owns everything below, constants' bytes excepted where they point into the model
  oct_dialect dialect;
  oct_value *values;
  int32_t value_count, value_capacity;
  oct_node *nodes;
  int32_t node_count, node_capacity;
  oct_value_id *inputs, *outputs; // graph inputs (constants not among them) and outputs, in the file's order
  int32_t input_count, output_count;
  oct_external *externals;
  int32_t external_count, external_capacity;
  oct_operator_count *operators; // of the outermost graph, once counted: see runtime/session.h
  int32_t operator_count;
  uint64_t folding_limit, folded; // what constant folding may cost, and has (passes/evaluate.h)
  const oct_graph *source; // the graph as read that it was cloned from, in one step or several, or NULL
  oct_graph *owned;        // bodies of this graph's nodes, linked by `next`: freed with it
  oct_graph *next;
};

/// Adds a value. `name` is copied (length bytes). dtype NONE and an unknown shape are allowed. Returns OCT_NO_VALUE
/// when memory is refused. Invalidates oct_value pointers.
oct_value_id oct_graph_add_value(oct_graph *graph, const char *name, size_t length, oct_dtype dtype, oct_shape shape);

/// Adds a constant whose bytes are kept (must outlive the graph) and start at any alignment: unaligned bytes are
/// copied into the arena. `bytes` must equal the shape's size.
oct_value_id oct_graph_add_constant(oct_graph *graph, const char *name, size_t length, oct_dtype dtype, oct_shape shape,
                                    const void *data);

/// Appends a node with `input_count` inputs and `output_count` outputs, all OCT_NO_VALUE, no clamp. NULL on refusal.
/// Invalidates oct_node pointers.
oct_node *oct_graph_add_node(oct_graph *graph, oct_operator op, const char *name, size_t length, int input_count,
                             int output_count);

/// Appends a copy of the node, which shares its lists.
oct_status oct_graph_append_node(oct_graph *graph, const oct_node *node);

/// Per-tensor quantization, copied into the arena; NULL on refusal.
const oct_quant *oct_graph_add_quant(oct_graph *graph, float scale, int32_t zero_point);

/// Adds an external, or a variable.
oct_status oct_graph_add_external(oct_graph *graph, oct_value_id value, oct_value_id initial);

/// Adds a body, empty or a clone of `source`, which must outlive it. NULL on refusal.
oct_graph *oct_graph_add_body(oct_graph *graph, const oct_graph *source);

/// A deep copy of the lists into a zeroed graph; constants' bytes and bodies are shared.
oct_status oct_graph_clone(const oct_graph *source, oct_graph *copy);

/// Makes room for `count` nodes, zeroed, in the place of node `at`. Invalidates oct_node pointers.
oct_status oct_graph_replace_node(oct_graph *graph, int32_t at, int32_t count);

void oct_graph_free(oct_graph *graph);

/// What the graph and its bodies have taken from their arenas, for reports.
size_t oct_graph_bytes(const oct_graph *graph);

/// The node that makes a value, or -1 (input or constant). Linear; passes that ask often build an oct_uses.
int32_t oct_graph_producer(const oct_graph *graph, oct_value_id value);

/// True when input `index` of the node exists (within count and not OCT_NO_VALUE).
static inline bool oct_node_has(const oct_node *node, int index) {
  return index < node->input_count && node->inputs[index] != OCT_NO_VALUE;
}

/// The input of the node that is the first external of its body `index`.
int32_t oct_node_first_external(const oct_node *node, int index);

/// Producer and number of consumers of every value: built once, read by a pass; stale after a rewrite.
typedef struct oct_uses {
  int32_t *producer;       // node index per value, -1 = none
  int32_t *consumer_count; // readers per value; being a graph output counts as one
} oct_uses;
oct_status oct_graph_uses(const oct_graph *graph, oct_arena *arena, oct_uses *uses);

/// Name of an operator as ops.inc has it ("CONV").
const char *oct_operator_name(oct_operator op);

/// Notes that some graph has had a node of the operator, for reports: oct_operator_is_met then says so.
void oct_operator_meet(oct_operator op);
bool oct_operator_is_met(oct_operator op);

#endif
