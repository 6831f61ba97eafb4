// SPDX-License-Identifier: MIT
//
// POOL: the maximum or the average of a window over height and width.
//
// All work is on rows of channels: the window's pixels that lie inside the input are joined, channel by channel, into
// the output pixel. Averages of q8 sum integers; TFLite rounds their quotient as integers, ONNX means floats.
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct pool {
  int32_t in[2], out[2], channels, batch;
  oct_window window;
  bool count_padding, integer, half_up;
  oct_quantize_params quantize;
  float scale;          // of a q8 input
  int32_t zero_point;   // of a q8 input
  oct_lut_q8_fn *lookup;
  const oct_act *table; // q8 maximum to another quantization or under a clamp, or NULL
} pool;

/// The input pixels under one output pixel: rows and columns [begin, end) by dilation.
typedef struct reach {
  int32_t begin[2], end[2];
  int32_t count; // what an average divides by
} reach;

static int first_axis(oct_layout layout) { return layout == OCT_NCHW ? 2 : 1; }

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_pool_attr *attr = &node->attr.pool;
  if (x->shape.rank != 4)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "pool over height and width of 4-dimensional tensors",
                    "%s of '%s' with %d dimensions", node->type, x->name, (int)x->shape.rank);
  oct_shape shape = x->shape;
  int at = first_axis(attr->layout);
  if (shape.dim[at] < 1 || shape.dim[at + 1] < 1)
    return oct_fail(OCT_INVALID_SHAPE, "use a larger input", "%s of '%s', which is empty", node->type, x->name);
  OCT_TRY(oct_infer_window(node, &attr->window, &x->shape.dim[at], attr->window.kernel, attr->ceil_mode,
                           &shape.dim[at]));
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

static reach reach_of(const pool *self, int32_t y, int32_t x) {
  reach here = {.count = 1};
  int32_t at[2] = {y, x};
  for (int i = 0; i < 2; i++) {
    const oct_window *window = &self->window;
    int32_t dilation = window->dilation[i], start = at[i] * window->stride[i] - window->pad_begin[i];
    int32_t last = start + (window->kernel[i] - 1) * dilation, taps = window->kernel[i];
    here.begin[i] = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
    here.end[i] = last < self->in[i] ? last + 1 : self->in[i];
    int32_t inside = here.end[i] > here.begin[i] ? (here.end[i] - here.begin[i] + dilation - 1) / dilation : 0;
    // Taps beyond even the padding at the end (ceil mode) never count.
    int32_t edge = self->in[i] + window->pad_end[i];
    if (last >= edge) taps = start < edge ? (edge - start + dilation - 1) / dilation : 0;
    here.count *= self->count_padding ? taps : inside;
  }
  return here;
}

/// Calls `body` with `const type *pixel` for each input pixel in reach.
#define EACH_PIXEL(type, body)                                                                                         \
  for (int32_t y = here->begin[0]; y < here->end[0]; y += self->window.dilation[0])                                    \
    for (int32_t x = here->begin[1]; x < here->end[1]; x += self->window.dilation[1]) {                                \
      const type *pixel = (const type *)in + ((size_t)y * (size_t)self->in[1] + (size_t)x) * (size_t)channels;         \
      body;                                                                                                            \
    }

static void max_f32(const pool *self, const reach *here, const void *in, void *to, void *scratch) {
  int32_t channels = self->channels;
  float *out = to;
  (void)scratch;
  for (int32_t c = 0; c < channels; c++) out[c] = -INFINITY;
  EACH_PIXEL(float, oct_binary_f32__ref(OCT_MAX_F32, pixel, 1, out, 1, out, (size_t)channels))
}

static void average_f32(const pool *self, const reach *here, const void *in, void *to, void *scratch) {
  int32_t channels = self->channels;
  float *out = to;
  (void)scratch;
  for (int32_t c = 0; c < channels; c++) out[c] = 0;
  EACH_PIXEL(float, oct_binary_f32__ref(OCT_ADD_F32, pixel, 1, out, 1, out, (size_t)channels))
  float count = here->count ? (float)here->count : 1.0f;
  for (int32_t c = 0; c < channels; c++) out[c] /= count;
}

static void max_q8(const pool *self, const reach *here, const void *in, void *to, void *scratch) {
  int32_t channels = self->channels;
  oct_act *out = to;
  (void)scratch;
  memset(out, OCT_ACT_MIN, (size_t)channels);
  EACH_PIXEL(oct_act, oct_max_q8__ref(pixel, (size_t)channels, out))
  if (self->table) self->lookup(out, (size_t)channels, self->table, out);
}

/// Rounds sum / count half up, or half away from zero.
static int32_t divide(int32_t sum, int32_t count, bool half_up) {
  if (sum >= 0 || !half_up) return (sum + (sum >= 0 ? count / 2 : -(count / 2))) / count;
  return -((-sum + (count - 1) / 2) / count);
}

