// SPDX-License-Identifier: MIT
//
// The operator table, its names and traits: all read from ops.inc, so that an operator is one line there and one file
// beside it.
#include "ops/op.h"

#define OCT_OPERATOR(name, stem, traits) extern const oct_op_impl oct_op_##stem;
#include "ops/ops.inc"
#undef OCT_OPERATOR

const oct_op_impl *const oct_op_impls[OCT_OP_COUNT] = {
#define OCT_OPERATOR(name, stem, traits) &oct_op_##stem,
#include "ops/ops.inc"
#undef OCT_OPERATOR
};

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
