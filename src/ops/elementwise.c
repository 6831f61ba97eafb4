// SPDX-License-Identifier: MIT
//
// Rows over broadcast inputs, and the literal q8 form of any row function. See elementwise.h.
#include "ops/elementwise.h"

#include "ops/quantization.h"

#include <math.h>
#include <string.h>

void oct_broadcast_plan(oct_broadcast *walk, const oct_shape *a, const oct_shape *b, const oct_shape *out) {
  *walk = (oct_broadcast){.row = 1, .a_step = 1, .b_step = 1};
  size_t a_size = 1, b_size = 1; // elements inside the dimension looked at, per input
  int32_t rank = 0;
  // Innermost first; reversed below.
  for (int i = out->rank - 1; i >= 0; i--) {
    int ia = i - (out->rank - a->rank), ib = i - (out->rank - b->rank);
    int32_t da = ia < 0 ? 1 : a->dim[ia], db = ib < 0 ? 1 : b->dim[ib], d = out->dim[i];
    if (d == 1) continue;
    size_t sa = da == 1 ? 0 : a_size, sb = db == 1 ? 0 : b_size;
    a_size *= (size_t)da, b_size *= (size_t)db;
    int32_t last = rank - 1;
    if (rank && sa == walk->a_stride[last] * (size_t)walk->dim[last] &&
        sb == walk->b_stride[last] * (size_t)walk->dim[last]) {
      walk->dim[last] *= d;
      continue;
    }
    walk->dim[rank] = d, walk->a_stride[rank] = sa, walk->b_stride[rank] = sb;
    rank++;
  }
  if (rank) {
    walk->row = (size_t)walk->dim[0];
    walk->a_step = walk->a_stride[0] != 0, walk->b_step = walk->b_stride[0] != 0;
  }
  for (int32_t i = 1; i < rank; i++) {
    walk->dim[i - 1] = walk->dim[i];
    walk->a_stride[i - 1] = walk->a_stride[i], walk->b_stride[i - 1] = walk->b_stride[i];
  }
  walk->rank = rank ? rank - 1 : 0;
}

oct_broadcast oct_broadcast_part(const oct_broadcast *walk, oct_part part) {
  oct_broadcast cut = *walk;
  if (part.count == 1) return cut;
  if (!walk->rank) {
    cut.begin = oct_part_from(part, walk->row, 64);
    cut.row = oct_part_to(part, walk->row, 64) - cut.begin;
    cut.a_begin = cut.begin * (size_t)walk->a_step, cut.b_begin = cut.begin * (size_t)walk->b_step;
    return cut;
  }
  const int32_t outer = walk->rank - 1;
  const size_t first = oct_part_begin(part, (size_t)walk->dim[outer]);
  cut.dim[outer] = (int32_t)(oct_part_end(part, (size_t)walk->dim[outer]) - first);
  cut.a_begin = first * walk->a_stride[outer], cut.b_begin = first * walk->b_stride[outer];
  cut.begin = first * walk->row;
  for (int32_t i = 0; i < outer; i++) cut.begin *= (size_t)walk->dim[i];
  return cut;
}

bool oct_broadcast_has_pixels(const oct_broadcast *walk, const oct_shape *out) {
  return !walk->rank || (walk->rank == 1 && walk->row == oct_shape_channels(out));
}

oct_broadcast oct_broadcast_pixels(const oct_broadcast *walk, const oct_shape *out, size_t pixels) {
  oct_broadcast some = *walk;
  if (walk->rank) some.dim[0] = (int32_t)pixels;
  else some.row = pixels * oct_shape_channels(out);
  return some;
}

void oct_broadcast_rows(const oct_broadcast *walk, void (*visit)(const void *state, size_t a, size_t b, size_t out),
                        const void *state) {
  size_t a = walk->a_begin, b = walk->b_begin, out = walk->begin;
  int32_t at[OCT_MAX_RANK] = {0};
  if (!walk->row) return;
  for (int32_t i = 0; i < walk->rank; i++)
    if (!walk->dim[i]) return;
  for (;;) {
    visit(state, a, b, out);
    out += walk->row;
    int32_t i = 0;
    for (; i < walk->rank; i++) {
      a += walk->a_stride[i], b += walk->b_stride[i];
      if (++at[i] < walk->dim[i]) break;
      a -= walk->a_stride[i] * (size_t)walk->dim[i], b -= walk->b_stride[i] * (size_t)walk->dim[i];
      at[i] = 0;
    }
    if (i == walk->rank) return;
  }
}

enum { PIECE = 256 }; // elements dequantized at a time

typedef struct elementwise {
  oct_broadcast walk;
  oct_row_fn row;
  size_t in_bytes, out_bytes;
  bool clamps;
  float clamp_min, clamp_max;
  oct_dequantize_q8_fn *dequantize;
  oct_quantize_f32_fn *quantize;
  oct_dequantize_params in_quant[2];
  oct_quantize_params out_quant;
  oct_dtype in_dtype[2], out_dtype;
  void (*visit)(const void *state, size_t a, size_t b, size_t out);
  const char *in[2]; // of a run, as the output
  char *out;
} elementwise;

static void clamp_floats(float *values, size_t count, float lo, float hi) {
  for (size_t i = 0; i < count; i++) {
    float x = values[i];
    x = x < lo ? lo : x;
    values[i] = x > hi ? hi : x;
  }
}

