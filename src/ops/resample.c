// SPDX-License-Identifier: MIT
//
// RESAMPLE: ONNX's Resize in its full generality, one axis after another, in floats: every rank, linear, cubic and
// nearest, antialiased, of a region. RESIZE is the fast form of what images need.
//
// Where an output index falls in the input depends on its axis alone: prepare makes, for each output index, a list of
// input indices and weights. Inputs: x, roi, scales, sizes (constants; roi and one of the others may be absent).
#include "ops/op.h"

#include <math.h>
#include <string.h>

typedef struct axis {
  int32_t in, out, taps;
  int32_t *index; // [out][taps]
  float *weight;  // [out][taps]
  bool *outside;  // [out]: gets the extrapolation value
} axis;

typedef struct resample {
  int32_t rank;
  axis axes[OCT_MAX_RANK];
  size_t largest; // elements of the largest tensor between two axes
} resample;

enum { MOST_TAPS = 1024 };

/// Reads floats of a constant into the axes that the node names; absent leaves `out` alone.
static oct_status read_list(const oct_graph *graph, const oct_node *node, int input, int per_axis, int32_t rank, float *out,
                            bool *given) {
  *given = oct_node_has(node, input) && oct_shape_count(&oct_input(graph, node, input)->shape) > 0;
  if (!*given) return OCT_OK;
  const oct_axes *axes = &node->attr.resample.axes;
  const oct_value *value = oct_input(graph, node, input);
  const int32_t count = axes->count ? axes->count : rank;
  float numbers[2 * OCT_MAX_RANK];
  if (!value->data || oct_shape_count(&value->shape) != (size_t)(per_axis * count))
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fixed scales or sizes, or simplify it (onnxsim)",
                    "%s reads '%s', which is not a constant of %d numbers", node->type, value->name,
                    (int)(per_axis * count));
  if (value->dtype == OCT_F32) {
    memcpy(numbers, value->data, (size_t)(per_axis * count) * sizeof(float));
  } else {
    int32_t ints[2 * OCT_MAX_RANK];
    int read;
    OCT_TRY(oct_infer_ints(graph, node, input, ints, 2 * OCT_MAX_RANK, &read));
    for (int i = 0; i < read; i++) numbers[i] = (float)ints[i];
  }
  for (int part = 0; part < per_axis; part++)
    for (int i = 0; i < count; i++)
      out[part * OCT_MAX_RANK + (axes->count ? axes->axis[i] : i)] = numbers[part * count + i];
  return OCT_OK;
}

/// One scale for all axes, so that no side is larger (or smaller) than asked for.
static void keep_aspect(const oct_node *node, const oct_shape *x, float *scale, float *size) {
  const oct_resample_attr *attr = &node->attr.resample;
  const int32_t count = attr->axes.count ? attr->axes.count : x->rank;
  float kept = attr->aspect == OCT_ASPECT_NOT_LARGER ? INFINITY : 0;
  for (int i = 0; i < count; i++) {
    const int at = attr->axes.count ? attr->axes.axis[i] : i;
    kept = attr->aspect == OCT_ASPECT_NOT_LARGER ? fminf(kept, scale[at]) : fmaxf(kept, scale[at]);
  }
  for (int i = 0; i < count; i++) {
    const int at = attr->axes.count ? attr->axes.axis[i] : i;
    scale[at] = kept, size[at] = floorf(kept * (float)x->dim[at] + 0.5f);
  }
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 4, 1));
  oct_resample_attr *attr = &node->attr.resample;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = x->shape;
  float size[OCT_MAX_RANK];
  bool by_roi, by_scale, by_size;
  for (int i = 0; i < attr->axes.count; i++)
    OCT_TRY(oct_infer_axis(node, attr->axes.axis[i], shape.rank, &attr->axes.axis[i]));
  for (int i = 0; i < OCT_MAX_RANK; i++) {
    attr->roi[i] = 0, attr->roi[OCT_MAX_RANK + i] = 1, attr->scale[i] = 1;
    size[i] = i < shape.rank ? (float)shape.dim[i] : 1;
  }
  OCT_TRY(read_list(graph, node, 1, 2, shape.rank, attr->roi, &by_roi));
  OCT_TRY(read_list(graph, node, 2, 1, shape.rank, attr->scale, &by_scale));
  OCT_TRY(read_list(graph, node, 3, 1, shape.rank, size, &by_size));
  const bool crops = attr->coordinates == OCT_CROP_AND_RESIZE;
  for (int i = 0; i < shape.rank; i++) {
    if (by_size) attr->scale[i] = size[i] / (float)shape.dim[i];
    else size[i] = floorf((float)shape.dim[i] * attr->scale[i] * (crops ? attr->roi[OCT_MAX_RANK + i] - attr->roi[i] : 1));
  }
  if (by_size && attr->aspect != OCT_ASPECT_STRETCH) keep_aspect(node, &shape, attr->scale, size);
  for (int i = 0; i < shape.rank; i++) {
    if (!(size[i] >= 1 && size[i] < 1 << 24) || shape.dim[i] < 1 || !(attr->scale[i] > 0) || !isfinite(attr->scale[i]))
      return oct_fail(OCT_INVALID_SHAPE, "use larger scales or sizes", "%s would turn dimension %d from %d to %.9g",
                      node->type, i, (int)shape.dim[i], (double)size[i]);
    shape.dim[i] = (int32_t)size[i];
  }
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

