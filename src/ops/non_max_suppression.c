// SPDX-License-Identifier: MIT
//
// NON_MAX_SUPPRESSION: of boxes [batch, n, 4] with scores [batch, classes, n], those that no better one of their class
// overlaps too much, as rows (batch, class, box). How many there are is a shape, so that all inputs are constants by
// plan time: boxes, scores, and optionally the most a class, the overlap allowed, the least score.
#include "ops/elements.h"
#include "ops/op.h"

typedef struct suppression {
  const float *box, *score;
  int32_t batches, classes, count;
  int64_t most;
  float overlap, least;
  bool centred; // boxes are centre x, centre y, width, height; else y, x of two corners
} suppression;

static void corners(const suppression *self, const float *box, float out[4]) {
  if (self->centred) {
    out[0] = box[1] - box[3] / 2, out[2] = box[1] + box[3] / 2;
    out[1] = box[0] - box[2] / 2, out[3] = box[0] + box[2] / 2;
    return;
  }
  for (int i = 0; i < 2; i++) {
    out[i] = box[i] < box[i + 2] ? box[i] : box[i + 2];
    out[i + 2] = box[i] < box[i + 2] ? box[i + 2] : box[i];
  }
}

static bool overlaps(const suppression *self, const float *first, const float *second) {
  float a[4], b[4], shared = 1, whole_a = 1, whole_b = 1;
  corners(self, first, a), corners(self, second, b);
  for (int i = 0; i < 2; i++) {
    const float from = a[i] > b[i] ? a[i] : b[i], to = a[i + 2] < b[i + 2] ? a[i + 2] : b[i + 2];
    shared *= to > from ? to - from : 0;
    whole_a *= a[i + 2] - a[i], whole_b *= b[i + 2] - b[i];
  }
  return shared > self->overlap * (whole_a + whole_b - shared);
}

/// Picks the boxes of one class, best first; `rows` (NULL: only counts) gets them. `state`: a byte a box, to work with.
static int32_t pick(const suppression *self, int32_t batch, int32_t class, uint8_t *state, int64_t *rows) {
  const float *box = self->box + (size_t)batch * (size_t)self->count * 4;
  const float *score = self->score + ((size_t)batch * (size_t)self->classes + (size_t)class) * (size_t)self->count;
  enum { WAITS, PICKED, DROPPED };
  int32_t found = 0;
  for (int32_t i = 0; i < self->count; i++) state[i] = score[i] > self->least ? WAITS : DROPPED;
  while (found < self->most) {
    int32_t best = -1;
    for (int32_t i = 0; i < self->count; i++)
      if (state[i] == WAITS && (best < 0 || score[i] > score[best])) best = i;
    if (best < 0) break;
    for (int32_t i = 0; i < self->count && state[best] == WAITS; i++)
      if (state[i] == PICKED && overlaps(self, box + (size_t)i * 4, box + (size_t)best * 4)) state[best] = DROPPED;
    if (state[best] == DROPPED) continue;
    state[best] = PICKED;
    if (rows) rows[3 * found] = batch, rows[3 * found + 1] = class, rows[3 * found + 2] = best;
    found++;
  }
  return found;
}

enum { MOST_BOXES = 1024 }; // as many as are planned for by value, at most

static int32_t pick_all(const suppression *self, int64_t *rows) {
  uint8_t state[MOST_BOXES];
  int32_t found = 0;
  for (int32_t b = 0; b < self->batches; b++)
    for (int32_t c = 0; c < self->classes; c++) found += pick(self, b, c, state, rows ? rows + 3 * found : NULL);
  return found;
}

static void describe(const oct_node *node, const oct_tensor *inputs, suppression *self) {
  const oct_shape *boxes = &inputs[0].shape, *scores = &inputs[1].shape;
  *self = (suppression){.box = inputs[0].data, .score = inputs[1].data, .batches = boxes->dim[0],
                        .classes = scores->dim[1], .count = boxes->dim[1], .least = -3.4e38f,
                        .centred = node->attr.suppression.centred};
  if (oct_node_has(node, 2)) self->most = oct_element_int(inputs[2].data, inputs[2].dtype, 0);
  if (oct_node_has(node, 3)) self->overlap = *(const float *)inputs[3].data;
  if (oct_node_has(node, 4)) self->least = *(const float *)inputs[4].data;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 5, 1));
  static const oct_dtype types[5] = {OCT_F32, OCT_F32, OCT_I64, OCT_F32, OCT_F32};
  oct_tensor inputs[5] = {{0}};
  for (int i = 0; i < node->input_count; i++) {
    if (!oct_node_has(node, i)) continue;
    const oct_value *value = oct_input(graph, node, i);
    if (!value->data || value->dtype != types[i] || (i > 1 && oct_shape_count(&value->shape) != 1))
      return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model without it and pick boxes in your program",
                      "%s reads '%s', which is known only while the model runs, or is not of the kind it takes",
                      node->type, value->name);
    inputs[i] = (oct_tensor){(void *)value->data, value->dtype, value->shape, NULL};
  }
  const oct_shape *boxes = &inputs[0].shape, *scores = &inputs[1].shape;
  if (boxes->rank != 3 || scores->rank != 3 || boxes->dim[2] != 4 || boxes->dim[0] != scores->dim[0] ||
      boxes->dim[1] != scores->dim[2] || boxes->dim[1] > MOST_BOXES)
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s takes at most %d boxes, each with a score",
                    node->type, MOST_BOXES);
  suppression self;
  describe(node, inputs, &self);
  return oct_infer_output(graph, node, 0, OCT_I64, oct_shape_of(2, (int)pick_all(&self, NULL), 3));
}

static void run(const oct_step *step) {
  suppression self;
  describe(step->node, step->inputs, &self);
  pick_all(&self, step->outputs[0].data);
}

static oct_status prepare(oct_prepare *context) {
  if (context->step->outputs[0].dtype != OCT_I64) return oct_prepare_unsupported(context);
  context->step->run = run;
  context->step->kernel = "non_max_suppression";
  return OCT_OK;
}

const oct_op_impl oct_op_non_max_suppression = {infer, prepare};
