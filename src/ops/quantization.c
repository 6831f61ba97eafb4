// SPDX-License-Identifier: MIT
//
// Tables of requantized bytes, shared by the operators that join or move tensors of different quantization.
#include "ops/quantization.h"

#include <math.h>

void oct_requantize_table(const oct_quant *from, const oct_quant *to, oct_act table[256]) {
  oct_dequantize_params dequantize = oct_dequantize_params_of(from);
  oct_quantize_params quantize = oct_quantize_params_of(to, -INFINITY, INFINITY);
  for (int32_t q = OCT_ACT_MIN; q <= OCT_ACT_MAX; q++) {
    oct_act byte = (oct_act)q;
    float real;
    oct_dequantize_q8__ref(&byte, 1, &dequantize, &real);
    oct_quantize_f32__ref(&real, 1, &quantize, &table[(uint8_t)q]);
  }
}
