// SPDX-License-Identifier: MIT
//
// What a session keeps between runs: see session.h.
#include "runtime/session.h"

#include "graph/passes/passes.h"

#include <string.h>

static oct_status count_operators(oct_session *session) {
  oct_graph *graph = &session->graph;
  session->operators = oct_arena_alloc(&graph->arena, (size_t)(graph->node_count + 1) * sizeof(oct_operator_count));
  if (!session->operators) return OCT_OUT_OF_MEMORY;
  for (int32_t n = 0; n < graph->node_count; n++) {
    const char *type = graph->nodes[n].type;
    if (type == oct_operator_name(graph->nodes[n].op)) continue; // a node that the reader added
    int32_t at = 0;
    while (at < session->operator_count && strcmp(session->operators[at].type, type)) at++;
    if (at == session->operator_count) session->operators[session->operator_count++].type = type;
    session->operators[at].count++;
  }
  return OCT_OK;
}

oct_status oct_session_open(oct_session *session) {
  if (session->graph.node_count > OCT_MAX_NODES)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the model, or simplify it before exporting",
                    "the model has %d nodes; the most that are taken is %d", (int)session->graph.node_count,
                    OCT_MAX_NODES);
  OCT_TRY(count_operators(session));
  return oct_passes_load(&session->graph);
}

void oct_session_close(oct_session *session) {
  for (int i = 0; i < OCT_SESSION_PLANS; i++) oct_plan_destroy(session->plans[i].plan);
  oct_packed_free(session->packed);
  oct_block_free(session->activations);
  oct_graph_free(&session->graph);
  oct_block_free(session->model);
  *session = (oct_session){0};
}

static oct_status check_shapes(const oct_session *session, const oct_shape *shapes) {
  const oct_graph *graph = &session->graph;
  for (int32_t i = 0; i < graph->input_count; i++) {
    const oct_value *value = &graph->values[graph->inputs[i]];
    bool fits = value->shape.rank < 0 || shapes[i].rank == value->shape.rank;
    for (int d = 0; fits && d < shapes[i].rank; d++) {
      const int32_t wanted = value->shape.rank < 0 ? OCT_DYNAMIC : value->shape.dim[d];
      fits = shapes[i].dim[d] > 0 && (wanted < 0 || wanted == shapes[i].dim[d]);
    }
    if (fits) continue;
    char wanted[112], got[112];
    return oct_fail(OCT_INVALID_SHAPE, "pass that shape; ? may be any positive size",
                    "input '%s' takes the shape %s, not %s", value->name, oct_shape_print(&value->shape, wanted),
                    oct_shape_print(&shapes[i], got));
  }
  return OCT_OK;
}

static bool same_shapes(const oct_shape *a, const oct_shape *b, int32_t count) {
  for (int32_t i = 0; i < count; i++)
    if (!oct_shape_equal(&a[i], &b[i])) return false;
  return true;
}

oct_plan *oct_session_plan_for(oct_session *session, const oct_shape *input_shapes) {
  if (check_shapes(session, input_shapes) != OCT_OK) return NULL;
  const int32_t inputs = session->graph.input_count;
  oct_session_plan *oldest = &session->plans[0];
  for (int i = 0; i < OCT_SESSION_PLANS; i++) {
    oct_session_plan *entry = &session->plans[i];
    if (entry->plan && same_shapes(entry->input_shapes, input_shapes, inputs)) {
      entry->asked = ++session->clock;
      return entry->plan;
    }
    if (!entry->plan || (oldest->plan && entry->asked < oldest->asked)) oldest = entry;
  }
  oct_plan *plan = oct_plan_create(&session->graph, input_shapes, &session->packed);
  oct_shape *shapes = plan ? oct_arena_alloc(&plan->arena, (size_t)(inputs + 1) * sizeof *shapes) : NULL;
  if (!shapes) {
    oct_plan_destroy(plan);
    return NULL;
  }
  if (inputs) memcpy(shapes, input_shapes, (size_t)inputs * sizeof *shapes);
  if (session->bound == oldest->plan) session->bound = NULL;
  oct_plan_destroy(oldest->plan);
  *oldest = (oct_session_plan){plan, shapes, ++session->clock};
  return plan;
}

oct_status oct_session_commit(oct_session *session, oct_plan *plan) {
  if (session->bound == plan) return OCT_OK;
  session->bound = NULL;
  if (plan->activation_bytes > session->activation_bytes) {
    oct_block_free(session->activations);
    session->activation_bytes = 0;
    session->activations = oct_block_alloc(plan->activation_bytes);
    if (!session->activations) return OCT_OUT_OF_MEMORY;
    session->activation_bytes = plan->activation_bytes;
    memset(session->activations, 0, plan->activation_bytes);
  }
  OCT_TRY(oct_plan_bind(plan, session->activations));
  session->bound = plan;
  return OCT_OK;
}
