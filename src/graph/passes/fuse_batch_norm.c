// SPDX-License-Identifier: MIT
//
// A per-channel affine map after a float convolution or matrix product goes into its weights and bias:
//
//   a * (W x + c) + b  =  (a W) x + (a c + b)
//
// The map is a BatchNormalization (a = scale / sqrt(variance + epsilon), b = bias - a * mean) or a Mul or Add with a
// constant of one number a channel. Repeats until nothing is left to fuse, so that Conv -> Mul -> Add is one Conv.
#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"

#include <math.h>

typedef struct affine {
  int32_t channels;
  const float *scale, *mean, *variance, *bias; // NULL: 1, 0, 1, 0
  float epsilon;
  int32_t scale_step, bias_step; // 0 for a scalar
} affine;

static float slope(const affine *map, int32_t c) {
  float scale = map->scale ? map->scale[c * map->scale_step] : 1.0f;
  return map->variance ? scale / sqrtf(map->variance[c] + map->epsilon) : scale;
}

static float offset(const affine *map, int32_t c) {
  float bias = map->bias ? map->bias[c * map->bias_step] : 0.0f;
  return map->mean ? bias - slope(map, c) * map->mean[c] : bias;
}

static const oct_value *float_constant(const oct_graph *graph, const oct_node *node, int index) {
  if (!oct_node_has(node, index)) return NULL;
  const oct_value *value = &graph->values[node->inputs[index]];
  return value->data && value->dtype == OCT_F32 && !value->quant ? value : NULL;
}

/// Output channels of a fusable producer, or 0.
static int32_t output_channels(const oct_graph *graph, const oct_node *node) {
  const oct_value *weights = float_constant(graph, node, 1);
  if (!weights || oct_node_clamps(node)) return 0;
  if (oct_node_has(node, 2) && !float_constant(graph, node, 2)) return 0;
  const int32_t *dim = weights->shape.dim;
  if (node->op == OCT_OP_MATMUL) {
    const oct_matmul_attr *attr = &node->attr.matmul;
    if (weights->shape.rank != 2 || attr->alpha != 1 || attr->beta != 1) return 0;
    return dim[attr->transpose_b ? 0 : 1];
  }
  if ((node->op != OCT_OP_CONV && node->op != OCT_OP_CONV_TRANSPOSE) || weights->shape.rank != 4) return 0;
  switch (node->attr.conv.weight_layout) {
    case OCT_1HWO: return dim[3];
    case OCT_IOHW: {
      const int32_t groups = node->attr.conv.groups;
      return groups > 0 && dim[0] >= groups && dim[0] % groups == 0 ? dim[1] * groups : 0;
    }
    default: return dim[0];
  }
}

/// Weights as [before][channels][after]; with groups the channels of one `before` are those of its group.
typedef struct weight_order { size_t before, channels, after, before_per_group; } weight_order;

static weight_order order_of(const oct_node *node, const oct_shape *shape) {
  const size_t count = oct_shape_count(shape), d0 = (size_t)shape->dim[0];
  const size_t last = (size_t)shape->dim[shape->rank - 1];
  if (node->op == OCT_OP_MATMUL && node->attr.matmul.transpose_b) return (weight_order){1, d0, last, 1};
  if (node->op == OCT_OP_MATMUL || node->attr.conv.weight_layout == OCT_1HWO)
    return (weight_order){count / last, last, 1, count / last};
  if (node->attr.conv.weight_layout == OCT_IOHW)
    return (weight_order){d0, (size_t)shape->dim[1], oct_shape_span(shape, 2, 4), d0 / (size_t)node->attr.conv.groups};
  return (weight_order){1, d0, count / d0, 1};
}

/// True when a constant broadcasts as one number, or one a channel of the producer's output.
static bool per_channel(const oct_node *producer, const oct_value *constant, int32_t channels, int32_t *step) {
  const oct_shape *shape = &constant->shape;
  const size_t count = oct_shape_count(shape);
  if (count == 1 && shape->rank <= 1) return *step = 0, true;
  if (count != (size_t)channels) return false;
  const bool nchw = producer->op != OCT_OP_MATMUL && producer->attr.conv.layout == OCT_NCHW;
  const int at = shape->rank - (nchw ? 3 : 1), most = producer->op == OCT_OP_MATMUL ? 1 : 4; // else the rank may grow
  if (at < 0 || shape->rank > most || shape->dim[at] != channels) return false;
  return *step = 1, true;
}

static bool read_map(const oct_graph *graph, const oct_node *node, const oct_node *producer, oct_value_id through,
                     int32_t channels, affine *map) {
  *map = (affine){.channels = channels, .scale_step = 1, .bias_step = 1};
  if (node->op == OCT_OP_BATCH_NORMALIZATION) {
    if (producer->op == OCT_OP_MATMUL) return false; // its channel is dimension 1, the last only in rank 2
    const float **slots[] = {&map->scale, &map->bias, &map->mean, &map->variance};
    for (int i = 0; i < 4; i++) {
      const oct_value *value = float_constant(graph, node, i + 1);
      if (!value || oct_shape_count(&value->shape) != (size_t)channels) return false;
      *slots[i] = value->data;
    }
    map->epsilon = node->attr.batch_norm.epsilon;
    return node->inputs[0] == through;
  }
  if (node->op != OCT_OP_BINARY || node->input_count != 2) return false;
  if (node->attr.binary.kind != OCT_MUL && node->attr.binary.kind != OCT_ADD) return false;
  const oct_value *constant = float_constant(graph, node, node->inputs[0] == through ? 1 : 0);
  const bool add = node->attr.binary.kind == OCT_ADD;
  if (!constant || !per_channel(producer, constant, channels, add ? &map->bias_step : &map->scale_step)) return false;
  *(add ? &map->bias : &map->scale) = constant->data;
  return true;
}

