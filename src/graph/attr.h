// SPDX-License-Identifier: MIT
//
// Attributes: what a node says beside its inputs, one struct an operator that needs one. The importers translate
// both file formats into these; passes rewrite them; operators read them.
//
// Unless a comment says otherwise a default-zero attribute means what it says (zero padding, axis 0).
#ifndef OCT_GRAPH_ATTR_H
#define OCT_GRAPH_ATTR_H

#include "base/dtype.h"
#include "base/shape.h"

/// Order of a rank-4 activation's dimensions. Importers say what the file says; the layout pass turns every spatial
/// node to NHWC before it is prepared, so `prepare` and `run` only ever see NHWC.
typedef enum oct_layout { OCT_NHWC, OCT_NCHW } oct_layout;

/// Order of a convolution weight's dimensions: output channel, input channel (per group), height, width.
typedef enum oct_weight_layout {
  OCT_OHWI, // TFLite CONV_2D, TRANSPOSE_CONV
  OCT_OIHW, // ONNX Conv
  OCT_IOHW, // ONNX ConvTranspose
  OCT_1HWO, // TFLite DEPTHWISE_CONV_2D: [1, h, w, groups * multiplier]
} oct_weight_layout;

typedef enum oct_pad_mode {
  OCT_PAD_EXPLICIT,
  OCT_PAD_SAME_UPPER, // out = ceil(in / stride), the odd pixel at the end (TFLite SAME, ONNX SAME_UPPER)
  OCT_PAD_SAME_LOWER,
  OCT_PAD_VALID,
} oct_pad_mode;

/// A sliding window over height and width.
typedef struct oct_window {
  int32_t kernel[2]; // height, width; 0 for convolutions, whose weights say it
  int32_t stride[2], dilation[2]; // importers fill in the default 1
  int32_t pad_begin[2], pad_end[2]; // OCT_PAD_EXPLICIT only
  oct_pad_mode pad_mode;
} oct_window;

/// A sliding window over one to three dimensions.
typedef struct oct_window_nd {
  int32_t count; // dimensions
  int32_t kernel[3], stride[3], dilation[3], pad_begin[3], pad_end[3];
  oct_pad_mode pad_mode;
} oct_window_nd;

/// CONV: inputs x, weights (constant), bias (constant, optional: absent or OCT_NO_VALUE).
/// CONV_TRANSPOSE: the same; output size (in-1)*stride + output_padding + (k-1)*dilation + 1 - pads.
typedef struct oct_conv_attr {
  oct_window window;
  int32_t groups; // 1 = dense; groups == input channels = depthwise
  oct_layout layout;
  oct_weight_layout weight_layout;
  int32_t output_padding[2]; // CONV_TRANSPOSE
  int32_t output_size[2];    // CONV_TRANSPOSE: 0 = computed; else pads follow from it (TFLite, ONNX output_shape)
} oct_conv_attr;

/// MATMUL: inputs a [..., m, k], b [..., k, n], bias broadcastable to [..., m, n] (optional). NumPy matmul semantics,
/// rank-1 operands included. y = alpha * op(a) op(b) + beta * bias.
typedef struct oct_matmul_attr {
  bool transpose_a, transpose_b; // of the last two dimensions
  float alpha, beta;             // importers fill in the default 1
  bool flatten_a;     // TFLite FULLY_CONNECTED: a is reshaped to [-1, k] first
  bool keep_dims;     // with flatten_a: the output keeps a's leading dimensions
} oct_matmul_attr;

typedef enum oct_binary_kind {
  OCT_ADD, OCT_SUB, OCT_MUL, OCT_DIV, OCT_MAXIMUM, OCT_MINIMUM, OCT_POW,
  OCT_MOD,       // the remainder with the divisor's sign, or
  OCT_REMAINDER, // with the dividend's
  OCT_AND, OCT_OR, OCT_XOR, OCT_SHIFT_LEFT, OCT_SHIFT_RIGHT, // of bits; a bool is one
  OCT_EQUAL, OCT_LESS, OCT_GREATER, OCT_LESS_EQUAL, OCT_GREATER_EQUAL, // to bool from here on
  OCT_BINARY_COUNT
} oct_binary_kind;
typedef struct oct_binary_attr { oct_binary_kind kind; } oct_binary_attr;

