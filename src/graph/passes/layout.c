// SPDX-License-Identifier: MIT
//
// Turns an NCHW graph to NHWC. One walk in execution order; a value of the original graph may come to exist in two
// forms, `plain` as the file has it and its channels-last `twin`, and each form is made only when somebody asks:
//
//   spatial nodes        read twins, write twins
//   layout-indifferent   follow their inputs: if one exists only as a twin, the node is rewritten for twins, with its
//                        axes renumbered
//   all others           read plain values
//
// so transposes appear where the two worlds meet, and nowhere else. Where either all spatial dimensions or the channel
// are 1, the two forms are the same bytes and the transpose is a reshape, which costs nothing.
#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"
#include "ops/op.h"

#include <math.h>
#include <string.h>

typedef struct turning {
  oct_graph *graph;
  oct_arena work;
  oct_value_id *twin; // per value: its channels-last form, or none
  bool *plain;        // per value: exists in the file's layout
  int32_t capacity;
  oct_node *nodes;
  int32_t node_count, node_capacity;
} turning;

/// Channels-last position `i` of rank `rank` holds plain dimension from(i): 0, 2, 3, ..., 1.
static int32_t plain_axis(int i, int rank) { return i == 0 ? 0 : i == rank - 1 ? 1 : i + 1; }
static int32_t twin_axis(int axis, int rank) { return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1; }

static oct_shape twin_shape(const oct_shape *plain) {
  oct_shape shape = {.rank = plain->rank};
  for (int i = 0; i < plain->rank; i++) shape.dim[i] = plain->dim[plain_axis(i, plain->rank)];
  return shape;
}

static bool same_bytes(const oct_shape *plain) {
  return plain->dim[1] == 1 || oct_shape_span(plain, 2, plain->rank) == 1;
}

static oct_status emit(turning *t, const oct_node *node) {
  if (t->node_count == t->node_capacity) return oct_fail(OCT_INTERNAL, "please report it", "layout: node list is full");
  t->nodes[t->node_count++] = *node;
  for (int i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) t->plain[node->outputs[i]] = true;
  return OCT_OK;
}

static oct_value_id add_value(turning *t, oct_value_id like, oct_shape shape) {
  const oct_value value = t->graph->values[like];
  if (t->graph->value_count >= t->capacity) return OCT_NO_VALUE;
  const oct_value_id id = oct_graph_add_value(t->graph, value.name, strlen(value.name), value.dtype, shape);
  if (id == OCT_NO_VALUE) return id;
  t->graph->values[id].quant = value.quant;
  t->twin[id] = OCT_NO_VALUE;
  return id;
}

/// Emits (or, for a constant, evaluates) the node that turns `from` into `to` by permuting its dimensions.
static oct_status add_transpose(turning *t, oct_value_id from, oct_value_id to, const int32_t *perm, bool view) {
  oct_graph *graph = t->graph;
  oct_value_id *ids = oct_arena_alloc(&graph->arena, 2 * sizeof *ids);
  if (!ids) return OCT_OUT_OF_MEMORY;
  ids[0] = from;
  ids[1] = to;
  const int rank = graph->values[from].shape.rank;
  oct_node node = {.op = view ? OCT_OP_RESHAPE : OCT_OP_TRANSPOSE, .name = graph->values[from].name, .type = "layout",
                   .clamp_min = -INFINITY, .clamp_max = INFINITY,
                   .input_count = 1, .output_count = 1, .inputs = ids, .outputs = ids + 1};
  if (!view) {
    node.attr.transpose.count = rank;
    memcpy(node.attr.transpose.perm, perm, (size_t)rank * sizeof *perm);
  }
  if (graph->values[from].data) return oct_node_evaluate(graph, &node);
  return emit(t, &node);
}

