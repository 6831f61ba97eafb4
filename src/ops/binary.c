// SPDX-License-Identifier: MIT
//
// BINARY: arithmetic and comparison of two tensors under NumPy broadcasting, one row function a kind of
// floats. Integers of every type go element by element through int64.
//
// q8 goes through floats (elementwise.h), the literal meaning of a quantized ONNX model; for sums and products a kernel
// does so in one pass. In TFLite's dialect these have XNNPACK's fixed-point arithmetic instead, in kernels as well.
#include "ops/elements.h"
#include "ops/elementwise.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

/// Integer division as C has it, with the two undefined cases defined.
static int64_t divide(int64_t x, int64_t y) { return y == 0 ? 0 : y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y; }

static float modulo_f32(float x, float y) {
  float rest = fmodf(x, y);
  return rest != 0.0f && (rest < 0.0f) != (y < 0.0f) ? rest + y : rest;
}

/// A row function that is a kernel.
#define FLOAT_ROW(name, kind)                                                                                          \
  static void name(const void *a, int a_step, const void *b, int b_step, void *out, size_t count) {                    \
    oct_binary_f32__ref(kind, a, a_step, b, b_step, out, count);                                                       \
  }

FLOAT_ROW(add_f32, OCT_ADD_F32)
FLOAT_ROW(sub_f32, OCT_SUB_F32)
FLOAT_ROW(mul_f32, OCT_MUL_F32)
FLOAT_ROW(div_f32, OCT_DIV_F32)
FLOAT_ROW(max_f32, OCT_MAX_F32)
FLOAT_ROW(min_f32, OCT_MIN_F32)
OCT_ROW(pow_f32, float, float, y == 2.0f ? x * x : powf(x, y))
OCT_ROW(mod_f32, float, float, modulo_f32(x, y))
OCT_ROW(remainder_f32, float, float, fmodf(x, y))
OCT_ROW(equal_f32, float, uint8_t, x == y)
OCT_ROW(less_f32, float, uint8_t, x < y)
OCT_ROW(greater_f32, float, uint8_t, x > y)
OCT_ROW(less_equal_f32, float, uint8_t, x <= y)
OCT_ROW(greater_equal_f32, float, uint8_t, x >= y)

/// Row functions of floats by kind; NULL where a kind does not take them.
static oct_row_fn float_row(oct_binary_kind kind) {
  static const oct_row_fn rows[OCT_BINARY_COUNT] = {
      [OCT_ADD] = add_f32,     [OCT_SUB] = sub_f32,     [OCT_MUL] = mul_f32,         [OCT_DIV] = div_f32,
      [OCT_MAXIMUM] = max_f32, [OCT_MINIMUM] = min_f32, [OCT_POW] = pow_f32,         [OCT_MOD] = mod_f32,
      [OCT_REMAINDER] = remainder_f32,                  [OCT_EQUAL] = equal_f32,     [OCT_LESS] = less_f32,
      [OCT_GREATER] = greater_f32, [OCT_LESS_EQUAL] = less_equal_f32, [OCT_GREATER_EQUAL] = greater_equal_f32,
  };
  return rows[kind];
}

static bool compares(oct_binary_kind kind) { return kind >= OCT_EQUAL; }

// --- integers -------------------------------------------------------------------------------------------------------

static int64_t power(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
  uint64_t result = 1, base = (uint64_t)x;
  for (; y; y >>= 1, base *= base)
    if (y & 1) result *= base;
  return (int64_t)result;
}

/// One element; sums, products and shifts wrap.
static int64_t apply_int(oct_binary_kind kind, int64_t x, int64_t y) {
  uint64_t a = (uint64_t)x, b = (uint64_t)y;
  switch (kind) {
    case OCT_ADD: return (int64_t)(a + b);
    case OCT_SUB: return (int64_t)(a - b);
    case OCT_MUL: return (int64_t)(a * b);
    case OCT_DIV: return divide(x, y);
    case OCT_MAXIMUM: return x > y ? x : y;
    case OCT_MINIMUM: return x < y ? x : y;
    case OCT_POW: return power(x, y);
    case OCT_REMAINDER: return x - divide(x, y) * y;
    case OCT_MOD: x -= divide(x, y) * y; return x && (x < 0) != (y < 0) ? x + y : x;
    case OCT_AND: return x & y;
    case OCT_OR: return x | y;
    case OCT_XOR: return x ^ y;
    case OCT_SHIFT_LEFT: return b < 64 ? (int64_t)(a << b) : 0;
    case OCT_SHIFT_RIGHT: return b < 64 ? (int64_t)(a >> b) : 0;
    case OCT_EQUAL: return x == y;
    case OCT_LESS: return x < y;
    case OCT_GREATER: return x > y;
    case OCT_LESS_EQUAL: return x <= y;
    case OCT_GREATER_EQUAL: return x >= y;
    default: return 0;
  }
}

typedef struct integers {
  oct_broadcast walk;
  const oct_step *step;
} integers;