typedef enum oct_unary_kind {
  OCT_RELU_N, // clip to [alpha, beta]: Relu, Relu6, Clip
  OCT_SIGMOID, OCT_TANH,
  OCT_HARD_SIGMOID, // max(0, min(1, alpha * x + beta))
  OCT_HARD_SWISH, // x * max(0, min(1, x / 6 + 0.5))
  OCT_SWISH, // x * sigmoid(x); SiLU
  OCT_LEAKY_RELU, // x < 0 ? alpha * x : x
  OCT_ELU, OCT_EXP, OCT_LOG, OCT_SQRT, OCT_RSQRT, OCT_RECIPROCAL, OCT_SQUARE, OCT_ABS, OCT_NEG, OCT_FLOOR, OCT_CEIL,
  OCT_ROUND, OCT_ERF, OCT_NOT,
  OCT_SIN, OCT_COS, OCT_TAN, OCT_ASIN, OCT_ACOS, OCT_ATAN, OCT_SINH, OCT_COSH, OCT_ASINH, OCT_ACOSH, OCT_ATANH,
  OCT_SIGN, OCT_SOFTPLUS, OCT_SOFTSIGN, OCT_MISH,
  OCT_SELU,             // beta * (x > 0 ? x : alpha * (e^x - 1))
  OCT_CELU,             // x > 0 ? x : alpha * (e^(x / alpha) - 1)
  OCT_GELU,             // x * Phi(x); alpha 1: by tanh
  OCT_THRESHOLDED_RELU, // x > alpha ? x : 0
  OCT_SHRINK,           // |x| > alpha ? x moved towards 0 by beta : 0
  OCT_BITWISE_NOT,
  OCT_IS_NAN, OCT_IS_INF, // to bool; IS_INF: -inf where alpha is not 0, +inf where beta is not
  OCT_ROUND_I16, // to the nearest of the int16 multiples of alpha
  OCT_LOOKUP, // q8 only: the table of 256 bytes in input 1, by the input's byte (the pass fuse_tables makes these)
  OCT_UNARY_COUNT
} oct_unary_kind;
typedef struct oct_unary_attr { oct_unary_kind kind; float alpha, beta; } oct_unary_attr;

/// BATCH_NORMALIZATION: inputs x, scale, bias, mean, variance. The channel is dimension 1 (NCHW) or the last (NHWC).
typedef struct oct_batch_norm_attr { float epsilon; oct_layout layout; } oct_batch_norm_attr;

/// POOL over height and width.
typedef struct oct_pool_attr {
  oct_window window;
  oct_layout layout;
  bool average;       // false: maximum
  bool count_padding; // ONNX count_include_pad
  bool ceil_mode;
  bool half_up; // q8 averages of TFLite: exact halves go up (uint8), not away from int8's zero (int8)
} oct_pool_attr;

typedef enum oct_reduce_kind {
  OCT_REDUCE_MEAN, OCT_REDUCE_SUM, OCT_REDUCE_MAX, OCT_REDUCE_MIN, OCT_REDUCE_PROD
} oct_reduce_kind;

/// A set of axes; negative axes count from the end and are resolved by infer.
typedef struct oct_axes { int32_t count; int32_t axis[OCT_MAX_RANK]; } oct_axes;

/// REDUCE: input x, axes (constant i32/i64, optional). No axes at all reduces every dimension, or none.
typedef struct oct_reduce_attr {
  oct_reduce_kind kind;
  oct_axes axes;
  bool keep_dims;
  bool none;    // no axes reduce no dimension (ONNX noop_with_empty_axes)
  bool spatial; // the axes are all from 2 on, whatever the rank
} oct_reduce_attr;

typedef enum oct_coordinate_mode { // output pixel -> input coordinate, ONNX Resize's names
  OCT_HALF_PIXEL, OCT_ASYMMETRIC, OCT_ALIGN_CORNERS, OCT_PYTORCH_HALF_PIXEL, OCT_TF_HALF_PIXEL_FOR_NN,
  OCT_HALF_PIXEL_SYMMETRIC, OCT_CROP_AND_RESIZE // RESAMPLE only
} oct_coordinate_mode;
typedef enum oct_nearest_mode { OCT_ROUND_PREFER_FLOOR, OCT_ROUND_PREFER_CEIL, OCT_NEAREST_FLOOR, OCT_NEAREST_CEIL } oct_nearest_mode;

