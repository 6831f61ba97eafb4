// SPDX-License-Identifier: MIT
//
// LOOP: runs its body again and again, in one block of memory.
//
// What a turn hands to the next goes through the node's outputs: they hold the carried values between turns, so that
// the body may give its inputs in any order, and hold the result in the end, however many turns there were. Shapes stay
// the same from turn to turn; where outputs grow with the turns, their number has to be known when the plan is made.
#include <string.h>

#include "graph/passes/bodies.h"
#include "ops/op.h"

enum { TURNS, CONDITION, OWN }; // inputs before the carried ones

/// A tensor of [outer, count, bytes] that is a pile of slices.
typedef struct slices {
  size_t outer, count, bytes;
} slices;

typedef struct loop {
  const oct_body *body;
  bool keeps_condition; // the body's condition is a constant, and not to be written
  slices slice[OCT_MAX_SCANS];
} loop;

static oct_status refuse(const oct_node *node, const char *what, const char *name) {
  return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with its loops unrolled, or with shapes that stay the same",
                  "%s %s ('%s')", node->type, what, name);
}

/// A constant of one element; false if it is none.
static bool constant_of(const oct_value *value, int64_t *number) {
  if (!value || !value->data || oct_shape_count(&value->shape) != 1) return false;
  if (value->dtype == OCT_BOOL) *number = *(const uint8_t *)value->data != 0;
  else if (value->dtype == OCT_I32) *number = *(const int32_t *)value->data;
  else if (value->dtype == OCT_I64) memcpy(number, value->data, sizeof *number);
  else return false;
  return true;
}

static oct_status check_one(const oct_node *node, const oct_value *value, bool fits) {
  if (!value || (fits && oct_shape_count(&value->shape) == 1)) return OCT_OK;
  return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; export it again",
                  "%s takes '%s' as one number of turns or one condition", node->type, value->name);
}

/// The axis of a pile of slices of rank `rank`, in range.
static oct_status settle_axis(oct_node *node, int scan, int rank) {
  return oct_infer_axis(node, node->attr.loop.axis[scan], rank, &node->attr.loop.axis[scan]);
}

/// What the body's inputs are. All but the carried values' elements stay the same in every turn.
static oct_status describe_inputs(const oct_graph *graph, oct_node *node, oct_value *inputs) {
  static const uint8_t yes = 1;
  oct_loop_attr *attr = &node->attr.loop;
  int64_t first;
  int at = 0;
  if (attr->counts) {
    const oct_value *condition = oct_input(graph, node, CONDITION);
    const bool always = !condition || (constant_of(condition, &first) && first);
    inputs[at++] = (oct_value){.name = "turn", .dtype = OCT_I64};
    inputs[at++] = (oct_value){.name = "condition", .dtype = OCT_BOOL, .data = always ? &yes : NULL};
  }
  for (int i = 0; i < attr->carried + attr->scanned; i++) {
    const oct_value *from = oct_input(graph, node, OWN + i);
    if (!from) return oct_fail(OCT_INVALID_MODEL, "export the model again", "%s lacks a value to begin with", node->type);
    oct_value *to = &inputs[at++];
    *to = *from;
    to->data = NULL;
    if (i < attr->carried) continue;
    const int scan = i - attr->carried;
    OCT_TRY(settle_axis(node, scan, from->shape.rank));
    const int axis = attr->axis[scan];
    if (attr->turns >= 0 && attr->turns != from->shape.dim[axis])
      return oct_fail(OCT_INVALID_SHAPE, "scan tensors of one length", "%s scans '%s', which has another length than others",
                      node->type, from->name);
    attr->turns = from->shape.dim[axis];
    for (int d = axis; d + 1 < from->shape.rank; d++) to->shape.dim[d] = from->shape.dim[d + 1];
    to->shape.rank--;
  }
  return OCT_OK;
}