static void visit_integers(const void *state, size_t a, size_t b, size_t out) {
  const integers *self = state;
  const oct_tensor *x = &self->step->inputs[0], *y = &self->step->inputs[1], *to = &self->step->outputs[0];
  oct_binary_kind kind = self->step->node->attr.binary.kind;
  for (size_t i = 0; i < self->walk.row; i++, a += (size_t)self->walk.a_step, b += (size_t)self->walk.b_step)
    oct_element_set_int(to->data, to->dtype, out + i,
                        apply_int(kind, oct_element_int(x->data, x->dtype, a), oct_element_int(y->data, y->dtype, b)));
}

static void run_integers(const oct_step *step) {
  integers *self = step->state;
  self->step = step;
  oct_broadcast_rows(&self->walk, visit_integers, self);
}

/// What a uint64 as an int64 and a bool as a number would do wrong is refused.
static bool takes_integers(oct_binary_kind kind, oct_dtype dtype) {
  bool bits = kind == OCT_AND || kind == OCT_OR || kind == OCT_XOR || kind == OCT_EQUAL;
  if (dtype == OCT_BOOL) return bits;
  return dtype != OCT_U64 || bits || kind == OCT_ADD || kind == OCT_SUB || kind == OCT_MUL || kind == OCT_SHIFT_LEFT ||
         kind == OCT_SHIFT_RIGHT;
}

static oct_status prepare_integers(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *a = &step->inputs[0], *b = &step->inputs[1], *out = &step->outputs[0];
  oct_binary_kind kind = step->node->attr.binary.kind;
  bool clamps = oct_node_clamps(step->node);
  bool same = a->dtype == b->dtype || (kind == OCT_POW && oct_is_integer(b->dtype) && b->dtype != OCT_U64);
  if (!same || clamps || !takes_integers(kind, a->dtype)) return oct_prepare_unsupported(context);
  if (out->dtype != (compares(kind) ? OCT_BOOL : a->dtype)) return oct_prepare_unsupported(context);
  integers *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_broadcast_plan(&self->walk, &a->shape, &b->shape, &out->shape);
  step->state = self;
  step->run = run_integers;
  step->kernel = "binary_int";
  return OCT_OK;
}

// --- sums and products of q8 ----------------------------------------------------------------------------------------

typedef struct bytes {
  oct_broadcast walk;
  const oct_act *in[2];
  oct_act *out;
  bool swaps; // the operands change places, so that it is b that may stand still
  oct_add_qs8_fn *add;
  oct_mul_qs8_fn *mul;
  oct_binary_q8_fn *literal; // of the three, the one that is set runs
  oct_add_qs8_params sum;
  oct_mul_qs8_params product;
  oct_binary_q8_params floats;
} bytes;

static void visit_bytes(const void *state, size_t a, size_t b, size_t out) {
  const bytes *self = state;
  const oct_act *x = self->in[self->swaps] + (self->swaps ? b : a);
  const oct_act *y = self->in[!self->swaps] + (self->swaps ? a : b);
  oct_act *to = self->out + out;
  int y_step = self->swaps ? self->walk.a_step : self->walk.b_step;
  if (self->literal) self->literal(x, y, y_step, self->walk.row, &self->floats, to);
  else if (self->add) self->add(x, y, y_step, self->walk.row, &self->sum, to);
  else self->mul(x, y, y_step, self->walk.row, &self->product, to);
}

static void walk_bytes(const bytes *of, oct_broadcast walk, const void *a, const void *b, void *out) {
  bytes self = *of;
  self.walk = walk;
  self.in[0] = a, self.in[1] = b, self.out = out;
  oct_broadcast_rows(&self.walk, visit_bytes, &self);
}

static void run_bytes(const oct_step *step, oct_part part) {
  const bytes *self = step->state;
  walk_bytes(self, oct_broadcast_part(&self->walk, part), step->inputs[0].data, step->inputs[1].data,
             step->outputs[0].data);
}

static void run_bytes_pixels(const oct_step *step, const void *const *in, void *out, size_t pixels) {
  const bytes *self = step->state;
  walk_bytes(self, oct_broadcast_pixels(&self->walk, &step->outputs[0].shape, pixels), in[0], in[1], out);
}

/// Factors of 21 bits for scales a and b (in output steps; b negative for a difference). False where the larger one is
/// outside [2^-10, 2^8), which XNNPACK does not take.
static bool sum_params(oct_add_qs8_params *params, float a, float b, const oct_quant *qa, const oct_quant *qb) {
  float largest = fmaxf(fabsf(a), fabsf(b));
  if (!(largest >= 0x1.0p-10f && largest < 0x1.0p8f)) return false;
  int exponent;
  frexpf(largest, &exponent); // largest = [0.5, 1) * 2^exponent
  params->shift = 20 - (exponent - 1);
  params->a_factor = (int32_t)rintf(ldexpf(a, params->shift));
  params->b_factor = (int32_t)rintf(ldexpf(b, params->shift));
  params->bias = 1 << (params->shift - 1);
  params->bias -= params->a_factor * qa->zero_point[0] + params->b_factor * qb->zero_point[0];
  return true;
}

