// SPDX-License-Identifier: MIT
//
// Float GEMM: a fused multiply and add where the machine has it.
#define MADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#define ROWS_AT_ONCE 6
#define KERNEL oct_gemm_f32_6x8__relaxed
#include "kernels/gemm_f32/tile.h"
