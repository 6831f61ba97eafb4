// SPDX-License-Identifier: MIT
//
// x * sigmoid(x) becomes one Swish, which ONNX had no operator for, and x * min(max(x + 3, 0), 6) / 6 one HardSwish, for
// which it had none before opset 14: exporters put the sixth before the product or behind it, as a factor or a divisor,
// or write a HardSigmoid. Of floats; what is quantized becomes a table (fuse_tables.c).
#include "graph/passes/passes.h"

#include <math.h>
#include <string.h>

typedef struct search {
  const oct_graph *graph;
  const int32_t *producer; // node index per value, -1 = none
} search;

static const oct_node *made_by(const search *s, oct_value_id value) {
  const int32_t node = value == OCT_NO_VALUE ? -1 : s->producer[value];
  return node < 0 ? NULL : &s->graph->nodes[node];
}

static bool is_binary(const oct_node *node, oct_binary_kind kind) {
  return node && node->op == OCT_OP_BINARY && node->attr.binary.kind == kind;
}

/// Whether a value is the scalar `number`, or close to it.
static bool is_number(const search *s, oct_value_id id, float number) {
  const oct_value *value = &s->graph->values[id];
  float found;
  if (!value->data || value->dtype != OCT_F32 || oct_shape_count(&value->shape) != 1) return false;
  memcpy(&found, value->data, sizeof found);
  return fabsf(found - number) <= 1e-4f * number;
}

/// What stands beside the scalar in `node`, a binary one of the kind; none if there is no such scalar.
static oct_value_id beside(const search *s, const oct_node *node, oct_binary_kind kind, float number) {
  if (!is_binary(node, kind)) return OCT_NO_VALUE;
  if (is_number(s, node->inputs[1], number)) return node->inputs[0];
  return kind != OCT_DIV && is_number(s, node->inputs[0], number) ? node->inputs[1] : OCT_NO_VALUE;
}

/// y of y / 6.
static oct_value_id of_sixth(const search *s, const oct_node *node) {
  if (!node || oct_node_clamps(node)) return OCT_NO_VALUE;
  const oct_value_id divided = beside(s, node, OCT_DIV, 6);
  return divided != OCT_NO_VALUE ? divided : beside(s, node, OCT_MUL, 1 / 6.0f);
}

/// x of min(max(x + 3, 0), 6).
static oct_value_id of_ramp(const search *s, oct_value_id ramp) {
  const oct_node *node = made_by(s, ramp);
  return node && node->clamp_min == 0 && node->clamp_max == 6 ? beside(s, node, OCT_ADD, 3) : OCT_NO_VALUE;
}

/// x of a gate, which is the ramp's sixth.
static oct_value_id of_gate(const search *s, oct_value_id gate) {
  const oct_node *node = made_by(s, gate);
  if (node && node->op == OCT_OP_UNARY && node->attr.unary.kind == OCT_HARD_SIGMOID &&
      fabsf(node->attr.unary.alpha - 1 / 6.0f) <= 1e-4f && node->attr.unary.beta == 0.5f)
    return node->inputs[0];
  return of_ramp(s, of_sixth(s, node));
}

/// x of sigmoid(x).
static oct_value_id of_sigmoid(const search *s, oct_value_id value) {
  const oct_node *node = made_by(s, value);
  return node && node->op == OCT_OP_UNARY && node->attr.unary.kind == OCT_SIGMOID ? node->inputs[0] : OCT_NO_VALUE;
}

/// x of x * f(x), a product of the two in any order.
static oct_value_id of_product(const search *s, const oct_node *node,
                               oct_value_id (*of)(const search *s, oct_value_id value)) {
  if (!is_binary(node, OCT_MUL) || oct_node_clamps(node)) return OCT_NO_VALUE;
  for (int i = 0; i < 2; i++)
    if (of(s, node->inputs[i]) == node->inputs[1 - i]) return node->inputs[1 - i];
  return OCT_NO_VALUE;
}

static bool are_alike(const oct_value *x, const oct_value *y) {
  return x->dtype == OCT_F32 && y->dtype == OCT_F32 && oct_shape_equal(&x->shape, &y->shape);
}

/// x of a Swish or a HardSwish whose last node this is, and which of them.
static oct_value_id of_swish(const search *s, const oct_node *node, oct_unary_kind *kind) {
  *kind = OCT_SWISH;
  oct_value_id x = of_product(s, node, of_sigmoid);
  if (x != OCT_NO_VALUE) return x;
  *kind = OCT_HARD_SWISH;
  x = of_product(s, node, of_gate);
  return x != OCT_NO_VALUE ? x : of_product(s, made_by(s, of_sixth(s, node)), of_ramp);
}

oct_status oct_pass_fuse_swish(oct_graph *graph) {
  oct_arena work = {0};
  oct_uses uses;
  const oct_status status = oct_graph_uses(graph, &work, &uses);
  const search s = {graph, uses.producer};
  for (int32_t n = 0; status == OCT_OK && n < graph->node_count; n++) {
    oct_node *node = &graph->nodes[n];
    oct_unary_kind kind;
    const oct_value_id x = of_swish(&s, node, &kind);
    if (x == OCT_NO_VALUE || !are_alike(&graph->values[x], &graph->values[node->outputs[0]])) continue;
    node->op = OCT_OP_UNARY;
    node->attr.unary = (oct_unary_attr){.kind = kind};
    node->inputs[0] = x;
    node->input_count = 1;
  }
  oct_arena_free(&work);
  return status;
}
