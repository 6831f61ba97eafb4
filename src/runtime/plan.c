// SPDX-License-Identifier: MIT
//
// How a graph becomes a plan:
//
//   clone, set the input shapes, run the plan passes     every shape is static now
//   prepare every node                                   kernels are chosen, sizes are known
//   join steps to bands                                  which make large images row by row, and what is made of
//                                                        those pixel by pixel
//   give every value a storage                           a view uses its input's; so may an in-place output; what is
//                                                        joined in memory is made there
//   plan memory                                          storages and scratch become offsets
//
// Binding packs weights and turns offsets into pointers. Step 0 of the planner's clock is the caller writing the
// inputs, the last is the caller reading the outputs.
//
// A body of a node is planned while its node is prepared, from a graph that the plan passes have seen already. Its
// activations are part of the step's scratch; its externals get no memory, but are bound to the tensors of the step.
#include "runtime/plan.h"

#include "graph/passes/passes.h"
#include "runtime/band.h"

#include <string.h>

/// A word at once: a layer may have thousands of scales.
static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 32;
}

static uint64_t mix_float(uint64_t hash, float value, int32_t beside) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return mix(hash, (uint64_t)(uint32_t)beside << 32 | bits);
}

static uint64_t mix_quant(uint64_t hash, const oct_quant *quant) {
  if (!quant) return mix(hash, 0);
  hash = mix(hash, (uint64_t)quant->count);
  for (int32_t i = 0; i < quant->count; i++)
    hash = mix_float(hash, quant->scale[i], quant->zero_point[i]);
  return hash;
}

/// Finds or adds the block for what `step` packs. Blocks of the model's own constants are shared between plans; a
/// constant that this plan's passes made lives and dies with the plan, and so does its block.
static oct_packed *find_packed(oct_plan *plan, const oct_step *step, oct_packed **shared) {
  const oct_node *node = step->node;
  const oct_graph *source = plan->graph.source;
  bool own = false;
  uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), step->packed_kind);
  for (int32_t i = 0; i < node->input_count; i++) {
    const oct_value_id id = node->inputs[i];
    if (id == OCT_NO_VALUE || !plan->graph.values[id].data) continue;
    own |= id >= source->value_count || source->values[id].data != plan->graph.values[id].data;
    const oct_value *value = &plan->graph.values[id];
    hash = mix_quant(mix(hash, (uintptr_t)value->data), value->quant);
    for (int d = 0; d < value->shape.rank; d++) hash = mix(hash, (uint64_t)value->shape.dim[d]);
  }
  hash = mix_quant(mix_quant(hash, step->inputs[0].quant), step->outputs[0].quant);
  hash = mix_float(mix_float(hash, node->clamp_min, 0), node->clamp_max, 0);
  const oct_value_id weights = node->inputs[step->packed_input];
  const uint64_t key[2] = {hash, weights == OCT_NO_VALUE ? 0 : (uintptr_t)plan->graph.values[weights].data};
  oct_packed **list = own ? &plan->own_packed : shared;
  for (oct_packed *packed = *list; packed; packed = packed->next)
    if (packed->key[0] == key[0] && packed->key[1] == key[1] && packed->bytes == step->packed_bytes) return packed;
  oct_packed *packed = oct_block_alloc(sizeof *packed);
  if (!packed) return NULL;
  *packed = (oct_packed){.key = {key[0], key[1]}, .bytes = step->packed_bytes, .next = *list};
  return *list = packed;
}

void oct_packed_free(oct_packed *list) {
  for (oct_packed *next; list; list = next) {
    next = list->next;
    if (!list->in_file) oct_block_free(list->block);
    oct_block_free(list);
  }
}

static oct_status set_tensors(oct_plan *plan) {
  const oct_graph *graph = &plan->graph;
  plan->tensors = oct_arena_alloc(&plan->arena, (size_t)graph->value_count * sizeof(oct_tensor));
  if (!plan->tensors) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->value_count; i++) {
    const oct_value *value = &graph->values[i];
    plan->tensors[i] = (oct_tensor){(void *)value->data, value->dtype, value->shape, value->quant};
  }
  return OCT_OK;
}

static void fill_step(const oct_plan *plan, oct_step *step) {
  const oct_node *node = step->node;
  for (int32_t i = 0; i < node->input_count; i++)
    if (node->inputs[i] != OCT_NO_VALUE) step->inputs[i] = plan->tensors[node->inputs[i]];
  for (int32_t i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) step->outputs[i] = plan->tensors[node->outputs[i]];
}

