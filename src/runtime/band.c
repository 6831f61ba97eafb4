// SPDX-License-Identifier: MIT
//
// Bands of rows: see band.h.
#include "runtime/band.h"

#include <string.h>

enum {
  MOST_STEPS = 8,
  LARGE_BYTES = 128 << 10, // a tensor of which there is something to be saved
  KEPT_BYTES = 192 << 10,  // what a band may keep of all its tensors, for the second cache
  WEIGHT_BYTES = 96 << 10, // of a step, read anew for each band
  FEWEST_ROWS = 8,         // of a part, which makes one to three rows of each tensor anew
};

typedef struct band {
  const oct_step *steps;
  int32_t count;
  int32_t height; // rows of the last step's output that are made at a time
  // Of each step's output but the last one's: rows kept, and where in a part's scratch.
  int32_t kept[MOST_STEPS];
  size_t at[MOST_STEPS];
  size_t scratch_at; // of the steps, one after the other
} band;

static int32_t height_of(const oct_tensor *image) { return image->shape.dim[1]; }

static size_t row_bytes(const oct_tensor *image) {
  return oct_shape_span(&image->shape, 2, 4) * oct_dtype_bytes(image->dtype);
}

static int32_t clip(int64_t row, int32_t height) { return row < 0 ? 0 : row < height ? (int32_t)row : height; }

/// The first input row that output rows from `begin` on read, and the one after the last that those up to `end` read.
static int32_t first_read(const oct_step *step, int32_t begin) {
  return clip((int64_t)begin * step->reach.stride - step->reach.before, height_of(&step->inputs[0]));
}
static int32_t end_read(const oct_step *step, int32_t end) {
  const oct_row_reach *reach = &step->reach;
  return clip(((int64_t)end - 1) * reach->stride - reach->before + reach->count, height_of(&step->inputs[0]));
}

// --- running --------------------------------------------------------------------------------------------------------

/// Rows [begin, end) of one image's output.
static void run_image(const band *band, const uint8_t *in, uint8_t *out, uint8_t *scratch, int32_t begin, int32_t end) {
  int32_t made[MOST_STEPS], wanted[MOST_STEPS]; // of each step's output, up to which row
  for (int32_t i = band->count - 1, row = begin; i >= 0; i--) {
    made[i] = row;
    row = first_read(&band->steps[i], row);
  }
  while (made[band->count - 1] < end) {
    const int32_t next = made[band->count - 1] + band->height;
    for (int32_t i = band->count - 1, row = next < end ? next : end; i >= 0; i--) {
      wanted[i] = row;
      row = end_read(&band->steps[i], row);
    }
    for (int32_t i = 0; i < band->count; i++) {
      const oct_step *step = &band->steps[i];
      const bool is_first = i == 0, is_last = i == band->count - 1;
      if (wanted[i] <= made[i]) continue;
      step->run_rows(step, &(oct_rows){.in = is_first ? in : scratch + band->at[i - 1],
                                       .in_kept = is_first ? height_of(&step->inputs[0]) : band->kept[i - 1],
                                       .out = is_last ? out : scratch + band->at[i],
                                       .out_kept = is_last ? height_of(&step->outputs[0]) : band->kept[i],
                                       .begin = made[i], .end = wanted[i], .scratch = scratch + band->scratch_at});
      made[i] = wanted[i];
    }
  }
}

static void run_band(const oct_step *step, oct_part part) {
  const oct_tensor *x = &step->inputs[0], *y = &step->outputs[0];
  const size_t in_bytes = row_bytes(x) * height_of(x), out_bytes = row_bytes(y) * height_of(y);
  const size_t height = (size_t)height_of(y);
  for (int32_t image = 0; image < y->shape.dim[0]; image++)
    run_image(step->state, (const uint8_t *)x->data + image * in_bytes, (uint8_t *)y->data + image * out_bytes,
              oct_part_scratch(step, part), (int32_t)oct_part_begin(part, height), (int32_t)oct_part_end(part, height));
}

const oct_step *oct_band_steps(const oct_step *step, int32_t *count) {
  if (step->run_part != run_band) return NULL;
  const band *band = step->state;
  *count = band->count;
  return band->steps;
}

// --- choosing -------------------------------------------------------------------------------------------------------

/// How often each value is read, by the caller, too.
static uint8_t *count_readers(const oct_graph *graph, oct_arena *work) {
  uint8_t *readers = oct_arena_alloc(work, (size_t)graph->value_count + 1);
  for (int32_t n = 0; readers && n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i) && readers[node->inputs[i]] < 2) readers[node->inputs[i]]++;
  }
  for (int32_t i = 0; readers && i < graph->output_count; i++) readers[graph->outputs[i]] = 2;
  return readers;
}