/// XNNPACK's form; false where its factors do not reach and the literal one has to do.
static bool choose_fixed(bytes *self, oct_binary_kind kind, const oct_quant *qa, const oct_quant *qb,
                         const oct_quant *out, int32_t lo, int32_t hi) {
  if (kind == OCT_MUL) {
    float scale = qa->scale[0] * qb->scale[0] / out->scale[0];
    self->product = (oct_mul_qs8_params){scale, qa->zero_point[0], qb->zero_point[0], out->zero_point[0], lo, hi};
    self->mul = OCT_BEST(mul_qs8);
    return scale >= 0x1.0p-16f && scale < 0x1.0p8f;
  }
  float x = qa->scale[0] / out->scale[0], y = qb->scale[0] / out->scale[0];
  if (kind == OCT_SUB && self->swaps) x = -x;
  if (kind == OCT_SUB && !self->swaps) y = -y;
  if (!sum_params(&self->sum, x, y, qa, qb)) return false;
  self->sum.zero_point = out->zero_point[0], self->sum.lo = lo, self->sum.hi = hi;
  self->add = OCT_BEST(add_qs8);
  return true;
}

enum { WORTH_PROVING = 4096 }; // elements; a proof takes as long as 65536

static void choose_literal(bytes *self, oct_binary_kind kind, const oct_quant *qa, const oct_quant *qb,
                           const oct_node *node, const oct_tensor *y) {
  const oct_quant *out = y->quant;
  const size_t elements = oct_shape_count(&y->shape);
  self->floats.a = oct_dequantize_params_of(qa), self->floats.b = oct_dequantize_params_of(qb);
  if (kind == OCT_SUB && self->swaps) self->floats.a.scale = -self->floats.a.scale;
  if (kind == OCT_SUB && !self->swaps) self->floats.b.scale = -self->floats.b.scale;
  self->floats.multiplies = kind == OCT_MUL;
  self->floats.out = oct_quantize_params_of(out, node->clamp_min, node->clamp_max);
  self->literal = OCT_BEST(binary_q8);
  if (kind != OCT_MUL && elements >= WORTH_PROVING) oct_sum_in_steps(self->literal, &self->floats);
}

static oct_status prepare_bytes(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *a = &step->inputs[0], *b = &step->inputs[1], *out = &step->outputs[0];
  oct_binary_kind kind = step->node->attr.binary.kind;
  bytes *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_broadcast_plan(&self->walk, &a->shape, &b->shape, &out->shape);
  self->swaps = !self->walk.a_step;
  const oct_quant *qa = self->swaps ? b->quant : a->quant, *qb = self->swaps ? a->quant : b->quant;
  int32_t lo, hi;
  oct_act_range(out->quant, step->node->clamp_min, step->node->clamp_max, &lo, &hi);
  bool fixed = context->dialect == OCT_DIALECT_TFLITE && choose_fixed(self, kind, qa, qb, out->quant, lo, hi);
  if (!fixed) choose_literal(self, kind, qa, qb, step->node, out);
  oct_family family = !fixed ? OCT_FAMILY_binary_q8 : kind == OCT_MUL ? OCT_FAMILY_mul_qs8 : OCT_FAMILY_add_qs8;
  step->kernel = oct_kernel_best(family)->name;
  step->state = self;
  step->run_part = run_bytes;
  if (oct_broadcast_has_pixels(&self->walk, &out->shape)) step->run_pixels = run_bytes_pixels;
  step->in_place = oct_shape_equal(&a->shape, &out->shape) ? 0 : oct_shape_equal(&b->shape, &out->shape) ? 1 : -1;
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 2, 1));
  const oct_value *a = oct_input(graph, node, 0), *b = oct_input(graph, node, 1);
  oct_shape shape;
  if (!oct_shape_broadcast(&a->shape, &b->shape, &shape)) {
    char a_text[112], b_text[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                    "%s cannot broadcast '%s' of shape %s and '%s' of shape %s", node->type, a->name,
                    oct_shape_print(&a->shape, a_text), b->name, oct_shape_print(&b->shape, b_text));
  }
  oct_dtype dtype = compares(node->attr.binary.kind) ? OCT_BOOL : a->dtype;
  return oct_infer_output(graph, node, 0, dtype, shape);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  oct_binary_kind kind = step->node->attr.binary.kind;
  if (oct_is_integer(step->inputs[0].dtype)) return prepare_integers(context);
  oct_row_fn row = float_row(kind);
  bool floats = step->inputs[0].dtype == OCT_F32 || step->inputs[0].dtype == OCT_Q8;
  if (!row || !floats) return oct_prepare_unsupported(context);
  bool q8 = oct_is_q8(&step->inputs[0]) && oct_is_q8(&step->inputs[1]) && oct_is_q8(&step->outputs[0]);
  if (q8 && (kind == OCT_ADD || kind == OCT_SUB || kind == OCT_MUL)) return prepare_bytes(context);
  return oct_elementwise_prepare(context, row, compares(kind), "binary");
}

const oct_op_impl oct_op_binary = {infer, prepare};
