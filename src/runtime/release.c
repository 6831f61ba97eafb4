// SPDX-License-Identifier: MIT
//
// What a model no longer needs: see release.h.
#include "runtime/release.h"

#include <stdlib.h>
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

/// Bytes of the constants in the file.
static size_t held_bytes(const oct_graph *graph, const oct_session_file *file) {
  size_t held = 0;
  for (int32_t v = 0; v < graph->value_count; v++)
    if (in_file(file, graph->values[v].data)) held += bytes_of(&graph->values[v]);
  return held;
}

/// Copies a constant out of the file.
static oct_status leave_file(oct_graph *graph, const oct_session_file *file, oct_value *value) {
  if (!in_file(file, value->data)) return OCT_OK;
  const size_t bytes = bytes_of(value);
  void *copy = oct_arena_alloc(&graph->arena, bytes);
  if (!copy) return OCT_OUT_OF_MEMORY;
  value->data = bytes ? memcpy(copy, value->data, bytes) : copy;
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
    if (held_bytes(graph, file) > file->byte_count / 2) continue;
    for (int32_t v = 0; v < graph->value_count; v++) OCT_TRY(leave_file(graph, file, &graph->values[v]));
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
  for (uint32_t s = 0; s < oct_plan_all_steps(plan); s++) {
    const oct_node *node = plan->steps[s].node;
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i) && !(plan->packed[s] && oct_step_packs(&plan->steps[s], i)))
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

/// The graphs that constants are known in, and which of them are read once the weights are packed. The model's own
/// graph keeps what the rest reads, too, by which it is known for the model's.
typedef struct readers {
  struct {
    oct_graph *graph;
    const bool *read; // per value
  } of[3];
  size_t values; // of all
} readers;

static oct_status find_readers(oct_session *session, oct_plan *plan, oct_arena *work, readers *all) {
  const size_t most = (size_t)plan->graph.value_count; // the other graphs have no more
  bool *read = oct_arena_alloc(work, most), *later = oct_arena_alloc(work, most);
  if (!read || !later) return OCT_OUT_OF_MEMORY;
  mark_read(plan, read);
  mark_rest(&plan->rest, later);
  *all = (readers){{{&session->graph, later}, {&plan->rest, later}, {&plan->graph, read}}, 3 * most};
  return OCT_OK;
}

/// Copies the small constants that are read, for all graphs at once.
static oct_status leave_files(oct_session *session, const readers *all) {
  for (int g = 0; g < 3; g++) {
    const oct_graph *graph = all->of[g].graph;
    for (int32_t v = 0; v < graph->value_count; v++) {
      const void *data = graph->values[v].data;
      if (!all->of[g].read[v] || bytes_of(&graph->values[v]) > SMALL_BYTES) continue;
      for (size_t f = 0; f < session->file_count; f++)
        OCT_TRY(leave_file(&session->graph, &session->files[f], &graph->values[v]));
      for (int other = 0; other < 3; other++)
        if (v < all->of[other].graph->value_count && all->of[other].graph->values[v].data == data)
          all->of[other].graph->values[v].data = graph->values[v].data;
    }
  }
  return OCT_OK;
}

// --- packing over the file -------------------------------------------------------------------------------------------

/// A constant in a file: the weights of a step, or, without one, what stays where it is. Positions count from the
/// file's start, or from its end backwards.
typedef struct place {
  size_t begin, end;
  const oct_step *step;
  oct_packed *packed;
  bool fits; // packed, it stays in the file
  size_t at; // and begins there
} place;

typedef struct places {
  oct_session_file *file;
  bool backwards;
  place *at; // in order
  size_t count;
} places;

static void add_place(places *list, const void *data, size_t bytes, const oct_step *step, oct_packed *packed) {
  if (!in_file(list->file, data)) return;
  const size_t begin = (size_t)((const char *)data - (const char *)list->file->bytes);
  list->at[list->count++] = (place){begin, begin + bytes, step, packed, step != NULL, 0};
}

static int by_begin(const void *a, const void *b) {
  const size_t left = ((const place *)a)->begin, right = ((const place *)b)->begin;
  return (left > right) - (left < right);
}

