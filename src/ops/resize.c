// SPDX-License-Identifier: MIT
//
// RESIZE of height and width, nearest or bilinear.
//
// Where an output pixel falls in the input depends on one axis at a time, so prepare makes a small table for each axis:
// two source indices and a weight. run is left with blending four pixels' channels. TFLite's q8 blends in fixed point
// of 11 bits an axis, as XNNPACK does; ONNX's by floats.
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct tap {
  int32_t low, high;            // source indices
  float low_weight, high_weight; // sum to 1
  int32_t fixed;                // high_weight in 1/2048
} tap;

typedef struct resize {
  int32_t in[2], out[2], batch;
  size_t channels, pixel_bytes;
  tap *taps[2]; // rows, columns
  oct_quantize_params quantize;
  float scale, zero_point; // of a q8 input
  oct_bilinear_q8_fn *bilinear;
  oct_lut_q8_fn *lookup;
  const oct_act *table; // q8 nearest to another quantization, or NULL
} resize;

/// Reads the scales or sizes of height and width out of a list of 4 (in the node's layout) or 2.
static oct_status resolve(oct_graph *graph, oct_node *node, const oct_shape *x) {
  oct_resize_attr *attr = &node->attr.resize;
  int at = attr->layout == OCT_NCHW ? 2 : 1, count = 0;
  bool by_size = oct_node_has(node, 2) && oct_shape_count(&oct_input(graph, node, 2)->shape) > 0;
  int32_t sizes[4];
  float scales[4] = {1, 1, 1, 1};
  if (by_size) {
    OCT_TRY(oct_infer_ints(graph, node, 2, sizes, 4, &count));
  } else if (oct_node_has(node, 1)) {
    const oct_value *value = oct_input(graph, node, 1);
    size_t elements = oct_shape_count(&value->shape);
    if (value->dtype == OCT_F32 && value->data && elements <= 4) memcpy(scales, value->data, elements * sizeof(float));
    count = value->dtype == OCT_F32 && value->data ? (int)elements : 0;
  }
  if (count != 4 && count != 2)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with fixed scales or sizes, or simplify it (onnxsim)",
                    "%s needs constant scales or sizes, of all 4 dimensions or of height and width", node->type);
  for (int i = 0; i < count; i++) {
    int axis = count == 2 ? at + i : i;
    bool spatial = axis == at || axis == at + 1;
    double size = by_size ? sizes[i] : (double)floorf((float)x->dim[axis] * scales[i]);
    const double most = 1 << 20; // an axis has a table as long as it is
    if (!(size >= 0) || (spatial && !(size >= 1 && size <= most)) || (!spatial && size != x->dim[axis]))
      return oct_fail(OCT_UNSUPPORTED_MODEL, "resize height and width only, to 1 to 1048576 pixels",
                      "%s would turn dimension %d from %d to %.9g", node->type, axis, (int)x->dim[axis], size);
    if (!spatial) continue;
    attr->size[axis - at] = (int32_t)size;
    attr->scale[axis - at] = by_size ? (float)size / (float)x->dim[axis] : scales[i];
  }
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 3, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_resize_attr *attr = &node->attr.resize;
  int at = attr->layout == OCT_NCHW ? 2 : 1;
  oct_shape shape = x->shape;
  if (shape.rank != 4 || shape.dim[at] < 1 || shape.dim[at + 1] < 1) {
    char text[112];
    return oct_fail(OCT_UNSUPPORTED_MODEL, "resize tensors with 4 dimensions, none empty", "%s of '%s' with shape %s",
                    node->type, x->name, oct_shape_print(&shape, text));
  }
  OCT_TRY(resolve(graph, node, &shape));
  shape.dim[at] = attr->size[0], shape.dim[at + 1] = attr->size[1];
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

/// Source coordinate of output index i along one axis, each step rounded to float as the formats' references do: ONNX
/// divides by the scale, TFLite multiplies by the inverse ratio of sizes.
static float source_of(const oct_resize_attr *attr, bool tflite, int32_t i, int32_t in, int32_t out, float scale) {
  float x = (float)i, ratio = (float)in / (float)out;
  switch (attr->coordinates) {
    case OCT_ASYMMETRIC: return tflite ? x * ratio : x / scale;
    case OCT_ALIGN_CORNERS:
      if (out == 1) return 0.0f;
      return tflite ? x * ((float)(in - 1) / (float)(out - 1)) : x * (float)(in - 1) / (float)(out - 1);
    case OCT_PYTORCH_HALF_PIXEL:
      if (out == 1) return 0.0f;
      return (x + 0.5f) / scale - 0.5f;
    case OCT_TF_HALF_PIXEL_FOR_NN: return tflite ? (x + 0.5f) * ratio : (x + 0.5f) / scale;
    default: return tflite ? x * ratio + (0.5f * ratio - 0.5f) : (x + 0.5f) / scale - 0.5f;
  }
}

