// SPDX-License-Identifier: MIT
//
// Convolution, for Conv and QLinearConv alike.
#ifndef OCT_FORMATS_ONNX_WINDOW_H
#define OCT_FORMATS_ONNX_WINDOW_H

#include "formats/onnx.h"

/// Emits a convolution of `inputs` (x, weights, and bias and x's zero point or OCT_NO_VALUE; overwritten) by the node's attributes, to `dtype`
/// (OCT_NONE: that of x), which `quant` is for. `weights_input` is the node's input whose rank tells 1-D from 2-D.
oct_status oct_onnx_emit_conv(oct_onnx *reader, const oct_onnx_node *node, int weights_input, oct_value_id inputs[4],
                              oct_dtype dtype, const oct_quant *quant,
                              oct_value_id *output);

/// How the node pads by itself.
oct_pad_mode oct_onnx_pad_mode(const oct_onnx_node *node);

/// Pooling and convolution over any number of dimensions (onnx_window_nd.c).
oct_status oct_onnx_pool_nd(oct_onnx *reader, const oct_onnx_node *node, int spatial);
oct_status oct_onnx_conv_nd(oct_onnx *reader, const oct_onnx_node *node, const oct_value_id inputs[3],
                            oct_value_id *output);

#endif
