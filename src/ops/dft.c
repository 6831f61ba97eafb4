// SPDX-License-Identifier: MIT
//
// DFT: the discrete Fourier transform along an axis, as written, of [..., 1] real or [..., 2] complex numbers; also
// backwards, and only the first half of the frequencies (`one_sided`). A length (input 1, constant, optional) cuts the
// signal or fills it with zeros; input 2 (constant, optional) is the axis.
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
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s of '%s' of shape %s, of length %d along axis %d",
                    node->type, x->name, oct_shape_print(&shape, text), (int)length, (int)attr->axis);
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

static void run(const oct_step *step) {
  const oct_dft_attr *attr = &step->node->attr.dft;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape;
  const size_t parts = (size_t)in->dim[in->rank - 1], inner = oct_shape_span(in, attr->axis + 1, in->rank - 1);
  const size_t outer = oct_shape_span(in, 0, attr->axis), length = (size_t)attr->length;
  const size_t have = (size_t)in->dim[attr->axis], give = (size_t)out->dim[attr->axis];
  const float *x = step->inputs[0].data;
  float *y = step->outputs[0].data, *cosine = step->scratch, *sine = cosine + length;
  for (size_t i = 0; i < length; i++) {
    turn_by(i, length, &cosine[i], &sine[i]);
    if (!attr->inverse) sine[i] = -sine[i];
  }
  for (size_t o = 0; o < outer; o++, x += have * inner * parts)
    for (size_t f = 0; f < give; f++)
      for (size_t i = 0; i < inner; i++, y += 2) {
        float real = 0, imaginary = 0;
        for (size_t n = 0; n < have && n < length; n++) {
          const float *at = x + (n * inner + i) * parts;
          const size_t turn = (size_t)((uint64_t)f * n % length);
          const float b = parts == 2 ? at[1] : 0;
          real += at[0] * cosine[turn] - b * sine[turn];
          imaginary += at[0] * sine[turn] + b * cosine[turn];
        }
        y[0] = attr->inverse ? real / (float)length : real;
        y[1] = attr->inverse ? imaginary / (float)length : imaginary;
      }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  if (step->inputs[0].dtype != OCT_F32 || step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  step->scratch_bytes = 2 * (size_t)step->node->attr.dft.length * sizeof(float);
  step->macs = (uint64_t)oct_shape_count(&step->outputs[0].shape) * (uint64_t)step->node->attr.dft.length;
  step->run = run;
  step->kernel = "dft";
  return OCT_OK;
}

const oct_op_impl oct_op_dft = {infer, prepare};