static void visit_plain(const void *state, size_t a, size_t b, size_t out) {
  const elementwise *self = state;
  char *to = self->out + out * self->out_bytes;
  self->row(self->in[0] + a * self->in_bytes, self->walk.a_step, self->in[1] + b * self->in_bytes, self->walk.b_step,
            to, self->walk.row);
  if (self->clamps) clamp_floats((float *)(void *)to, self->walk.row, self->clamp_min, self->clamp_max);
}

/// Floats of `count` elements of an input, in `buffer` unless they are floats already.
static const float *load_floats(const elementwise *self, int input, size_t at, size_t count, float *buffer) {
  const void *data = self->in[input];
  if (self->in_dtype[input] == OCT_F32) return (const float *)data + at;
  self->dequantize((const oct_act *)data + at, count, &self->in_quant[input], buffer);
  return buffer;
}

static void visit_q8(const void *state, size_t a, size_t b, size_t out) {
  const elementwise *self = state;
  const oct_broadcast *walk = &self->walk;
  float a_floats[PIECE], b_floats[PIECE], floats[PIECE];
  for (size_t at = 0; at < walk->row; at += PIECE) {
    size_t count = walk->row - at < PIECE ? walk->row - at : PIECE;
    const float *x = load_floats(self, 0, walk->a_step ? a + at : a, walk->a_step ? count : 1, a_floats);
    const float *y = load_floats(self, 1, walk->b_step ? b + at : b, walk->b_step ? count : 1, b_floats);
    char *to = self->out + (out + at) * self->out_bytes;
    if (self->out_dtype == OCT_Q8) {
      self->row(x, walk->a_step, y, walk->b_step, floats, count);
      self->quantize(floats, count, &self->out_quant, (oct_act *)to);
    } else {
      self->row(x, walk->a_step, y, walk->b_step, to, count);
      if (self->clamps) clamp_floats((float *)(void *)to, count, self->clamp_min, self->clamp_max);
    }
  }
}

static void walk_rows(const elementwise *of, oct_broadcast walk, const void *a, const void *b, void *out) {
  elementwise self = *of;
  self.walk = walk;
  self.in[0] = a, self.in[1] = b, self.out = out;
  oct_broadcast_rows(&self.walk, self.visit, &self);
}

static void run_part(const oct_step *step, oct_part part) {
  const elementwise *self = step->state;
  walk_rows(self, oct_broadcast_part(&self->walk, part), step->inputs[0].data, step->inputs[1].data,
            step->outputs[0].data);
}

static void run_pixels(const oct_step *step, const void *const *in, void *out, size_t pixels) {
  const elementwise *self = step->state;
  walk_rows(self, oct_broadcast_pixels(&self->walk, &step->outputs[0].shape, pixels), in[0], in[1], out);
}

oct_status oct_elementwise_prepare(oct_prepare *context, oct_row_fn row, bool compares, const char *kernel) {
  oct_step *step = context->step;
  const oct_tensor *a = &step->inputs[0], *b = &step->inputs[1], *out = &step->outputs[0];
  bool q8 = a->dtype == OCT_Q8 || b->dtype == OCT_Q8;
  if (compares != (out->dtype == OCT_BOOL)) return oct_prepare_unsupported(context);
  if (q8) {
    if (!oct_is_q8(a) && a->dtype != OCT_F32) return oct_prepare_unsupported(context);
    if (!oct_is_q8(b) && b->dtype != OCT_F32) return oct_prepare_unsupported(context);
    if (!oct_is_q8(out) && out->dtype != OCT_F32 && out->dtype != OCT_BOOL) return oct_prepare_unsupported(context);
  } else if (a->dtype != b->dtype || (out->dtype != a->dtype && out->dtype != OCT_BOOL)) {
    return oct_prepare_unsupported(context);
  }
  bool clamps = oct_node_clamps(step->node);
  if (clamps && out->dtype != OCT_F32 && out->dtype != OCT_Q8) return oct_prepare_unsupported(context);
  elementwise *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_broadcast_plan(&self->walk, &a->shape, &b->shape, &out->shape);
  self->row = row;
  self->in_dtype[0] = a->dtype, self->in_dtype[1] = b->dtype, self->out_dtype = out->dtype;
  self->in_bytes = oct_dtype_bytes(a->dtype), self->out_bytes = oct_dtype_bytes(out->dtype);
  self->clamp_min = step->node->clamp_min, self->clamp_max = step->node->clamp_max;
  self->clamps = clamps && out->dtype == OCT_F32;
  self->dequantize = OCT_BEST(dequantize_q8), self->quantize = OCT_BEST(quantize_f32);
  if (a->dtype == OCT_Q8) self->in_quant[0] = oct_dequantize_params_of(a->quant);
  if (b->dtype == OCT_Q8) self->in_quant[1] = oct_dequantize_params_of(b->quant);
  if (out->dtype == OCT_Q8) self->out_quant = oct_quantize_params_of(out->quant, self->clamp_min, self->clamp_max);
  step->state = self;
  self->visit = q8 ? visit_q8 : visit_plain;
  step->run_part = run_part;
  if (oct_broadcast_has_pixels(&self->walk, &out->shape)) step->run_pixels = run_pixels;
  step->kernel = kernel;
  for (int i = 1; i >= 0; i--) {
    const oct_tensor *in = &step->inputs[i];
    if (oct_dtype_bytes(in->dtype) == self->out_bytes && oct_shape_equal(&in->shape, &out->shape)) step->in_place = i;
  }
  return OCT_OK;
}
