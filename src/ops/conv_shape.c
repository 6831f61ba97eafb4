// SPDX-License-Identifier: MIT
//
// What CONV and CONV_TRANSPOSE share: shapes and weights in any order of dimensions.
#include "ops/linear.h"

static const char REPORT[] = "the model file contradicts itself; export it again";

/// Which dimension of the weights is which.
typedef struct weight_dims {
  int32_t outputs, inputs, height, width; // indices of dimensions; 1HWO has no inputs: -1
  bool grouped_inputs;                    // inputs counts those of all groups and outputs those of one; else vice versa
} weight_dims;

static weight_dims dims_of(oct_weight_layout layout) {
  switch (layout) {
    case OCT_OHWI: return (weight_dims){0, 3, 1, 2, false};
    case OCT_OIHW: return (weight_dims){0, 1, 2, 3, false};
    case OCT_IOHW: return (weight_dims){1, 0, 2, 3, true};
    case OCT_1HWO: break;
  }
  return (weight_dims){3, -1, 1, 2, false};
}

oct_status oct_conv_infer_sizes(const oct_graph *graph, const oct_node *node, oct_conv_sizes *sizes) {
  OCT_TRY(oct_infer_counts(node, 2, 4, 1));
  const oct_conv_attr *attr = &node->attr.conv;
  const oct_value *x = oct_input(graph, node, 0), *w = oct_input(graph, node, 1), *bias = oct_input(graph, node, 2);
  if (x->shape.rank != 4 || w->shape.rank != 4) {
    return oct_fail(OCT_UNSUPPORTED_MODEL, "Octavo convolves images: tensors of 4 dimensions",
                    "%s has an input of %d and weights of %d dimensions", node->type, (int)x->shape.rank,
                    (int)w->shape.rank);
  }
  if (!w->data || (bias && !bias->data)) {
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model with its weights inside",
                    "%s has weights '%s' or a bias that are computed while the model runs", node->type, w->name);
  }
  const weight_dims dims = dims_of(attr->weight_layout);
  const int32_t row = attr->layout == OCT_NCHW ? 2 : 1, channels = x->shape.dim[attr->layout == OCT_NCHW ? 1 : 3];
  int64_t inputs = dims.inputs < 0 ? w->shape.dim[0] : w->shape.dim[dims.inputs], outputs = w->shape.dim[dims.outputs];
  if (dims.grouped_inputs) outputs *= attr->groups;
  else inputs *= attr->groups;
  if (attr->groups < 1 || outputs < 1 || outputs > INT32_MAX || inputs < 1 || inputs != channels ||
      inputs % attr->groups != 0 || outputs % attr->groups != 0) {
    return oct_fail(OCT_INVALID_MODEL, REPORT,
                    "%s has weights for %lld inputs and %lld outputs in %d groups, and %d channels",
                    node->type, (long long)inputs, (long long)outputs, (int)attr->groups, (int)channels);
  }
  if (bias && (int64_t)oct_shape_count(&bias->shape) != outputs) {
    return oct_fail(OCT_INVALID_MODEL, REPORT, "%s has %lld outputs, but its bias '%s' has %lld numbers", node->type,
                    (long long)outputs, bias->name, (long long)oct_shape_count(&bias->shape));
  }
  *sizes = (oct_conv_sizes){.batch = x->shape.dim[0],
                            .in = {x->shape.dim[row], x->shape.dim[row + 1]},
                            .kernel = {w->shape.dim[dims.height], w->shape.dim[dims.width]},
                            .outputs = (int32_t)outputs};
  return OCT_OK;
}

oct_status oct_conv_infer_output(oct_graph *graph, oct_node *node, const oct_conv_sizes *sizes, const int32_t out[2]) {
  const bool nchw = node->attr.conv.layout == OCT_NCHW;
  return oct_infer_output(graph, node, 0, oct_input(graph, node, 0)->dtype,
                          nchw ? oct_shape_of(4, sizes->batch, sizes->outputs, out[0], out[1])
                               : oct_shape_of(4, sizes->batch, out[0], out[1], sizes->outputs));
}

oct_status oct_conv_describe_weights(oct_prepare *context, oct_linear *linear, int32_t kernel[2]) {
  const oct_step *step = context->step;
  const oct_conv_attr *attr = &step->node->attr.conv;
  const oct_shape *w = &step->inputs[1].shape;
  const weight_dims dims = dims_of(attr->weight_layout);
  kernel[0] = w->dim[dims.height];
  kernel[1] = w->dim[dims.width];
  const int32_t taps = kernel[0] * kernel[1], groups = attr->groups;
  int32_t *tap_offset = oct_plan_alloc(context, (size_t)taps * sizeof *tap_offset);
  if (!tap_offset) return OCT_OUT_OF_MEMORY;
  const size_t row = oct_shape_span(w, dims.height + 1, 4), column = oct_shape_span(w, dims.width + 1, 4);
  for (int32_t i = 0; i < taps; i++) tap_offset[i] = (int32_t)(i / kernel[1] * row + i % kernel[1] * column);
  const ptrdiff_t n_stride = (ptrdiff_t)oct_shape_span(w, dims.outputs + 1, 4);
  const ptrdiff_t k_stride = dims.inputs < 0 ? 0 : (ptrdiff_t)oct_shape_span(w, dims.inputs + 1, 4);
  const int32_t k = dims.inputs < 0 ? 1 : w->dim[dims.inputs], n = w->dim[dims.outputs];
  linear->weights = (oct_weights){.data = step->inputs[1].data, .tap_offset = tap_offset, .taps = taps,
                                  .k = dims.grouped_inputs ? k / groups : k, .n = dims.grouped_inputs ? n : n / groups,
                                  .k_stride = k_stride, .n_stride = n_stride};
  linear->groups = groups;
  linear->group_stride = dims.grouped_inputs ? linear->weights.k * k_stride : linear->weights.n * n_stride;
  linear->axis = dims.outputs;
  linear->factor = linear->bias_factor = 1.0f;
  return OCT_OK;
}