static float coordinate(const oct_resample_attr *attr, int at, float x, float in, float out) {
  const float scale = attr->scale[at], start = attr->roi[at], end = attr->roi[OCT_MAX_RANK + at];
  switch (attr->coordinates) {
    case OCT_ASYMMETRIC: return x / scale;
    case OCT_ALIGN_CORNERS: return out > 1 ? x * (in - 1) / (out - 1) : 0;
    case OCT_PYTORCH_HALF_PIXEL: return out > 1 ? (x + 0.5f) / scale - 0.5f : -0.5f;
    case OCT_TF_HALF_PIXEL_FOR_NN: return (x + 0.5f) / scale;
    case OCT_HALF_PIXEL_SYMMETRIC: return in / 2 * (1 - out / (scale * in)) + (x + 0.5f) / scale - 0.5f;
    case OCT_CROP_AND_RESIZE:
      return out > 1 ? start * (in - 1) + x * (end - start) * (in - 1) / (out - 1) : 0.5f * (start + end) * (in - 1);
    default: return (x + 0.5f) / scale - 0.5f;
  }
}

static float cubic(float a, float x) {
  x = fabsf(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static float nearest(oct_nearest_mode mode, float x) {
  switch (mode) {
    case OCT_ROUND_PREFER_CEIL: return floorf(x + 0.5f);
    case OCT_NEAREST_FLOOR: return floorf(x);
    case OCT_NEAREST_CEIL: return ceilf(x);
    default: return ceilf(x - 0.5f);
  }
}

/// How much narrower the filter's argument is than the distance: antialiasing widens it when shrinking.
static float filter_scale(const oct_resample_attr *attr, int at) {
  return attr->antialias && attr->scale[at] < 1 ? attr->scale[at] : 1;
}

static int32_t taps_of(const oct_resample_attr *attr, int at) {
  if (attr->mode == OCT_RESAMPLE_NEAREST) return 1;
  const float reach = attr->mode == OCT_RESAMPLE_CUBIC ? 2 : 1;
  return (int32_t)(2 - 2 * (floorf(-reach / filter_scale(attr, at)) + 1));
}

/// Indices and weights of output index `i`; the weights sum to 1.
static void fill_taps(const oct_resample_attr *attr, int at, axis *self, int32_t i) {
  const float x = coordinate(attr, at, (float)i, (float)self->in, (float)self->out);
  int32_t *index = self->index + i * self->taps;
  float *weight = self->weight + i * self->taps, sum = 0;
  self->outside[i] = attr->coordinates == OCT_CROP_AND_RESIZE && !(x >= 0 && x <= (float)(self->in - 1));
  const float base = attr->mode == OCT_RESAMPLE_NEAREST ? nearest(attr->nearest, x) : floorf(x);
  for (int32_t k = 0; k < self->taps; k++) {
    const float place = fmaxf(-1e9f, fminf(1e9f, base + (float)(k + 1 - self->taps / 2 - self->taps % 2)));
    const float distance = (place - x) * filter_scale(attr, at);
    weight[k] = attr->mode == OCT_RESAMPLE_NEAREST  ? 1
                : attr->mode == OCT_RESAMPLE_LINEAR ? fmaxf(0, 1 - fabsf(distance))
                                                    : cubic(attr->cubic, distance);
    if (attr->exclude_outside && (place < 0 || place > (float)(self->in - 1))) weight[k] = 0;
    index[k] = place < 0 ? 0 : place > (float)(self->in - 1) ? self->in - 1 : (int32_t)place;
    sum += weight[k];
  }
  for (int32_t k = 0; k < self->taps && sum != 0; k++) weight[k] /= sum;
}

static void run(const oct_step *step) {
  const resample *self = step->state;
  const float extra = step->node->attr.resample.extrapolation;
  float *buffers[2] = {step->scratch, (float *)step->scratch + self->largest};
  const float *from = step->inputs[0].data;
  oct_shape shape = step->inputs[0].shape;
  for (int d = 0; d < self->rank; d++) {
    const axis *along = &self->axes[d];
    const size_t outer = oct_shape_span(&shape, 0, d), inner = oct_shape_span(&shape, d + 1, shape.rank);
    float *to = d + 1 == self->rank ? step->outputs[0].data : buffers[d % 2], *y = to;
    for (size_t o = 0; o < outer; o++, from += (size_t)along->in * inner)
      for (int32_t i = 0; i < along->out; i++, y += inner) {
        const int32_t *index = along->index + i * along->taps;
        const float *weight = along->weight + i * along->taps;
        for (size_t n = 0; n < inner; n++) {
          float sum = 0;
          for (int32_t k = 0; k < along->taps; k++) sum += weight[k] * from[(size_t)index[k] * inner + n];
          y[n] = along->outside[i] ? extra : sum;
        }
      }
    shape.dim[d] = along->out;
    from = to;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_resample_attr *attr = &step->node->attr.resample;
  oct_shape shape = step->inputs[0].shape;
  if (step->inputs[0].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32 || !shape.rank)
    return oct_prepare_unsupported(context);
  resample *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  self->rank = shape.rank;
  for (int d = 0; d < shape.rank; d++) {
    axis *along = &self->axes[d];
    *along = (axis){.in = shape.dim[d], .out = step->outputs[0].shape.dim[d], .taps = taps_of(attr, d)};
    if (along->taps > MOST_TAPS)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "shrink in two steps", "%s shrinks dimension %d to a %d-th", step->node->type,
                      d, (int)along->taps);
    const size_t cells = (size_t)along->out * (size_t)along->taps;
    along->index = oct_plan_alloc(context, cells * sizeof(int32_t));
    along->weight = oct_plan_alloc(context, cells * sizeof(float));
    along->outside = oct_plan_alloc(context, (size_t)along->out);
    if (!along->index || !along->weight || !along->outside) return OCT_OUT_OF_MEMORY;
    for (int32_t i = 0; i < along->out; i++) fill_taps(attr, d, along, i);
    shape.dim[d] = along->out;
    size_t bytes;
    if (!oct_shape_checked_bytes(&shape, sizeof(float), &bytes))
      return oct_fail(OCT_INVALID_SHAPE, "use smaller sizes", "%s passes a tensor larger than 1 GiB", step->node->type);
    if (bytes / sizeof(float) > self->largest) self->largest = bytes / sizeof(float);
  }
  step->scratch_bytes = 2 * self->largest * sizeof(float);
  step->state = self;
  step->run = run;
  step->kernel = "resample";
  return OCT_OK;
}

const oct_op_impl oct_op_resample = {infer, prepare};
