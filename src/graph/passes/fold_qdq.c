// SPDX-License-Identifier: MIT
//
// Folds DequantizeLinear -> operator -> QuantizeLinear into the operator's integer form, exactly where the integer form
// computes the same numbers. One walk in execution order with three rules; `source` remembers for each float value the
// q8 value that it was dequantized from:
//
//   move    DQ(x) -> operator that only moves or picks elements    becomes  operator(x) -> DQ
//   cancel  DQ(x) -> Q with x's own quantization                   becomes  x; with another: Q straight from x
//   fold    DQ(x), DQ(w) -> operator with a q8 form -> Q           becomes  operator(x, w) in q8
//
// Dequantize nodes stay in place for whoever still reads floats; dead code removal takes the rest.
#include "graph/passes/passes.h"
#include "ops/op.h"

#include <math.h>
#include <string.h>

typedef struct folding {
  oct_graph *graph;
  oct_arena work;
  oct_value_id *source;    // per value: the q8 value (or quantized constant) it was dequantized from, or none
  oct_value_id *alias;     // per value: the value to read instead, itself by default
  oct_value_id *quantized; // per value: output of the first Q, where Qs of one quantization are all its readers
  int32_t capacity;
  oct_node *nodes; // the new list
  int32_t node_count, node_capacity;
} folding;

static bool emit(folding *f, const oct_node *node) {
  if (f->node_count == f->node_capacity) return false;
  f->nodes[f->node_count++] = *node;
  return true;
}

static oct_value_id source_of(const folding *f, const oct_node *node, int index) {
  return oct_node_has(node, index) ? f->source[node->inputs[index]] : OCT_NO_VALUE;
}

/// A new q8 value with `like`'s quantization, standing for the float value `of`.
static oct_value_id add_q8(folding *f, oct_value_id of, const oct_quant *quant) {
  oct_graph *graph = f->graph;
  if (graph->value_count >= f->capacity) return OCT_NO_VALUE;
  const char *name = graph->values[of].name;
  oct_value_id id = oct_graph_add_value(graph, name, strlen(name), OCT_Q8, graph->values[of].shape);
  if (id == OCT_NO_VALUE) return id;
  graph->values[id].quant = quant;
  f->source[id] = f->quantized[id] = OCT_NO_VALUE;
  f->alias[id] = id;
  return id;
}

/// Only moves or picks elements of input 0, so that it commutes with any increasing map.
static bool commutes(const oct_node *node) {
  if (node->op == OCT_OP_PICK && node->attr.pick.kind == OCT_TRILU) return false; // makes zeros
  if (oct_operator_traits(node->op) & OCT_TRAIT_MOVES) return true;
  if (node->op == OCT_OP_POOL) return !node->attr.pool.average && !oct_node_clamps(node);
  if (node->op == OCT_OP_RESIZE) return !node->attr.resize.linear;
  return node->op == OCT_OP_PAD && !oct_node_has(node, 2) && node->attr.pad.kind != OCT_PAD_CONSTANT;
}

static bool is_activation(const folding *f, oct_value_id id) {
  return id != OCT_NO_VALUE && f->graph->values[id].dtype == OCT_Q8 && !f->graph->values[id].data;
}

