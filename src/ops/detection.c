// SPDX-License-Identifier: MIT
//
// DETECTION: from the raw outputs of a single-shot detector to boxes (TFLite_Detection_PostProcess).
//
// Inputs: boxes [1, n, 4 or more] as offsets from anchors [n, 4] (center y, x, height, width), scores [1, n, classes],
// where a background class may stand before the others. Outputs: boxes [1, m, 4] as (top, left, bottom, right), classes
// [1, m], scores [1, m], and how many of the m there are [1]; the rest is 0. Of boxes that overlap, the best stays. The
// fast kind asks so once, for each box's best score, and gives each box `max_classes` classes; the regular kind asks
// for each class by itself. Scores that are equal keep the order of boxes.
#include "ops/op.h"
#include "ops/rank.h"

#include <math.h>
#include <string.h>

typedef struct box {
  float top, left, bottom, right;
} box;

typedef struct detection {
  oct_detection_attr attr;
  int32_t boxes, box_values, columns, background, outputs, merged;
} detection;

/// The scratch, cut into the lists that a run needs.
typedef struct lists {
  box *boxes;                     // [boxes]
  float *scores, *merged_scores;  // [boxes], [merged]
  int32_t *order;                 // [max(boxes, merged)]: what is sorted
  int32_t *kept, *merged, *moved; // [boxes], [merged] twice
} lists;

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 3, 4));
  const oct_detection_attr *attr = &node->attr.detection;
  const oct_shape *x = &oct_input(graph, node, 0)->shape, *scores = &oct_input(graph, node, 1)->shape;
  const oct_shape *anchors = &oct_input(graph, node, 2)->shape;
  int32_t limit = 1 << 20, background = scores->rank == 3 ? scores->dim[2] - attr->classes : -1;
  bool fits = x->rank == 3 && x->dim[0] == 1 && x->dim[2] >= 4 && scores->rank == 3 && scores->dim[0] == 1 &&
              scores->dim[1] == x->dim[1] && background >= 0 && background <= 1 && anchors->rank == 2 &&
              anchors->dim[0] == x->dim[1] && anchors->dim[1] == 4;
  fits = fits && x->dim[1] <= limit && attr->classes >= 1 && attr->max_detections >= 1 &&
         attr->max_detections <= limit && attr->max_classes >= 1 && attr->max_classes <= limit / attr->max_detections &&
         attr->per_class >= 1;
  if (!fits) {
    char a[112], b[112], c[112];
    return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; convert it again",
                    "%s has boxes %s, scores %s and anchors %s for %d classes, %d detections of up to %d classes",
                    node->type, oct_shape_print(x, a), oct_shape_print(scores, b), oct_shape_print(anchors, c),
                    (int)attr->classes, (int)attr->max_detections, (int)attr->max_classes);
  }
  int32_t count = attr->max_detections * attr->max_classes;
  OCT_TRY(oct_infer_output(graph, node, 0, OCT_F32, oct_shape_of(3, 1, count, 4)));
  OCT_TRY(oct_infer_output(graph, node, 1, OCT_F32, oct_shape_of(2, 1, count)));
  OCT_TRY(oct_infer_output(graph, node, 2, OCT_F32, oct_shape_of(2, 1, count)));
  return oct_infer_output(graph, node, 3, OCT_F32, oct_shape_of(1, 1));
}

static box decode(const detection *self, const float *x, const float *anchor) {
  const float *scale = self->attr.scale; // y, x, height, width
  float y = (float)((double)x[0] / (double)scale[0] * (double)anchor[2] + (double)anchor[0]);
  float c = (float)((double)x[1] / (double)scale[1] * (double)anchor[3] + (double)anchor[1]);
  float half_h = 0.5f * expf(x[2] / scale[2]) * anchor[2], half_w = 0.5f * expf(x[3] / scale[3]) * anchor[3];
  return (box){y - half_h, c - half_w, y + half_h, c + half_w};
}

static float overlap(const box *a, const box *b) {
  float area_a = (a->bottom - a->top) * (a->right - a->left), area_b = (b->bottom - b->top) * (b->right - b->left);
  if (!(area_a > 0.0f) || !(area_b > 0.0f)) return 0.0f;
  float height = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);
  float width = fminf(a->right, b->right) - fmaxf(a->left, b->left);
  float both = fmaxf(height, 0.0f) * fmaxf(width, 0.0f);
  return both / (area_a + area_b - both);
}

/// Keeps the boxes whose score reaches the threshold and that no better kept box overlaps; returns how many, at most
/// `most`, best first.
static int32_t suppress(const detection *self, const lists *l, int32_t most) {
  int32_t count = 0, kept = 0;
  for (int32_t i = 0; i < self->boxes; i++)
    if (l->scores[i] >= self->attr.score_threshold) l->order[count++] = i;
  oct_rank(l->scores, l->order, count);
  for (int32_t i = 0; i < count && kept < most; i++) {
    bool stays = true;
    for (int32_t k = 0; stays && k < kept; k++)
      stays = !(overlap(&l->boxes[l->kept[k]], &l->boxes[l->order[i]]) > self->attr.overlap_threshold);
    if (stays) l->kept[kept++] = l->order[i];
  }
  return kept;
}

