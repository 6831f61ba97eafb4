// SPDX-License-Identifier: MIT
//
// wasm's SIMD on the machine at hand, for sanitizers: SIMDe's functions under wasm's names, and the two relaxed ones
// that it lacks, in the exact form that js/features.js demands of a machine.
#ifndef OCT_TESTS_SIMDE_H
#define OCT_TESTS_SIMDE_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#include <string.h>

#include "base/dtype.h"

#ifndef wasm_f32x4_const_splat
#define wasm_f32x4_const_splat wasm_f32x4_splat
#define wasm_i32x4_const_splat wasm_i32x4_splat
#endif

static inline v128_t wasm_i32x4_relaxed_dot_i8x16_i7x16_add(v128_t weights, v128_t activations, v128_t sum) {
  int8_t w[16];
  oct_act x[16];
  int32_t y[4];
  memcpy(w, &weights, 16);
  memcpy(x, &activations, 16);
  memcpy(y, &sum, 16);
  for (int i = 0; i < 16; i++) y[i / 4] = (int32_t)((uint32_t)y[i / 4] + (uint32_t)(w[i] * x[i]));
  memcpy(&sum, y, 16);
  return sum;
}

static inline v128_t wasm_f32x4_relaxed_madd(v128_t a, v128_t b, v128_t c) {
  return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
}

#endif
