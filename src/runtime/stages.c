// SPDX-License-Identifier: MIT
//
// The second stage of a run and those behind it. What the stage before has computed stays where it is: the elements that
// decide shapes are set as constants of the rest, the other values are externals of its plan. The activations are in the
// plan's own arena, since they are gone with it when the next run plans anew; weights are packed once, as for all plans.
#include "runtime/plan.h"

/// Points the elements that decide shapes, which are the first outputs of the plan.
static void set_constants(oct_plan *plan) {
  for (int32_t i = 0; i < plan->rest.input_count; i++)
    plan->rest.values[plan->rest.inputs[i]].data = plan->tensors[plan->graph.outputs[i]].data;
}

static oct_status bind(const oct_plan *plan, oct_plan *next) {
  void **externals = oct_arena_alloc(&next->arena, (size_t)plan->rest.external_count * sizeof *externals);
  void *activations = oct_arena_alloc(&next->arena, next->activation_bytes);
  if (!externals || !activations) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < plan->rest.external_count; i++)
    externals[i] = plan->tensors[plan->graph.outputs[plan->rest.input_count + i]].data;
  return oct_plan_bind(next, activations, externals);
}

oct_plan *oct_plan_rest(oct_plan *plan, oct_packed **shared) {
  oct_plan_destroy(plan->next);
  plan->next = NULL;
  if (plan->stage + 1 == OCT_MAX_STAGES) {
    oct_fail(OCT_UNSUPPORTED_MODEL, "simplify the model, or split it",
             "shapes depend on data that depend on such shapes, more than %d times in a row", OCT_MAX_STAGES);
    return NULL;
  }
  set_constants(plan);
  oct_plan *next = plan->next = oct_plan_create(&plan->rest, NULL, NULL, shared);
  if (!next) return NULL;
  next->stage = plan->stage + 1;
  next->owner = plan->owner;
  return bind(plan, next) == OCT_OK ? next : NULL;
}