// --- bodies ----------------------------------------------------------------------------------------------------------

/// What prepare gets, and what planning a body needs besides.
typedef struct preparing {
  oct_prepare context;
  oct_plan *plan;
  oct_packed **shared;
} preparing;

static oct_plan *plan_graph(oct_plan *plan, oct_packed **shared);
static oct_plan *new_plan(void);

static void run_body(const oct_body *body) {
  const oct_plan *plan = ((const oct_body_plan *)body)->plan;
  oct_plan_steps(plan, 0, plan->step_count);
}

static void fill_ends(const oct_plan *plan, const oct_body *body) {
  for (int32_t i = 0; i < plan->graph.input_count; i++) body->inputs[i] = plan->tensors[plan->graph.inputs[i]];
  for (int32_t i = 0; i < plan->graph.output_count; i++) body->outputs[i] = plan->tensors[plan->graph.outputs[i]];
}

static const oct_body *plan_body(oct_prepare *context, int index, size_t scratch_offset) {
  const preparing *prepare = (preparing *)context;
  const oct_node *node = context->step->node;
  const oct_graph *graph = node->bodies[index];
  const size_t ends = (size_t)(graph->input_count + graph->output_count);
  oct_body_plan *made = oct_plan_alloc(context, sizeof *made);
  oct_tensor *tensors = oct_plan_alloc(context, ends * sizeof *tensors);
  oct_plan *plan = made && tensors ? new_plan() : NULL;
  if (!plan) return NULL;
  plan->graph = *graph;
  plan->graph.arena = (oct_arena){0}; // and the bodies in it stay with the graph around this one
  plan->graph.owned = NULL;
  if (!plan_graph(plan, prepare->shared)) return NULL;
  *made = (oct_body_plan){
      .body = {.inputs = tensors, .outputs = tensors + graph->input_count, .bytes = plan->activation_bytes,
               .macs = plan->macs, .run = run_body},
      .step = context->step, .plan = plan, .scratch_offset = scratch_offset,
      .first_external = oct_node_first_external(node, index)};
  fill_ends(plan, &made->body);
  oct_body_plan **last = &prepare->plan->bodies;
  while (*last) last = &(*last)->next;
  *last = made;
  prepare->plan->weight_bytes += plan->weight_bytes;
  prepare->plan->split_ns += plan->split_ns;
  if (plan->parts > prepare->plan->parts) prepare->plan->parts = plan->parts;
  return &made->body;
}

static oct_status bind_body(const oct_body_plan *body) {
  const oct_step *step = body->step;
  oct_arena work = {0};
  const int32_t count = body->plan->graph.external_count;
  void **externals = oct_arena_alloc(&work, (size_t)count * sizeof *externals);
  for (int32_t i = 0; externals && i < count; i++) externals[i] = step->inputs[body->first_external + i].data;
  char *activations = (char *)step->scratch + body->scratch_offset;
  const oct_status status = externals ? oct_plan_bind(body->plan, activations, externals) : OCT_OUT_OF_MEMORY;
  oct_arena_free(&work);
  fill_ends(body->plan, &body->body);
  return status;
}

// --- steps -----------------------------------------------------------------------------------------------------------

static oct_status prepare_step(oct_plan *plan, oct_step *step, const oct_node *node, oct_packed **shared) {
  const size_t tensors = (size_t)(node->input_count + node->output_count);
  *step = (oct_step){.node = node, .parts = 1, .in_place = -1, .packed_input = node->input_count > 1 ? 1 : 0,
                     .inputs = oct_arena_alloc(&plan->arena, tensors * sizeof(oct_tensor))};
  if (!step->inputs) return OCT_OUT_OF_MEMORY;
  step->outputs = step->inputs + node->input_count;
  fill_step(plan, step);
  preparing context = {{step, &plan->arena, plan->graph.dialect, plan_body}, plan, shared};
  const oct_status status = oct_operator_impl(node->op)->prepare(&context.context);
  return status == OCT_OK ? OCT_OK : oct_fail_at(status, node->name);
}

/// About how long a step takes, by what kernels reach on a machine of 2020: enough to tell whether threads help.
static double nanoseconds_of(const oct_step *step) {
  const double macs_a_nanosecond = step->outputs[0].dtype == OCT_F32 ? 16 : 40, bytes_a_nanosecond = 6;
  const oct_node *node = step->node;
  double bytes = 0;
  for (int32_t i = 0; i < node->input_count; i++)
    if (!step->inputs[i].data && oct_node_has(node, i)) bytes += (double)oct_tensor_bytes(&step->inputs[i]);
  for (int32_t i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) bytes += (double)oct_tensor_bytes(&step->outputs[i]);
  return (double)step->macs / macs_a_nanosecond + bytes / bytes_a_nanosecond;
}

