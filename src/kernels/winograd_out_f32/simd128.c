// SPDX-License-Identifier: MIT
//
// The transform of a tile's products, 4 channels at a time: columns, then rows, each by way of the sums they share.
#include "kernels/kernels.h"
#include "kernels/simd.h"

OCT_INLINE v128_t times(v128_t a, float factor) { return wasm_f32x4_mul(a, wasm_f32x4_splat(factor)); }
OCT_INLINE v128_t plus(v128_t a, v128_t b) { return wasm_f32x4_add(a, b); }
OCT_INLINE v128_t minus(v128_t a, v128_t b) { return wasm_f32x4_sub(a, b); }

/// A^T m of six.
OCT_INLINE void transform(const v128_t m[6], v128_t to[4]) {
  const v128_t one = plus(m[1], m[2]), less_one = minus(m[1], m[2]);
  const v128_t two = plus(m[3], m[4]), less_two = times(minus(m[3], m[4]), 2);
  to[0] = plus(plus(m[0], one), two);
  to[1] = plus(less_one, less_two);
  to[2] = plus(one, times(two, 4));
  to[3] = plus(plus(less_one, times(less_two, 4)), m[5]);
}

OCT_INLINE void store(float *out, v128_t values, int32_t channels) {
  if (channels >= 4) {
    wasm_v128_store(out, values);
  } else {
    wasm_v128_store32_lane(out, values, 0);
    if (channels > 1) wasm_v128_store32_lane(out + 1, values, 1);
    if (channels > 2) wasm_v128_store32_lane(out + 2, values, 2);
  }
}

void oct_winograd_out_f32__simd128(const float *in, size_t apart, int32_t channels, const oct_clamp_f32 *clamp,
                                   float *const pixels[16]) {
  const v128_t lo = oct_load(clamp->lo), hi = oct_load(clamp->hi);
  for (int32_t c = 0; c < channels; c += 4) {
    v128_t half[6][4]; // by column
    for (int x = 0; x < 6; x++) {
      v128_t column[6];
      OCT_UNROLL
      for (int y = 0; y < 6; y++) column[y] = oct_load(in + (6 * y + x) * apart + c);
      transform(column, half[x]);
    }
    for (int y = 0; y < 4; y++) {
      v128_t row[6], done[4];
      OCT_UNROLL
      for (int x = 0; x < 6; x++) row[x] = half[x][y];
      transform(row, done);
      OCT_UNROLL
      for (int x = 0; x < 4; x++) {
        float *out = pixels[4 * y + x];
        if (out) store(out + c, wasm_f32x4_pmin(wasm_f32x4_pmax(done[x], lo), hi), channels - c);
      }
    }
  }
}
