// SPDX-License-Identifier: MIT
//
// Convolution, for Conv and QLinearConv alike.
#ifndef OCT_FORMATS_ONNX_WINDOW_H
#define OCT_FORMATS_ONNX_WINDOW_H

#include "formats/onnx.h"

/// Emits a convolution of `inputs` (x, weights, bias or OCT_NO_VALUE; overwritten) by the node's attributes. A `quant`
/// makes the output Q8. `weights_input` is the node's input whose rank tells 1-D from 2-D.
oct_status oct_onnx_emit_conv(oct_onnx *reader, const oct_onnx_node *node, int weights_input, oct_value_id inputs[3],
                              const oct_quant *quant, oct_value_id *output);

#endif
