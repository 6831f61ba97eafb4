// SPDX-License-Identifier: MIT
//
// Blending four pixels of bytes, 16 channels at a time: along the row by the 16-bit dot product of a pair of bytes with
// the pair of weights, between the rows by 32-bit products.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

typedef struct weights {
  v128_t row, top, bottom; // row: words 2048 - h, h, ...
} weights;

/// Four channels: words left, right, left, right, ... of the top and of the bottom row.
OCT_INLINE v128_t blend_4(v128_t top, v128_t bottom, const weights *k) {
  const v128_t sum = wasm_i32x4_add(wasm_i32x4_mul(wasm_i32x4_dot_i16x8(top, k->row), k->top),
                                    wasm_i32x4_mul(wasm_i32x4_dot_i16x8(bottom, k->row), k->bottom));
  return wasm_i32x4_shr(wasm_i32x4_add(sum, wasm_i32x4_const_splat(1 << 21)), 22);
}

OCT_INLINE v128_t pairs_low(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
OCT_INLINE v128_t pairs_high(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

OCT_INLINE v128_t blend_16(v128_t a, v128_t b, v128_t c, v128_t d, const weights *k) {
  const v128_t a0 = oct_widen_low(a), a1 = oct_widen_high(a), b0 = oct_widen_low(b), b1 = oct_widen_high(b);
  const v128_t c0 = oct_widen_low(c), c1 = oct_widen_high(c), d0 = oct_widen_low(d), d1 = oct_widen_high(d);
  return oct_narrow_bytes(blend_4(pairs_low(a0, b0), pairs_low(c0, d0), k),
                          blend_4(pairs_high(a0, b0), pairs_high(c0, d0), k),
                          blend_4(pairs_low(a1, b1), pairs_low(c1, d1), k),
                          blend_4(pairs_high(a1, b1), pairs_high(c1, d1), k));
}

void oct_bilinear_q8__simd128(const oct_corners *at, size_t channels, int32_t h, int32_t v, oct_act *out) {
  const weights k = {wasm_i32x4_splat((2048 - h) | h << 16), wasm_i32x4_splat(2048 - v), wasm_i32x4_splat(v)};
  const oct_act *a = at->top_left, *b = at->top_right, *c = at->bottom_left, *d = at->bottom_right;
  size_t i = 0;
  for (; i + 16 <= channels; i += 16)
    wasm_v128_store(out + i, blend_16(oct_load(a + i), oct_load(b + i), oct_load(c + i), oct_load(d + i), &k));
  if (i < channels)
    oct_store_part(out + i, blend_16(oct_load(a + i), oct_load(b + i), oct_load(c + i), oct_load(d + i), &k),
                   channels - i);
}
