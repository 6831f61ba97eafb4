// SPDX-License-Identifier: MIT
//
// Links of a prepared model: see prepared.h.
#include "formats/prepared.h"

enum { MOST_LINKS = 64 }; // of a node's own inputs, and of its outputs, as in the other formats

/// What is known of a value by now.
typedef enum mark { UNKNOWN, MADE, INPUT, EXTERNAL, OUTPUT } mark;

static int32_t externals_of(const oct_node *node) {
  int32_t count = 0;
  for (int b = 0; b < OCT_MAX_BODIES && node->bodies[b]; b++) count += node->bodies[b]->external_count;
  return count;
}

static bool if_fits(const oct_node *node, int32_t own) {
  bool fits = own == 1;
  for (int b = 0; b < OCT_MAX_BODIES; b++)
    fits = fits && !node->bodies[b]->input_count && node->bodies[b]->output_count == node->output_count;
  return fits;
}

static bool loop_fits(const oct_node *node, int32_t own, int32_t externals) {
  const oct_loop_attr *attr = &node->attr.loop;
  const oct_graph *body = node->bodies[0];
  const int32_t first = attr->counts ? 2 : 0, given = attr->carried + attr->scanned;
  const int32_t put = body->output_count - (attr->counts ? 1 : 0) - attr->carried;
  return (own == 2 + given || (!externals && own < 2 + given)) && body->input_count == first + given && put >= 0 &&
         attr->scanned + put <= OCT_MAX_SCANS && node->output_count == attr->carried + put;
}

static bool node_fits(const oct_node *node, const uint8_t *marks) {
  const int32_t externals = externals_of(node), own = node->input_count - externals;
  if (own < 0 || own > MOST_LINKS || node->output_count > MOST_LINKS) return false;
  for (int32_t i = own; i < node->input_count; i++)
    if (node->inputs[i] == OCT_NO_VALUE) return false;
  switch (node->op) {
    case OCT_OP_IF: return if_fits(node, own);
    case OCT_OP_LOOP: return loop_fits(node, own, externals);
    case OCT_OP_VARIABLE: return oct_node_has(node, 0) && marks[node->inputs[0]] == EXTERNAL;
    case OCT_OP_REINTERPRET: return oct_node_has(node, 0) && node->output_count == 1;
    default: return node->output_count > 0;
  }
}

/// Marks a value that was not known before.
static bool mark_new(uint8_t *marks, oct_value_id id, mark as) {
  if (marks[id]) return false;
  marks[id] = as;
  return true;
}

static bool node_is_sound(const oct_node *node, uint8_t *marks) {
  bool sound = true;
  for (int32_t i = 0; i < node->input_count; i++)
    sound = sound && (node->inputs[i] == OCT_NO_VALUE || marks[node->inputs[i]]);
  sound = sound && node_fits(node, marks);
  for (int32_t i = 0; i < node->output_count; i++)
    sound = sound && (node->outputs[i] == OCT_NO_VALUE || mark_new(marks, node->outputs[i], MADE));
  return sound;
}

bool oct_prepared_is_sound(const oct_graph *graph, oct_arena *work) {
  uint8_t *marks = oct_arena_alloc(work, (size_t)graph->value_count);
  bool sound = marks != NULL;
  for (int32_t v = 0; sound && v < graph->value_count; v++) marks[v] = graph->values[v].data ? MADE : UNKNOWN;
  for (int32_t i = 0; sound && i < graph->external_count; i++) {
    const oct_external external = graph->externals[i];
    sound = (external.initial == OCT_NO_VALUE || graph->values[external.initial].data) &&
            mark_new(marks, external.value, EXTERNAL);
  }
  for (int32_t i = 0; sound && i < graph->input_count; i++) sound = mark_new(marks, graph->inputs[i], INPUT);
  for (int32_t n = 0; sound && n < graph->node_count; n++) sound = node_is_sound(&graph->nodes[n], marks);
  for (int32_t i = 0; sound && i < graph->output_count; i++) {
    sound = marks[graph->outputs[i]] == MADE;
    marks[graph->outputs[i]] = OUTPUT; // and not another one
  }
  return sound;
}