static void put(const oct_step *step, int32_t at, const box *place, int32_t category, float score) {
  ((box *)step->outputs[0].data)[at] = *place;
  ((float *)step->outputs[1].data)[at] = (float)category;
  ((float *)step->outputs[2].data)[at] = score;
}

/// The best class below `score` (of equal ones the next after `last`), or -1.
static int32_t next_class(const float *scores, int32_t count, float score, int32_t last) {
  int32_t best = -1;
  for (int32_t c = 0; c < count; c++) {
    bool left = last < 0 || scores[c] < score || (scores[c] == score && c > last);
    if (left && (best < 0 || scores[c] > scores[best])) best = c;
  }
  return best;
}

static int32_t run_fast(const oct_step *step, const detection *self, const lists *l) {
  const oct_detection_attr *attr = &self->attr;
  const float *scores = (const float *)step->inputs[1].data + self->background;
  for (int32_t i = 0; i < self->boxes; i++) {
    const float *row = scores + (size_t)i * (size_t)self->columns;
    int32_t best = next_class(row, attr->classes, 0, -1);
    l->scores[i] = row[best];
  }
  int32_t kept = suppress(self, l, attr->max_detections);
  for (int32_t k = 0; k < kept; k++) {
    const float *row = scores + (size_t)l->kept[k] * (size_t)self->columns;
    int32_t category = -1, wanted = smaller(attr->max_classes, attr->classes);
    for (int32_t c = 0; c < wanted; c++) {
      category = next_class(row, attr->classes, category < 0 ? 0 : row[category], category);
      if (category < 0) break; // not a number
      put(step, k * attr->max_classes + c, &l->boxes[l->kept[k]], category, row[category]);
    }
  }
  return kept;
}

/// After each class, the best so far and those of the class are merged.
static int32_t run_regular(const oct_step *step, const detection *self, const lists *l) {
  const oct_detection_attr *attr = &self->attr;
  const float *scores = (const float *)step->inputs[1].data + self->background;
  int32_t count = 0;
  for (int32_t c = 0; c < attr->classes; c++) {
    for (int32_t i = 0; i < self->boxes; i++) l->scores[i] = scores[(size_t)i * (size_t)self->columns + (size_t)c];
    int32_t kept = suppress(self, l, attr->per_class), all = count + kept;
    for (int32_t k = 0; k < kept; k++) {
      l->merged[count + k] = l->kept[k] * self->columns + c;
      l->merged_scores[count + k] = l->scores[l->kept[k]];
    }
    for (int32_t i = 0; i < all; i++) l->order[i] = i;
    oct_rank(l->merged_scores, l->order, all);
    count = smaller(all, attr->max_detections);
    for (int32_t i = 0; i < count; i++) l->moved[i] = l->merged[l->order[i]];
    memcpy(l->merged, l->moved, (size_t)count * sizeof *l->merged);
    for (int32_t i = 0; i < count; i++)
      l->merged_scores[i] = scores[(size_t)l->merged[i]];
  }
  for (int32_t i = 0; i < count; i++)
    put(step, i, &l->boxes[l->merged[i] / self->columns], l->merged[i] % self->columns, l->merged_scores[i]);
  return count;
}

static void run(const oct_step *step) {
  const detection *self = step->state;
  char *at = step->scratch;
  size_t n = (size_t)self->boxes, merged = (size_t)self->merged;
  lists l = {.boxes = (box *)(void *)at};
  l.scores = (float *)(l.boxes + n), l.merged_scores = l.scores + n;
  l.order = (int32_t *)(l.merged_scores + merged), l.kept = l.order + larger(self->boxes, self->merged);
  l.merged = l.kept + n, l.moved = l.merged + merged;
  for (int32_t i = 0; i < self->boxes; i++)
    l.boxes[i] = decode(self, (const float *)step->inputs[0].data + (size_t)i * (size_t)self->box_values,
                        (const float *)step->inputs[2].data + 4 * (size_t)i);
  memset(step->outputs[0].data, 0, (size_t)self->outputs * sizeof(box));
  memset(step->outputs[1].data, 0, (size_t)self->outputs * sizeof(float));
  memset(step->outputs[2].data, 0, (size_t)self->outputs * sizeof(float));
  int32_t count = self->attr.regular ? run_regular(step, self, &l) : run_fast(step, self, &l);
  *(float *)step->outputs[3].data = (float)count;
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_detection_attr *attr = &step->node->attr.detection;
  for (int i = 0; i < 3; i++)
    if (step->inputs[i].dtype != OCT_F32) return oct_prepare_unsupported(context);
  detection *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  const oct_shape *x = &step->inputs[0].shape, *scores = &step->inputs[1].shape;
  *self = (detection){.attr = *attr, .boxes = x->dim[1], .box_values = x->dim[2], .columns = scores->dim[2],
                      .background = scores->dim[2] - attr->classes, .outputs = step->outputs[1].shape.dim[1],
                      .merged = attr->max_detections + smaller(attr->per_class, x->dim[1])};
  size_t n = (size_t)self->boxes, merged = (size_t)self->merged;
  step->scratch_bytes = n * (sizeof(box) + 8) + merged * 12 + (size_t)larger(self->boxes, self->merged) * 4;
  step->state = self;
  step->run = run;
  step->kernel = "detection";
  return OCT_OK;
}

const oct_op_impl oct_op_detection = {infer, prepare};