static int32_t nearest_of(oct_nearest_mode mode, float x) {
  switch (mode) {
    case OCT_ROUND_PREFER_CEIL: return (int32_t)floorf(x + 0.5f);
    case OCT_NEAREST_FLOOR: return (int32_t)floorf(x);
    case OCT_NEAREST_CEIL: return (int32_t)ceilf(x);
    default: return (int32_t)ceilf(x - 0.5f);
  }
}

static void fill_taps(tap *taps, const oct_resize_attr *attr, bool tflite, int32_t in, int32_t out, float scale) {
  for (int32_t i = 0; i < out; i++) {
    float x = source_of(attr, tflite, i, in, out, scale), last = (float)(in - 1);
    x = !(x > 0.0f) ? (attr->linear ? 0.0f : x > -1.0f ? x : -1.0f) : x < last + 1.0f ? x : last + 1.0f;
    if (attr->linear) {
      x = x < last ? x : last;
      taps[i].low = (int32_t)x;
      taps[i].high = taps[i].low + 1 < in ? taps[i].low + 1 : in - 1;
      bool edge = taps[i].low == taps[i].high;
      taps[i].high_weight = x - (float)taps[i].low;
      taps[i].low_weight = edge ? 1.0f - taps[i].high_weight : (float)taps[i].high - x;
      taps[i].fixed = (int32_t)rintf(taps[i].high_weight * 2048.0f);
    } else {
      int32_t at = nearest_of(attr->nearest, x);
      taps[i].low = at < 0 ? 0 : at >= in ? in - 1 : at;
    }
  }
}

/// Visits every output pixel of the part's rows: `body` sees the corners `at`, the taps `v` and `h`, and `out`, the
/// output's element.
#define EACH_PIXEL(type, body)                                                                                         \
  const size_t rows = (size_t)self->batch * (size_t)self->out[0], row = (size_t)self->in[1] * self->channels;          \
  for (size_t to = oct_part_begin(part, rows); to < oct_part_end(part, rows); to++) {                                  \
    const tap *v = &self->taps[0][to % (size_t)self->out[0]];                                                          \
    const size_t image = to / (size_t)self->out[0] * (size_t)self->in[0];                                              \
    const type *in = step->inputs[0].data;                                                                             \
    const type *top = in + (image + (size_t)v->low) * row, *bottom = in + (image + (size_t)v->high) * row;             \
    type *out = (type *)step->outputs[0].data + to * (size_t)self->out[1] * self->channels;                            \
    for (int32_t x = 0; x < self->out[1]; x++, out += self->channels) {                                                \
      const tap *h = &self->taps[1][x];                                                                                \
      size_t left = (size_t)h->low * self->channels, right = (size_t)h->high * self->channels;                         \
      const oct_corners at = {top + left, top + right, bottom + left, bottom + right};                                 \
      body;                                                                                                            \
    }                                                                                                                  \
  }

/// onnxruntime's four weights, so that literal results have its bits.
static void corner_weights(const tap *h, const tap *v, float weights[4]) {
  weights[0] = h->low_weight * v->low_weight, weights[1] = h->high_weight * v->low_weight;
  weights[2] = h->low_weight * v->high_weight, weights[3] = h->high_weight * v->high_weight;
}

static void run_linear_f32(const oct_step *step, oct_part part) {
  const resize *self = step->state;
  float weights[4];
  EACH_PIXEL(float, corner_weights(h, v, weights); oct_bilinear_f32__ref(&at, self->channels, weights, out))
}

static float real(const resize *self, const void *pixel, size_t c) {
  return self->scale * ((float)((const oct_act *)pixel)[c] - self->zero_point);
}