static void find_places(places *list, const oct_plan *plan, const readers *all) {
  for (int g = 0; g < 3; g++) {
    const oct_graph *graph = all->of[g].graph;
    for (int32_t v = 0; v < graph->value_count; v++) {
      const oct_value *value = &graph->values[v];
      if (all->of[g].read[v]) add_place(list, value->data, bytes_of(value), NULL, NULL);
      if (!value->quant) continue;
      add_place(list, value->quant->scale, (size_t)value->quant->count * sizeof(float), NULL, NULL);
      add_place(list, value->quant->zero_point, (size_t)value->quant->count * sizeof(int32_t), NULL, NULL);
    }
  }
  for (uint32_t s = 0; s < oct_plan_all_steps(plan); s++) {
    const oct_step *step = &plan->steps[s];
    const oct_tensor *weights = &step->inputs[step->packed_input];
    oct_packed *packed = plan->packed[s];
    if (!packed) continue;
    if (packed->block) add_place(list, packed->block, packed->bytes, NULL, NULL); // by an attempt that failed later
    else add_place(list, weights->data, oct_tensor_bytes(weights), step, packed);
  }
  qsort(list->at, list->count, sizeof *list->at, by_begin);
}

static size_t end_of_file(const places *list) { return oct_align(list->file->byte_count); }

/// The same places, seen from the other end.
static void turn_round(const places *list, places *turned) {
  turned->backwards = true;
  for (size_t i = list->count; i-- > 0;) {
    place *copy = &turned->at[turned->count++];
    *copy = list->at[i];
    copy->begin = end_of_file(list) - list->at[i].end;
    copy->end = end_of_file(list) - list->at[i].begin;
  }
}

static size_t room_for(const place *place) { return oct_align(place->packed->bytes); }

/// Where the first block may begin: a last one that ended in the file's slack would have none of its own.
static size_t first_position(const places *list) {
  const size_t bytes = list->file->byte_count;
  return list->backwards ? end_of_file(list) - bytes / OCT_ALIGN_BYTES * OCT_ALIGN_BYTES : 0;
}

/// Chooses which packed weights are to be in the file, and returns the bytes of the others. Packed ones are a little
/// larger, so now and then what is still to be packed is in the way: then the smallest block goes elsewhere that makes
/// the others fit, as in scheduling with deadlines.
static size_t choose_places(const places *list) {
  place *all = list->at;
  const size_t last = list->backwards ? end_of_file(list) : list->file->byte_count;
  size_t at = first_position(list), elsewhere = 0;
  for (size_t i = 0, first = 0; i < list->count; i++) {
    if (!all[i].step) {
      if (all[i].end > at) at = oct_align(all[i].end), first = i + 1;
      continue;
    }
    const size_t limit = i + 1 < list->count ? all[i + 1].begin : last;
    at += room_for(&all[i]);
    if (at <= limit) continue;
    size_t out = i;
    for (size_t j = first; j < i; j++)
      if (all[j].fits && room_for(&all[j]) >= at - limit && room_for(&all[j]) < room_for(&all[out])) out = j;
    all[out].fits = false;
    at -= room_for(&all[out]);
    elsewhere += all[out].packed->bytes;
  }
  return elsewhere;
}

/// Pieces that the weights are packed in.
static int32_t panels_of(const place *place) { return place->step->pack_panel ? place->step->panels : 1; }

static size_t panel_bytes(const place *place) { return place->packed->bytes / (size_t)panels_of(place); }

/// Bytes that may be written over, from the place's begin on, when so many panels have been packed.
static size_t free_bytes(const place *place, int32_t panels) {
  const size_t weights = place->end - place->begin;
  if (panels == panels_of(place)) return SIZE_MAX / 2; // all that the next place leaves
  return panels ? (size_t)((uint64_t)weights * (uint64_t)(panels - 1) / (uint64_t)panels_of(place)) : 0;
}

/// Says where the chosen ones begin, and returns the bytes that packing needs beside the file: panels wait there until
/// what they are to be written over has been packed itself.
static size_t set_positions(const places *list) {
  size_t at = first_position(list), most = 0;
  for (size_t i = 0; i < list->count; i++) {
    place *place = &list->at[i];
    if (!place->step && place->end > at) at = oct_align(place->end);
    if (!place->step || !place->fits) continue;
    const size_t bytes = place->packed->bytes, panel = panel_bytes(place), weights = place->end - place->begin;
    place->at = list->backwards ? at + room_for(place) - bytes : at;
    const size_t ahead = place->at > place->begin ? place->at - place->begin : 0;
    const size_t grown = bytes > weights ? bytes - weights : 0;
    const size_t waiting = ahead + grown + 6 * panel;
    at += room_for(place);
    if (most < (waiting < bytes ? waiting : bytes)) most = waiting < bytes ? waiting : bytes;
  }
  return most;
}