/// RESIZE of height and width: input x, scales (f32, optional), sizes (i32/i64, optional); one of the two, constant
/// by plan time, either for all 4 dimensions (ONNX) or for height and width (TFLite).
typedef struct oct_resize_attr {
  bool linear; // false: nearest
  oct_coordinate_mode coordinates;
  oct_nearest_mode nearest;
  oct_layout layout;
  int32_t size[2]; // output height and width, set by infer
  float scale[2];  // output over input, set by infer
} oct_resize_attr;

/// SOFTMAX, CONCAT, SPLIT, GATHER, ARG_MAX.
typedef enum oct_softmax_kind { OCT_SOFTMAX, OCT_LOG_SOFTMAX, OCT_HARDMAX } oct_softmax_kind; // HARDMAX: 1 for the first largest
typedef struct oct_softmax_attr {
  int32_t axis;
  float beta;
  bool flatten; // ONNX before opset 13: over axis..end as one
  oct_softmax_kind kind;
} oct_softmax_attr;
typedef struct oct_concat_attr { int32_t axis; } oct_concat_attr;
typedef struct oct_split_attr { int32_t axis; } oct_split_attr; // inputs x, sizes (constant, optional: equal parts)
typedef struct oct_gather_attr { int32_t axis; } oct_gather_attr; // inputs x, indices
typedef struct oct_arg_max_attr { int32_t axis; bool keep_dims, minimum, last; oct_dtype to; } oct_arg_max_attr; // last: of equals

/// SLICE: inputs x, starts, ends, axes (optional), steps (optional): constants by plan time, ONNX semantics (negative
/// counts from the end, clamped). TFLite STRIDED_SLICE: the masks say which starts/ends to ignore and which
/// dimensions to drop; TFLite SLICE: `ends_are_sizes`.
typedef struct oct_slice_attr {
  bool ends_are_sizes;
  uint32_t begin_mask, end_mask, shrink_mask;
} oct_slice_attr;

typedef enum oct_pad_kind { OCT_PAD_CONSTANT, OCT_PAD_REFLECT, OCT_PAD_EDGE, OCT_PAD_SYMMETRIC, OCT_PAD_WRAP } oct_pad_kind;

/// PAD: inputs x, pads (constant i32/i64), value (optional constant scalar). `interleaved`: TFLite's [rank][2];
/// otherwise ONNX's all begins, then all ends. A q8 pad without a value pads with the zero point.
/// Input 3 may name the axes that pads are for. `to_size`: input 1 says the size that those in `axes` (none: all) are to
/// have, half of the difference at either end.
typedef struct oct_pad_attr { oct_pad_kind kind; bool interleaved, to_size; oct_axes axes; } oct_pad_attr;

typedef struct oct_transpose_attr { int32_t perm[OCT_MAX_RANK]; int32_t count; } oct_transpose_attr; // count 0: reverse

typedef enum oct_reshape_kind {
  OCT_RESHAPE_TO,    // input 1: target shape (constant by plan time); -1 = the rest, 0 = copy unless allow_zero
  OCT_FLATTEN_AT,    // axis: [prod(before), prod(after)]
  OCT_SQUEEZE_AXES,  // axes (attribute or input 1); none = every dimension of 1
  OCT_UNSQUEEZE_AXES // axes (attribute or input 1), positions in the output
} oct_reshape_kind;
typedef struct oct_reshape_attr { oct_reshape_kind kind; int32_t axis; oct_axes axes; bool allow_zero; } oct_reshape_attr;

/// SHAPE: the input's shape as `to` (i32 or i64), dimensions start..end. FILL: input shape; a tensor of `to` filled
/// with `value`. CAST to `to`, or to the type of input 1 where there is one.
typedef struct oct_shape_attr { int32_t start, end; oct_dtype to; } oct_shape_attr; // end: INT32_MAX = all
typedef struct oct_fill_attr { oct_dtype to; double value; } oct_fill_attr;
typedef struct oct_cast_attr { oct_dtype to; } oct_cast_attr;

/// QUANTIZE from q8 in TFLite's dialect. `fixed`: between int8 and uint8, where the factor has 31 bits.
typedef struct oct_quantize_attr { bool fixed; } oct_quantize_attr;

/// SNAP: elements of a row; 0 for all dimensions but the first.
typedef struct oct_snap_attr { int32_t row; } oct_snap_attr;

/// DETECTION: see ops/detection.c. `scale` of y, x, height and width.
typedef struct oct_detection_attr {
  int32_t classes, max_detections, max_classes, per_class;
  float score_threshold, overlap_threshold, scale[4];
  bool regular;
} oct_detection_attr;