static oct_status as_twin(turning *t, oct_value_id value, oct_value_id *twin) {
  if (t->twin[value] == OCT_NO_VALUE) {
    const oct_shape shape = t->graph->values[value].shape;
    const oct_value_id id = add_value(t, value, twin_shape(&shape));
    if (id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    int32_t perm[OCT_MAX_RANK];
    for (int i = 0; i < shape.rank; i++) perm[i] = plain_axis(i, shape.rank);
    OCT_TRY(add_transpose(t, value, id, perm, same_bytes(&shape)));
    t->twin[value] = id;
  }
  *twin = t->twin[value];
  return OCT_OK;
}

static oct_status as_plain(turning *t, oct_value_id value) {
  if (t->plain[value]) return OCT_OK;
  const oct_shape shape = t->graph->values[value].shape;
  int32_t perm[OCT_MAX_RANK];
  for (int i = 0; i < shape.rank; i++) perm[i] = twin_axis(i, shape.rank);
  return add_transpose(t, t->twin[value], value, perm, same_bytes(&shape));
}

/// A twin for an output that the node will write in channels-last form.
static oct_status turn_output(turning *t, oct_node *node, int index) {
  const oct_value_id value = node->outputs[index];
  if (value == OCT_NO_VALUE) return OCT_OK;
  const oct_value_id twin = add_value(t, value, twin_shape(&t->graph->values[value].shape));
  if (twin == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  t->twin[value] = twin;
  node->outputs[index] = twin;
  return OCT_OK;
}

static oct_status add_ints(turning *t, const int32_t *ints, int count, oct_value_id *id) {
  int32_t *data = oct_arena_alloc(&t->graph->arena, (size_t)count * sizeof *data);
  if (!data || t->graph->value_count >= t->capacity) return OCT_OUT_OF_MEMORY;
  memcpy(data, ints, (size_t)count * sizeof *data);
  *id = oct_graph_add_constant(t->graph, "axes", 4, OCT_I32, oct_shape_of(1, count), data);
  if (*id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  t->twin[*id] = OCT_NO_VALUE;
  t->plain[*id] = true;
  return OCT_OK;
}

// --- spatial nodes --------------------------------------------------------------------------------------------------

static oct_layout *layout_of(oct_node *node) {
  switch (node->op) {
    case OCT_OP_CONV:
    case OCT_OP_CONV_TRANSPOSE: return &node->attr.conv.layout;
    case OCT_OP_POOL: return &node->attr.pool.layout;
    case OCT_OP_RESIZE: return &node->attr.resize.layout;
    case OCT_OP_LRN: return &node->attr.lrn.layout;
    case OCT_OP_DEPTH_TO_SPACE: return &node->attr.depth_to_space.layout;
    case OCT_OP_BATCH_NORMALIZATION: return &node->attr.batch_norm.layout;
    default: return NULL;
  }
}

/// Resize's scales or sizes for four dimensions become those of height and width.
static oct_status keep_height_width(turning *t, oct_node *node, int index) {
  if (!oct_node_has(node, index)) return OCT_OK;
  const oct_value full = t->graph->values[node->inputs[index]];
  if (!full.data || oct_shape_count(&full.shape) != 4) return OCT_OK;
  if (t->graph->value_count >= t->capacity) return OCT_OUT_OF_MEMORY;
  const char *from = (const char *)full.data + 2 * oct_dtype_bytes(full.dtype);
  const oct_value_id id = oct_graph_add_constant(t->graph, full.name, strlen(full.name), full.dtype,
                                                 oct_shape_of(1, 2), from);
  if (id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  t->twin[id] = OCT_NO_VALUE;
  t->plain[id] = true;
  node->inputs[index] = id;
  return OCT_OK;
}

static oct_status turn_spatial(turning *t, oct_node *node, oct_layout *layout) {
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  *layout = OCT_NHWC;
  if (rank < 3) { // a BatchNormalization of [n, c]: the channel is last already
    OCT_TRY(as_plain(t, node->inputs[0]));
    return emit(t, node);
  }
  OCT_TRY(as_twin(t, node->inputs[0], &node->inputs[0]));
  if (node->op == OCT_OP_RESIZE)
    for (int i = 1; i < node->input_count; i++) OCT_TRY(keep_height_width(t, node, i));
  OCT_TRY(turn_output(t, node, 0));
  return emit(t, node);
}

// --- layout-indifferent nodes ---------------------------------------------------------------------------------------

/// An operand of an elementwise node whose output has rank `rank`; sets `fits` to false if it cannot be turned.
static oct_status turn_operand(turning *t, oct_value_id *operand, int rank, bool *fits) {
  const oct_value value = t->graph->values[*operand];
  if (value.shape.rank == rank) return as_twin(t, *operand, operand);
  if (oct_shape_count(&value.shape) == 1 && value.shape.rank < rank) return OCT_OK;
  if (!value.data || value.quant) return *fits = false, OCT_OK;
  // A constant of lower rank broadcasts from the right: give it leading ones, then turn it.
  oct_shape shape = {.rank = rank};
  for (int i = 0; i < rank; i++) {
    const int at = i - (rank - value.shape.rank);
    shape.dim[i] = at < 0 ? 1 : value.shape.dim[at];
  }
  const oct_value_id full = add_value(t, *operand, shape);
  if (full == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  t->graph->values[full].data = value.data;
  t->plain[full] = true;
  return as_twin(t, full, operand);
}

static oct_status turn_elementwise(turning *t, oct_node *node, bool *fits) {
  const int rank = t->graph->values[node->outputs[0]].shape.rank;
  oct_value_id turned[OCT_MAX_INPUTS];
  for (int i = 0; i < node->input_count && *fits; i++) {
    turned[i] = node->inputs[i];
    if (oct_node_has(node, i)) OCT_TRY(turn_operand(t, &turned[i], rank, fits));
  }
  if (!*fits) return OCT_OK;
  memcpy(node->inputs, turned, (size_t)node->input_count * sizeof *turned);
  return turn_output(t, node, 0);
}

static oct_status turn_axis(turning *t, oct_node *node, int32_t *axis, int inputs) {
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  *axis = twin_axis(*axis < 0 ? *axis + rank : *axis, rank);
  for (int i = 0; i < inputs; i++)
    if (oct_node_has(node, i)) OCT_TRY(as_twin(t, node->inputs[i], &node->inputs[i]));
  for (int i = 0; i < node->output_count; i++) OCT_TRY(turn_output(t, node, i));
  return OCT_OK;
}

static oct_status turn_pad(turning *t, oct_node *node, bool *fits) {
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  int32_t pads[2 * OCT_MAX_RANK], turned[2 * OCT_MAX_RANK];
  int count;
  if (node->attr.pad.interleaved || node->attr.pad.to_size || node->attr.pad.axes.count) return *fits = false, OCT_OK;
  OCT_TRY(oct_infer_ints(t->graph, node, 1, pads, 2 * OCT_MAX_RANK, &count));
  for (int i = 0; i < rank; i++) {
    turned[i] = pads[plain_axis(i, rank)];
    turned[rank + i] = pads[rank + plain_axis(i, rank)];
  }
  OCT_TRY(add_ints(t, turned, 2 * rank, &node->inputs[1]));
  OCT_TRY(as_twin(t, node->inputs[0], &node->inputs[0]));
  return turn_output(t, node, 0);
}

static oct_status turn_slice(turning *t, oct_node *node, bool *fits) {
  const oct_slice_attr *attr = &node->attr.slice;
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  int32_t axes[OCT_MAX_RANK];
  int count;
  if (attr->ends_are_sizes || attr->begin_mask || attr->end_mask || attr->shrink_mask) return *fits = false, OCT_OK;
  const bool given = oct_node_has(node, 3);
  OCT_TRY(oct_infer_ints(t->graph, node, given ? 3 : 1, axes, OCT_MAX_RANK, &count));
  for (int i = 0; i < count; i++) {
    const int32_t axis = !given ? i : axes[i] < 0 ? axes[i] + rank : axes[i];
    axes[i] = twin_axis(axis, rank);
  }
  oct_value_id *inputs = oct_arena_alloc(&t->graph->arena, 5 * sizeof *inputs);
  if (!inputs) return OCT_OUT_OF_MEMORY;
  for (int i = 0; i < 5; i++) inputs[i] = oct_node_has(node, i) ? node->inputs[i] : OCT_NO_VALUE;
  OCT_TRY(add_ints(t, axes, count, &inputs[3]));
  OCT_TRY(as_twin(t, inputs[0], &inputs[0]));
  node->inputs = inputs;
  node->input_count = 5;
  return turn_output(t, node, 0);
}

/// Reduce and ArgMax: with the dimensions kept the output is turned too; without, the output is plain if the dimensions
/// left over stand in the same order either way.
static oct_status turn_reduction(turning *t, oct_node *node, oct_axes *axes, bool keep_dims, bool *fits) {
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  bool reduced[OCT_MAX_RANK] = {false};
  for (int i = 0; i < axes->count; i++) {
    const int32_t axis = axes->axis[i] < 0 ? axes->axis[i] + rank : axes->axis[i];
    reduced[axis] = true;
    axes->axis[i] = twin_axis(axis, rank);
  }
  bool spatial_left = false;
  for (int i = 2; i < rank; i++) spatial_left |= !reduced[i];
  if (!keep_dims && spatial_left && !reduced[1] && axes->count) return *fits = false, OCT_OK;
  OCT_TRY(as_twin(t, node->inputs[0], &node->inputs[0]));
  return keep_dims ? turn_output(t, node, 0) : OCT_OK;
}

static oct_status turn_reduce(turning *t, oct_node *node, bool *fits) {
  oct_axes axes = node->attr.reduce.axes;
  if (oct_node_has(node, 1)) {
    int count;
    OCT_TRY(oct_infer_ints(t->graph, node, 1, axes.axis, OCT_MAX_RANK, &count));
    axes.count = count;
  }
  if (node->attr.reduce.none && !axes.count) return *fits = false, OCT_OK;
  OCT_TRY(turn_reduction(t, node, &axes, node->attr.reduce.keep_dims, fits));
  if (!*fits) return OCT_OK;
  node->attr.reduce.axes = axes;
  node->input_count = 1;
  return OCT_OK;
}

static oct_status turn_arg_max(turning *t, oct_node *node, bool *fits) {
  oct_axes axes = {.count = 1, .axis = {node->attr.arg_max.axis}};
  if (oct_node_has(node, 1)) return *fits = false, OCT_OK;
  OCT_TRY(turn_reduction(t, node, &axes, node->attr.arg_max.keep_dims, fits));
  if (*fits) node->attr.arg_max.axis = axes.axis[0];
  return OCT_OK;
}

/// A transpose of a value that exists channels-last reads that form; the common NCHW -> NHWC one costs nothing.
static oct_status turn_transpose(turning *t, oct_node *node) {
  oct_transpose_attr *attr = &node->attr.transpose;
  const int rank = t->graph->values[node->inputs[0]].shape.rank;
  bool identity = true;
  for (int i = 0; i < rank; i++) {
    const int32_t axis = attr->count ? attr->perm[i] : rank - 1 - i;
    attr->perm[i] = twin_axis(axis, rank);
    identity &= attr->perm[i] == i;
  }
  attr->count = rank;
  node->inputs[0] = t->twin[node->inputs[0]];
  if (identity) node->op = OCT_OP_RESHAPE, node->attr.reshape = (oct_reshape_attr){0};
  return OCT_OK;
}

static oct_status turn_indifferent(turning *t, oct_node *node, bool *fits) {
  *fits = true;
  switch (node->op) {
    case OCT_OP_BINARY:
    case OCT_OP_UNARY:
    case OCT_OP_WHERE:
    case OCT_OP_PRELU:
    case OCT_OP_CAST:
    case OCT_OP_QUANTIZE:
    case OCT_OP_DEQUANTIZE:
    case OCT_OP_REINTERPRET: return turn_elementwise(t, node, fits);
    case OCT_OP_CONCAT: return turn_axis(t, node, &node->attr.concat.axis, node->input_count);
    case OCT_OP_SPLIT: return turn_axis(t, node, &node->attr.split.axis, 1);
    case OCT_OP_SOFTMAX:
      if (node->attr.softmax.flatten) return *fits = false, OCT_OK;
      return turn_axis(t, node, &node->attr.softmax.axis, 1);
    case OCT_OP_PAD: return turn_pad(t, node, fits);
    case OCT_OP_SLICE: return turn_slice(t, node, fits);
    case OCT_OP_REDUCE: return turn_reduce(t, node, fits);
    case OCT_OP_ARG_MAX: return turn_arg_max(t, node, fits);
    case OCT_OP_TRANSPOSE: return turn_transpose(t, node);
    default: return *fits = false, OCT_OK;
  }
}

/// True when a tensor that the node works on exists only channels-last.
static bool reads_twin_only(const turning *t, const oct_node *node) {
  for (int i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i) && !t->plain[node->inputs[i]]) return true;
  return false;
}

static oct_status visit(turning *t, oct_node *node) {
  oct_layout *layout = layout_of(node);
  if (layout && *layout == OCT_NCHW) return turn_spatial(t, node, layout);
  if (reads_twin_only(t, node) && node->input_count <= OCT_MAX_INPUTS) {
    bool fits;
    OCT_TRY(turn_indifferent(t, node, &fits));
    if (fits) return emit(t, node);
  }
  for (int i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i)) OCT_TRY(as_plain(t, node->inputs[i]));
  return emit(t, node);
}

static oct_status turn(turning *t) {
  oct_graph *graph = t->graph;
  int32_t inputs = 0, outputs = 0;
  for (int32_t n = 0; n < graph->node_count; n++) {
    inputs += graph->nodes[n].input_count;
    outputs += graph->nodes[n].output_count;
  }
  // Each input may need a constant of its own and a twin, each output a twin; each of these may need a transpose.
  t->capacity = graph->value_count + 2 * inputs + outputs + 2 * graph->node_count;
  t->node_capacity = graph->node_count + 2 * inputs + outputs + graph->output_count;
  t->twin = oct_arena_alloc(&t->work, (size_t)t->capacity * sizeof *t->twin);
  t->plain = oct_arena_alloc(&t->work, (size_t)t->capacity);
  t->nodes = oct_arena_alloc(&graph->arena, (size_t)t->node_capacity * sizeof(oct_node));
  if (!t->twin || !t->plain || !t->nodes) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < t->capacity; i++) t->twin[i] = OCT_NO_VALUE;
  for (int32_t i = 0; i < graph->value_count; i++) t->plain[i] = graph->values[i].data != NULL;
  for (int32_t i = 0; i < graph->input_count; i++) t->plain[graph->inputs[i]] = true;
  for (int32_t i = 0; i < graph->external_count; i++) t->plain[graph->externals[i].value] = true;
  for (int32_t n = 0; n < graph->node_count; n++) OCT_TRY(visit(t, &graph->nodes[n]));
  for (int32_t i = 0; i < graph->output_count; i++) OCT_TRY(as_plain(t, graph->outputs[i]));
  graph->nodes = t->nodes;
  graph->node_count = t->node_count;
  graph->node_capacity = t->node_capacity;
  return OCT_OK;
}

oct_status oct_pass_layout(oct_graph *graph) {
  turning t = {.graph = graph};
  const oct_status status = turn(&t);
  oct_arena_free(&t.work);
  return status;
}