/// Packs panel by panel into `block`, a ring of them, from where each goes into the file as soon as there is room.
static void pack_at(const places *list, const place *from, char *block, size_t block_bytes) {
  const oct_step *step = from->step;
  const size_t panel = panel_bytes(from);
  const int32_t count = panels_of(from);
  const int32_t slots = block_bytes / panel < (size_t)count ? (int32_t)(block_bytes / panel) : count;
  char *file = list->file->bytes, *end = file + end_of_file(list);
  for (int32_t packed = 0, placed = 0; placed < count;) {
    for (; packed < count && packed - placed < slots; packed++) {
      char *slot = block + packed % slots * panel;
      memset(slot, 0, panel);
      if (step->pack_panel) step->pack_panel(step, list->backwards ? count - 1 - packed : packed, slot);
      else step->pack(step, slot);
    }
    for (; placed < packed && from->at + (placed + 1) * panel <= from->begin + free_bytes(from, packed); placed++) {
      const size_t at = from->at + placed * panel;
      memcpy(list->backwards ? end - at - panel : file + at, block + placed % slots * panel, panel);
    }
  }
  from->packed->block = list->backwards ? end - from->at - from->packed->bytes : file + from->at;
  from->packed->in_file = true;
  list->file->packed_bytes += from->packed->bytes;
}

static oct_status pack_over(const places *list, void *block, size_t block_bytes) {
  for (size_t i = 0; i < list->count; i++) {
    const place *place = &list->at[i];
    if (!place->step || place->packed->block) continue; // it may have been another step's, too
    if (place->fits) pack_at(list, place, block, block_bytes);
    else OCT_TRY(oct_step_pack(place->step, place->packed));
  }
  return OCT_OK;
}

static oct_status pack_in_file(oct_session *session, oct_session_file *file, oct_plan *plan, const readers *all,
                               oct_arena *work) {
  places ways[2] = {{.file = file}, {.file = file}};
  for (int way = 0; way < 2; way++) {
    ways[way].at = oct_arena_alloc(work, (3 * all->values + oct_plan_all_steps(plan)) * sizeof(place));
    if (!ways[way].at) return OCT_OUT_OF_MEMORY;
  }
  find_places(&ways[0], plan, all);
  turn_round(&ways[0], &ways[1]);
  const size_t elsewhere = choose_places(&ways[0]);
  const places *best = &ways[choose_places(&ways[1]) < elsewhere];
  const size_t needed = set_positions(best);
  if (needed && plan->activation_bytes >= needed) { // which are there for the taking
    OCT_TRY(oct_session_reserve(session, plan->activation_bytes));
    return pack_over(best, session->activations, plan->activation_bytes);
  }
  void *block = oct_block_alloc(needed);
  const oct_status status = block ? pack_over(best, block, needed) : OCT_OUT_OF_MEMORY;
  oct_block_free(block);
  return status;
}

// --------------------------------------------------------------------------------------------------------------------

static oct_status release(oct_session *session, const readers *all, oct_arena *work) {
  pointers dead = {oct_arena_alloc(work, all->values * sizeof(void *)), 0};
  pointers live = {oct_arena_alloc(work, 3 * all->values * sizeof(void *)), 0};
  if (!dead.at || !live.at) return OCT_OUT_OF_MEMORY;
  for (int g = 0; g < 3; g++) {
    add_quants(&live, all->of[g].graph);
    for (int32_t v = 0; v < all->of[g].graph->value_count; v++)
      add(all->of[g].read[v] ? &live : &dead, all->of[g].graph->values[v].data);
  }
  for (int g = 0; g < 3; g++) {
    oct_arena_sweep(&all->of[g].graph->arena, dead.at, dead.count, live.at, live.count);
    forget(all->of[g].graph, all->of[g].read);
  }
  for (size_t f = 0; f < session->file_count; f++) {
    bool is_read = session->files[f].packed_bytes > 0;
    for (size_t i = 0; i < live.count; i++) is_read |= in_file(&session->files[f], live.at[i]);
    if (!is_read) free_file(&session->files[f]);
  }
  return OCT_OK;
}

oct_status oct_release_pack(oct_session *session, oct_plan *plan) {
  if (session->graph.owned || session->graph.external_count || !has_one_plan(session)) return oct_plan_pack(plan);
  oct_arena work = {0};
  readers all;
  oct_status status = find_readers(session, plan, &work, &all);
  if (status == OCT_OK) status = leave_files(session, &all);
  for (size_t f = 0; status == OCT_OK && f < session->file_count; f++)
    status = pack_in_file(session, &session->files[f], plan, &all, &work);
  if (status == OCT_OK) status = oct_plan_pack(plan);
  if (status == OCT_OK) status = release(session, &all, &work);
  oct_arena_free(&work);
  return status;
}