static oct_status move_below(folding *f, oct_node *node) {
  oct_graph *graph = f->graph;
  const oct_value_id from = f->source[node->inputs[0]];
  node->inputs[0] = from;
  oct_value_id floats[OCT_MAX_INPUTS];
  for (int i = 0; i < node->output_count; i++) {
    floats[i] = node->outputs[i];
    if (floats[i] == OCT_NO_VALUE) continue;
    node->outputs[i] = add_q8(f, floats[i], graph->values[from].quant);
    if (node->outputs[i] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    f->source[floats[i]] = node->outputs[i];
  }
  if (!emit(f, node)) return OCT_OUT_OF_MEMORY;
  for (int i = 0; i < node->output_count; i++) {
    if (floats[i] == OCT_NO_VALUE) continue;
    oct_value_id *ids = oct_arena_alloc(&graph->arena, 2 * sizeof *ids);
    if (!ids) return OCT_OUT_OF_MEMORY;
    ids[0] = node->outputs[i];
    ids[1] = floats[i];
    oct_node dequantize = {.op = OCT_OP_DEQUANTIZE, .name = node->name, .type = "DequantizeLinear",
                           .clamp_min = -INFINITY, .clamp_max = INFINITY,
                           .input_count = 1, .output_count = 1, .inputs = ids, .outputs = ids + 1};
    if (!emit(f, &dequantize)) return OCT_OUT_OF_MEMORY;
  }
  return OCT_OK;
}

/// The constant as q8 activation bytes, or none: a constant of bytes with one scale.
static oct_value_id q8_constant(folding *f, oct_value_id id) {
  oct_graph *graph = f->graph;
  const oct_value *value = &graph->values[id];
  if (!value->quant || value->quant->count != 1) return OCT_NO_VALUE;
  if (value->dtype == OCT_Q8) return id;
  if (value->dtype != OCT_I8 && value->dtype != OCT_U8) return OCT_NO_VALUE;
  const uint8_t flip = value->dtype == OCT_I8 ? 0x80 : 0;
  const size_t count = oct_shape_count(&value->shape);
  oct_act *bytes = oct_arena_alloc(&graph->arena, count);
  const oct_quant *quant =
      oct_graph_add_quant(graph, value->quant->scale[0], oct_act_zero_point(value->dtype, value->quant->zero_point[0]));
  const oct_value_id q8 = add_q8(f, id, quant);
  if (!bytes || !quant || q8 == OCT_NO_VALUE) return OCT_NO_VALUE;
  const uint8_t *from = graph->values[id].data;
  for (size_t i = 0; i < count; i++) bytes[i] = (oct_act)((from[i] ^ flip) + OCT_ACT_OFFSET);
  graph->values[q8].data = bytes;
  return q8;
}

/// The constant as weights of bytes, or none.
static oct_value_id byte_weights(folding *f, oct_value_id id) {
  oct_graph *graph = f->graph;
  if (id == OCT_NO_VALUE || !graph->values[id].data || !graph->values[id].quant) return OCT_NO_VALUE;
  if (graph->values[id].dtype == OCT_I8 || graph->values[id].dtype == OCT_U8) return id;
  if (graph->values[id].dtype != OCT_Q8 || graph->values[id].quant->count != 1) return OCT_NO_VALUE;
  const oct_value q8 = graph->values[id];
  const size_t count = oct_shape_count(&q8.shape);
  int8_t *bytes = oct_arena_alloc(&graph->arena, count);
  const oct_quant *quant = oct_graph_add_quant(graph, q8.quant->scale[0],
                                               q8.quant->zero_point[0] - OCT_ACT_OFFSET - 128);
  const oct_value_id weights = add_q8(f, id, quant);
  if (!bytes || !quant || weights == OCT_NO_VALUE) return OCT_NO_VALUE;
  const oct_act *from = q8.data;
  for (size_t i = 0; i < count; i++) bytes[i] = (int8_t)(from[i] - OCT_ACT_OFFSET - 128);
  graph->values[weights].dtype = OCT_I8;
  graph->values[weights].data = bytes;
  return weights;
}

/// A bias for the accumulator: the int32 constant itself where its scale is input scale * weight scale, else its
/// real numbers. False if it is no constant.
static bool fold_bias(folding *f, oct_node *node, const oct_quant *x, const oct_quant *w) {
  oct_graph *graph = f->graph;
  if (!oct_node_has(node, 2)) return true;
  const oct_value_id id = f->source[node->inputs[2]];
  if (id == OCT_NO_VALUE) return graph->values[node->inputs[2]].data && graph->values[node->inputs[2]].dtype == OCT_F32;
  const oct_value bias = graph->values[id];
  if (!bias.data || bias.dtype != OCT_I32 || !bias.quant) return false;
  const size_t count = oct_shape_count(&bias.shape);
  const oct_quant *b = bias.quant;
  bool implied = true;
  for (size_t i = 0; i < count && implied; i++) {
    const size_t wi = w->count == 1 ? 0 : i, bi = b->count == 1 ? 0 : i;
    if (wi >= (size_t)w->count || bi >= (size_t)b->count) return false;
    const float scale = x->scale[0] * w->scale[wi];
    implied = b->zero_point[bi] == 0 && fabsf(b->scale[bi] - scale) <= 1e-5f * fabsf(scale);
  }
  if (implied) return node->inputs[2] = id, true;
  float *real = oct_arena_alloc(&graph->arena, count * sizeof(float));
  if (!real || graph->value_count >= f->capacity) return false;
  for (size_t i = 0; i < count; i++) {
    const size_t bi = b->count == 1 ? 0 : i;
    if (bi >= (size_t)b->count) return false;
    const int64_t steps = (int64_t)((const int32_t *)bias.data)[i] - b->zero_point[bi];
    real[i] = (float)steps * b->scale[bi];
  }
  const oct_value_id constant = oct_graph_add_constant(graph, "bias", 4, OCT_F32, bias.shape, real);
  if (constant == OCT_NO_VALUE) return false;
  f->source[constant] = f->quantized[constant] = OCT_NO_VALUE;
  f->alias[constant] = constant;
  return node->inputs[2] = constant, true;
}

/// Replaces the inputs by their q8 sources where the operator's integer form takes them; false leaves them alone.
static bool take_q8_inputs(folding *f, oct_node *node) {
  oct_graph *graph = f->graph;
  oct_value_id taken[OCT_MAX_INPUTS];
  const int count = node->input_count < OCT_MAX_INPUTS ? node->input_count : OCT_MAX_INPUTS;
  memcpy(taken, node->inputs, (size_t)count * sizeof *taken);
  if (node->op == OCT_OP_CONV || node->op == OCT_OP_CONV_TRANSPOSE || node->op == OCT_OP_MATMUL) {
    const oct_value_id x = source_of(f, node, 0), w = byte_weights(f, source_of(f, node, 1));
    if (!is_activation(f, x) || w == OCT_NO_VALUE) return false;
    if (!fold_bias(f, node, graph->values[x].quant, graph->values[w].quant)) return false;
    node->inputs[0] = x;
    node->inputs[1] = w;
    return true;
  }
  const bool all = node->op == OCT_OP_BINARY || node->op == OCT_OP_CONCAT;
  bool activation = false;
  for (int i = 0; i < (all ? count : 1); i++) {
    const oct_value_id x = source_of(f, node, i);
    if (x == OCT_NO_VALUE) return false;
    taken[i] = graph->values[x].data ? q8_constant(f, x) : x;
    if (taken[i] == OCT_NO_VALUE || graph->values[taken[i]].dtype != OCT_Q8) return false;
    activation |= is_activation(f, x);
  }
  if (!activation) return false;
  if (node->op == OCT_OP_BINARY && node->attr.binary.kind > OCT_MINIMUM) return false;
  if (node->op == OCT_OP_SOFTMAX && node->attr.softmax.kind != OCT_SOFTMAX) return false;
  if (node->op == OCT_OP_REDUCE && node->attr.reduce.kind == OCT_REDUCE_PROD) return false;
  // Padding with the zero point is padding with 0; another value has no q8 form.
  if (node->op == OCT_OP_PAD && oct_node_has(node, 2)) {
    const oct_value *value = &graph->values[node->inputs[2]];
    if (!value->data || value->dtype != OCT_F32 || *(const float *)value->data != 0) return false;
    taken[2] = OCT_NO_VALUE;
  }
  memcpy(node->inputs, taken, (size_t)count * sizeof *taken);
  return true;
}

static oct_status visit(folding *f, oct_node *node) {
  oct_graph *graph = f->graph;
  for (int i = 0; i < node->input_count; i++)
    if (oct_node_has(node, i)) node->inputs[i] = f->alias[node->inputs[i]];
  const oct_value_id in = oct_node_has(node, 0) ? node->inputs[0] : OCT_NO_VALUE;
  const oct_value_id from = source_of(f, node, 0);
  if (node->op == OCT_OP_DEQUANTIZE && in != OCT_NO_VALUE && graph->values[in].quant) {
    f->source[node->outputs[0]] = in;
  } else if (node->op == OCT_OP_QUANTIZE && in != OCT_NO_VALUE) {
    const oct_value_id out = node->outputs[0];
    if (f->quantized[in] == in) { // the node that made it was folded: this Q is done
      f->alias[out] = in;
      return OCT_OK;
    }
    if (is_activation(f, from)) {
      if (oct_quant_same(graph->values[from].quant, graph->values[out].quant)) return f->alias[out] = from, OCT_OK;
      node->inputs[0] = from;
    }
  } else if (commutes(node) && is_activation(f, from) && node->output_count <= OCT_MAX_INPUTS) {
    return move_below(f, node);
  } else if ((oct_operator_traits(node->op) & OCT_TRAIT_Q8) && node->output_count == 1) {
    const oct_value_id out = node->outputs[0], q8 = f->quantized[out];
    if (q8 != OCT_NO_VALUE && take_q8_inputs(f, node)) {
      // The folded node writes the first Q's value; every Q that read the float value becomes an alias of it.
      // A value that is its own `quantized` is one that a folded node writes.
      node->outputs[0] = q8;
      f->alias[out] = q8;
      f->quantized[q8] = q8;
    }
  }
  return emit(f, node) ? OCT_OK : OCT_OUT_OF_MEMORY;
}

/// For each float value read by Q nodes only, all with one quantization: the first Q's output.
static oct_status find_quantized(folding *f) {
  const oct_graph *graph = f->graph;
  oct_uses uses;
  OCT_TRY(oct_graph_uses(graph, &f->work, &uses));
  int32_t *seen = oct_arena_alloc(&f->work, (size_t)graph->value_count * sizeof *seen);
  if (!seen) return OCT_OUT_OF_MEMORY;
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    if (node->op != OCT_OP_QUANTIZE || !oct_node_has(node, 0)) continue;
    const oct_value_id in = node->inputs[0], out = node->outputs[0];
    if (!graph->values[out].quant || graph->values[out].dtype != OCT_Q8 || graph->values[in].data) continue;
    if (f->quantized[in] == OCT_NO_VALUE) f->quantized[in] = out;
    if (oct_quant_same(graph->values[f->quantized[in]].quant, graph->values[out].quant)) seen[in]++;
  }
  for (int32_t i = 0; i < graph->value_count; i++)
    if (f->quantized[i] != OCT_NO_VALUE && seen[i] != uses.consumer_count[i]) f->quantized[i] = OCT_NO_VALUE;
  return OCT_OK;
}

