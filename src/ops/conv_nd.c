// SPDX-License-Identifier: MIT
//
// CONV_ND: convolution over three dimensions of [n, c, d, h, w], and (`transposed`) its transpose, in floats, as
// written: each input element, times each weight that it meets, is added to the output. CONV is the fast form of two.
#include "ops/op.h"

#include <string.h>

static oct_status infer_transposed(const oct_node *node, const oct_shape *x, const oct_value *w, oct_shape *shape) {
  const oct_window_nd *window = &node->attr.conv_nd.window;
  for (int d = 0; d < window->count; d++) {
    const int64_t reach = (int64_t)(w->shape.dim[2 + d] - 1) * window->dilation[d] + 1;
    const int64_t size = (int64_t)(x->dim[2 + d] - 1) * window->stride[d] + node->attr.conv_nd.output_padding[d] + reach -
                         window->pad_begin[d] - window->pad_end[d];
    if (window->pad_mode != OCT_PAD_EXPLICIT || size < 1 || size > INT32_MAX || window->stride[d] < 1 ||
        window->dilation[d] < 1 || window->pad_begin[d] < 0 || window->pad_end[d] < 0)
      return oct_fail(OCT_UNSUPPORTED_MODEL, "export it with explicit pads", "%s has an output of %lld along a dimension",
                      node->type, (long long)size);
    shape->dim[2 + d] = (int32_t)size;
  }
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 3, 1));
  oct_conv_nd_attr *attr = &node->attr.conv_nd;
  const oct_value *x = oct_input(graph, node, 0), *w = oct_input(graph, node, 1);
  const oct_value *bias = oct_node_has(node, 2) ? oct_input(graph, node, 2) : NULL;
  oct_shape shape = x->shape;
  const int rank = attr->window.count + 2;
  bool fits = shape.rank == rank && w->shape.rank == rank && attr->groups >= 1 && shape.dim[1] % attr->groups == 0;
  for (int i = 1; fits && i < rank; i++) fits = w->shape.dim[i] >= 1 && shape.dim[i] >= 1;
  if (fits && attr->transposed) fits = w->shape.dim[0] == shape.dim[1] && (int64_t)w->shape.dim[1] * attr->groups <= INT32_MAX;
  else if (fits) fits = w->shape.dim[1] == shape.dim[1] / attr->groups && w->shape.dim[0] % attr->groups == 0;
  const int32_t outputs = !fits ? 0 : attr->transposed ? w->shape.dim[1] * attr->groups : w->shape.dim[0];
  if (!fits || (bias && oct_shape_count(&bias->shape) != (size_t)outputs)) {
    char a[112], b[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s has weights of shape %s for '%s' of %s",
                    node->type, oct_shape_print(&w->shape, b), x->name, oct_shape_print(&x->shape, a));
  }
  shape.dim[1] = outputs;
  if (attr->transposed) OCT_TRY(infer_transposed(node, &x->shape, w, &shape));
  else OCT_TRY(oct_infer_window_nd(node, &attr->window, &x->shape.dim[2], &w->shape.dim[2], false, &shape.dim[2]));
  return oct_infer_output(graph, node, 0, x->dtype, shape);
}

/// Adds what one plane of `few` (the side that strides) and one of `many` have to do with each other under a kernel:
/// output += input * weight, the input being `many` for a convolution and `few` for a transposed one.
static void join_planes(const oct_step *step, const float *x, const float *w, float *y) {
  const oct_conv_nd_attr *attr = &step->node->attr.conv_nd;
  const int32_t *few = &step->outputs[0].shape.dim[2], *many = &step->inputs[0].shape.dim[2];
  if (attr->transposed) few = &step->inputs[0].shape.dim[2], many = &step->outputs[0].shape.dim[2];
  const int32_t *kernel = &step->inputs[1].shape.dim[2];
  const oct_window_nd *window = &attr->window;
  const size_t places = (size_t)few[0] * (size_t)few[1] * (size_t)few[2];
  for (int32_t i = 0; i < kernel[0]; i++)
    for (int32_t j = 0; j < kernel[1]; j++)
      for (int32_t k = 0; k < kernel[2]; k++, w++)
        for (size_t p = 0; p < places; p++) {
          const int32_t at[3] = {(int32_t)(p / (size_t)few[2] / (size_t)few[1]), (int32_t)(p / (size_t)few[2] % (size_t)few[1]),
                                 (int32_t)(p % (size_t)few[2])};
          const int32_t tap[3] = {i, j, k};
          size_t other = 0;
          bool inside = true;
          for (int d = 0; d < 3; d++) {
            const int32_t place = at[d] * window->stride[d] - window->pad_begin[d] + tap[d] * window->dilation[d];
            inside = inside && place >= 0 && place < many[d];
            other = other * (size_t)many[d] + (size_t)(inside ? place : 0);
          }
          if (inside) y[attr->transposed ? other : p] += x[attr->transposed ? p : other] * *w;
        }
}

static void run(const oct_step *step) {
  const oct_conv_nd_attr *attr = &step->node->attr.conv_nd;
  const oct_shape *in = &step->inputs[0].shape, *out = &step->outputs[0].shape, *kernel = &step->inputs[1].shape;
  const size_t from = oct_shape_span(in, 2, 5), to = oct_shape_span(out, 2, 5), taps = oct_shape_span(kernel, 2, 5);
  const float *x = step->inputs[0].data, *w = step->inputs[1].data;
  const float *bias = oct_node_has(step->node, 2) ? step->inputs[2].data : NULL;
  const int32_t groups = attr->groups, ins = in->dim[1] / groups, outs = out->dim[1] / groups;
  float *y = step->outputs[0].data;
  for (int32_t n = 0; n < in->dim[0]; n++)
    for (int32_t o = 0; o < out->dim[1]; o++, y += to) {
      for (size_t i = 0; i < to; i++) y[i] = bias ? bias[o] : 0.0f;
      for (int32_t c = 0; c < ins; c++) {
        const int32_t channel = o / outs * ins + c;
        const size_t place = attr->transposed ? (size_t)channel * (size_t)outs + (size_t)(o % outs)
                                              : (size_t)o * (size_t)ins + (size_t)c;
        join_planes(step, x + ((size_t)n * (size_t)in->dim[1] + (size_t)channel) * from, w + place * taps, y);
      }
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  for (int i = 0; i < step->node->input_count; i++)
    if (oct_node_has(step->node, i) && step->inputs[i].dtype != OCT_F32) return oct_prepare_unsupported(context);
  if (step->outputs[0].dtype != OCT_F32) return oct_prepare_unsupported(context);
  const oct_shape *few = step->node->attr.conv_nd.transposed ? &step->inputs[0].shape : &step->outputs[0].shape;
  step->macs = (uint64_t)oct_shape_count(&step->inputs[1].shape) * oct_shape_span(few, 2, 5) * (uint64_t)few->dim[0];
  step->run = run;
  step->kernel = "conv_nd";
  return OCT_OK;
}

const oct_op_impl oct_op_conv_nd = {infer, prepare};
