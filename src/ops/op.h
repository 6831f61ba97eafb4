// SPDX-License-Identifier: MIT
//
// The contract of an operator.
//
// An operator is four functions. They are called in this order, and each may rely on what the ones before it checked:
//
//   infer    graph time. Inputs' dtypes and shapes are known and static (and constants' bytes are there): checks
//            counts, ranks, dtypes, attributes (a model is hostile until here) and sets the outputs' shapes, and their
//            dtypes where those are still NONE. May fail, saying why.
//   prepare  plan time, in NHWC. Chooses the kernel, allocates its parameters (`state`), says how many bytes of packed
//            weights and scratch it needs and whether output 0 may take an input's memory. Checks the rest (dtype
//            combinations). May fail. Must not touch tensor data other than constants.
//   pack     fills the packed block from the constants. Optional. Cannot fail. Skipped when another plan packed the
//            same constants the same way. And pack_panel besides, where a piece of the block needs a piece of the weights.
//   run      computes. void, allocates nothing, validates nothing. Or run_part, which computes one part of several: its
//            share of rows, say, with a scratch of its own. Parts run at the same time, and write nothing in common.
//            And run_rows besides, where an image can be made row by row, or run_pixels, where it is made pixel by pixel of
//            others: then it need never be whole (runtime/band.h).
//
// Constant folding runs the same functions on constant inputs, so there is no second implementation of anything.
#ifndef OCT_OPS_OP_H
#define OCT_OPS_OP_H

#include "base/parallel.h"
#include "graph/graph.h"

#define OCT_MAX_INPUTS 64 // of one node; the importers refuse more (Concat is the only operator that comes near)

/// A tensor as run sees it. `data` is aligned to its element, with OCT_SLACK_BYTES readable past its end.
typedef struct oct_tensor {
  void *data; // NULL for an absent optional input
  oct_dtype dtype;
  oct_shape shape;
  const oct_quant *quant;
} oct_tensor;

/// Bytes of a planned tensor.
static inline size_t oct_tensor_bytes(const oct_tensor *tensor) {
  return oct_shape_count(&tensor->shape) * oct_dtype_bytes(tensor->dtype);
}

typedef struct oct_step oct_step;

/// Some rows of one image, [begin, end) of the output. Of input and output only some rows may be kept: row y at y % kept.
typedef struct oct_rows {
  const uint8_t *in;
  uint8_t *out;
  int32_t in_kept, out_kept; // all: the image's height
  int32_t begin, end;
  void *scratch; // scratch_bytes
} oct_rows;

/// Which input rows an output row y is made of: `count` from y * stride - before on, as far as there are any.
typedef struct oct_row_reach {
  int32_t stride, before, count;
} oct_row_reach;

struct oct_step {
  void (*run)(const oct_step *step); // NULL: nothing to compute (the output is a view of input 0), or run_part does
  void (*run_part)(const oct_step *step, oct_part part);
  int32_t parts; // of run_part; chosen after prepare, by what the step costs
  const oct_node *node;
  oct_tensor *inputs, *outputs; // counts as in node; at prepare time `data` is set for constants only
  void *state;        // the operator's parameters, from oct_plan_alloc; plain data
  const void *packed; // packed weights, or NULL
  void *scratch;      // `scratch_bytes` of memory that nobody else uses during the step, a part (oct_part_scratch)
  // Set by prepare:
  const char *kernel; // name for reports, e.g. "gemm_qs8_6x8c4__dot"; static text
  uint64_t macs;      // multiply-adds, for reports
  size_t packed_bytes, scratch_bytes;
  void (*pack)(const oct_step *step, void *packed); // with packed_bytes
  void (*pack_panel)(const oct_step *step, int32_t panel, void *packed); // or NULL: packs one of `panels` pieces of equal
  int32_t panels;       // size, each made of the next stretch of the weights
  uint64_t packed_kind; // distinguishes two ways of packing the same constants
  int32_t packed_input; // the input whose constant identifies the packed block (weights); run does not read it,
  bool packs_bias;      // nor the next one
  int32_t in_place;     // input whose memory output 0 may take if it dies here, or -1 (the default)
  bool view;            // the outputs are bytes of input 0, one behind the other, under other shapes: no run, no memory
  size_t view_offset;   // of the first of these bytes
  void (*run_rows)(const oct_step *step, const oct_rows *rows); // of images NHWC; NULL: the operator has no such way
  oct_row_reach reach;  // with run_rows
  bool reads_image;     // run_rows wants an input that has all its rows
  // `pixels` pixels of output 0 (a pixel is its last dimension) from the same ones of each input; an input that does not
  // have them all broadcasts. `out` may be an `in` of as many bytes. NULL: the step is none of that kind.
  void (*run_pixels)(const oct_step *step, const void *const *in, void *out, size_t pixels);
  bool joins;           // output 0 is the inputs' bytes, one behind the other: inputs may be made there, as run sees
};

/// Whether run finds what it needs of input `index` in the packed block.
static inline bool oct_step_packs(const oct_step *step, int32_t index) {
  return index == step->packed_input || (step->packs_bias && index == step->packed_input + 1);
}