static oct_status fold(folding *f) {
  oct_graph *graph = f->graph;
  int32_t outputs = 0, inputs = 0;
  for (int32_t n = 0; n < graph->node_count; n++) {
    outputs += graph->nodes[n].output_count;
    inputs += graph->nodes[n].input_count;
  }
  // Each output may gain a q8 twin and a Dequantize; each input may gain a constant.
  f->capacity = graph->value_count + 2 * outputs + 2 * inputs;
  f->node_capacity = graph->node_count + outputs;
  const size_t bytes = (size_t)f->capacity * sizeof(oct_value_id);
  f->source = oct_arena_alloc(&f->work, bytes);
  f->alias = oct_arena_alloc(&f->work, bytes);
  f->quantized = oct_arena_alloc(&f->work, bytes);
  f->nodes = oct_arena_alloc(&graph->arena, (size_t)f->node_capacity * sizeof(oct_node));
  if (!f->source || !f->alias || !f->quantized || !f->nodes) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < f->capacity; i++) {
    f->source[i] = f->quantized[i] = OCT_NO_VALUE;
    f->alias[i] = i;
  }
  OCT_TRY(find_quantized(f));
  for (int32_t n = 0; n < graph->node_count; n++) OCT_TRY(visit(f, &graph->nodes[n]));
  for (int32_t i = 0; i < graph->output_count; i++) graph->outputs[i] = f->alias[graph->outputs[i]];
  graph->nodes = f->nodes;
  graph->node_count = f->node_count;
  graph->node_capacity = f->node_capacity;
  return OCT_OK;
}

oct_status oct_pass_fold_qdq(oct_graph *graph) {
  folding f = {.graph = graph};
  const oct_status status = fold(&f);
  oct_arena_free(&f.work);
  return status;
}