/// SPACE_TO_BATCH: inputs x [batch, ...], blocks (constant, one for each of the 1 or 2 dimensions after the batch), pads
/// (constant, begin and end of each). `inverse`: the way back, where the pads are cropped.
typedef struct oct_space_to_batch_attr { bool inverse; } oct_space_to_batch_attr;

typedef enum oct_recurrent_kind { OCT_RNN, OCT_GRU, OCT_LSTM } oct_recurrent_kind;
typedef enum oct_activation {
  OCT_ACTIVATION_SIGMOID, OCT_ACTIVATION_TANH, OCT_ACTIVATION_RELU, OCT_ACTIVATION_AFFINE, OCT_ACTIVATION_LEAKY_RELU,
  OCT_ACTIVATION_THRESHOLDED_RELU, OCT_ACTIVATION_SCALED_TANH, OCT_ACTIVATION_HARD_SIGMOID, OCT_ACTIVATION_ELU,
  OCT_ACTIVATION_SOFTSIGN, OCT_ACTIVATION_SOFTPLUS, OCT_ACTIVATION_COUNT
} oct_activation;

/// RECURRENT: ONNX's RNN, GRU and LSTM, with their inputs x [time, batch, in], w [directions, gates * hidden, in], r
/// [directions, gates * hidden, hidden], bias [directions, 2 * gates * hidden], lengths [batch], h and c at the start
/// [directions, batch, hidden], peepholes [directions, 3 * hidden]; all from bias on optional. Gates stand in ONNX's
/// order: LSTM i o f c, GRU z r h. Outputs: y [time, directions, batch, hidden], the last h, the last c.
typedef struct oct_recurrent_attr {
  oct_recurrent_kind kind;
  bool reverse, both;       // one direction, backwards; or one of each
  bool batch_first;         // x [batch, time, in], y [batch, time, directions, hidden], h and c [batch, directions, hidden]
  bool couple;              // LSTM: the forget gate is 1 - the input gate
  bool linear_before_reset; // GRU
  float clip;               // of a gate's sum, to -clip..clip; 0 = none
  float cell_clip;          // LSTM: of the cell's state, alike (TFLite)
  uint8_t activation[6];    // oct_activation: of the gates, the candidate and (LSTM) the cell; per direction
  float alpha[6], beta[6];
} oct_recurrent_attr;

/// PICK: inputs x, and what ops/pick.c says of each kind. `axis` of GATHER_ND: its batch dimensions.
typedef enum oct_pick_kind { OCT_TRILU, OCT_REVERSE_SEQUENCE, OCT_GATHER_ELEMENTS, OCT_GATHER_ND } oct_pick_kind;
typedef struct oct_pick_attr { oct_pick_kind kind; int32_t axis, batch_axis; bool upper; } oct_pick_attr;

/// SCATTER: inputs x, indices, updates; see ops/scatter.c.
typedef enum oct_scatter_kind {
  OCT_SCATTER_REPLACE, OCT_SCATTER_ADD, OCT_SCATTER_MUL, OCT_SCATTER_MAX, OCT_SCATTER_MIN
} oct_scatter_kind;
typedef struct oct_scatter_attr { oct_scatter_kind kind; bool nd; int32_t axis; } oct_scatter_attr;

typedef struct oct_top_k_attr { int32_t axis; bool smallest; oct_dtype to; } oct_top_k_attr; // inputs x, k; outputs values, indices
typedef struct oct_cumulate_attr { int32_t axis; bool exclusive, reverse; } oct_cumulate_attr; // inputs x, axis
typedef struct oct_one_hot_attr { int32_t axis; } oct_one_hot_attr; // inputs: see ops/one_hot.c
typedef struct oct_depth_to_space_attr {
  int32_t block;
  bool inverse, column_row_depth;
  oct_layout layout;
} oct_depth_to_space_attr;

/// NORMALIZE: inputs x, scale, bias; see ops/normalize.c.
typedef enum oct_normalize_kind { OCT_NORMALIZE_LAYER, OCT_NORMALIZE_CHANNELS } oct_normalize_kind;
typedef struct oct_normalize_attr {
  oct_normalize_kind kind;
  bool root_mean_square;
  int32_t axis, groups;
  float epsilon;
} oct_normalize_attr;

typedef struct oct_lrn_attr { int32_t before, after; float alpha, beta, bias; oct_layout layout; } oct_lrn_attr;