static void split_step(oct_plan *plan, oct_step *step) {
  const size_t most_scratch = (size_t)32 << 20; // a part
  if (!step->run_part || step->scratch_bytes > most_scratch) return;
  const double nanoseconds = nanoseconds_of(step);
  step->parts = oct_parallel_parts(nanoseconds);
  if (step->parts > 1) plan->split_ns += nanoseconds;
  if (step->parts > plan->parts) plan->parts = step->parts;
}

static void place_views(oct_plan *plan, const oct_step *step) {
  const oct_node *node = step->node;
  size_t at = plan->offset[node->inputs[0]] + step->view_offset;
  for (int32_t i = 0; i < node->output_count; i++) {
    const oct_value_id out = node->outputs[i];
    if (out == OCT_NO_VALUE) continue;
    plan->storage[out] = plan->storage[node->inputs[0]];
    plan->offset[out] = at;
    at += oct_tensor_bytes(&plan->tensors[out]);
  }
}

/// Moves what is stored in `from` into `to`, `at` bytes from its start.
static void move_storage(oct_plan *plan, int32_t from, int32_t to, size_t at) {
  for (int32_t v = 0; v < plan->graph.value_count; v++) {
    if (plan->storage[v] != from) continue;
    plan->storage[v] = to;
    plan->offset[v] += at;
  }
}

/// True if a step of this plan makes the value, in memory of its own.
static bool is_made_alone(const oct_plan *plan, oct_value_id value) {
  const oct_graph *graph = &plan->graph;
  bool alone = plan->storage[value] == value && !graph->values[value].data;
  for (int32_t i = 0; i < graph->input_count; i++) alone &= graph->inputs[i] != value;
  for (int32_t i = 0; i < graph->external_count; i++) alone &= graph->externals[i].value != value;
  return alone;
}

/// Lets the inputs of joining steps be made where the join wants them.
static void join_inputs(oct_plan *plan) {
  for (uint32_t s = 0; s < plan->step_count; s++) {
    const oct_node *node = plan->steps[s].node;
    size_t at = 0;
    for (int32_t i = 0; i < node->input_count && plan->steps[s].joins; i++) {
      const oct_value_id in = node->inputs[i];
      if (is_made_alone(plan, in)) move_storage(plan, in, node->outputs[0], at);
      at += oct_tensor_bytes(&plan->tensors[in]);
    }
  }
}

/// Prepares every node. Views leave no step behind, only a storage.
static oct_status prepare_steps(oct_plan *plan, oct_packed **shared) {
  oct_graph *graph = &plan->graph;
  const size_t nodes = (size_t)graph->node_count;
  plan->steps = oct_arena_alloc(&plan->arena, nodes * sizeof(oct_step));
  plan->packed = oct_arena_alloc(&plan->arena, nodes * sizeof(oct_packed *));
  plan->storage = oct_arena_alloc(&plan->arena, (size_t)graph->value_count * sizeof(int32_t));
  plan->offset = oct_arena_alloc(&plan->arena, (size_t)graph->value_count * sizeof(size_t));
  if (!plan->steps || !plan->packed || !plan->storage || !plan->offset) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->value_count; i++) plan->storage[i] = i;
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    oct_step *step = &plan->steps[plan->step_count];
    OCT_TRY(prepare_step(plan, step, node, shared));
    if (step->view) {
      place_views(plan, step);
      continue;
    }
    if (step->packed_bytes) {
      oct_packed *packed = find_packed(plan, step, shared);
      if (!packed) return OCT_OUT_OF_MEMORY;
      plan->packed[plan->step_count] = packed;
      plan->weight_bytes += packed->bytes;
    }
    plan->macs += step->macs;
    plan->step_count++;
  }
  return OCT_OK;
}

