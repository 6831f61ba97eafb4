// SPDX-License-Identifier: MIT
//
// Tables of requantized bytes, shared by the operators that join or move tensors of different quantization.
#include "ops/quantization.h"

#include <limits.h>
#include <math.h>

oct_fixed oct_fixed_of(double real) {
  int shift;
  int64_t factor = (int64_t)round(frexp(real, &shift) * 0x1.0p31);
  if (factor == INT64_C(1) << 31) factor /= 2, shift++;
  if (shift < -31) return (oct_fixed){0, 0};
  return shift > 30 ? (oct_fixed){INT32_MAX, 30} : (oct_fixed){(int32_t)factor, shift};
}

int32_t oct_fixed_times(int32_t x, oct_fixed by) {
  int64_t wide = (int64_t)x * (by.shift > 0 ? INT64_C(1) << by.shift : 1);
  wide = wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : wide;
  int64_t product = wide * by.factor, half = INT64_C(1) << 30;
  int64_t high = (product + (product >= 0 ? half : 1 - half)) / (INT64_C(1) << 31);
  int32_t right = by.shift < 0 ? -by.shift : 0;
  int64_t mask = (INT64_C(1) << right) - 1, rest = high & mask;
  return (int32_t)((high >> right) + (rest > (mask >> 1) + (high < 0)));
}

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
