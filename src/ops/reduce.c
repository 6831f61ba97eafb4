// SPDX-License-Identifier: MIT
//
// REDUCE: mean, sum, product, maximum or minimum over any set of axes.
//
// Neighbouring axes of the same fate are merged, which leaves [kept, reduced, kept, reduced, ...]; the walk goes over
// the input once, in order, adding rows to rows of accumulators. q8 accumulates integers exactly and rescales once.
#include "ops/elements.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct reduce {
  int32_t rank;
  int32_t dim[OCT_MAX_RANK];
  size_t out_stride[OCT_MAX_RANK]; // 0 where reduced
  size_t in_count, out_count, count; // count: input elements an output
  oct_quantize_params out;
  bool tflite;
} reduce;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 2, 1));
  const oct_value *x = oct_input(graph, node, 0);
  oct_axes *axes = &node->attr.reduce.axes;
  int rank = x->shape.rank;
  if (oct_node_has(node, 1)) {
    int count;
    OCT_TRY(oct_infer_ints(graph, node, 1, axes->axis, OCT_MAX_RANK, &count));
    axes->count = count;
  }
  if (node->attr.reduce.spatial) {
    axes->count = 0, node->attr.reduce.none = true;
    for (int i = 2; i < rank; i++) axes->axis[axes->count++] = i;
    node->attr.reduce.spatial = false;
  }
  uint32_t set = axes->count || node->attr.reduce.none ? 0 : (1u << rank) - 1;
  for (int i = 0; i < axes->count; i++) {
    OCT_TRY(oct_infer_axis(node, axes->axis[i], rank, &axes->axis[i]));
    set |= 1u << axes->axis[i];
  }
  oct_shape shape = {0};
  for (int i = 0; i < rank; i++) {
    bool reduced = set >> i & 1;
    if (!reduced || node->attr.reduce.keep_dims) shape.dim[shape.rank++] = reduced ? 1 : x->shape.dim[i];
  }
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

/// acc OP x for `kind`; mean adds. Integers wrap, by way of the unsigned type `wide`.
#define ACCUMULATE(wide, acc, x)                                                                                       \
  (kind == OCT_REDUCE_MAX   ? ((x) > (acc) ? (x) : (acc))                                                              \
   : kind == OCT_REDUCE_MIN ? ((x) < (acc) ? (x) : (acc))                                                              \
   : kind == OCT_REDUCE_PROD ? (wide)(acc) * (wide)(x)                                                                 \
                            : (wide)(acc) + (wide)(x))

static void add_f32(const float *x, size_t count, float *acc) {
  oct_binary_f32__ref(OCT_ADD_F32, x, 1, acc, 1, acc, count);
}

static void add_i64(const int64_t *x, size_t count, int64_t *acc) {
  for (size_t i = 0; i < count; i++) acc[i] = (int64_t)((uint64_t)acc[i] + (uint64_t)x[i]);
}

/// Defines `name`: reduces input elements of `type` from axis `depth` inwards into accumulators of type `sum`, rows with
/// `add` where they are added; returns where the input continues.
#define REDUCE_FROM(name, type, sum, wide, add)                                                                        \
  static const type *name(const reduce *self, oct_reduce_kind kind, int32_t depth, const type *x, sum *acc) {          \
    int32_t dim = self->dim[depth];                                                                                    \
    size_t stride = self->out_stride[depth];                                                                           \
    if (depth + 1 < self->rank) {                                                                                      \
      for (int32_t i = 0; i < dim; i++, acc += stride) x = name(self, kind, depth + 1, x, acc);                        \
      return x;                                                                                                        \
    }                                                                                                                  \
    if (!stride) {                                                                                                     \
      sum total = *acc;                                                                                                \
      for (int32_t i = 0; i < dim; i++) total = (sum)ACCUMULATE(wide, total, (sum)x[i]);                               \
      *acc = total;                                                                                                    \
    } else if (kind == OCT_REDUCE_MEAN || kind == OCT_REDUCE_SUM) {                                                    \
      add(x, (size_t)dim, acc);                                                                                        \
    } else {                                                                                                           \
      for (int32_t i = 0; i < dim; i++) acc[i] = (sum)ACCUMULATE(wide, acc[i], (sum)x[i]);                             \
    }                                                                                                                  \
    return x + dim;                                                                                                    \
  }
REDUCE_FROM(reduce_f32, float, float, float, add_f32)
REDUCE_FROM(reduce_q8, oct_act, int32_t, uint32_t, oct_sum_q8__ref)
REDUCE_FROM(reduce_i64, int64_t, int64_t, uint64_t, add_i64)

static void run_f32(const oct_step *step) {
  const reduce *self = step->state;
  oct_reduce_kind kind = step->node->attr.reduce.kind;
  float *out = step->outputs[0].data;
  float start = kind == OCT_REDUCE_MAX    ? -INFINITY
                : kind == OCT_REDUCE_MIN  ? INFINITY
                : kind == OCT_REDUCE_PROD ? 1.0f
                                          : 0.0f;
  for (size_t i = 0; i < self->out_count; i++) out[i] = start;
  if (self->out_count) reduce_f32(self, kind, 0, step->inputs[0].data, out);
  if (kind == OCT_REDUCE_MEAN)
    for (size_t i = 0; i < self->out_count; i++) out[i] /= (float)self->count;
}

/// The real value times the scale's quotient, rounded.
static oct_act rescale(const reduce *self, const oct_quant *in, float real_over_scale, float divisor) {
  float real = self->tflite ? real_over_scale * (in->scale[0] / (self->out.divisor * divisor))
                            : in->scale[0] * real_over_scale / divisor / self->out.divisor;
  float q = rintf(real) + (float)self->out.zero_point;
  return (oct_act)(q < (float)self->out.hi ? q > (float)self->out.lo ? (int32_t)q : self->out.lo : self->out.hi);
}

