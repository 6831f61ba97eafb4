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
  PASSED_BYTES = 1 << 20,  // the same where a band is all that a tile of pixels wants anyway
  FEWEST_ROWS = 8,         // of a part, which makes one to three rows of each tensor anew
  FEWEST_PIXEL_ROWS = 3,   // of a part that makes none anew
};

typedef struct band {
  const oct_step *steps;
  int32_t count;
  int32_t height; // rows of the last step's output that are made at a time
  int32_t moving[MOST_STEPS]; // which input of each step the one before makes; of the first one, -1
  oct_value_id replaced;      // what the output may take the memory of, or none
  bool apart;                 // then the last step reads `replaced`, and nothing before it may write there
  // Of each step's output: rows kept, and where in a part's scratch. Pointwise steps work in place; in the end, in the
  // band's output, whose rows are all kept.
  int32_t kept[MOST_STEPS];
  size_t at[MOST_STEPS];
  int32_t in_output; // the first step whose output is a part of the band's
  size_t scratch_at; // of the steps, one after the other
} band;

/// Rows of an image, and of what broadcasts to one.
static int32_t height_of(const oct_tensor *image) {
  const oct_shape *shape = &image->shape;
  return shape->rank > 2 ? shape->dim[shape->rank - 3] : 1;
}

static size_t row_bytes(const oct_tensor *image) {
  const oct_shape *shape = &image->shape;
  return oct_shape_span(shape, shape->rank > 2 ? shape->rank - 2 : 0, shape->rank) * oct_dtype_bytes(image->dtype);
}

static bool is_pointwise(const oct_step *step) { return step->run_pixels != NULL; }

static oct_row_reach reach_of(const oct_step *step) {
  return is_pointwise(step) ? (oct_row_reach){1, 0, 1} : step->reach;
}

/// Of the input that rows are made of.
static int32_t input_height(const oct_step *step) {
  return height_of(is_pointwise(step) ? &step->outputs[0] : &step->inputs[0]);
}

static int32_t clip(int64_t row, int32_t height) { return row < 0 ? 0 : row < height ? (int32_t)row : height; }

/// The first input row that output rows from `begin` on read, and the one after the last that those up to `end` read.
static int32_t first_read(const oct_step *step, int32_t begin) {
  const oct_row_reach reach = reach_of(step);
  return clip((int64_t)begin * reach.stride - reach.before, input_height(step));
}
static int32_t end_read(const oct_step *step, int32_t end) {
  const oct_row_reach reach = reach_of(step);
  return clip(((int64_t)end - 1) * reach.stride - reach.before + reach.count, input_height(step));
}

// --- running --------------------------------------------------------------------------------------------------------

/// The first byte of an image's row; of what broadcasts, of the row that stands for it.
static const uint8_t *row_at(const oct_tensor *tensor, int32_t image, int32_t row) {
  const int32_t height = height_of(tensor);
  const bool all_images = tensor->shape.rank > 3 && tensor->shape.dim[0] > 1;
  const size_t rows = (all_images ? (size_t)image * (size_t)height : 0) + (size_t)(height > 1 ? row : 0);
  return (const uint8_t *)tensor->data + rows * row_bytes(tensor);
}

/// Rows of a pointwise step.
static void run_pointwise(const oct_step *step, const oct_rows *rows, int32_t moving, int32_t image) {
  const oct_tensor *y = &step->outputs[0];
  const size_t bytes = row_bytes(y);
  for (int32_t begin = rows->begin, end; begin < rows->end; begin = end) {
    const int32_t from = begin % rows->in_kept, to = begin % rows->out_kept;
    const int32_t left = rows->in_kept - from < rows->out_kept - to ? rows->in_kept - from : rows->out_kept - to;
    end = rows->end - begin < left ? rows->end : begin + left;
    const void *in[2];
    for (int32_t i = 0; i < 2 && i < step->node->input_count; i++)
      in[i] = i == moving ? rows->in + from * bytes : row_at(&step->inputs[i], image, begin);
    step->run_pixels(step, in, rows->out + to * bytes, (size_t)(end - begin) * (size_t)y->shape.dim[2]);
  }
}

