// SPDX-License-Identifier: MIT
//
// The transform of a tile's input, 4 channels at a time: columns, then rows, each by way of the sums they share.
#include "kernels/kernels.h"
#include "kernels/simd.h"

OCT_INLINE v128_t times(v128_t a, float factor) { return wasm_f32x4_mul(a, wasm_f32x4_splat(factor)); }
OCT_INLINE v128_t plus(v128_t a, v128_t b) { return wasm_f32x4_add(a, b); }
OCT_INLINE v128_t minus(v128_t a, v128_t b) { return wasm_f32x4_sub(a, b); }

/// B^T d of six.
OCT_INLINE void transform(const v128_t d[6], v128_t to[6]) {
  const v128_t even = minus(d[4], times(d[2], 4)), odd = minus(d[3], times(d[1], 4));
  const v128_t inner = minus(d[4], d[2]), outer = times(minus(d[3], d[1]), 2);
  to[0] = plus(times(minus(d[0], d[2]), 4), inner);
  to[1] = plus(even, odd);
  to[2] = minus(even, odd);
  to[3] = plus(inner, outer);
  to[4] = minus(inner, outer);
  to[5] = plus(minus(d[5], d[3]), times(minus(d[1], d[3]), 4));
}

void oct_winograd_in_f32__simd128(const float *const pixels[36], int32_t channels, float *out, size_t apart) {
  for (int32_t c = 0; c < channels; c += 4) {
    v128_t half[6][6]; // by column
    for (int x = 0; x < 6; x++) {
      v128_t column[6];
      OCT_UNROLL
      for (int y = 0; y < 6; y++) column[y] = oct_load(pixels[6 * y + x] + c);
      transform(column, half[x]);
    }
    float *to = out + c;
    for (int y = 0; y < 6; y++) {
      v128_t row[6], done[6];
      OCT_UNROLL
      for (int x = 0; x < 6; x++) row[x] = half[x][y];
      transform(row, done);
      OCT_UNROLL
      for (int x = 0; x < 6; x++, to += apart) wasm_v128_store(to, done[x]);
    }
  }
}
