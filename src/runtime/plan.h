// SPDX-License-Identifier: MIT
//
// A plan: the model for one set of input shapes, as a flat list of steps over one arena. Immutable once made.
#ifndef OCT_RUNTIME_PLAN_H
#define OCT_RUNTIME_PLAN_H

#include "ops/op.h"
#include "runtime/planner.h"

/// Packed weights, shared by all plans of a model: one block per (constant, way of packing).
typedef struct oct_packed {
  const void *constant;
  uint64_t kind;
  size_t bytes;
  void *block; // NULL until some plan that uses it is committed
  struct oct_packed *next;
} oct_packed;

struct oct_plan {
  oct_arena arena; // owns everything below
  oct_graph graph; // the optimized graph; owns its own arena
  oct_step *steps;
  oct_packed **step_packed; // per step, or NULL
  uint32_t step_count;
  oct_tensor *tensors; // per value
  oct_slot *slots;     // per value: where in the activation block
  oct_slot *scratch;   // per step
  size_t activation_bytes, weight_bytes;
  uint64_t macs;
  bool prepared_pack;
};
typedef struct oct_plan oct_plan;

/// Optimizes a clone of `source` for the given input shapes (one per graph input, static) and plans it. `packed` is the
/// model's list of packed blocks, which the plan adds to. NULL on failure.
oct_plan *oct_plan_create(const oct_graph *source, const oct_shape *input_shapes, oct_packed **packed);

/// Packs weights that are not packed yet and points every tensor into `activations` (activation_bytes of memory).
oct_status oct_plan_bind(oct_plan *plan, void *activations);

void oct_plan_steps(oct_plan *plan, uint32_t begin, uint32_t end);

void oct_plan_destroy(oct_plan *plan);

#endif
