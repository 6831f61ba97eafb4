// SPDX-License-Identifier: MIT
//
// The operator table, its names and traits: all read from ops.inc, so that an operator is one line there and one file
// beside it. A reduced build (base/keep.h) has a refusal in the place of the operators that it lacks.
#include "base/keep.h"
#include "ops/op.h"

#ifdef OCT_REDUCED
static oct_status refuse(oct_graph *graph, oct_node *node) {
  (void)graph;
  return oct_fail(OCT_UNSUPPORTED_MODEL, "build it again for this model, too: octavo build --models MODEL ...",
                  "this build of Octavo lacks the operator %s, which %s needs", oct_operator_name(node->op), node->type);
}

static oct_status refuse_step(oct_prepare *context) {
  return oct_fail(OCT_UNSUPPORTED_MODEL, "build it again for this model, too: octavo build --models MODEL ...",
                  "this build of Octavo lacks the operator %s, which %s needs",
                  oct_operator_name(context->step->node->op), context->step->node->type);
}

static const oct_op_impl absent = {refuse, refuse_step};
#endif

// For reports: see oct_operator_is_used and oct_operator_is_met.
typedef struct operator_set { uint64_t words[(OCT_OP_COUNT + 63) / 64]; } operator_set;
static operator_set used, met;

static void add(operator_set *set, oct_operator op) { set->words[op / 64] |= UINT64_C(1) << op % 64; }
static bool has(const operator_set *set, oct_operator op) { return set->words[op / 64] >> op % 64 & 1; }

#define OCT_OPERATOR(name, stem, traits) extern const oct_op_impl oct_op_##stem;
#include "ops/ops.inc"
#undef OCT_OPERATOR

static const oct_op_impl *const impls[OCT_OP_COUNT] = {
#define OCT_OPERATOR(name, stem, traits) OCT_KEEP_OPERATOR(name, &oct_op_##stem, &absent),
#include "ops/ops.inc"
#undef OCT_OPERATOR
};

const oct_op_impl *oct_operator_impl(oct_operator op) {
  add(&used, op);
  return impls[op];
}

bool oct_operator_is_used(oct_operator op) { return has(&used, op); }

void oct_operator_meet(oct_operator op) { add(&met, op); }
bool oct_operator_is_met(oct_operator op) { return has(&met, op); }

const char *oct_operator_name(oct_operator op) {
  static const char *const names[] = {
#define OCT_OPERATOR(name, stem, traits) #name,
#include "ops/ops.inc"
#undef OCT_OPERATOR
  };
  return (unsigned)op < OCT_OP_COUNT ? names[op] : "NONE";
}

uint32_t oct_operator_traits(oct_operator op) {
  enum { Q8 = OCT_TRAIT_Q8, MOVES = OCT_TRAIT_MOVES };
#define READS(input) (OCT_TRAIT_READS_0 << (input))
  static const uint16_t table[] = {
#define OCT_OPERATOR(name, stem, traits) (traits),
#include "ops/ops.inc"
#undef OCT_OPERATOR
  };
  return (unsigned)op < OCT_OP_COUNT ? table[op] : 0;
}
