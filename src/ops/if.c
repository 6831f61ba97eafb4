// SPDX-License-Identifier: MIT
//
// IF: runs one of two bodies and gives what it gives. The usual If is decided by shapes, and gone before this
// (graph/passes/bodies.h); of one that is decided by data both bodies are planned, in the same memory.
#include <string.h>

#include "graph/passes/bodies.h"
#include "ops/op.h"

enum { BRANCHES = 2 };

typedef struct branches {
  const oct_body *body[BRANCHES]; // then, else
} branches;

static oct_status infer_outputs(oct_graph *graph, oct_node *node) {
  const oct_graph *bodies[BRANCHES] = {node->bodies[0], node->bodies[1]};
  for (int i = 0; i < node->output_count; i++) {
    const oct_value *then = &bodies[0]->values[bodies[0]->outputs[i]];
    const oct_value *otherwise = &bodies[1]->values[bodies[1]->outputs[i]];
    char text[112], other[112];
    if (!oct_shape_equal(&then->shape, &otherwise->shape) || then->dtype != otherwise->dtype)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "make both branches give the same shape and type, or the condition constant",
                      "the branches of %s give '%s' as %s %s and as %s %s", node->type, then->name,
                      oct_dtype_name(then->dtype), oct_shape_print(&then->shape, text),
                      oct_dtype_name(otherwise->dtype), oct_shape_print(&otherwise->shape, other));
    OCT_TRY(oct_infer_bytes(graph, node, i, then->dtype, then->shape));
  }
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, node->input_count, 0));
  const oct_value *condition = oct_input(graph, node, 0);
  if (condition->dtype != OCT_BOOL || oct_shape_count(&condition->shape) != 1)
    return oct_fail(OCT_INVALID_MODEL, "give it one bool", "the condition '%s' of %s is not one bool", condition->name,
                    node->type);
  for (int b = 0; b < BRANCHES; b++) {
    if (!node->bodies[b] || node->bodies[b]->output_count != node->output_count)
      return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s has %d outputs, but a branch has not",
                      node->type, (int)node->output_count);
    OCT_TRY(oct_body_specialize(graph, node, b, NULL));
  }
  return infer_outputs(graph, node);
}

static void run(const oct_step *step) {
  const branches *self = step->state;
  const oct_body *body = self->body[*(const uint8_t *)step->inputs[0].data ? 0 : 1];
  body->run(body);
  for (int i = 0; i < step->node->output_count; i++)
    memcpy(step->outputs[i].data, body->outputs[i].data, oct_tensor_bytes(&body->outputs[i]));
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  branches *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  for (int b = 0; b < BRANCHES; b++) {
    const oct_body *body = self->body[b] = context->plan_body(context, b, 0);
    if (!body) return oct_last_error()->status;
    if (body->bytes > step->scratch_bytes) step->scratch_bytes = body->bytes;
    if (body->macs > step->macs) step->macs = body->macs;
  }
  step->state = self;
  step->run = run;
  step->kernel = "if";
  return OCT_OK;
}

const oct_op_impl oct_op_if = {infer, prepare};
