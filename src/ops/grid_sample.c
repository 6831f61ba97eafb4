// SPDX-License-Identifier: MIT
//
// GRID_SAMPLE: x [n, c, d1..dk] sampled where grid [n, o1..ok, k] points (coordinates from -1 to 1, the last dimension
// first), to [n, c, o1..ok]; linear, nearest or cubic, one axis weighed after another. k is 2 or 3.
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *x = oct_input(graph, node, 0), *grid = oct_input(graph, node, 1);
  const int32_t rank = x->shape.rank, spatial = rank - 2;
  bool fits = spatial >= 1 && spatial <= 3 && grid->shape.rank == rank && grid->shape.dim[rank - 1] == spatial &&
              grid->shape.dim[0] == x->shape.dim[0];
  for (int i = 2; fits && i < rank; i++) fits = x->shape.dim[i] > 0;
  if (!fits) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s cannot sample '%s' of shape %s by a grid of %s",
                    node->type, x->name, oct_shape_print(&x->shape, a), oct_shape_print(&grid->shape, b));
  }
  oct_shape shape = x->shape;
  for (int i = 0; i < spatial; i++) shape.dim[2 + i] = grid->shape.dim[1 + i];
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

enum { MOST_TAPS = 4 };

/// The input indices around a coordinate of one axis, -1 for one outside that counts as 0, and their weights.
typedef struct taps {
  int32_t index[MOST_TAPS];
  float weight[MOST_TAPS];
} taps;

static float cubic(float x) {
  const float a = -0.75f;
  x = fabsf(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// Brings x into lo..hi by mirroring at both ends.
static float reflect(float x, float lo, float hi) {
  const float range = hi - lo;
  if (!(range > 0)) return lo;
  float away = fmodf(fabsf(x - lo), 2 * range);
  return lo + (away > range ? 2 * range - away : away);
}

static int32_t settle(const oct_grid_sample_attr *attr, float place, int32_t size) {
  const float last = (float)(size - 1);
  if (place >= 0 && place <= last) return (int32_t)place;
  if (attr->padding == OCT_GRID_ZEROS) return -1;
  if (attr->padding == OCT_GRID_REFLECTION)
    place = rintf(attr->align_corners ? reflect(place, 0, last) : reflect(place, -0.5f, last + 0.5f));
  return place > 0 ? place < last ? (int32_t)place : size - 1 : 0;
}

static int32_t fill_taps(const oct_grid_sample_attr *attr, float at, int32_t size, taps *out) {
  float x = attr->align_corners ? (at + 1) / 2 * (float)(size - 1) : ((at + 1) * (float)size - 1) / 2;
  const int32_t count = attr->mode == OCT_RESAMPLE_NEAREST ? 1 : attr->mode == OCT_RESAMPLE_LINEAR ? 2 : 4;
  if (!isfinite(x)) x = -1;
  if (attr->padding == OCT_GRID_BORDER && attr->mode != OCT_RESAMPLE_CUBIC) x = fmaxf(0, fminf(x, (float)(size - 1)));
  if (attr->padding == OCT_GRID_REFLECTION && attr->mode != OCT_RESAMPLE_CUBIC) {
    x = attr->align_corners ? reflect(x, 0, (float)(size - 1)) : reflect(x, -0.5f, (float)size - 0.5f);
    x = fmaxf(0, fminf(x, (float)(size - 1)));
  }
  x = fmaxf(-1e8f, fminf(1e8f, x));
  const float base = count == 1 ? rintf(x) : floorf(x);
  for (int32_t k = 0; k < count; k++) {
    const float place = base + (float)(k - (count == 4));
    out->index[k] = settle(attr, place, size);
    out->weight[k] = count == 1 ? 1 : count == 2 ? 1 - fabsf(place - x) : cubic(place - x);
  }
  return count;
}

static void run(const oct_step *step) {
  const oct_grid_sample_attr *attr = &step->node->attr.grid_sample;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  const int32_t spatial = in->rank - 2;
  const size_t plane = oct_shape_span(in, 2, in->rank), out_plane = oct_shape_span(out, 2, out->rank);
  const float *x = step->inputs[0].data, *grid = step->inputs[1].data;
  float *y = step->outputs[0].data;
  for (int32_t n = 0; n < in->dim[0]; n++)
    for (size_t o = 0; o < out_plane; o++, grid += spatial) {
      taps along[3] = {{{0}, {1}}, {{0}, {1}}, {{0}, {1}}};
      int32_t count[3] = {1, 1, 1};
      for (int d = 0; d < spatial; d++)
        count[3 - spatial + d] = fill_taps(attr, grid[spatial - 1 - d], in->dim[2 + d], &along[3 - spatial + d]);
      const size_t width = (size_t)in->dim[in->rank - 1], height = spatial > 1 ? (size_t)in->dim[in->rank - 2] : 1;
      for (int32_t c = 0; c < in->dim[1]; c++) {
        const size_t channel = (size_t)n * (size_t)in->dim[1] + (size_t)c;
        const float *from = x + channel * plane;
        float sum = 0;
        for (int32_t i = 0; i < count[0]; i++)
          for (int32_t j = 0; j < count[1]; j++)
            for (int32_t k = 0; k < count[2]; k++) {
              const int32_t a = along[0].index[i], b = along[1].index[j], e = along[2].index[k];
              if (a < 0 || b < 0 || e < 0) continue;
              sum += along[0].weight[i] * along[1].weight[j] * along[2].weight[k] *
                     from[((size_t)a * height + (size_t)b) * width + (size_t)e];
            }
        y[channel * out_plane + o] = sum;
      }
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->inputs[0].dtype != OCT_F32 || step->inputs[1].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32)
    return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "grid_sample";
  return OCT_OK;
}

const oct_op_impl oct_op_grid_sample = {infer, prepare};