static oct_status apply(oct_graph *graph, int32_t at, const affine *map) {
  oct_node *node = &graph->nodes[at];
  const oct_value *old = &graph->values[node->inputs[1]];
  const oct_shape shape = old->shape;
  const float *from = old->data;
  const size_t count = oct_shape_count(&shape);
  float *weights = oct_arena_alloc(&graph->arena, count * sizeof(float));
  float *bias = oct_arena_alloc(&graph->arena, (size_t)map->channels * sizeof(float));
  if (!weights || !bias) return OCT_OUT_OF_MEMORY;
  const weight_order order = count ? order_of(node, &shape) : (weight_order){0};
  float *to = weights;
  for (size_t b = 0; b < order.before; b++)
    for (size_t c = 0; c < order.channels; c++) {
      const float factor = slope(map, (int32_t)(b / order.before_per_group * order.channels + c));
      for (size_t a = 0; a < order.after; a++) *to++ = *from++ * factor;
    }
  const float *old_bias = oct_node_has(node, 2) ? graph->values[node->inputs[2]].data : NULL;
  const size_t bias_count = old_bias ? oct_shape_count(&graph->values[node->inputs[2]].shape) : 0;
  for (int32_t c = 0; c < map->channels; c++)
    bias[c] = (old_bias ? old_bias[bias_count == 1 ? 0 : c] * slope(map, c) : 0.0f) + offset(map, c);
  oct_value_id ids[2] = {
      oct_graph_add_constant(graph, "fused weights", 13, OCT_F32, shape, weights),
      oct_graph_add_constant(graph, "fused bias", 10, OCT_F32, oct_shape_of(1, map->channels), bias)};
  oct_value_id *inputs = oct_arena_alloc(&graph->arena, 3 * sizeof *inputs);
  if (ids[0] == OCT_NO_VALUE || ids[1] == OCT_NO_VALUE || !inputs) return OCT_OUT_OF_MEMORY;
  inputs[0] = node->inputs[0];
  inputs[1] = ids[0];
  inputs[2] = ids[1];
  node->inputs = inputs;
  node->input_count = 3;
  return OCT_OK;
}

/// Fuses every map that directly follows its producer; says how many.
static oct_status sweep(oct_graph *graph, int32_t *fused) {
  oct_arena work = {0};
  oct_uses uses;
  oct_status status = oct_graph_uses(graph, &work, &uses);
  *fused = 0;
  for (int32_t n = 0; status == OCT_OK && n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    if (node->op != OCT_OP_BATCH_NORMALIZATION && node->op != OCT_OP_BINARY) continue;
    for (int i = 0; i < 2 && i < node->input_count; i++) {
      const oct_value_id in = node->inputs[i];
      const int32_t at = in == OCT_NO_VALUE || in >= graph->value_count ? -1 : uses.producer[in];
      if (at < 0 || uses.consumer_count[in] != 1) continue;
      const int32_t channels = output_channels(graph, &graph->nodes[at]);
      affine map;
      if (!channels || !read_map(graph, node, &graph->nodes[at], in, channels, &map)) continue;
      if (oct_node_has(&graph->nodes[at], 2)) {
        const oct_shape *bias = &graph->values[graph->nodes[at].inputs[2]].shape;
        const size_t count = oct_shape_count(bias);
        if (count != 1 && (count != (size_t)channels || bias->dim[bias->rank - 1] != channels)) continue;
      }
      const oct_shape *weights = &graph->values[graph->nodes[at].inputs[1]].shape;
      if (!oct_graph_affords(graph, sizeof(float) * (uint64_t)oct_shape_count(weights))) continue;
      if ((status = apply(graph, at, &map)) != OCT_OK) break;
      // The producer takes over the map's output and its clamp; the map is left writing a value nobody reads.
      oct_node *producer = &graph->nodes[at];
      producer->clamp_min = node->clamp_min;
      producer->clamp_max = node->clamp_max;
      producer->outputs[0] = node->outputs[0];
      node->outputs[0] = in;
      node->inputs[i] = producer->outputs[0];
      uses.producer[producer->outputs[0]] = -1; // the next sweep sees it
      (*fused)++;
      break;
    }
  }
  oct_arena_free(&work);
  return status == OCT_OK ? oct_pass_dead_code(graph) : status;
}

oct_status oct_pass_fuse_batch_norm(oct_graph *graph) {
  int32_t fused;
  do {
    OCT_TRY(sweep(graph, &fused));
  } while (fused);
  return OCT_OK;
}