static void run_q8(const oct_step *step) {
  const reduce *self = step->state;
  const oct_quant *in = step->inputs[0].quant;
  oct_reduce_kind kind = step->node->attr.reduce.kind;
  int32_t *acc = step->scratch;
  oct_act *out = step->outputs[0].data;
  bool adds = kind == OCT_REDUCE_MEAN || kind == OCT_REDUCE_SUM;
  int32_t start = adds ? 0 : kind == OCT_REDUCE_MAX ? OCT_ACT_MIN : OCT_ACT_MAX;
  for (size_t i = 0; i < self->out_count; i++) acc[i] = start;
  if (self->out_count) reduce_q8(self, kind, 0, step->inputs[0].data, acc);
  // TFLite takes the mean of the bytes themselves where their meaning does not change.
  bool plain = self->tflite && kind == OCT_REDUCE_MEAN && oct_quant_same(in, step->outputs[0].quant);
  int64_t zeros = (int64_t)in->zero_point[0] * (adds ? (int64_t)self->count : 1);
  for (size_t i = 0; i < self->out_count; i++)
    out[i] = plain ? (oct_act)(int32_t)rintf((float)acc[i] / (float)self->count)
                   : rescale(self, in, (float)(acc[i] - zeros), kind == OCT_REDUCE_MEAN ? (float)self->count : 1.0f);
}

/// The least (or largest) number of an integer type.
static int64_t limit_of(oct_dtype dtype, bool least) {
  switch (dtype) {
    case OCT_I8: return least ? INT8_MIN : INT8_MAX;
    case OCT_U8: return least ? 0 : UINT8_MAX;
    case OCT_BOOL: return !least;
    case OCT_I16: return least ? INT16_MIN : INT16_MAX;
    case OCT_U16: return least ? 0 : UINT16_MAX;
    case OCT_I32: return least ? INT32_MIN : INT32_MAX;
    case OCT_U32: return least ? 0 : UINT32_MAX;
    default: return least ? INT64_MIN : INT64_MAX;
  }
}

/// Integers of every type, widened first; the mean is truncated.
static void run_integers(const oct_step *step) {
  const reduce *self = step->state;
  oct_reduce_kind kind = step->node->attr.reduce.kind;
  const oct_tensor *x = &step->inputs[0], *out = &step->outputs[0];
  int64_t *wide = step->scratch, *acc = wide + self->in_count;
  for (size_t i = 0; i < self->in_count; i++) wide[i] = oct_element_int(x->data, x->dtype, i);
  bool limits = kind == OCT_REDUCE_MAX || kind == OCT_REDUCE_MIN;
  int64_t start = limits ? limit_of(x->dtype, kind == OCT_REDUCE_MAX) : kind == OCT_REDUCE_PROD;
  for (size_t i = 0; i < self->out_count; i++) acc[i] = start;
  if (self->out_count) reduce_i64(self, kind, 0, wide, acc);
  for (size_t i = 0; i < self->out_count; i++)
    oct_element_set_int(out->data, out->dtype, i,
                        kind == OCT_REDUCE_MEAN && self->count ? acc[i] / (int64_t)self->count : acc[i]);
}

/// Merges axes and says where each one's elements go.
static void plan(reduce *self, const oct_node *node, const oct_shape *x) {
  const oct_axes *axes = &node->attr.reduce.axes;
  uint32_t set = axes->count || node->attr.reduce.none ? 0 : (1u << x->rank) - 1;
  for (int i = 0; i < axes->count; i++) set |= 1u << axes->axis[i];
  bool reduced[OCT_MAX_RANK];
  self->count = 1;
  for (int i = 0; i < x->rank; i++) {
    bool here = set >> i & 1;
    if (here) self->count *= (size_t)x->dim[i];
    if (self->rank && (reduced[self->rank - 1] == here || x->dim[i] == 1)) {
      self->dim[self->rank - 1] *= x->dim[i];
    } else {
      reduced[self->rank] = here;
      self->dim[self->rank++] = x->dim[i];
    }
  }
  if (self->rank == 0) self->dim[self->rank] = 1, reduced[self->rank++] = true;
  size_t stride = 1;
  for (int32_t i = self->rank - 1; i >= 0; i--) {
    self->out_stride[i] = reduced[i] ? 0 : stride;
    if (!reduced[i]) stride *= (size_t)self->dim[i];
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *out = &step->outputs[0];
  reduce *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_reduce_kind kind = step->node->attr.reduce.kind;
  plan(self, step->node, &x->shape);
  self->out_count = oct_shape_count(&out->shape);
  self->tflite = context->dialect == OCT_DIALECT_TFLITE;
  step->state = self;
  step->kernel = "reduce";
  if (x->dtype == OCT_F32 && out->dtype == OCT_F32) {
    step->run = run_f32;
  } else if (oct_is_q8(x) && oct_is_q8(out) && kind != OCT_REDUCE_PROD && self->count && self->count < (1u << 23)) {
    self->out = oct_quantize_params_of(out->quant, -INFINITY, INFINITY);
    step->scratch_bytes = self->out_count * sizeof(int32_t);
    step->run = run_q8;
  } else if (oct_is_integer(x->dtype) && x->dtype == out->dtype && x->dtype != OCT_U64) {
    self->in_count = oct_shape_count(&x->shape);
    step->scratch_bytes = (self->in_count + self->out_count) * sizeof(int64_t);
    step->run = run_integers;
  } else {
    return oct_prepare_unsupported(context);
  }
  return OCT_OK;
}

const oct_op_impl oct_op_reduce = {infer, prepare};
