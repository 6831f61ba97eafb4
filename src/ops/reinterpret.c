// SPDX-License-Identifier: MIT
//
// REINTERPRET: a file's int8 or uint8 bytes <-> q8 in the build's sign. Where the signs differ every byte's top bit
// flips; where they agree it is a view.
#include "ops/op.h"

#include <string.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  return oct_infer_output(graph, node, 0, x->dtype, x->shape);
}

/// Four words at a time: this is compiled for size, and nobody else unrolls it.
static void run(const oct_step *step) {
  const uint64_t flip = UINT64_C(0x8080808080808080);
  const uint8_t *from = step->inputs[0].data;
  uint8_t *to = step->outputs[0].data;
  const size_t count = oct_shape_count(&step->outputs[0].shape);
  size_t i = 0;
  for (uint64_t word[4]; i + sizeof word <= count; i += sizeof word) {
    memcpy(word, from + i, sizeof word);
    word[0] ^= flip, word[1] ^= flip, word[2] ^= flip, word[3] ^= flip;
    memcpy(to + i, word, sizeof word);
  }
  for (; i < count; i++) to[i] = from[i] ^ 0x80;
}

static bool is_signed(oct_dtype dtype) { return dtype == OCT_I8 || (dtype == OCT_Q8 && OCT_ACT_SIGNED); }

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  oct_dtype from = step->inputs[0].dtype, to = step->outputs[0].dtype;
  if (oct_dtype_bytes(from) != 1 || oct_dtype_bytes(to) != 1 || from == OCT_BOOL || to == OCT_BOOL)
    return oct_prepare_unsupported(context);
  if (is_signed(from) == is_signed(to)) {
    step->view = true;
    step->kernel = "view";
    return OCT_OK;
  }
  step->run = run;
  step->in_place = 0;
  step->kernel = "flip_sign";
  return OCT_OK;
}

const oct_op_impl oct_op_reinterpret = {infer, prepare};