/// Rows [begin, end) of one image's output.
static void run_image(const band *band, const uint8_t *in, uint8_t *out, uint8_t *scratch, int32_t image, int32_t begin,
                      int32_t end) {
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
      if (wanted[i] <= made[i]) continue;
      const oct_rows rows = {.in = i == 0 ? in : i - 1 < band->in_output ? scratch + band->at[i - 1] : out,
                             .in_kept = i == 0 ? input_height(step) : band->kept[i - 1],
                             .out = i < band->in_output ? scratch + band->at[i] : out, .out_kept = band->kept[i],
                             .begin = made[i], .end = wanted[i], .scratch = scratch + band->scratch_at};
      if (is_pointwise(step)) run_pointwise(step, &rows, band->moving[i], image);
      else step->run_rows(step, &rows);
      made[i] = wanted[i];
    }
  }
}

static void run_band(const oct_step *step, oct_part part) {
  const band *band = step->state;
  const oct_tensor *x = &band->steps[0].inputs[0], *y = &step->outputs[0];
  const size_t height = (size_t)height_of(y), out_bytes = row_bytes(y) * height;
  for (int32_t image = 0; image < y->shape.dim[0]; image++)
    run_image(band, row_at(x, image, 0), (uint8_t *)y->data + image * out_bytes, oct_part_scratch(step, part), image,
              (int32_t)oct_part_begin(part, height), (int32_t)oct_part_end(part, height));
}

const oct_step *oct_band_steps(const oct_step *step, int32_t *count) {
  if (step->run_part != run_band) return NULL;
  const band *band = step->state;
  *count = band->count;
  return band->steps;
}

// --- choosing -------------------------------------------------------------------------------------------------------

/// Who reads each value.
typedef struct readers {
  const oct_step *steps; // of the plan
  const int32_t *count;  // the caller is one
  int32_t *last;         // which step
} readers;

static oct_status find_readers(const oct_plan *plan, oct_arena *work, readers *found) {
  const oct_graph *graph = &plan->graph;
  oct_uses uses;
  OCT_TRY(oct_graph_uses(graph, work, &uses));
  *found = (readers){plan->steps, uses.consumer_count,
                     oct_arena_alloc(work, (size_t)graph->value_count * sizeof *found->last)};
  if (!found->last) return OCT_OUT_OF_MEMORY;
  for (int32_t s = 0; s < (int32_t)plan->step_count; s++) {
    const oct_node *node = plan->steps[s].node;
    for (int32_t i = 0; i < node->input_count; i++)
      if (oct_node_has(node, i)) found->last[node->inputs[i]] = s;
  }
  for (int32_t i = 0; i < graph->output_count; i++) found->last[graph->outputs[i]] = INT32_MAX;
  return OCT_OK;
}

/// Whether the band's last step makes an image that only `next` reads, row by row; says which of its inputs that is. A
/// large one, where some rows would be made anew.
static bool leads_to(const band *band, const oct_step *next, const readers *readers, int32_t *moving) {
  const oct_step *step = &band->steps[band->count - 1];
  const oct_tensor *made = &step->outputs[0], *out = &next->outputs[0];
  const oct_value_id image = step->node->outputs[0];
  const int32_t parts = oct_parallel_parts(1e9); // all that there may be
  if ((!step->run_rows && !is_pointwise(step)) || readers->count[image] != 1 || made->shape.rank != 4) return false;
  size_t weights = next->packed_bytes;
  for (int32_t i = 0; i < band->count; i++)
    if (weights < band->steps[i].packed_bytes) weights = band->steps[i].packed_bytes;
  *moving = 0;
  if (is_pointwise(next)) {
    while (next->node->inputs[*moving] != image) if (++*moving == next->node->input_count) return false;
    return oct_shape_equal(&made->shape, &out->shape) && made->dtype == out->dtype && weights <= PASSED_BYTES &&
           height_of(out) >= FEWEST_PIXEL_ROWS * parts;
  }
  return next->run_rows && !next->reads_image && next->node->inputs[0] == image && weights <= WEIGHT_BYTES &&
         oct_tensor_bytes(made) >= LARGE_BYTES && height_of(out) >= FEWEST_ROWS * parts;
}