/// Whether a step makes a large image that only the next one reads, row by row.
static bool leads_to(const oct_step *step, const oct_step *next, const uint8_t *readers) {
  const oct_value_id image = step->node->outputs[0];
  const int32_t parts = oct_parallel_parts(1e9); // all that there may be
  return step->run_rows && next->run_rows && !next->reads_image && next->node->inputs[0] == image &&
         readers[image] == 1 && oct_tensor_bytes(&step->outputs[0]) >= LARGE_BYTES &&
         step->packed_bytes <= WEIGHT_BYTES && next->packed_bytes <= WEIGHT_BYTES &&
         height_of(&next->outputs[0]) >= FEWEST_ROWS * parts;
}

/// Lays the kept rows and the scratch out for bands of `height` rows; false if that is too much to keep.
static bool lay_out(band *band, int32_t height) {
  size_t at = 0;
  int32_t rows = band->height = height;
  for (int32_t i = band->count - 1; i > 0 && at <= KEPT_BYTES; i--) {
    const oct_step *step = &band->steps[i];
    rows = clip((rows - 1) * (int64_t)step->reach.stride + step->reach.count, height_of(&step->inputs[0]));
    band->kept[i - 1] = rows;
    band->at[i - 1] = at;
    at += oct_align(rows * row_bytes(&step->inputs[0]) + OCT_SLACK_BYTES);
  }
  band->scratch_at = at;
  return at <= KEPT_BYTES;
}

/// As many rows at a time as may be kept; false if not even one.
static bool find_height(band *band) {
  for (int32_t height = 8; height > 0; height /= 2)
    if (lay_out(band, height)) return true;
  return false;
}

/// The longest band that begins with the first of `count` steps: of one step if there is none.
static int32_t longest(const oct_step *steps, int32_t count, const uint8_t *readers) {
  band band = {.steps = steps, .count = 1};
  while (band.count < count && band.count < MOST_STEPS &&
         leads_to(&steps[band.count - 1], &steps[band.count], readers)) {
    band.count++;
    if (!find_height(&band)) return band.count - 1;
  }
  return band.count;
}

// --- joining --------------------------------------------------------------------------------------------------------

/// One step in the place of `count`, which have been moved to `steps`.
static oct_status make_step(oct_plan *plan, oct_step *steps, int32_t count, oct_step *joined) {
  const oct_step *last = &steps[count - 1];
  band *state = oct_arena_alloc(&plan->arena, sizeof *state);
  oct_node *node = oct_arena_alloc(&plan->arena, sizeof *node);
  if (!state || !node) return OCT_OUT_OF_MEMORY;
  *state = (band){.steps = steps, .count = count};
  find_height(state);
  *node = *last->node;
  node->inputs = steps[0].node->inputs;
  node->input_count = 1;
  node->type = "bands";
  *joined = (oct_step){.run_part = run_band, .parts = 1, .node = node, .inputs = steps[0].inputs,
                       .outputs = last->outputs, .state = state, .in_place = -1};
  for (int32_t i = 0; i < count; i++) {
    joined->macs += steps[i].macs;
    if (joined->scratch_bytes < steps[i].scratch_bytes) joined->scratch_bytes = steps[i].scratch_bytes;
  }
  joined->scratch_bytes += state->scratch_at;
  return OCT_OK;
}

static oct_status join(oct_plan *plan, oct_arena *work) {
  const oct_step *old = plan->steps;
  const int32_t count = (int32_t)plan->step_count;
  const uint8_t *readers = count_readers(&plan->graph, work);
  int32_t *length = oct_arena_alloc(work, (size_t)(count + 1) * sizeof *length); // of the band that begins with a step
  if (!readers || !length) return OCT_OUT_OF_MEMORY;
  uint32_t joined = 0, inner = 0;
  for (int32_t s = 0; s < count; s += length[s]) {
    length[s] = longest(&old[s], count - s, readers);
    joined++;
    if (length[s] > 1) inner += (uint32_t)length[s];
  }
  if (!inner) return OCT_OK;
  oct_step *steps = oct_arena_alloc(&plan->arena, (joined + inner) * sizeof *steps);
  oct_packed **packed = oct_arena_alloc(&plan->arena, (joined + inner) * sizeof *packed);
  if (!steps || !packed) return OCT_OUT_OF_MEMORY;
  uint32_t at = 0, end = joined;
  for (int32_t s = 0; s < count; s += length[s], at++) {
    const uint32_t to = length[s] > 1 ? end : at;
    memcpy(&steps[to], &old[s], (size_t)length[s] * sizeof *steps);
    memcpy(&packed[to], &plan->packed[s], (size_t)length[s] * sizeof *packed);
    if (length[s] == 1) continue;
    OCT_TRY(make_step(plan, &steps[to], length[s], &steps[at]));
    end += (uint32_t)length[s];
  }
  plan->steps = steps;
  plan->packed = packed;
  plan->step_count = joined;
  plan->inner_count = inner;
  return OCT_OK;
}

oct_status oct_bands_join(oct_plan *plan) {
  if (plan->bodies) return OCT_OK; // which know their steps by where they are
  oct_arena work = {0};
  const oct_status status = join(plan, &work);
  oct_arena_free(&work);
  return status;
}
