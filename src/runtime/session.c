// SPDX-License-Identifier: MIT
//
// What a session keeps between runs: see session.h.
#include "runtime/session.h"

#include "graph/passes/evaluate.h"
#include "graph/passes/passes.h"
#include "ops/op.h"
#include "runtime/release.h"

#include <string.h>

/// Nodes of a graph and of the bodies in it.
static int64_t count_nodes(const oct_graph *graph) {
  int64_t count = graph->node_count;
  for (const oct_graph *body = graph->owned; body; body = body->next) count += count_nodes(body);
  return count;
}

static void count_operators(oct_graph *counts, const oct_graph *graph) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    const char *type = graph->nodes[n].type;
    if (type == oct_operator_name(graph->nodes[n].op)) continue; // a node that the reader added
    int32_t at = 0;
    while (at < counts->operator_count && strcmp(counts->operators[at].type, type)) at++;
    if (at == counts->operator_count) counts->operators[counts->operator_count++].type = type;
    counts->operators[at].count++;
  }
  for (const oct_graph *body = graph->owned; body; body = body->next) count_operators(counts, body);
}

/// Whether what the operator makes of its inputs is no arithmetic with shapes, but what the model is for: where shapes
/// depend on that, runs have stages.
static bool is_work(oct_operator op) {
  switch (op) {
    case OCT_OP_SHAPE: // of any elements
    case OCT_OP_CONV:
    case OCT_OP_CONV_TRANSPOSE:
    case OCT_OP_CONV_ND:
    case OCT_OP_MATMUL:
    case OCT_OP_RECURRENT:
    case OCT_OP_NON_ZERO:
    case OCT_OP_NON_MAX_SUPPRESSION: return true;
    default: return false;
  }
}

/// Marks the values that must be constant by plan time, last node first. What a body needs of its externals is needed of
/// its node's inputs.
static oct_status mark_needed(const oct_graph *graph, oct_arena *work, bool *needed) {
  for (int32_t n = graph->node_count; n-- > 0;) {
    const oct_node *node = &graph->nodes[n];
    bool all = false;
    for (int32_t i = 0; i < node->output_count && !is_work(node->op); i++)
      all |= node->outputs[i] != OCT_NO_VALUE && needed[node->outputs[i]];
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i) && (all || oct_operator_reads(node->op, i))) needed[node->inputs[i]] = true;
    for (int b = 0; b < OCT_MAX_BODIES && node->bodies[b]; b++) {
      const oct_graph *body = node->bodies[b];
      bool *inner = oct_arena_alloc(work, (size_t)body->value_count);
      if (!inner) return OCT_OUT_OF_MEMORY;
      OCT_TRY(mark_needed(body, work, inner));
      const oct_value_id *outer = node->inputs + oct_node_first_external(node, b);
      for (int32_t i = 0; i < body->external_count; i++) needed[outer[i]] |= inner[body->externals[i].value];
    }
  }
  return OCT_OK;
}

/// Which graph inputs are planned for by value: walks back from the inputs of nodes that must be constant by plan time.
/// Large ones are not, since no plan would serve twice: runs have stages then.
static oct_status find_values(oct_session *session) {
  oct_graph *graph = &session->graph;
  oct_arena work = {0};
  bool *needed = oct_arena_alloc(&work, (size_t)graph->value_count);
  session->values = oct_arena_alloc(&graph->arena, (size_t)graph->input_count * sizeof *session->values);
  const oct_status status =
      needed && session->values ? mark_needed(graph, &work, needed) : OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; status == OCT_OK && i < graph->input_count; i++) {
    const oct_value *input = &graph->values[graph->inputs[i]];
    const bool small = oct_shape_is_static(&input->shape) ? oct_shape_count(&input->shape) <= OCT_SESSION_VALUES
                                                          : input->shape.rank == 1;
    session->values[i].needed = needed[graph->inputs[i]] && small;
  }
  oct_arena_free(&work);
  return status;
}

// --- variables -------------------------------------------------------------------------------------------------------

static size_t variable_bytes(const oct_value *value) {
  return oct_shape_count(&value->shape) * oct_dtype_bytes(value->dtype);
}

/// Adds up the variables' bytes, after checking that what they start as is known.
static oct_status size_variables(oct_session *session) {
  const oct_graph *graph = &session->graph;
  uint64_t total = 0;
  for (int32_t i = 0; i < graph->external_count; i++) {
    const oct_external *external = &graph->externals[i];
    const oct_value *value = &graph->values[external->value];
    size_t bytes;
    if (!oct_shape_checked_bytes(&value->shape, oct_dtype_bytes(value->dtype), &bytes)) bytes = OCT_MAX_TENSOR_BYTES;
    total += oct_align(bytes + OCT_SLACK_BYTES);
    if (total > OCT_MAX_TENSOR_BYTES)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "keep less from run to run", "the model's variables take more than 1 GiB");
    const oct_value *initial = external->initial == OCT_NO_VALUE ? NULL : &graph->values[external->initial];
    if (initial && (!initial->data || initial->dtype != value->dtype || !oct_shape_equal(&initial->shape, &value->shape)))
      return oct_fail(OCT_UNSUPPORTED_MODEL, "initialize it with a constant of its shape",
                      "what the variable '%s' starts as is computed, or of another shape", value->name);
  }
  session->variable_bytes = (size_t)total;
  return OCT_OK;
}