/// What reads `value` of the band's steps.
static int32_t count_uses(const band *band, oct_value_id value) {
  int32_t uses = 0;
  for (int32_t s = 0; s < band->count; s++)
    for (int32_t i = 0; i < band->steps[s].node->input_count; i++) uses += band->steps[s].node->inputs[i] == value;
  return uses;
}

/// Finds an input like the output that only one step reads, and nothing later: the last step, or of a band of pointwise
/// ones the first.
static void find_replaced(band *band, const readers *readers) {
  bool pointwise = true;
  for (int32_t i = 0; i < band->count; i++) pointwise &= is_pointwise(&band->steps[i]);
  const int32_t at = pointwise ? 0 : band->count - 1;
  const oct_step *step = &band->steps[at];
  const oct_tensor *out = &band->steps[band->count - 1].outputs[0];
  band->replaced = OCT_NO_VALUE;
  for (int32_t i = 0; is_pointwise(step) && i < step->node->input_count; i++) {
    const oct_tensor *in = &step->inputs[i];
    const oct_value_id value = step->node->inputs[i];
    if (i != band->moving[at] && !in->data && in->dtype == out->dtype && oct_shape_equal(&in->shape, &out->shape) &&
        readers->last[value] == step - readers->steps && count_uses(band, value) == 1)
      band->replaced = value;
  }
  band->apart = !pointwise && band->replaced != OCT_NO_VALUE;
}

/// Lays the kept rows and the scratch out for bands of `height` rows; false if that is too much to keep.
static bool lay_out(band *band, int32_t height) {
  const int32_t last = band->count - 1;
  size_t at = 0;
  int32_t rows = band->height = height;
  band->kept[last] = height_of(&band->steps[last].outputs[0]);
  band->in_output = last;
  for (int32_t i = last; i > 0 && at <= KEPT_BYTES; i--) {
    const oct_step *step = &band->steps[i];
    if (is_pointwise(step) && !(i == last && band->apart)) {
      if (i == band->in_output) band->in_output--;
      band->kept[i - 1] = band->kept[i];
      band->at[i - 1] = band->at[i];
      continue;
    }
    const oct_row_reach reach = reach_of(step);
    const oct_tensor *image = &band->steps[i - 1].outputs[0];
    rows = clip((rows - 1) * (int64_t)reach.stride + reach.count, height_of(image));
    band->kept[i - 1] = rows;
    band->at[i - 1] = at;
    at += oct_align(rows * row_bytes(image) + OCT_SLACK_BYTES);
  }
  band->scratch_at = at;
  const size_t output = band->in_output < last ? height * row_bytes(&band->steps[last].outputs[0]) : 0;
  return at + output <= KEPT_BYTES;
}

/// As many rows at a time as may be kept; false if not even one.
static bool find_height(band *band, const readers *readers) {
  find_replaced(band, readers);
  for (int32_t height = 8; height > 0; height /= 2)
    if (lay_out(band, height)) return true;
  return false;
}

/// The longest band that begins with the first of `count` steps: of one step if there is none.
static band longest(const oct_step *steps, int32_t count, const readers *readers) {
  band band = {.steps = steps, .count = 1, .moving = {-1}};
  while (band.count < count && band.count < MOST_STEPS &&
         leads_to(&band, &steps[band.count], readers, &band.moving[band.count])) {
    band.count++;
    if (find_height(&band, readers)) continue;
    band.count--;
    break;
  }
  find_height(&band, readers);
  return band;
}

