// SPDX-License-Identifier: MIT
//
// DFT: the discrete Fourier transform along an axis, of [..., 1] real or [..., 2] complex numbers; also backwards, and
// only the first half of the frequencies (`one_sided`). A length (input 1, constant, optional) cuts the signal or fills
// it with zeros; input 2 (constant, optional) is the axis.
//
// Fast for lengths with small factors (Cooley and Tukey 1965): a transform of p * m numbers is p transforms of every
// p-th one, and m sums of p of their results.
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 3, 1));
  oct_dft_attr *attr = &node->attr.dft;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = x->shape;
  const int32_t parts = shape.rank < 2 ? 0 : shape.dim[shape.rank - 1];
  int32_t number[1];
  int count = 0;
  if (oct_node_has(node, 2)) {
    OCT_TRY(oct_infer_ints(graph, node, 2, number, 1, &count));
    if (count) attr->axis = number[0];
  }
  OCT_TRY(oct_infer_axis(node, attr->axis, shape.rank, &attr->axis));
  int32_t length = shape.dim[attr->axis];
  if (oct_node_has(node, 1)) {
    OCT_TRY(oct_infer_ints(graph, node, 1, number, 1, &count));
    if (count) length = number[0];
  }
  if ((parts != 1 && parts != 2) || attr->axis == shape.rank - 1 || length < 1 || (attr->one_sided && parts == 2)) {
    char text[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                    "%s of '%s' of shape %s, of length %d along axis %d", node->type, x->name, oct_shape_print(&shape, text), (int)length, (int)attr->axis);
  }
  attr->length = length;
  shape.dim[attr->axis] = attr->one_sided ? length / 2 + 1 : length;
  shape.dim[shape.rank - 1] = 2;
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

/// Cosine and sine of `i` of `length` parts of a turn. What is left of a quarter turn is small, and exact in floats.
static void turn_by(size_t i, size_t length, float *cosine, float *sine) {
  const uint64_t quarters = (8 * (uint64_t)i + length) / (2 * (uint64_t)length);
  const double rest = 4 * (double)i - (double)(quarters * length);
  const float angle = (float)(1.5707963267948966 * rest / (double)length), c = cosf(angle), s = sinf(angle);
  const bool odd = quarters & 1, back = quarters & 2;
  *cosine = (odd ? -s : c) * (back ? -1 : 1);
  *sine = (odd ? c : s) * (back ? -1 : 1);
}

typedef struct complex {
  float re, im;
} complex;

/// What the transforms of one step share. `turn[i]` is i of `length` parts of a turn; `sums` has `length` places.
typedef struct fourier {
  size_t length;
  complex *turn, *sums;
} fourier;

static size_t smallest_factor(size_t n) {
  for (size_t p = 2; p * p <= n; p++)
    if (n % p == 0) return p;
  return n;
}

/// Transforms n numbers, `apart` from one another, into `to`.
static void transform(const fourier *self, const complex *from, size_t apart, size_t n, complex *to) {
  if (n == 1) {
    *to = *from;
    return;
  }
  const size_t p = smallest_factor(n), m = n / p, step = self->length / n;
  for (size_t r = 0; r < p; r++) transform(self, from + r * apart, apart * p, m, to + r * m);
  for (size_t k = 0; k < m; k++) {
    for (size_t q = 0; q < p; q++) {
      const size_t turn = (k + q * m) * step;
      complex sum = to[k];
      for (size_t r = 1, at = turn; r < p; r++) {
        const complex x = to[k + r * m], w = self->turn[at];
        sum.re += x.re * w.re - x.im * w.im, sum.im += x.re * w.im + x.im * w.re;
        at += turn;
        if (at >= self->length) at -= self->length;
      }
      self->sums[q] = sum;
    }
    for (size_t q = 0; q < p; q++) to[k + q * m] = self->sums[q];
  }
}

static void run(const oct_step *step) {
  const oct_dft_attr *attr = &step->node->attr.dft;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  const size_t parts = (size_t)in->dim[in->rank - 1], inner = oct_shape_span(in, attr->axis + 1, in->rank - 1);
  const size_t outer = oct_shape_span(in, 0, attr->axis), length = (size_t)attr->length;
  const size_t have = (size_t)in->dim[attr->axis], give = (size_t)out->dim[attr->axis];
  const fourier self = {length, step->scratch, (complex *)step->scratch + length};
  complex *line = self.sums + length, *result = line + length;
  const float factor = attr->inverse ? 1.0f / (float)length : 1.0f;
  for (size_t i = 0; i < length; i++) {
    turn_by(i, length, &self.turn[i].re, &self.turn[i].im);
    if (!attr->inverse) self.turn[i].im = -self.turn[i].im;
  }
  for (size_t at = 0; at < outer * inner; at++) {
    const float *x = (const float *)step->inputs[0].data + (at / inner * have * inner + at % inner) * parts;
    float *y = (float *)step->outputs[0].data + (at / inner * give * inner + at % inner) * 2;
    for (size_t i = 0; i < length; i++, x += inner * parts)
      line[i] = i < have ? (complex){x[0], parts == 2 ? x[1] : 0} : (complex){0, 0};
    transform(&self, line, 1, length, result);
    for (size_t i = 0; i < give; i++, y += 2 * inner) y[0] = result[i].re * factor, y[1] = result[i].im * factor;
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->inputs[0].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  step->scratch_bytes = 4 * (size_t)step->node->attr.dft.length * sizeof(complex);
  step->run = run;
  step->kernel = "dft";
  return OCT_OK;
}

const oct_op_impl oct_op_dft = {infer, prepare};
