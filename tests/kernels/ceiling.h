// SPDX-License-Identifier: MIT
//
// What a kernel could reach: loops of nothing but the instruction that its machine multiplies with, timed beside it,
// because clocks change. No kernel can be faster. A depthwise one cannot come near, as its operands must be woven for
// every output; its ceiling is the share of the instruction's that the best form known has reached on such machines.
#ifndef OCT_TESTS_KERNELS_CEILING_H
#define OCT_TESTS_KERNELS_CEILING_H

#include "harness.h"

#if defined(__wasm_simd128__)
#include "kernels/simd.h"

enum { CEILING_SUMS = 12, CEILING_STEPS = 4 };

/// A loop of `step` on sum[i], with operands a and b.
#define CEILING_LOOP(name, step)                                                                                       \
  static __attribute__((noinline)) void name(v128_t *operands, int32_t count) {                                        \
    v128_t sum[CEILING_SUMS];                                                                                          \
    const v128_t a = operands[0], b = operands[1];                                                                     \
    OCT_UNROLL                                                                                                         \
    for (int i = 0; i < CEILING_SUMS; i++) sum[i] = operands[i];                                                       \
    do {                                                                                                               \
      OCT_UNROLL                                                                                                       \
      for (int i = 0; i < CEILING_STEPS * CEILING_SUMS; i++) {                                                         \
        v128_t *s = &sum[i % CEILING_SUMS];                                                                            \
        *s = step;                                                                                                     \
      }                                                                                                                \
    } while (--count);                                                                                                 \
    OCT_UNROLL                                                                                                         \
    for (int i = 0; i < CEILING_SUMS; i++) operands[i] = sum[i];                                                       \
  }
CEILING_LOOP(words_ceiling, wasm_i32x4_add(wasm_i32x4_dot_i16x8(*s, a), b))
CEILING_LOOP(floats_ceiling, wasm_f32x4_add(wasm_f32x4_mul(*s, a), b))
OCT_ON_relaxed(CEILING_LOOP(fused_ceiling, wasm_f32x4_relaxed_madd(a, b, *s)))
OCT_ON_dot(CEILING_LOOP(bytes_ceiling, wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, *s)))

/// Multiplications a second.
static double time_ceiling(void (*loop)(v128_t *, int32_t), int32_t macs) {
  enum { COUNT = 20000, ROUNDS = 6 };
  v128_t operands[CEILING_SUMS];
  for (int i = 0; i < CEILING_SUMS; i++) operands[i] = wasm_f32x4_splat(1.0f + (float)i);
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    const double start = seconds_now();
    loop(operands, COUNT);
    const double rate = (double)COUNT * CEILING_STEPS * CEILING_SUMS * macs / (seconds_now() - start);
    if (rate > best) best = rate;
  }
  return best;
}

/// The ceiling of a kernel; 0 where there is none.
static double measure_ceiling(const oct_kernel *kernel) {
  const double depthwise_words = 4.5 / 11.5, depthwise_bytes = 8.5 / 32; // multiplications a cycle
  const bool depthwise = kernel->family == OCT_FAMILY_dwconv_qs8;
  const bool floats = kernel->family == OCT_FAMILY_gemm_f32 || kernel->family == OCT_FAMILY_dwconv_f32;
  if (kernel->machine == OCT_MACHINE_simd128) {
    return floats ? time_ceiling(floats_ceiling, 4) : time_ceiling(words_ceiling, 8) * (depthwise ? depthwise_words : 1);
  }
  OCT_ON_relaxed(if (kernel->machine == OCT_MACHINE_relaxed && floats) return time_ceiling(fused_ceiling, 4);)
  OCT_ON_dot(if (kernel->machine == OCT_MACHINE_dot)
                 return time_ceiling(bytes_ceiling, 16) * (depthwise ? depthwise_bytes : 1);)
  (void)depthwise_bytes;
  return 0;
}
#else
static double measure_ceiling(const oct_kernel *kernel) {
  (void)kernel;
  return 0;
}
#endif

#endif