/// A body of the step's node, planned. Its activations lie in the step's scratch, its externals where the node's inputs
/// are.
typedef struct oct_body {
  oct_tensor *inputs, *outputs; // its own ones; `data` is NULL until the plan is bound
  size_t bytes;                 // of activations
  uint64_t macs;                // of one run
  void (*run)(const struct oct_body *body);
} oct_body;

/// Bytes from one part's scratch to the next one's.
static inline size_t oct_part_scratch_bytes(const oct_step *step) { return oct_align(step->scratch_bytes); }

/// The part's own scratch.
static inline void *oct_part_scratch(const oct_step *step, oct_part part) {
  return (char *)step->scratch + (size_t)part.index * oct_part_scratch_bytes(step);
}

/// Runs a bound step, in parts if it has any.
void oct_step_run(const oct_step *step);

/// Handed to prepare.
typedef struct oct_prepare oct_prepare;
struct oct_prepare {
  oct_step *step;
  oct_arena *arena; // lives as long as the plan
  oct_dialect dialect;
  /// Plans body `index` of the node, with its activations `scratch_offset` bytes into the step's scratch. NULL on
  /// failure, with the record filled.
  const oct_body *(*plan_body)(oct_prepare *context, int index, size_t scratch_offset);
};

typedef struct oct_op_impl {
  oct_status (*infer)(oct_graph *graph, oct_node *node);
  oct_status (*prepare)(oct_prepare *context);
} oct_op_impl;

enum { OCT_TRAIT_Q8 = 1, OCT_TRAIT_MOVES = 2, OCT_TRAIT_READS_0 = 4 }; // READS_0 << i: reads input i at plan time

/// The operator's functions.
const oct_op_impl *oct_operator_impl(oct_operator op);

/// Whether anybody has asked for the operator's functions: what a reduced build for the models read so far has to have.
bool oct_operator_is_used(oct_operator op);

uint32_t oct_operator_traits(oct_operator op);

/// Whether infer or prepare read the elements of input `index`, which must be constant by plan time then.
static inline bool oct_operator_reads(oct_operator op, int index) {
  return index < 8 && oct_operator_traits(op) >> index & OCT_TRAIT_READS_0;
}

// --- helpers for infer (ops/op.c): each failure names tensor, value, rule and remedy -------------------------------

static inline oct_value *oct_input(const oct_graph *graph, const oct_node *node, int index) {
  return oct_node_has(node, index) ? &graph->values[node->inputs[index]] : NULL;
}
static inline oct_value *oct_output(const oct_graph *graph, const oct_node *node, int index) {
  return &graph->values[node->outputs[index]];
}

/// Checks minimum <= present inputs <= maximum (leading ones required) and at least `outputs` outputs.
oct_status oct_infer_counts(const oct_node *node, int minimum, int maximum, int outputs);

/// Sets output `index`'s shape after checking its size, and its dtype unless it is set already.
oct_status oct_infer_output(oct_graph *graph, oct_node *node, int index, oct_dtype dtype, oct_shape shape);

/// The same for an output that is filled with bytes of that type: the model must not say another.
oct_status oct_infer_bytes(oct_graph *graph, oct_node *node, int index, oct_dtype dtype, oct_shape shape);

/// Reads a constant i32/i64 (or f32, exact integers) tensor of rank 0 or 1 into `out` (clamped to int32); fails
/// if it is not constant or longer than `capacity`.
oct_status oct_infer_ints(const oct_graph *graph, const oct_node *node, int index, int32_t *out, int capacity,
                          int *count);

/// Resolves a negative axis; fails outside [-rank, rank).
oct_status oct_infer_axis(const oct_node *node, int32_t axis, int rank, int32_t *resolved);

/// Resolves a window over height and width: padding and output size. `window` is rewritten to explicit padding.
oct_status oct_infer_window(const oct_node *node, oct_window *window, const int32_t in[2], const int32_t kernel[2],
                            bool ceil_mode, int32_t out[2]);

/// The same over `window->count` dimensions.
oct_status oct_infer_window_nd(const oct_node *node, oct_window_nd *window, const int32_t *in, const int32_t *kernel,
                               bool ceil_mode, int32_t *out);

/// Holds an explicit window's numbers in a range where no sum or product of them overflows; oct_infer_window does.
oct_status oct_infer_window_range(const oct_node *node, const oct_window *window, const int32_t kernel[2]);

// --- helpers for prepare --------------------------------------------------------------------------------------------

/// Zeroed parameters living as long as the plan; NULL on refusal (return OCT_OUT_OF_MEMORY).
static inline void *oct_plan_alloc(oct_prepare *context, size_t bytes) {
  return oct_arena_alloc(context->arena, bytes);
}

/// Fails with "<operator> does not take <dtype>..." for a dtype combination that nothing handles.
oct_status oct_prepare_unsupported(const oct_prepare *context);

/// The q8 range of a fused clamp under an output's quantization: [lo, hi] within OCT_ACT_MIN..OCT_ACT_MAX.
void oct_act_range(const oct_quant *quant, float clamp_min, float clamp_max, int32_t *lo, int32_t *hi);

#endif
