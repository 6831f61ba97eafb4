// SPDX-License-Identifier: MIT
//
// Float depthwise convolution: a fused multiply and add where the machine has it.
#define MADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#define KERNEL oct_dwconv_f32_4__relaxed
#include "kernels/dwconv_f32/row.h"
