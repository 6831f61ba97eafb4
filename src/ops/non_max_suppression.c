// SPDX-License-Identifier: MIT
//
// NON_MAX_SUPPRESSION: of boxes [batch, n, 4] with scores [batch, classes, n], those that no better one of their class
// overlaps too much, as rows (batch, class, box). How many there are is a shape, so that all inputs are constants by
// plan time: boxes, scores, and optionally the most a class, the overlap allowed, the least score. It is computed twice:
// to count the rows, and to write them.
#include "ops/elements.h"
#include "ops/op.h"
#include "ops/rank.h"

typedef struct suppression {
  const float *box, *score;
  int32_t batches, classes, count;
  int64_t most;
  float overlap, least;
  bool centred; // boxes are centre x, centre y, width, height; else y, x of two corners
} suppression;

/// Top, left, bottom, right.
typedef struct box {
  float edge[4];
} box;

static box box_at(const suppression *self, const float *from) {
  if (self->centred)
    return (box){{from[1] - from[3] / 2, from[0] - from[2] / 2, from[1] + from[3] / 2, from[0] + from[2] / 2}};
  box to;
  for (int i = 0; i < 2; i++) {
    to.edge[i] = from[i] < from[i + 2] ? from[i] : from[i + 2];
    to.edge[i + 2] = from[i] < from[i + 2] ? from[i + 2] : from[i];
  }
  return to;
}

static bool overlaps(const suppression *self, const box *a, const box *b) {
  float shared = 1, whole_a = 1, whole_b = 1;
  for (int i = 0; i < 2; i++) {
    const float from = a->edge[i] > b->edge[i] ? a->edge[i] : b->edge[i];
    const float to = a->edge[i + 2] < b->edge[i + 2] ? a->edge[i + 2] : b->edge[i + 2];
    shared *= to > from ? to - from : 0;
    whole_a *= a->edge[i + 2] - a->edge[i], whole_b *= b->edge[i + 2] - b->edge[i];
  }
  return shared > self->overlap * (whole_a + whole_b - shared);
}

static size_t scratch_bytes(const suppression *self) { return (size_t)self->count * (sizeof(box) + sizeof(int32_t)); }

/// Picks the boxes of one class, best first: of the candidates in order, `order` keeps those that stay.
static int32_t pick(const suppression *self, const float *score, const box *boxes, int32_t *order) {
  int32_t candidates = 0, found = 0;
  for (int32_t i = 0; i < self->count; i++)
    if (score[i] > self->least) order[candidates++] = i;
  oct_rank(score, order, candidates);
  for (int32_t i = 0; i < candidates && found < self->most; i++) {
    bool stays = true;
    for (int32_t k = 0; k < found && stays; k++) stays = !overlaps(self, &boxes[order[k]], &boxes[order[i]]);
    if (stays) order[found++] = order[i];
  }
  return found;
}

/// How many are picked; `rows` (NULL: nobody) gets them.
static int32_t pick_all(const suppression *self, void *scratch, int64_t *rows) {
  box *boxes = scratch;
  int32_t *order = (int32_t *)(boxes + self->count), all = 0;
  const float *score = self->score;
  for (int32_t b = 0; b < self->batches; b++) {
    for (int32_t i = 0; i < self->count; i++)
      boxes[i] = box_at(self, self->box + ((size_t)b * (size_t)self->count + (size_t)i) * 4);
    for (int32_t c = 0; c < self->classes; c++, score += self->count) {
      const int32_t found = pick(self, score, boxes, order);
      for (int32_t i = 0; rows && i < found; i++) *rows++ = b, *rows++ = c, *rows++ = order[i];
      all += found;
    }
  }
  return all;
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
      boxes->dim[1] != scores->dim[2])
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                    "%s takes boxes of 4 numbers, each with a score a class", node->type);
  suppression self;
  describe(node, inputs, &self);
  oct_arena work = {0};
  void *scratch = oct_arena_alloc(&work, scratch_bytes(&self));
  const int32_t rows = scratch ? pick_all(&self, scratch, NULL) : 0;
  oct_arena_free(&work);
  return scratch ? oct_infer_output(graph, node, 0, OCT_I64, oct_shape_of(2, (int)rows, 3)) : OCT_OUT_OF_MEMORY;
}

static void run(const oct_step *step) {
  suppression self;
  describe(step->node, step->inputs, &self);
  pick_all(&self, step->scratch, step->outputs[0].data);
}

static oct_status prepare(oct_prepare *context) {
  if (context->step->outputs[0].dtype != OCT_I64) return oct_prepare_unsupported(context);
  suppression self;
  describe(context->step->node, context->step->inputs, &self);
  context->step->scratch_bytes = scratch_bytes(&self);
  context->step->run = run;
  context->step->kernel = "non_max_suppression";
  return OCT_OK;
}

const oct_op_impl oct_op_non_max_suppression = {infer, prepare};