static void average_q8(const pool *self, const reach *here, const void *in, void *to, void *scratch) {
  int32_t channels = self->channels, *sum = scratch;
  oct_act *out = to;
  const oct_quantize_params *quantize = &self->quantize;
  memset(sum, 0, (size_t)channels * sizeof *sum);
  EACH_PIXEL(oct_act, oct_sum_q8__ref(pixel, (size_t)channels, sum))
  int32_t count = here->count ? here->count : 1;
  // int8 rounds away from its own zero; in an unsigned build that is 128.
  int32_t middle = self->half_up ? 0 : 128 + OCT_ACT_OFFSET;
  int32_t inside = ((here->end[0] - here->begin[0] + self->window.dilation[0] - 1) / self->window.dilation[0]) *
                   ((here->end[1] - here->begin[1] + self->window.dilation[1] - 1) / self->window.dilation[1]);
  if (here->end[0] <= here->begin[0] || here->end[1] <= here->begin[1]) inside = 0;
  for (int32_t c = 0; c < channels; c++) {
    float q;
    if (self->integer) q = (float)(divide(sum[c] - middle * count, count, self->half_up) + middle);
    else q = rintf(self->scale * (float)(sum[c] - inside * self->zero_point) / (float)count / quantize->divisor) +
             (float)quantize->zero_point;
    out[c] = (oct_act)(q < (float)quantize->hi ? q > (float)quantize->lo ? (int32_t)q : quantize->lo : quantize->hi);
  }
}

typedef void join_fn(const pool *self, const reach *here, const void *in, void *to, void *scratch);

/// The node's clamp, on a row of floats.
static void clamp_f32(const oct_step *step, float *out, size_t count) {
  float lo = step->node->clamp_min, hi = step->node->clamp_max;
  if (!(lo > -INFINITY) && !(hi < INFINITY)) return;
  for (size_t i = 0; i < count; i++) out[i] = out[i] < lo ? lo : out[i] > hi ? hi : out[i];
}

static void run_with(const oct_step *step, oct_part part, join_fn *join, size_t unit) {
  const pool *self = step->state;
  const size_t rows = (size_t)self->batch * (size_t)self->out[0], pixel = (size_t)self->channels * unit;
  for (size_t row = oct_part_begin(part, rows); row < oct_part_end(part, rows); row++) {
    const size_t image = row / (size_t)self->out[0];
    const char *in = (const char *)step->inputs[0].data + image * (size_t)self->in[0] * (size_t)self->in[1] * pixel;
    char *out = (char *)step->outputs[0].data + row * (size_t)self->out[1] * pixel;
    for (int32_t x = 0; x < self->out[1]; x++) {
      reach here = reach_of(self, (int32_t)(row % (size_t)self->out[0]), x);
      join(self, &here, in, out + (size_t)x * pixel, oct_part_scratch(step, part));
    }
    if (unit == sizeof(float)) clamp_f32(step, (float *)(void *)out, (size_t)self->out[1] * (size_t)self->channels);
  }
}

static void run_max_f32(const oct_step *step, oct_part part) { run_with(step, part, max_f32, sizeof(float)); }
static void run_average_f32(const oct_step *step, oct_part part) { run_with(step, part, average_f32, sizeof(float)); }
static void run_max_q8(const oct_step *step, oct_part part) { run_with(step, part, max_q8, 1); }
static void run_average_q8(const oct_step *step, oct_part part) { run_with(step, part, average_q8, 1); }

/// The table that a q8 maximum passes through: requantization, then the clamp.
static oct_status max_table(oct_prepare *context, pool *self) {
  const oct_quant *in = context->step->inputs[0].quant, *out = context->step->outputs[0].quant;
  const oct_quantize_params *limits = &self->quantize;
  if (oct_quant_same(in, out) && limits->lo == OCT_ACT_MIN && limits->hi == OCT_ACT_MAX) return OCT_OK;
  oct_act *table = oct_plan_alloc(context, 256);
  if (!table) return OCT_OUT_OF_MEMORY;
  oct_requantize_table(in, out, table);
  for (int i = 0; i < 256; i++)
    table[i] = (oct_act)(table[i] < limits->lo ? limits->lo : table[i] > limits->hi ? limits->hi : table[i]);
  self->table = table;
  self->lookup = OCT_BEST(lut_q8);
  return OCT_OK;
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_pool_attr *attr = &step->node->attr.pool;
  const oct_tensor *x = &step->inputs[0], *y = &step->outputs[0];
  pool *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  for (int i = 0; i < 2; i++) self->in[i] = x->shape.dim[1 + i], self->out[i] = y->shape.dim[1 + i];
  self->batch = x->shape.dim[0], self->channels = x->shape.dim[3];
  self->window = attr->window, self->count_padding = attr->count_padding, self->half_up = attr->half_up;
  step->state = self;
  step->kernel = attr->average ? "average_pool_f32" : "max_pool_f32";
  if (x->dtype == OCT_F32 && y->dtype == OCT_F32) {
    step->run_part = attr->average ? run_average_f32 : run_max_f32;
    return OCT_OK;
  }
  if (!oct_is_q8(x) || !oct_is_q8(y)) return oct_prepare_unsupported(context);
  self->scale = x->quant->scale[0], self->zero_point = x->quant->zero_point[0];
  self->quantize = oct_quantize_params_of(y->quant, step->node->clamp_min, step->node->clamp_max);
  self->integer = context->dialect == OCT_DIALECT_TFLITE && oct_quant_same(x->quant, y->quant) && !attr->count_padding;
  step->kernel = attr->average ? "average_pool_q8" : "max_pool_q8";
  step->run_part = attr->average ? run_average_q8 : run_max_q8;
  if (attr->average) step->scratch_bytes = (size_t)self->channels * sizeof(int32_t);
  else OCT_TRY(max_table(context, self));
  return OCT_OK;
}

const oct_op_impl oct_op_pool = {infer, prepare};