/// One pixel of q8, literally: dequantize, blend, quantize.
static void blend_literally(const resize *self, const oct_corners *at, const float weights[4], oct_act *out) {
  const oct_quantize_params *to = &self->quantize;
  for (size_t c = 0; c < self->channels; c++) {
    float blended = weights[0] * real(self, at->top_left, c) + weights[1] * real(self, at->top_right, c) +
                    weights[2] * real(self, at->bottom_left, c) + weights[3] * real(self, at->bottom_right, c);
    float q = rintf(blended / to->divisor) + (float)to->zero_point;
    q = q > (float)to->lo ? q : (float)to->lo;
    out[c] = (oct_act)(int32_t)(q < (float)to->hi ? q : (float)to->hi);
  }
}

static void run_linear_q8(const oct_step *step, oct_part part) {
  const resize *self = step->state;
  float weights[4];
  EACH_PIXEL(oct_act, corner_weights(h, v, weights); blend_literally(self, &at, weights, out))
}

static void run_linear_fixed(const oct_step *step, oct_part part) {
  const resize *self = step->state;
  EACH_PIXEL(oct_act, self->bilinear(&at, self->channels, h->fixed, v->fixed, out))
}

static void run_nearest(const oct_step *step, oct_part part) {
  const resize *self = step->state;
  size_t pixel = self->pixel_bytes, row = pixel * (size_t)self->in[1], out_row = pixel * (size_t)self->out[1];
  const size_t rows = (size_t)self->batch * (size_t)self->out[0], first = oct_part_begin(part, rows);
  for (size_t at = first; at < oct_part_end(part, rows); at++) {
    char *to = (char *)step->outputs[0].data + at * out_row;
    const size_t y = at % (size_t)self->out[0], image = at / (size_t)self->out[0] * (size_t)self->in[0];
    if (y > 0 && at > first && self->taps[0][y].low == self->taps[0][y - 1].low) {
      memcpy(to, to - out_row, out_row);
      continue;
    }
    const char *from = (const char *)step->inputs[0].data + row * (image + (size_t)self->taps[0][y].low);
    for (int32_t x = 0; x < self->out[1]; x++)
      memcpy(to + pixel * (size_t)x, from + pixel * (size_t)self->taps[1][x].low, pixel);
    if (self->table) self->lookup((oct_act *)to, out_row, self->table, (oct_act *)to);
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_resize_attr *attr = &step->node->attr.resize;
  const oct_tensor *x = &step->inputs[0], *y = &step->outputs[0];
  bool tflite = context->dialect == OCT_DIALECT_TFLITE, q8 = oct_is_q8(x) && oct_is_q8(y);
  if (x->dtype != y->dtype || (attr->linear && !q8 && x->dtype != OCT_F32)) return oct_prepare_unsupported(context);
  resize *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  for (int i = 0; i < 2; i++) {
    self->in[i] = x->shape.dim[1 + i], self->out[i] = y->shape.dim[1 + i];
    self->taps[i] = oct_plan_alloc(context, (size_t)self->out[i] * sizeof(tap));
    if (!self->taps[i]) return OCT_OUT_OF_MEMORY;
    fill_taps(self->taps[i], attr, tflite, self->in[i], self->out[i], attr->scale[i]);
  }
  self->batch = x->shape.dim[0], self->channels = (size_t)x->shape.dim[3];
  self->pixel_bytes = self->channels * oct_dtype_bytes(x->dtype);
  bool same = q8 && oct_quant_same(x->quant, y->quant);
  self->bilinear = OCT_BEST(bilinear_q8);
  if (q8) {
    self->scale = x->quant->scale[0], self->zero_point = (float)x->quant->zero_point[0];
    self->quantize = oct_quantize_params_of(y->quant, -INFINITY, INFINITY);
  }
  if (q8 && !same && !attr->linear) {
    oct_act *table = oct_plan_alloc(context, 256);
    if (!table) return OCT_OUT_OF_MEMORY;
    oct_requantize_table(x->quant, y->quant, table);
    self->table = table, self->lookup = OCT_BEST(lut_q8);
  }
  step->state = self;
  if (!attr->linear) step->run_part = run_nearest;
  else if (q8) step->run_part = tflite && same ? run_linear_fixed : run_linear_q8;
  else step->run_part = run_linear_f32;
  step->kernel = attr->linear ? "resize_linear" : "resize_nearest";
  return OCT_OK;
}

const oct_op_impl oct_op_resize = {infer, prepare};
