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

/// QLinearConv, QLinearMatMul, QLinearAdd, QLinearMul.
oct_status oct_onnx_qlinear_loosely(oct_onnx *reader, const oct_onnx_node *node);

#endif