/// How many turns there will be, if that is known: all that were asked for, if the condition never ends them.
static int64_t count_turns(const oct_graph *graph, const oct_node *node) {
  const oct_graph *body = node->bodies[0];
  const oct_value *asked = oct_input(graph, node, TURNS), *condition = oct_input(graph, node, CONDITION);
  int64_t turns, first = 1, next;
  if (condition && !constant_of(condition, &first)) return -1;
  if (!first) return 0;
  if (!constant_of(asked, &turns) || !constant_of(&body->values[body->outputs[0]], &next)) return -1;
  return turns < 0 ? 0 : next || turns < 1 ? turns : 1;
}

static oct_status infer_outputs(oct_graph *graph, oct_node *node, const oct_value *inputs) {
  oct_loop_attr *attr = &node->attr.loop;
  const oct_graph *body = node->bodies[0];
  const oct_value_id *outputs = body->outputs + attr->counts;
  const oct_value *carried = inputs + (attr->counts ? OWN : 0), *next = &body->values[body->outputs[0]];
  if (attr->counts) OCT_TRY(check_one(node, next, next->dtype == OCT_BOOL));
  for (int i = 0; i < attr->carried; i++) {
    const oct_value *value = &body->values[outputs[i]];
    if (!oct_shape_equal(&value->shape, &carried[i].shape) || value->dtype != carried[i].dtype)
      return refuse(node, "carries a value whose shape or type changes from turn to turn", value->name);
    OCT_TRY(oct_infer_bytes(graph, node, i, value->dtype, value->shape));
  }
  for (int i = attr->carried; i < node->output_count; i++) {
    const oct_value *value = &body->values[outputs[i]];
    const int scan = attr->scanned + i - attr->carried;
    if (attr->turns < 0) return refuse(node, "puts outputs together, and only the data say how many", value->name);
    if (attr->turns > INT32_MAX || value->shape.rank == OCT_MAX_RANK)
      return refuse(node, "puts more together than there is room for", value->name);
    oct_shape shape = value->shape;
    shape.rank++;
    OCT_TRY(settle_axis(node, scan, shape.rank));
    for (int d = shape.rank - 1; d > attr->axis[scan]; d--) shape.dim[d] = shape.dim[d - 1];
    shape.dim[attr->axis[scan]] = (int32_t)attr->turns;
    OCT_TRY(oct_infer_bytes(graph, node, i, value->dtype, shape));
  }
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  oct_loop_attr *attr = &node->attr.loop;
  const oct_value *turns = oct_input(graph, node, TURNS), *condition = oct_input(graph, node, CONDITION);
  oct_arena work = {0};
  OCT_TRY(check_one(node, turns, turns && (turns->dtype == OCT_I64 || turns->dtype == OCT_I32)));
  OCT_TRY(check_one(node, condition, condition && condition->dtype == OCT_BOOL));
  oct_value *inputs = oct_arena_alloc(&work, (size_t)(OWN + attr->carried + attr->scanned) * sizeof *inputs);
  attr->turns = -1;
  oct_status status = inputs ? describe_inputs(graph, node, inputs) : OCT_OUT_OF_MEMORY;
  if (status == OCT_OK) status = oct_body_specialize(graph, node, 0, inputs);
  if (status == OCT_OK && attr->counts) attr->turns = count_turns(graph, node);
  if (status == OCT_OK) status = infer_outputs(graph, node, inputs);
  oct_arena_free(&work);
  return status;
}

/// Copies slice `index` of the pile: into `slice`, or from it.
static void move_slice(const slices *shape, void *pile, void *slice, size_t index, bool out) {
  for (size_t o = 0; o < shape->outer; o++) {
    uint8_t *there = (uint8_t *)pile + (o * shape->count + index) * shape->bytes;
    uint8_t *here = (uint8_t *)slice + o * shape->bytes;
    if (out) memcpy(there, here, shape->bytes);
    else memcpy(here, there, shape->bytes);
  }
}