static oct_status make_variables(oct_session *session) {
  oct_graph *graph = &session->graph;
  if (session->variables || !graph->external_count) return OCT_OK;
  session->externals = oct_arena_alloc(&graph->arena, (size_t)graph->external_count * sizeof(void *));
  session->variables = session->externals ? oct_block_alloc(session->variable_bytes) : NULL;
  if (!session->variables) return OCT_OUT_OF_MEMORY;
  char *at = session->variables;
  for (int32_t i = 0; i < graph->external_count; i++) {
    const size_t bytes = variable_bytes(&graph->values[graph->externals[i].value]);
    session->externals[i] = at;
    at += oct_align(bytes + OCT_SLACK_BYTES);
  }
  oct_session_reset(session);
  return OCT_OK;
}

void oct_session_reset(oct_session *session) {
  const oct_graph *graph = &session->graph;
  for (int32_t i = 0; session->variables && i < graph->external_count; i++) {
    const oct_external *external = &graph->externals[i];
    const oct_value *value = &graph->values[external->value];
    const int zero = value->dtype == OCT_Q8 ? value->quant->zero_point[0] : 0;
    if (external->initial == OCT_NO_VALUE) memset(session->externals[i], zero, variable_bytes(value));
    else memcpy(session->externals[i], graph->values[external->initial].data, variable_bytes(value));
  }
}

// --- opening and closing ---------------------------------------------------------------------------------------------

/// What happens once to a graph as read.
static oct_status load(oct_graph *graph, int64_t nodes) {
  graph->operators = oct_arena_alloc(&graph->arena, (size_t)(nodes + 1) * sizeof(oct_operator_count));
  if (!graph->operators) return OCT_OUT_OF_MEMORY;
  count_operators(graph, graph);
  return oct_passes_load(graph);
}

oct_status oct_session_open(oct_session *session) {
  oct_graph *graph = &session->graph;
  const int64_t nodes = count_nodes(graph);
  if (nodes > OCT_MAX_NODES)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the model, or simplify it before exporting",
                    "the model has %lld nodes; the most that are taken is %d", (long long)nodes, OCT_MAX_NODES);
  if (graph->operators) oct_graph_limit_folding(graph);
  else OCT_TRY(load(graph, nodes));
  OCT_TRY(size_variables(session));
  OCT_TRY(find_values(session));
  return oct_release_model(session);
}

size_t oct_session_file_bytes(const oct_session *session) {
  size_t bytes = 0;
  for (size_t f = 0; f < session->file_count; f++)
    bytes += session->files[f].byte_count - session->files[f].packed_bytes;
  return bytes;
}

void oct_session_close(oct_session *session) {
  for (int i = 0; i < OCT_SESSION_PLANS; i++) oct_plan_destroy(session->plans[i].plan);
  for (int32_t i = 0; session->values && i < session->graph.input_count; i++) oct_block_free(session->values[i].data);
  oct_packed_free(session->packed);
  oct_block_free(session->activations);
  oct_block_free(session->variables);
  oct_graph_free(&session->graph);
  for (size_t f = 0; f < session->file_count; f++) oct_block_free(session->files[f].bytes);
  *session = (oct_session){0};
}

static oct_status check_shapes(const oct_session *session, const oct_shape *shapes) {
  const oct_graph *graph = &session->graph;
  for (int32_t i = 0; i < graph->input_count; i++) {
    const oct_value *value = &graph->values[graph->inputs[i]];
    bool fits = value->shape.rank < 0 || shapes[i].rank == value->shape.rank;
    for (int d = 0; fits && d < shapes[i].rank; d++) {
      const int32_t wanted = value->shape.rank < 0 ? OCT_DYNAMIC : value->shape.dim[d];
      fits = shapes[i].dim[d] >= 0 && (wanted < 0 || wanted == shapes[i].dim[d]);
    }
    if (fits) continue;
    char wanted[112], got[112];
    return oct_fail(OCT_INVALID_SHAPE, "pass that shape; ? may be any size",
                    "input '%s' takes the shape %s, not %s", value->name, oct_shape_print(&value->shape, wanted),
                    oct_shape_print(&shapes[i], got));
  }
  return OCT_OK;
}

