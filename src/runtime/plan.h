// SPDX-License-Identifier: MIT
//
// A plan: the model for one set of input shapes, as a flat list of steps over one arena. Immutable once made.
//
// Where shapes depend on data that a run computes, the plan ends (graph/passes/cut.h), and each run plans the rest from
// what it has computed: in stages, of which a model without such shapes has one.
#ifndef OCT_RUNTIME_PLAN_H
#define OCT_RUNTIME_PLAN_H

#include "ops/op.h"
#include "runtime/planner.h"

#define OCT_MAX_STAGES 64 // of one run

/// A block of packed weights. Plans of one model share those made from the model's own constants.
typedef struct oct_packed {
  uint64_t key[2]; // what was packed and how
  size_t bytes;
  void *block;  // NULL until some plan that uses it is bound
  bool in_file; // `block` is a part of a file's memory (release.h), and not owned
  struct oct_packed *next;
} oct_packed;

typedef struct oct_plan oct_plan;

/// The plan of a body of one of a plan's nodes.
typedef struct oct_body_plan {
  oct_body body; // what its step sees
  const oct_step *step;
  oct_plan *plan;
  size_t scratch_offset; // where its activations begin in the step's scratch
  int32_t first_external; // the node's input that its first external is
  struct oct_body_plan *next;
} oct_body_plan;

struct oct_plan {
  oct_arena arena; // owns everything below, the plan itself included
  oct_graph graph; // the optimized graph; owns its own arena (a body's: the graph around it does)
  oct_tensor *tensors; // per value
  int32_t *storage;    // per value: the value whose memory it uses (itself, or what it is a part of)
  size_t *offset;      // per value: bytes from the start of that memory
  oct_slot *slots;     // per value, then per step (scratch): where in the activation block
  oct_step *steps;     // step_count that run, then inner_count that some of those are made of (runtime/band.h)
  oct_packed **packed; // per step, or NULL
  oct_packed *own_packed; // blocks made from this plan's own constants
  oct_body_plan *bodies;  // of all steps, in order
  oct_graph rest; // what only the data that this plan computes let plan; no nodes: nothing
  oct_plan *next; // the rest as the latest run planned it, owned; its inputs and externals lie in this plan's memory
  int32_t stage;  // plans before this one in a run
  uint32_t step_count, inner_count;
  void *owner; // for whoever asked for the plan; not looked into
  size_t activation_bytes, weight_bytes;
  int32_t parts;   // the most that a step has
  double split_ns; // about how long the steps take that have more than one
  uint64_t macs;
};

/// Optimizes a clone of `source` for the given input shapes (one per graph input, static; NULL: its own) and plans it.
/// `values` (or NULL) holds, for each graph input that is planned for by value, its elements (copied), else NULL.
/// `shared` is the model's list of packed blocks, which the plan adds to. NULL on failure.
oct_plan *oct_plan_create(const oct_graph *source, const oct_shape *input_shapes, const void *const *values,
                          oct_packed **shared);

/// How many steps there are, those included that others are made of: the ones with weights.
static inline uint32_t oct_plan_all_steps(const oct_plan *plan) { return plan->step_count + plan->inner_count; }

/// Packs weights that are not packed yet, those of bodies included.
oct_status oct_plan_pack(oct_plan *plan);

/// Packs the weights of one step, into memory of its own.
oct_status oct_step_pack(const oct_step *step, oct_packed *packed);

/// Packs weights that are not packed yet and points every tensor into `activations` (activation_bytes of memory), those
/// of the graph's externals to `externals`, one an external.
oct_status oct_plan_bind(oct_plan *plan, void *activations, void *const *externals);

/// Plans and binds the rest of a plan whose steps have all run, in the place of what an earlier run planned. Its outputs
/// are the model's, unless it has a rest itself. NULL on failure; what has run is as it was then.
oct_plan *oct_plan_rest(oct_plan *plan, oct_packed **shared);

/// Runs steps [begin, end) of a bound plan.
void oct_plan_steps(const oct_plan *plan, uint32_t begin, uint32_t end);

void oct_plan_destroy(oct_plan *plan);

/// What the plan has taken from its arenas, those of its bodies included, for reports.
size_t oct_plan_bytes(const oct_plan *plan);

/// Frees a list of packed blocks.
void oct_packed_free(oct_packed *list);

#endif