static int64_t most_turns(const oct_step *step) {
  const oct_tensor *turns = &step->inputs[TURNS];
  const oct_loop_attr *attr = &step->node->attr.loop;
  if (attr->turns >= 0) return attr->turns;
  if (!oct_node_has(step->node, TURNS)) return INT64_MAX;
  return turns->dtype == OCT_I32 ? *(const int32_t *)turns->data : *(const int64_t *)turns->data;
}

static void take_turn(const oct_step *step, int64_t turn, int64_t turns) {
  const loop *self = step->state;
  const oct_body *body = self->body;
  const oct_loop_attr *attr = &step->node->attr.loop;
  const oct_tensor *inputs = body->inputs + (attr->counts ? OWN : 0), *outputs = body->outputs + attr->counts;
  for (int i = 0; i < attr->carried; i++)
    memcpy(inputs[i].data, step->outputs[i].data, oct_tensor_bytes(&inputs[i]));
  for (int scan = 0; scan < attr->scanned; scan++)
    move_slice(&self->slice[scan], step->inputs[OWN + attr->carried + scan].data, inputs[attr->carried + scan].data,
               (size_t)(attr->backwards >> scan & 1 ? turns - 1 - turn : turn), false);
  body->run(body);
  for (int i = 0; i < attr->carried; i++)
    memcpy(step->outputs[i].data, outputs[i].data, oct_tensor_bytes(&inputs[i]));
  for (int i = attr->carried; i < step->node->output_count; i++) {
    const int scan = attr->scanned + i - attr->carried;
    move_slice(&self->slice[scan], step->outputs[i].data, outputs[i].data,
               (size_t)(attr->backwards >> scan & 1 ? turns - 1 - turn : turn), true);
  }
}

static void run(const oct_step *step) {
  const loop *self = step->state;
  const oct_loop_attr *attr = &step->node->attr.loop;
  const int64_t turns = most_turns(step);
  uint8_t go = oct_node_has(step->node, CONDITION) ? *(const uint8_t *)step->inputs[CONDITION].data : 1;
  for (int i = 0; i < attr->carried; i++)
    memcpy(step->outputs[i].data, step->inputs[OWN + i].data, oct_tensor_bytes(&step->outputs[i]));
  for (int64_t turn = 0; turn < turns && go; turn++) {
    if (attr->counts) memcpy(self->body->inputs[TURNS].data, &turn, sizeof turn);
    if (attr->counts && !self->keeps_condition) *(uint8_t *)self->body->inputs[CONDITION].data = go;
    take_turn(step, turn, turns);
    if (attr->counts) go = *(const uint8_t *)self->body->outputs[0].data;
  }
}

static void set_slices(loop *self, int scan, const oct_tensor *pile, int axis) {
  self->slice[scan] = (slices){oct_shape_span(&pile->shape, 0, axis), (size_t)pile->shape.dim[axis],
                               oct_shape_span(&pile->shape, axis + 1, pile->shape.rank) * oct_dtype_bytes(pile->dtype)};
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_loop_attr *attr = &step->node->attr.loop;
  loop *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->body = context->plan_body(context, 0, 0);
  if (!self->body) return oct_last_error()->status;
  self->keeps_condition = attr->counts && self->body->inputs[CONDITION].data;
  for (int i = 0; i < attr->scanned; i++)
    set_slices(self, i, &step->inputs[OWN + attr->carried + i], attr->axis[i]);
  for (int i = attr->carried; i < step->node->output_count; i++) {
    const int scan = attr->scanned + i - attr->carried;
    set_slices(self, scan, &step->outputs[i], attr->axis[scan]);
  }
  step->scratch_bytes = self->body->bytes;
  step->macs = self->body->macs * (uint64_t)(attr->turns < 0 ? 1 : attr->turns);
  step->state = self;
  step->run = run;
  step->kernel = "loop";
  return OCT_OK;
}

const oct_op_impl oct_op_loop = {infer, prepare};
