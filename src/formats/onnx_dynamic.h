// SPDX-License-Identifier: MIT
//
// What stands for an operator of quantization whose parameters have no place on a q8 value. See onnx_dynamic.c.
#ifndef OCT_FORMATS_ONNX_DYNAMIC_H
#define OCT_FORMATS_ONNX_DYNAMIC_H

#include "formats/onnx.h"

/// Whether the scale at `scale_input`, or the zero point behind it, is not constant, has several dimensions or 16 bits.
bool oct_onnx_is_loose(const oct_onnx *reader, const oct_onnx_node *node, int scale_input);

oct_status oct_onnx_quantize_loosely(oct_onnx *reader, const oct_onnx_node *node);
oct_status oct_onnx_dequantize_loosely(oct_onnx *reader, const oct_onnx_node *node);

/// Whether input `b`, with its zero point at `b_zero`, is what oct_onnx_whole_product takes.
bool oct_onnx_is_whole(const oct_onnx *reader, const oct_onnx_node *node, int b, int b_zero);

/// The sums over k of (a[.., m, k] - a_zero) * (b[.., k, n] - b_zero), in int32 and exact, or those of a convolution if the
/// node is one. `a` is a raw value of int8 or uint8; `a_zero` one number or (product) one a row, or absent; b and b_zero are inputs of the node. OCT_NO_VALUE on failure.
oct_value_id oct_onnx_whole_product(oct_onnx *reader, const oct_onnx_node *node, oct_value_id a, oct_value_id a_zero,
                                    int b, int b_zero);

/// QLinearConv, QLinearMatMul, QLinearAdd, QLinearMul.
oct_status oct_onnx_qlinear_loosely(oct_onnx *reader, const oct_onnx_node *node);

#endif
