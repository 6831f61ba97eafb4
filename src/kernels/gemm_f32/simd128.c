// SPDX-License-Identifier: MIT
//
// Float GEMM: a product and a sum, each rounded.
#define MADD(a, b, c) wasm_f32x4_add(c, wasm_f32x4_mul(a, b))
#define KERNEL oct_gemm_f32_6x8__simd128
#include "kernels/gemm_f32/tile.h"