/// Lets outputs take the memory of inputs that die at the step, where the operator allows it.
static void reuse_in_place(oct_plan *plan, int32_t *last) {
  for (uint32_t s = 0; s < plan->step_count; s++) {
    const oct_step *step = &plan->steps[s];
    const oct_node *node = step->node;
    if (step->in_place < 0 || !oct_node_has(node, step->in_place)) continue;
    const oct_value_id in = node->inputs[step->in_place], out = node->outputs[0];
    const int32_t from = plan->storage[in];
    bool free = !plan->graph.values[from].data && last[from] == (int32_t)s + 1 && plan->storage[out] == out &&
                oct_tensor_bytes(&plan->tensors[in]) >= oct_tensor_bytes(&plan->tensors[out]);
    for (int32_t i = 0; i < node->input_count && free; i++)
      if (i != step->in_place && oct_node_has(node, i)) free = plan->storage[node->inputs[i]] != from;
    if (!free) continue;
    move_storage(plan, out, from, plan->offset[in]);
    last[from] = last[out];
  }
}

static oct_status plan_memory(oct_plan *plan) {
  const oct_graph *graph = &plan->graph;
  const int32_t values = graph->value_count, steps = (int32_t)plan->step_count, count = values + steps;
  oct_arena work = {0};
  int32_t *order = oct_arena_alloc(&work, (size_t)count * sizeof *order);
  int32_t *first = oct_arena_alloc(&work, (size_t)values * sizeof *first);
  int32_t *last = oct_arena_alloc(&work, (size_t)values * sizeof *last);
  plan->slots = oct_arena_alloc(&plan->arena, (size_t)count * sizeof(oct_slot));
  if (!order || !first || !last || !plan->slots) {
    oct_arena_free(&work);
    return OCT_OUT_OF_MEMORY;
  }
  for (int32_t v = 0; v < values; v++) first[v] = last[v] = -1;
  for (int32_t i = 0; i < graph->input_count; i++) first[graph->inputs[i]] = last[graph->inputs[i]] = 0;
  for (int32_t s = 0; s < steps; s++) {
    const oct_node *node = plan->steps[s].node;
    for (int32_t i = 0; i < node->input_count; i++)
      if (node->inputs[i] != OCT_NO_VALUE) last[plan->storage[node->inputs[i]]] = s + 1;
    for (int32_t i = 0; i < node->output_count; i++) {
      if (node->outputs[i] == OCT_NO_VALUE) continue;
      const int32_t at = plan->storage[node->outputs[i]];
      if (first[at] < 0) first[at] = s + 1;
      last[at] = s + 1;
    }
  }
  for (int32_t i = 0; i < graph->output_count; i++) last[plan->storage[graph->outputs[i]]] = steps + 1;
  for (int32_t i = 0; i < graph->external_count; i++) last[graph->externals[i].value] = steps + 1; // others need them
  reuse_in_place(plan, last);
  for (int32_t v = 0; v < values; v++) {
    if (plan->storage[v] != v || first[v] < 0 || graph->values[v].data) continue;
    plan->slots[v] = (oct_slot){.bytes = oct_tensor_bytes(&plan->tensors[v]), .first = first[v], .last = last[v]};
  }
  for (int32_t s = 0; s < steps; s++)
    plan->slots[values + s] = (oct_slot){.bytes = oct_part_scratch_bytes(&plan->steps[s]) * (size_t)plan->steps[s].parts,
                                         .first = s + 1, .last = s + 1};
  plan->activation_bytes = oct_plan_memory(plan->slots, count, order);
  oct_arena_free(&work);
  return OCT_OK;
}

/// Shapes, and elements where they are part of what is planned for: such an input is a constant of the plan.
static oct_status set_input(oct_graph *graph, oct_value *input, const oct_shape *shape, const void *elements) {
  input->shape = *shape;
  if (!elements) return OCT_OK;
  const size_t bytes = oct_shape_count(shape) * oct_dtype_bytes(input->dtype);
  void *copy = oct_arena_alloc(&graph->arena, bytes);
  if (!copy) return OCT_OUT_OF_MEMORY;
  if (bytes) memcpy(copy, elements, bytes);
  input->data = copy;
  return OCT_OK;
}

static oct_plan *new_plan(void) {
  oct_arena arena = {0};
  oct_plan *plan = oct_arena_alloc(&arena, sizeof *plan);
  if (plan) plan->arena = arena;
  return plan;
}

/// A model that keeps variables is not cut: they are written in the order of its nodes.
static oct_status optimize(oct_plan *plan, const oct_graph *source, const oct_shape *input_shapes,
                           const void *const *values) {
  oct_graph *graph = &plan->graph;
  OCT_TRY(oct_graph_clone(source, graph));
  for (int32_t i = 0; input_shapes && i < source->input_count; i++)
    OCT_TRY(set_input(graph, &graph->values[source->inputs[i]], &input_shapes[i], values ? values[i] : NULL));
  return oct_passes_plan(graph, source->external_count && !source->source ? NULL : &plan->rest);
}

