// SPDX-License-Identifier: MIT
//
// PAD: a border around input 0, of a constant or of the input's own elements; negative pads crop (constant kind only).
//
// The inside is one strided copy. A constant border is written first, under it; the other kinds fill the border
// axis by axis, innermost first, from rows that are already whole.
#include "ops/elements.h"
#include "ops/moves.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct pad {
  oct_strided inside;
  size_t out_count, in_count, unit;
  oct_lut_q8_fn *lookup;
  const oct_act *table; // q8 to another quantization, or NULL
  char value[8];        // what a constant border is made of
  int32_t begin[OCT_MAX_RANK], end[OCT_MAX_RANK];
} pad;

static oct_status wrong_count(const oct_node *node, int count, int axes) {
  return oct_fail(OCT_INVALID_MODEL, "the model file is damaged; export it again",
                  "%s has %d pads for %d dimensions; it takes two for each, or one size", node->type, count, axes);
}

/// `axes` (0 or more of them) name the dimensions that are padded; the others stay.
static oct_status read_pads(const oct_graph *graph, const oct_node *node, const oct_shape *x, const oct_axes *axes,
                            int32_t *begin, int32_t *end) {
  int32_t pads[2 * OCT_MAX_RANK];
  int count;
  const oct_pad_attr *attr = &node->attr.pad;
  const int padded = axes->count ? axes->count : x->rank;
  OCT_TRY(oct_infer_ints(graph, node, 1, pads, 2 * OCT_MAX_RANK, &count));
  if (count != (attr->to_size ? padded : 2 * padded)) return wrong_count(node, count, padded);
  for (int i = 0; i < x->rank; i++) begin[i] = end[i] = 0;
  for (int i = 0; i < padded; i++) {
    int32_t at = i;
    if (axes->count) OCT_TRY(oct_infer_axis(node, axes->axis[i], x->rank, &at));
    if (attr->to_size) {
      const int64_t more = (int64_t)pads[i] - x->dim[at]; // negative: cropped
      begin[at] = (int32_t)(more / 2), end[at] = (int32_t)(more - more / 2);
    } else {
      begin[at] = attr->interleaved ? pads[2 * i] : pads[i];
      end[at] = attr->interleaved ? pads[2 * i + 1] : pads[padded + i];
    }
  }
  return OCT_OK;
}

/// The axes that input 3 or the attributes name.
static oct_status read_axes(const oct_graph *graph, oct_node *node) {
  if (!oct_node_has(node, 3)) return OCT_OK;
  int count;
  OCT_TRY(oct_infer_ints(graph, node, 3, node->attr.pad.axes.axis, OCT_MAX_RANK, &count));
  node->attr.pad.axes.count = count;
  return OCT_OK;
}

/// TFLite's pads are a [rank, 2] matrix; oct_infer_ints reads lists.
static oct_value flat_pads(const oct_value *pads) {
  oct_value flat = *pads;
  size_t count = pads->shape.rank < 0 ? 0 : oct_shape_count(&pads->shape);
  flat.shape = oct_shape_of(1, count > 2 * OCT_MAX_RANK ? 2 * OCT_MAX_RANK + 1 : (int)count);
  return flat;
}

static oct_status check(const oct_node *node, const oct_shape *in, const int32_t *begin, const int32_t *end,
                        oct_shape *out) {
  oct_pad_kind kind = node->attr.pad.kind;
  *out = *in;
  for (int i = 0; i < in->rank; i++) {
    int64_t size = (int64_t)in->dim[i] + begin[i] + end[i];
    // How much of a mirror there is: the edge itself is not repeated by REFLECT.
    int64_t most = kind == OCT_PAD_REFLECT ? (int64_t)in->dim[i] - 1 : in->dim[i];
    int32_t least = kind == OCT_PAD_CONSTANT ? -in->dim[i] : 0;
    bool fits = begin[i] >= least && end[i] >= least;
    if (kind == OCT_PAD_REFLECT || kind == OCT_PAD_SYMMETRIC) fits = fits && begin[i] <= most && end[i] <= most;
    if (kind == OCT_PAD_EDGE || kind == OCT_PAD_WRAP) fits = fits && (in->dim[i] > 0 || size == 0);
    if (!fits || size < 0 || size > INT32_MAX)
      return oct_fail(OCT_INVALID_SHAPE, "use a larger input, or check the node's pads",
                      "%s cannot pad dimension %d of size %d by %d and %d", node->type, i, (int)in->dim[i],
                      (int)begin[i], (int)end[i]);
    out->dim[i] = (int32_t)size;
  }
  return OCT_OK;
}

/// Pads and output shape out of the values of inputs 0 and 1.
static oct_status resolve(const oct_node *node, const oct_value *x, const oct_value *pads, int32_t *begin, int32_t *end,
                          oct_shape *out) {
  oct_value values[2] = {*x, flat_pads(pads)};
  oct_value_id ids[2] = {0, 1};
  oct_node alias = *node;
  alias.inputs = ids, alias.input_count = 2;
  OCT_TRY(read_pads(&(oct_graph){.values = values}, &alias, &x->shape, &node->attr.pad.axes, begin, end));
  return check(node, &x->shape, begin, end, out);
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 4, 1));
  OCT_TRY(read_axes(graph, node));
  int32_t begin[OCT_MAX_RANK], end[OCT_MAX_RANK];
  oct_shape shape;
  OCT_TRY(resolve(node, oct_input(graph, node, 0), oct_input(graph, node, 1), begin, end, &shape));
  return oct_infer_moved(graph, node, 0, shape);
}

