// SPDX-License-Identifier: MIT
//
// What CONV, CONV_TRANSPOSE and MATMUL share: each is a product of rows of the input with a constant matrix.
//
// A `linear` is the arithmetic: which kernel, the weights as they stand in the model, biases, scales, the output's
// range. A window (kernels/window.h) is the geometry: which input elements make the row of each output pixel. A
// convolution is one window, a matrix product the window of one pixel, a transposed convolution one window for each
// phase of its stride.
#ifndef OCT_OPS_LINEAR_H
#define OCT_OPS_LINEAR_H

#include "kernels/window.h"
#include "ops/op.h"

typedef struct oct_linear {
  // Set by the operator.
  oct_weights weights;    // data, taps, k, n (of one group) and strides, of the first group
  int32_t groups;         // groups * weights.n outputs in all
  ptrdiff_t group_stride; // elements between the weights of groups
  int32_t axis;           // of the outputs among the weights' dimensions, as their quantization counts
  bool depthwise;         // which kernels
  float factor, bias_factor; // of the product and of the bias: 1 except for Gemm
  bool bias_later;        // float: the operator adds the bias itself, and clamps after it
  bool takes_whole;       // whether the operator subtracts zero points from an i32 output
  // Set by oct_linear_prepare.
  bool integer;          // q8 in, q8 or whole sums out; otherwise float
  int32_t element_bytes; // of activations: 1 or 4
  bool whole;            // the output is the sums themselves, of bytes without scales
  const oct_kernel *kernel;
  int32_t zero_point; // of the input
  const void *range;  // for the kernel: one of
  oct_requant requant;
  oct_clamp_f32 clamp;
} oct_linear;

/// Chooses the kernel, reads quantization and bias. Fails where nothing handles the dtypes.
oct_status oct_linear_prepare(oct_prepare *context, oct_linear *linear);

/// The weights of one group.
oct_weights oct_linear_group(const oct_linear *linear, int32_t group);

/// A window with what follows from the arithmetic; the geometry is the operator's.
oct_window_gemm oct_linear_window(const oct_linear *linear);

/// For whole sums: how much the zero points of the input (input 3 of the step, may be absent) are at `index`, counted in
/// the columns' sums that oct_linear_subtract takes.
int32_t oct_linear_zero(const oct_step *step, size_t index);

/// For whole sums: pixel -= zero * the sum of each column's weights. Wraps as the products do.
void oct_linear_subtract(const oct_window_gemm *window, const void *panels, int32_t zero, uint32_t *pixel);

/// Says no to packed weights or scratch beyond what a tensor may have.
oct_status oct_linear_sizes(const oct_prepare *context, uint64_t packed_bytes, uint64_t scratch_bytes);

/// How many panels the weights make one by one (oct_step), once the window is planned: none where they do not lie column by
/// column.
int32_t oct_linear_panels(const oct_linear *linear);

/// Packs GEMM panels, or one of those, and says how many bytes they take.
void oct_linear_pack(const oct_linear *linear, const oct_weights *weights, void *panels);
void oct_linear_pack_panel(const oct_linear *linear, int32_t panel, void *packed);
uint64_t oct_linear_packed_bytes(const oct_linear *linear, const oct_weights *weights);

/// `elements` elements of zero point (or 0.0f) for padding, in the plan's memory; NULL on refusal.
void *oct_linear_padding(oct_prepare *context, const oct_linear *linear, size_t elements);

// --- what CONV and CONV_TRANSPOSE share besides ---------------------------------------------------------------------

/// The numbers of a convolution, from the shapes of input and weights in any layout.
typedef struct oct_conv_sizes {
  int32_t batch, in[2], kernel[2], outputs;
} oct_conv_sizes;

/// Checks inputs, ranks, channels, groups and bias.
oct_status oct_conv_infer_sizes(const oct_graph *graph, const oct_node *node, oct_conv_sizes *sizes);

/// Sets the output's shape, of out[0] x out[1] pixels.
oct_status oct_conv_infer_output(oct_graph *graph, oct_node *node, const oct_conv_sizes *sizes, const int32_t out[2]);

/// For prepare: fills what the operator sets of a `linear`, and the kernel's height and width.
oct_status oct_conv_describe_weights(oct_prepare *context, oct_linear *linear, int32_t kernel[2]);

#endif