oct_status oct_session_set_value(oct_session *session, int32_t index, const void *data, size_t bytes) {
  oct_session_value *value = &session->values[index];
  if (!value->needed) return OCT_OK;
  if (bytes != value->bytes || !value->data) {
    oct_block_free(value->data);
    *value = (oct_session_value){.needed = true, .data = oct_block_alloc(bytes)};
    if (!value->data) return OCT_OUT_OF_MEMORY;
    value->bytes = bytes;
  }
  if (bytes) memcpy(value->data, data, bytes);
  return OCT_OK;
}

/// Fills `elements` with what was said of the inputs that are planned for by value, after checking its size.
static oct_status gather_values(const oct_session *session, const oct_shape *shapes, const void **elements) {
  const oct_graph *graph = &session->graph;
  for (int32_t i = 0; i < graph->input_count; i++) {
    const oct_value *input = &graph->values[graph->inputs[i]];
    const oct_session_value *value = &session->values[i];
    if (!value->needed) continue;
    size_t bytes;
    const bool known = value->data && oct_shape_checked_bytes(&shapes[i], oct_dtype_bytes(input->dtype), &bytes) &&
                       bytes == value->bytes;
    if (!known)
      return oct_fail(OCT_INVALID_ARGUMENT, "run the model: a run plans for the values that it is given",
                      "shapes depend on what input '%s' holds, and that is not known", input->name);
    if (bytes <= OCT_SESSION_VALUES * oct_dtype_bytes(input->dtype)) elements[i] = value->data;
  }
  return OCT_OK;
}

/// Whether the plan of an entry is for these shapes and values.
static bool is_for(const oct_session *session, const oct_session_plan *entry, const oct_shape *shapes) {
  const oct_graph *graph = &entry->plan->graph;
  for (int32_t i = 0; i < graph->input_count; i++) {
    const oct_session_value *value = &session->values[i];
    const void *elements = graph->values[graph->inputs[i]].data;
    if (!oct_shape_equal(&entry->input_shapes[i], &shapes[i])) return false;
    if (elements && memcmp(elements, value->data, value->bytes)) return false;
  }
  return true;
}

/// Makes a plan in the place of the entry's.
static oct_plan *create_plan(oct_session *session, oct_session_plan *entry, const oct_shape *shapes,
                             const void *const *elements) {
  const size_t inputs = (size_t)session->graph.input_count;
  oct_plan *plan = oct_plan_create(&session->graph, shapes, elements, &session->packed);
  oct_shape *copy = plan ? oct_arena_alloc(&plan->arena, (inputs + 1) * sizeof *copy) : NULL;
  if (!copy) {
    oct_plan_destroy(plan);
    return NULL;
  }
  if (inputs) memcpy(copy, shapes, inputs * sizeof *copy);
  if (session->bound == entry->plan) session->bound = NULL;
  oct_plan_destroy(entry->plan);
  *entry = (oct_session_plan){plan, copy, ++session->clock};
  return plan;
}

/// The plan that there is, or one made in the place of the one least recently asked for.
static oct_plan *find_plan(oct_session *session, const oct_shape *shapes, const void *const *elements) {
  oct_session_plan *oldest = &session->plans[0];
  for (int i = 0; i < OCT_SESSION_PLANS; i++) {
    oct_session_plan *entry = &session->plans[i];
    if (entry->plan && is_for(session, entry, shapes)) {
      entry->asked = ++session->clock;
      return entry->plan;
    }
    if (!entry->plan || (oldest->plan && entry->asked < oldest->asked)) oldest = entry;
  }
  return create_plan(session, oldest, shapes, elements);
}

oct_plan *oct_session_plan_for(oct_session *session, const oct_shape *input_shapes) {
  if (check_shapes(session, input_shapes) != OCT_OK) return NULL;
  oct_arena work = {0};
  const void **elements = oct_arena_alloc(&work, (size_t)(session->graph.input_count + 1) * sizeof *elements);
  const bool known = elements && gather_values(session, input_shapes, elements) == OCT_OK;
  oct_plan *plan = known ? find_plan(session, input_shapes, elements) : NULL;
  oct_arena_free(&work);
  return plan;
}

oct_status oct_session_reserve(oct_session *session, size_t bytes) {
  if (bytes <= session->activation_bytes) return OCT_OK;
  oct_block_free(session->activations);
  session->activation_bytes = 0;
  session->activations = oct_block_alloc(bytes);
  if (!session->activations) return OCT_OUT_OF_MEMORY;
  session->activation_bytes = bytes;
  memset(session->activations, 0, bytes);
  return OCT_OK;
}

oct_status oct_session_commit(oct_session *session, oct_plan *plan) {
  if (session->bound == plan) return OCT_OK;
  session->bound = NULL;
  OCT_TRY(oct_release_pack(session, plan));
  OCT_TRY(oct_session_reserve(session, plan->activation_bytes));
  OCT_TRY(make_variables(session));
  OCT_TRY(oct_plan_bind(plan, session->activations, session->externals));
  session->bound = plan;
  return OCT_OK;
}
