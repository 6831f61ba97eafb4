// SPDX-License-Identifier: MIT
//
// From a tensor's quantization to the parameters that byte kernels take.
#ifndef OCT_OPS_QUANTIZATION_H
#define OCT_OPS_QUANTIZATION_H

#include "kernels/kernels.h"
#include "ops/op.h"

/// A q8 tensor with one scale and zero point.
static inline bool oct_is_q8(const oct_tensor *tensor) {
  return tensor->dtype == OCT_Q8 && tensor->quant && tensor->quant->count == 1;
}

/// The kernel of a family that this build uses, under its own type.
#define OCT_BEST(family) OCT_KERNEL_FN(family, oct_kernel_best(OCT_FAMILY_##family))

static inline oct_dequantize_params oct_dequantize_params_of(const oct_quant *quant) {
  return (oct_dequantize_params){quant->scale[0], quant->zero_point[0]};
}

/// Quantization by division, under a clamp.
static inline oct_quantize_params oct_quantize_params_of(const oct_quant *quant, float clamp_min, float clamp_max) {
  oct_quantize_params params = {.factor = 1.0f, .divisor = quant->scale[0], .zero_point = quant->zero_point[0]};
  oct_act_range(quant, clamp_min, clamp_max, &params.lo, &params.hi);
  return params;
}

/// Lets a sum dequantize to steps of its output, so that the kernel need not divide, if scales about there give the same
/// byte for every pair of bytes: which the kernel is asked, 65536 times.
void oct_sum_in_steps(oct_binary_q8_fn *kernel, oct_binary_q8_params *params);

/// The same for PRelu, for every byte in every channel; `slope` (`channels` of them and 16 more) may change by an ulp or
/// two. `work` has what that needs.
void oct_prelu_in_steps(oct_prelu_q8_fn *kernel, oct_prelu_q8_params *params, float *slope, size_t channels,
                        oct_arena *work);

/// A real factor as TFLite's integer kernels have it: factor * 2^(shift - 31).
typedef struct oct_fixed {
  int32_t factor, shift;
} oct_fixed;

oct_fixed oct_fixed_of(double real);

/// x times the factor, rounded as TFLite rounds: to the doubled high word, then to the shift, halves away from zero.
int32_t oct_fixed_times(int32_t x, oct_fixed by);

static inline oct_act oct_act_saturate(int64_t q) {
  return (oct_act)(q < OCT_ACT_MIN ? OCT_ACT_MIN : q > OCT_ACT_MAX ? OCT_ACT_MAX : q);
}

/// out[i] = the byte that `from` value i (0..255, the byte read unsigned) becomes under `to`: literally, in float.
void oct_requantize_table(const oct_quant *from, const oct_quant *to, oct_act table[256]);

#endif
