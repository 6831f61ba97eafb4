// SPDX-License-Identifier: MIT
//
// Float GEMM: a product and a sum, each rounded.
#define MADD(a, b, c) wasm_f32x4_add(c, wasm_f32x4_mul(a, b))
#define ROWS_AT_ONCE 5 // of 15 registers, 12 sums, two weights and a factor leave none for the product
#define KERNEL oct_gemm_f32_6x8__simd128
#include "kernels/gemm_f32/tile.h"