/// Source index of border index i (negative, or from `dim` on), both counted from the inside's first element.
static int32_t mirror(oct_pad_kind kind, int32_t i, int32_t dim) {
  if (kind == OCT_PAD_EDGE) return i < 0 ? 0 : dim - 1;
  if (kind == OCT_PAD_WRAP) return (i % dim + dim) % dim;
  int32_t edge = kind == OCT_PAD_SYMMETRIC;
  return i < 0 ? -i - edge : 2 * (dim - 1) + edge - i;
}

/// Fills axis `axis`'s border for the whole of the inner axes; outer axes are walked over the inside only, or, once
/// they are done too, do not matter: their borders are copied from finished rows later.
static void fill_axis(const oct_step *step, const pad *self, int32_t axis) {
  const oct_shape *out = &step->outputs[0].shape;
  size_t row = oct_shape_span(out, axis + 1, out->rank) * self->unit, outer = oct_shape_span(out, 0, axis);
  int32_t begin = self->begin[axis], size = out->dim[axis], dim = size - begin - self->end[axis];
  char *to = step->outputs[0].data;
  for (size_t o = 0; o < outer; o++, to += row * (size_t)size)
    for (int32_t i = -begin; i < dim + self->end[axis]; i++)
      if (i < 0 || i >= dim) {
        int32_t from = mirror(step->node->attr.pad.kind, i, dim);
        memcpy(to + row * (size_t)(i + begin), to + row * (size_t)(from + begin), row);
      }
}

static void run(const oct_step *step) {
  const pad *self = step->state;
  const void *from = step->inputs[0].data;
  void *to = step->outputs[0].data;
  if (!self->out_count) return;
  if (self->table) {
    self->lookup(from, self->in_count, self->table, step->scratch);
    from = step->scratch;
  }
  // Mirrored borders are written from finished rows; the fill gives rows of unfinished borders a defined content.
  const char *value = self->value;
  if (oct_node_has(step->node, 2) && step->inputs[2].data && step->inputs[0].dtype != OCT_Q8)
    value = step->inputs[2].data;
  oct_fill(to, self->out_count, value, self->unit);
  oct_strided_copy(&self->inside, from, to);
  if (step->node->attr.pad.kind != OCT_PAD_CONSTANT)
    for (int32_t axis = step->outputs[0].shape.rank - 1; axis >= 0; axis--) fill_axis(step, self, axis);
}

/// The byte of a q8 border: the zero point, or a constant in floats or in q8 of any quantization.
static oct_status q8_value(oct_prepare *context, pad *self) {
  const oct_step *step = context->step;
  const oct_quant *quant = step->outputs[0].quant;
  oct_act byte = (oct_act)quant->zero_point[0];
  if (oct_node_has(step->node, 2)) {
    const oct_tensor *value = &step->inputs[2];
    if (!value->data) return oct_prepare_unsupported(context);
    if (value->dtype == OCT_F32) {
      oct_quantize_params params = oct_quantize_params_of(quant, -INFINITY, INFINITY);
      float real;
      memcpy(&real, value->data, sizeof real);
      oct_quantize_f32__ref(&real, 1, &params, &byte);
    } else if (oct_is_q8(value)) {
      oct_act table[256];
      oct_requantize_table(value->quant, quant, table);
      byte = table[*(const uint8_t *)value->data];
    } else {
      return oct_prepare_unsupported(context);
    }
  }
  memcpy(self->value, &byte, 1);
  return OCT_OK;
}

static void plan_inside(const oct_step *step, pad *self) {
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  oct_strided *box = &self->inside;
  oct_strides_dense(in, box->from_stride);
  oct_strides_dense(out, box->to_stride);
  box->rank = in->rank, box->unit = self->unit;
  for (int i = 0; i < in->rank; i++) {
    int32_t from = self->begin[i] < 0 ? -self->begin[i] : 0, to = self->begin[i] > 0 ? self->begin[i] : 0;
    int32_t left = in->dim[i] - from, room = out->dim[i] - to, size = left < room ? left : room;
    box->dim[i] = size > 0 ? size : 0;
    box->from += from * box->from_stride[i], box->to += to * box->to_stride[i];
  }
  oct_strided_simplify(box);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0], *pads = &step->inputs[1], *out = &step->outputs[0];
  OCT_TRY(oct_prepare_moved(context));
  pad *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_value values[2] = {{.name = "x", .dtype = x->dtype, .shape = x->shape},
                         {.name = "pads", .dtype = pads->dtype, .shape = pads->shape, .data = pads->data}};
  oct_shape shape;
  OCT_TRY(resolve(step->node, &values[0], &values[1], self->begin, self->end, &shape));
  self->unit = oct_dtype_bytes(x->dtype);
  self->in_count = oct_shape_count(&x->shape), self->out_count = oct_shape_count(&out->shape);
  if (oct_is_q8(x) && oct_is_q8(out)) {
    OCT_TRY(q8_value(context, self));
    if (!oct_quant_same(x->quant, out->quant)) {
      oct_act *table = oct_plan_alloc(context, 256);
      if (!table) return OCT_OUT_OF_MEMORY;
      oct_requantize_table(x->quant, out->quant, table);
      self->table = table;
      self->lookup = OCT_BEST(lut_q8);
      step->scratch_bytes = self->in_count;
    }
  } else if (oct_node_has(step->node, 2) &&
             (step->inputs[2].dtype != x->dtype || oct_shape_count(&step->inputs[2].shape) != 1)) {
    return oct_prepare_unsupported(context);
  }
  plan_inside(step, self);
  step->state = self;
  step->run = run;
  step->kernel = "pad";
  return OCT_OK;
}

const oct_op_impl oct_op_pad = {infer, prepare};