// --- joining --------------------------------------------------------------------------------------------------------

/// Lists what the band reads that is neither constant nor made in it, and returns how many; NULL: only counts.
static int32_t list_inputs(const band *band, oct_value_id *inputs) {
  int32_t count = 0;
  for (int32_t s = 0; s < band->count; s++) {
    const oct_step *step = &band->steps[s];
    for (int32_t i = 0; i < step->node->input_count; i++) {
      if (i == band->moving[s] || !oct_node_has(step->node, i) || step->inputs[i].data) continue;
      if (inputs) inputs[count] = step->node->inputs[i];
      count++;
    }
  }
  return count;
}

/// One step in the place of those of a band, which have been moved to `steps`.
static oct_status make_step(oct_plan *plan, const band *found, oct_step *steps, oct_step *joined) {
  const oct_step *last = &steps[found->count - 1];
  const int32_t inputs = list_inputs(found, NULL);
  band *state = oct_arena_alloc(&plan->arena, sizeof *state);
  oct_node *node = oct_arena_alloc(&plan->arena, sizeof *node);
  oct_value_id *ids = oct_arena_alloc(&plan->arena, (size_t)inputs * sizeof *ids);
  oct_tensor *tensors = oct_arena_alloc(&plan->arena, (size_t)inputs * sizeof *tensors);
  if (!state || !node || !ids || !tensors) return OCT_OUT_OF_MEMORY;
  *state = *found;
  state->steps = steps;
  list_inputs(state, ids);
  *node = *last->node;
  node->inputs = ids;
  node->input_count = inputs;
  node->type = "bands";
  *joined = (oct_step){.run_part = run_band, .parts = 1, .node = node, .inputs = tensors, .outputs = last->outputs,
                       .state = state, .in_place = -1};
  for (int32_t i = 0; i < inputs; i++) {
    tensors[i] = plan->tensors[ids[i]];
    if (ids[i] == state->replaced) joined->in_place = i;
  }
  for (int32_t i = 0; i < state->count; i++) {
    joined->macs += steps[i].macs;
    if (joined->scratch_bytes < steps[i].scratch_bytes) joined->scratch_bytes = steps[i].scratch_bytes;
  }
  joined->scratch_bytes += state->scratch_at;
  return OCT_OK;
}

static oct_status join(oct_plan *plan, oct_arena *work) {
  const oct_step *old = plan->steps;
  const int32_t count = (int32_t)plan->step_count;
  readers readers;
  OCT_TRY(find_readers(plan, work, &readers));
  band *bands = oct_arena_alloc(work, (size_t)(count + 1) * sizeof *bands);
  if (!bands) return OCT_OUT_OF_MEMORY;
  uint32_t joined = 0, inner = 0;
  for (int32_t s = 0; s < count; s += bands[joined++].count) {
    bands[joined] = longest(&old[s], count - s, &readers);
    if (bands[joined].count > 1) inner += (uint32_t)bands[joined].count;
  }
  if (!inner) return OCT_OK;
  oct_step *steps = oct_arena_alloc(&plan->arena, (joined + inner) * sizeof *steps);
  oct_packed **packed = oct_arena_alloc(&plan->arena, (joined + inner) * sizeof *packed);
  if (!steps || !packed) return OCT_OUT_OF_MEMORY;
  for (uint32_t s = 0, end = joined; s < joined; s++) {
    const size_t length = (size_t)bands[s].count, from = (size_t)(bands[s].steps - old);
    const uint32_t to = length > 1 ? end : s;
    memcpy(&steps[to], &old[from], length * sizeof *steps);
    memcpy(&packed[to], &plan->packed[from], length * sizeof *packed);
    if (length == 1) continue;
    OCT_TRY(make_step(plan, &bands[s], &steps[to], &steps[s]));
    end += (uint32_t)length;
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