typedef enum oct_resample_mode { OCT_RESAMPLE_NEAREST, OCT_RESAMPLE_LINEAR, OCT_RESAMPLE_CUBIC } oct_resample_mode;
typedef enum oct_aspect { OCT_ASPECT_STRETCH, OCT_ASPECT_NOT_LARGER, OCT_ASPECT_NOT_SMALLER } oct_aspect;

/// RESAMPLE: inputs x, roi, scales, sizes (constants), for the dimensions that `axes` names (none: all).
typedef struct oct_resample_attr {
  oct_resample_mode mode;
  oct_coordinate_mode coordinates;
  oct_nearest_mode nearest;
  oct_aspect aspect;
  oct_axes axes;
  bool antialias, exclude_outside;
  float cubic, extrapolation;
  float scale[OCT_MAX_RANK], roi[2 * OCT_MAX_RANK]; // set by infer; roi: starts, then ends
} oct_resample_attr;

typedef enum oct_grid_padding { OCT_GRID_ZEROS, OCT_GRID_BORDER, OCT_GRID_REFLECTION } oct_grid_padding;
typedef struct oct_grid_sample_attr { oct_resample_mode mode; oct_grid_padding padding; bool align_corners; } oct_grid_sample_attr;

/// CONV_ND: inputs x [n, c, d, h, w], weights, bias (optional), ONNX's orders.
typedef struct oct_conv_nd_attr {
  oct_window_nd window;
  int32_t groups, output_padding[3];
  bool transposed;
} oct_conv_nd_attr;

typedef enum oct_pool_kind { OCT_POOL_MAX, OCT_POOL_AVERAGE, OCT_POOL_NORM } oct_pool_kind;
typedef struct oct_pool_nd_attr {
  oct_window_nd window;
  oct_pool_kind kind;
  double p; // of the norm
  bool count_padding, ceil_mode, column_major; // column_major: of the indices of maxima
} oct_pool_nd_attr;

typedef struct oct_suppression_attr { bool centred; } oct_suppression_attr;

enum { OCT_MAX_SCANS = 16 };

/// LOOP: ONNX's Loop and Scan. Inputs: how many turns (i64 or i32, optional), whether there is a first one (bool,
/// optional), the carried values, then the scanned ones, of which each turn gets a slice. Outputs: the carried values
/// after the last turn, then what the turns gave, put together along an axis.
typedef struct oct_loop_attr {
  int32_t carried, scanned;
  bool counts; // Loop: the body gets the turn's number and the condition first, and gives the next condition first
  int32_t axis[OCT_MAX_SCANS]; // of the scanned inputs, then of the outputs put together
  uint32_t backwards;          // bit i: the last slice first
  int64_t turns;               // set by infer; -1: known only when it runs
} oct_loop_attr;
typedef struct oct_dft_attr { int32_t axis, length; bool inverse, one_sided; } oct_dft_attr; // length: set by infer

typedef union oct_attr {
  oct_conv_attr conv;
  oct_matmul_attr matmul;
  oct_binary_attr binary;
  oct_unary_attr unary;
  oct_batch_norm_attr batch_norm;
  oct_pool_attr pool;
  oct_reduce_attr reduce;
  oct_resize_attr resize;
  oct_softmax_attr softmax;
  oct_concat_attr concat;
  oct_split_attr split;
  oct_gather_attr gather;
  oct_arg_max_attr arg_max;
  oct_slice_attr slice;
  oct_pad_attr pad;
  oct_transpose_attr transpose;
  oct_reshape_attr reshape;
  oct_shape_attr shape;
  oct_fill_attr fill;
  oct_cast_attr cast;
  oct_dft_attr dft;
  oct_conv_nd_attr conv_nd;
  oct_pool_nd_attr pool_nd;
  oct_suppression_attr suppression;
  oct_resample_attr resample;
  oct_grid_sample_attr grid_sample;
  oct_normalize_attr normalize;
  oct_lrn_attr lrn;
  oct_pick_attr pick;
  oct_scatter_attr scatter;
  oct_top_k_attr top_k;
  oct_cumulate_attr cumulate;
  oct_one_hot_attr one_hot;
  oct_depth_to_space_attr depth_to_space;
  oct_quantize_attr quantize;
  oct_space_to_batch_attr space_to_batch;
  oct_snap_attr snap;
  oct_detection_attr detection;
  oct_recurrent_attr recurrent;
  oct_loop_attr loop;
} oct_attr;

#endif
