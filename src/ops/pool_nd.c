// SPDX-License-Identifier: MIT
//
// POOL_ND: windows over one to three dimensions of [n, c, ...], to their maximum, average or p-norm; output 1, where
// wanted, says where each maximum is (an index into the whole input). POOL is the fast form of what images need.
#include "ops/elements.h"
#include "ops/op.h"

#include <math.h>

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  oct_pool_nd_attr *attr = &node->attr.pool_nd;
  const oct_value *x = oct_input(graph, node, 0);
  oct_shape shape = x->shape;
  if (shape.rank != attr->window.count + 2)
    return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in", "%s over %d dimensions of '%s', which has %d",
                    node->type, (int)attr->window.count, x->name, (int)shape.rank - 2);
  OCT_TRY(oct_infer_window_nd(node, &attr->window, &x->shape.dim[2], attr->window.kernel, attr->ceil_mode, &shape.dim[2]));
  OCT_TRY(oct_infer_output(graph, node, 0, x->dtype, shape));
  if (node->output_count < 2 || node->outputs[1] == OCT_NO_VALUE) return OCT_OK;
  return oct_infer_bytes(graph, node, 1, OCT_I64, shape);
}

typedef struct found {
  double value; // maximum, or sum
  size_t at, counted;
} found;

/// Joins the elements of one window, whose first tap lies at `start`.
static found join(const oct_step *step, size_t plane, const int32_t start[3]) {
  const oct_pool_nd_attr *attr = &step->node->attr.pool_nd;
  const oct_tensor *x = &step->inputs[0];
  const oct_window_nd *window = &attr->window;
  found here = {.value = attr->kind == OCT_POOL_MAX ? -INFINITY : 0};
  int32_t tap[3] = {0};
  const int32_t count = window->count;
  for (bool more = true; more;) {
    size_t at = 0;
    bool inside = true, padded = true;
    for (int d = 0; d < count; d++) {
      const int32_t place = start[d] + tap[d] * window->dilation[d], size = x->shape.dim[2 + d];
      inside = inside && place >= 0 && place < size;
      padded = padded && place < size + window->pad_end[d]; // taps beyond even the padding never count
      at = at * (size_t)size + (size_t)(inside ? place : 0);
    }
    if (inside) {
      const double value = oct_element_real(x->data, x->dtype, plane + at);
      if (attr->kind == OCT_POOL_NORM) here.value += powf(fabsf((float)value), attr->p);
      else if (attr->kind == OCT_POOL_AVERAGE) here.value += value;
      else if (value > here.value || !here.counted) here.value = value, here.at = plane + at;
    }
    here.counted += inside || (attr->count_padding && padded);
    more = false;
    for (int d = count - 1; d >= 0 && !more; d--) {
      more = ++tap[d] < window->kernel[d];
      if (!more) tap[d] = 0;
    }
  }
  if (attr->kind == OCT_POOL_AVERAGE) here.value /= here.counted ? (double)here.counted : 1;
  if (attr->kind == OCT_POOL_NORM) here.value = powf((float)here.value, 1 / attr->p);
  return here;
}

/// The index of a maximum, counted with the first spatial dimension fastest where the node says so.
static int64_t index_of(const oct_step *step, size_t plane, size_t at) {
  const oct_shape *shape = &step->inputs[0].shape;
  if (!step->node->attr.pool_nd.column_major) return (int64_t)at;
  size_t rest = at - plane, turned = 0, stride = 1, places[3] = {0};
  for (int d = shape->rank - 1; d >= 2; d--) places[d - 2] = rest % (size_t)shape->dim[d], rest /= (size_t)shape->dim[d];
  for (int d = 2; d < shape->rank; d++) turned += places[d - 2] * stride, stride *= (size_t)shape->dim[d];
  return (int64_t)(plane + turned);
}

static void run(const oct_step *step) {
  const oct_tensor *x = &step->inputs[0], *y = &step->outputs[0];
  const oct_window_nd *window = &step->node->attr.pool_nd.window;
  int64_t *indices = step->node->output_count > 1 ? step->outputs[1].data : NULL;
  const size_t planes = oct_shape_span(&x->shape, 0, 2), size = oct_shape_span(&x->shape, 2, x->shape.rank);
  const size_t outputs = oct_shape_span(&y->shape, 2, y->shape.rank);
  for (size_t p = 0; p < planes; p++)
    for (size_t o = 0; o < outputs; o++) {
      int32_t start[3] = {0};
      size_t rest = o;
      for (int d = window->count - 1; d >= 0; d--) {
        start[d] = (int32_t)(rest % (size_t)y->shape.dim[2 + d]) * window->stride[d] - window->pad_begin[d];
        rest /= (size_t)y->shape.dim[2 + d];
      }
      const found here = join(step, p * size, start);
      oct_element_set_real(y->data, y->dtype, p * outputs + o, here.value);
      if (indices) indices[p * outputs + o] = index_of(step, p * size, here.at);
    }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_dtype dtype = step->inputs[0].dtype;
  const bool bytes = step->node->attr.pool_nd.kind == OCT_POOL_MAX && (dtype == OCT_I8 || dtype == OCT_U8);
  if ((dtype != OCT_F32 && !bytes) || step->outputs[0].dtype != dtype) return oct_prepare_unsupported(context);
  step->run = run;
  step->kernel = "pool_nd";
  return OCT_OK;
}

const oct_op_impl oct_op_pool_nd = {infer, prepare};
