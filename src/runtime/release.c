// SPDX-License-Identifier: MIT
//
// What a model no longer needs: see release.h.
#include "runtime/release.h"

#include <string.h>

/// Constants of this size are copied out of a file that may go, so that they do not hold it.
enum { SMALL_BYTES = 65536 };

static const uint64_t nothing; // what a constant points to when its bytes are gone

typedef struct pointers {
  const void **at;
  size_t count;
} pointers;

static bool has_one_plan(const oct_session *session) {
  const oct_graph *graph = &session->graph;
  for (int32_t i = 0; i < graph->input_count; i++)
    if (session->values[i].needed || !oct_shape_is_static(&graph->values[graph->inputs[i]].shape)) return false;
  return true;
}

static bool in_file(const oct_session_file *file, const void *pointer) {
  return file->bytes && (uintptr_t)pointer - (uintptr_t)file->bytes < file->byte_count;
}

static size_t bytes_of(const oct_value *value) { return oct_shape_count(&value->shape) * oct_dtype_bytes(value->dtype); }

/// Copies the constants in the file that have at most `most` bytes; says how many bytes the others have.
static oct_status leave_file(oct_graph *graph, const oct_session_file *file, size_t most, size_t *left) {
  *left = 0;
  for (int32_t v = 0; v < graph->value_count; v++) {
    oct_value *value = &graph->values[v];
    if (!in_file(file, value->data)) continue;
    const size_t bytes = bytes_of(value);
    if (bytes > most) {
      *left += bytes;
      continue;
    }
    void *copy = oct_arena_alloc(&graph->arena, bytes);
    if (!copy) return OCT_OUT_OF_MEMORY;
    value->data = bytes ? memcpy(copy, value->data, bytes) : copy;
  }
  return OCT_OK;
}

static void free_file(oct_session_file *file) {
  oct_block_free(file->bytes);
  *file = (oct_session_file){0};
}

oct_status oct_release_model(oct_session *session) {
  oct_graph *graph = &session->graph;
  if (graph->owned || graph->external_count) return OCT_OK;
  for (size_t f = 0; f < session->file_count; f++) {
    oct_session_file *file = &session->files[f];
    size_t left;
    OCT_TRY(leave_file(graph, file, has_one_plan(session) ? SMALL_BYTES : 0, &left));
    if (left > file->byte_count / 2) continue;
    OCT_TRY(leave_file(graph, file, SIZE_MAX, &left));
    free_file(file);
  }
  return OCT_OK;
}

static void add(pointers *list, const void *pointer) {
  if (pointer) list->at[list->count++] = pointer;
}

static void add_quants(pointers *list, const oct_graph *graph) {
  for (int32_t v = 0; v < graph->value_count; v++) {
    const oct_quant *quant = graph->values[v].quant;
    if (!quant) continue;
    add(list, quant->scale);
    add(list, quant->zero_point);
  }
}

/// Marks the constants that the steps or the caller read, and the values whose memory they use.
static void mark_read(const oct_plan *plan, bool *read) {
  for (uint32_t s = 0; s < plan->step_count; s++) {
    const oct_node *node = plan->steps[s].node;
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i) && !(plan->packed[s] && i == plan->steps[s].packed_input))
        read[node->inputs[i]] = read[plan->storage[node->inputs[i]]] = true;
  }
  for (int32_t i = 0; i < plan->graph.output_count; i++)
    read[plan->graph.outputs[i]] = read[plan->storage[plan->graph.outputs[i]]] = true;
}

/// Marks what runs read that plan the rest.
static void mark_rest(const oct_graph *rest, bool *read) {
  for (int32_t n = 0; n < rest->node_count; n++)
    for (int32_t i = 0; i < rest->nodes[n].input_count; i++)
      if (oct_node_has(&rest->nodes[n], i)) read[rest->nodes[n].inputs[i]] = true;
  for (int32_t i = 0; i < rest->output_count; i++) read[rest->outputs[i]] = true;
}

/// Forgets the constants that are not read.
static void forget(oct_graph *graph, const bool *read) {
  for (int32_t v = 0; v < graph->value_count; v++)
    if (graph->values[v].data && !read[v]) graph->values[v].data = &nothing;
}

/// `later`: what the rest reads. The model's own graph keeps that, too, by which it is known for the model's.
static void release(oct_session *session, oct_plan *plan, const bool *read, const bool *later, pointers *dead,
                    pointers *live) {
  struct {
    oct_graph *graph;
    const bool *read;
  } all[] = {{&session->graph, later}, {&plan->rest, later}, {&plan->graph, read}};
  for (int g = 0; g < 3; g++) {
    add_quants(live, all[g].graph);
    for (int32_t v = 0; v < all[g].graph->value_count; v++)
      add(all[g].read[v] ? live : dead, all[g].graph->values[v].data);
  }
  for (int g = 0; g < 3; g++) {
    oct_arena_sweep(&all[g].graph->arena, dead->at, dead->count, live->at, live->count);
    forget(all[g].graph, all[g].read);
  }
  for (size_t f = 0; f < session->file_count; f++) {
    bool is_read = false;
    for (size_t i = 0; i < live->count; i++) is_read |= in_file(&session->files[f], live->at[i]);
    if (!is_read) free_file(&session->files[f]);
  }
}

oct_status oct_release_weights(oct_session *session, oct_plan *plan) {
  if (session->graph.owned || session->graph.external_count || !has_one_plan(session)) return OCT_OK;
  oct_arena work = {0};
  const size_t most = (size_t)plan->graph.value_count, values = 3 * most; // the other graphs have no more
  bool *read = oct_arena_alloc(&work, most), *later = oct_arena_alloc(&work, most);
  pointers dead = {oct_arena_alloc(&work, values * sizeof(void *)), 0};
  pointers live = {oct_arena_alloc(&work, 3 * values * sizeof(void *)), 0};
  const bool granted = read && later && dead.at && live.at;
  if (granted) {
    mark_read(plan, read);
    mark_rest(&plan->rest, later);
    release(session, plan, read, later, &dead, &live);
  }
  oct_arena_free(&work);
  return granted ? OCT_OK : OCT_OUT_OF_MEMORY;
}
