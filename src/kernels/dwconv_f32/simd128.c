// SPDX-License-Identifier: MIT
//
// Float depthwise convolution: a product and a sum, each rounded.
#define MADD(a, b, c) wasm_f32x4_add(c, wasm_f32x4_mul(a, b))
#define KERNEL oct_dwconv_f32_4__simd128
#include "kernels/dwconv_f32/row.h"