/// Plans the optimized graph that a new plan holds. NULL on failure; the plan is gone then.
static oct_plan *plan_graph(oct_plan *plan, oct_packed **shared) {
  oct_status status = set_tensors(plan);
  if (status == OCT_OK) status = prepare_steps(plan, shared);
  if (status == OCT_OK) status = oct_bands_join(plan);
  for (uint32_t s = 0; status == OCT_OK && s < plan->step_count; s++) split_step(plan, &plan->steps[s]);
  if (status == OCT_OK) join_inputs(plan);
  if (status == OCT_OK) status = plan_memory(plan);
  if (status == OCT_OK) return plan;
  oct_plan_destroy(plan);
  return NULL;
}

oct_plan *oct_plan_create(const oct_graph *source, const oct_shape *input_shapes, const void *const *values,
                          oct_packed **shared) {
  oct_plan *plan = new_plan();
  if (!plan) return NULL;
  if (optimize(plan, source, input_shapes, values) == OCT_OK) return plan_graph(plan, shared);
  oct_plan_destroy(plan);
  return NULL;
}

static void bind_tensors(oct_plan *plan, void *activations, void *const *externals) {
  const oct_graph *graph = &plan->graph;
  for (int32_t v = 0; v < graph->value_count; v++) {
    const void *constant = graph->values[v].data;
    plan->tensors[v].data = constant ? (void *)constant : (char *)activations + plan->slots[v].offset;
  }
  for (int32_t i = 0; i < graph->external_count; i++) plan->tensors[graph->externals[i].value].data = externals[i];
  for (int32_t v = 0; v < graph->value_count; v++)
    plan->tensors[v].data = (char *)plan->tensors[plan->storage[v]].data + plan->offset[v];
}

oct_status oct_step_pack(const oct_step *step, oct_packed *packed) {
  void *block = oct_block_alloc(packed->bytes);
  if (!block) return OCT_OUT_OF_MEMORY;
  memset(block, 0, packed->bytes + OCT_SLACK_BYTES);
  step->pack(step, block);
  packed->block = block;
  return OCT_OK;
}

oct_status oct_plan_pack(oct_plan *plan) {
  for (uint32_t s = 0; s < oct_plan_all_steps(plan); s++)
    if (plan->packed[s] && !plan->packed[s]->block) OCT_TRY(oct_step_pack(&plan->steps[s], plan->packed[s]));
  for (const oct_body_plan *body = plan->bodies; body; body = body->next) OCT_TRY(oct_plan_pack(body->plan));
  return OCT_OK;
}

oct_status oct_plan_bind(oct_plan *plan, void *activations, void *const *externals) {
  const int32_t values = plan->graph.value_count;
  OCT_TRY(oct_plan_pack(plan));
  bind_tensors(plan, activations, externals);
  for (uint32_t s = 0; s < oct_plan_all_steps(plan); s++) {
    oct_step *step = &plan->steps[s];
    fill_step(plan, step);
    if (s < plan->step_count) step->scratch = (char *)activations + plan->slots[values + (int32_t)s].offset;
    if (plan->packed[s]) step->packed = plan->packed[s]->block;
  }
  for (const oct_body_plan *body = plan->bodies; body; body = body->next) OCT_TRY(bind_body(body));
  return OCT_OK;
}

void oct_plan_steps(const oct_plan *plan, uint32_t begin, uint32_t end) {
  for (uint32_t s = begin; s < end && s < plan->step_count; s++)
    oct_step_run(&plan->steps[s]);
}

size_t oct_plan_bytes(const oct_plan *plan) {
  size_t bytes = plan->arena.used_bytes + oct_graph_bytes(&plan->graph) + oct_graph_bytes(&plan->rest);
  for (const oct_body_plan *body = plan->bodies; body; body = body->next) bytes += oct_plan_bytes(body->plan);
  return bytes;
}

void oct_plan_destroy(oct_plan *plan) {
  if (!plan) return;
  oct_plan_destroy(plan->next);
  for (oct_body_plan *body = plan->bodies; body; body = body->next) oct_plan_destroy(body->plan);
  oct_packed_free(plan->own_packed);
  oct_graph_free(&plan->rest);
  oct_graph_free(&plan->graph);
  oct_arena arena = plan->arena; // the plan lives in its own arena
  oct_arena_free(&arena);
}
