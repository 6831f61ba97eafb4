// SPDX-License-Identifier: MIT
//
// One pixel as one vector: the four channels of an RGBA pixel, or one channel of four pixels, side by side.
//
// The vectors are the compiler's own (clang and GCC lower them to wasm simd128, SSE or NEON), so every image loop is
// written once and is its own reference; tests/js/image.test.js holds the plain scalar definition it must match.
#ifndef OCT_IMAGE_PIXEL_H
#define OCT_IMAGE_PIXEL_H

#include "base/status.h"

#include <stdint.h>
#include <string.h>

typedef float oct_f32x4 __attribute__((vector_size(16)));
typedef int32_t oct_i32x4 __attribute__((vector_size(16)));
typedef uint8_t oct_u8x16 __attribute__((vector_size(16)));
typedef uint32_t oct_u32x4 __attribute__((vector_size(16)));

/// OK if w and h are at least 1 and an RGBA8 image of that size is at most 1 GiB; `name` says whose size it is.
oct_status oct_image_check_size(const char *name, int32_t w, int32_t h);

/// Rounds half to even for |value| < 2^22: adding 1.5 * 2^23 leaves no bits for a fraction.
static inline float oct_round_even(float value) { return (value + 12582912.0f) - 12582912.0f; }

/// Limits to [low, high]; a NaN becomes `low`.
static inline float oct_limit(float value, float low, float high) {
  value = value > low ? value : low;
  return value < high ? value : high;
}

/// Reads an RGBA8 pixel as four floats.
static inline oct_f32x4 oct_pixel_load(const uint8_t *rgba) {
  uint32_t word;
  memcpy(&word, rgba, 4);
  oct_u8x16 bytes = (oct_u8x16)(oct_u32x4){word}, zero = {0};
  oct_u8x16 lanes = __builtin_shufflevector(bytes, zero, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3, 16, 16, 16);
  return __builtin_convertvector((oct_i32x4)lanes, oct_f32x4);
}

/// Writes four floats in [0, 255] as an RGBA8 pixel, rounded half to even.
static inline void oct_pixel_store(uint8_t *rgba, oct_f32x4 pixel) {
  oct_u8x16 lanes = (oct_u8x16)__builtin_convertvector((pixel + 12582912.0f) - 12582912.0f, oct_i32x4);
  oct_u8x16 bytes = __builtin_shufflevector(lanes, lanes, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
  uint32_t word = ((oct_u32x4)bytes)[0];
  memcpy(rgba, &word, 4);
}

#endif
