// SPDX-License-Identifier: MIT
//
// A column of weights on its way into a panel, 16 at a time; see survey_s8/simd128.c.
#include "kernels/kernels.h"
#include "kernels/simd.h"

enum { GROUP_BYTES = 4 * OCT_GEMM_COLUMNS };

/// Stores 4 groups.
OCT_INLINE void store_groups(uint8_t *to, v128_t groups) {
  wasm_v128_store32_lane(to, groups, 0);
  wasm_v128_store32_lane(to + GROUP_BYTES, groups, 1);
  wasm_v128_store32_lane(to + 2 * GROUP_BYTES, groups, 2);
  wasm_v128_store32_lane(to + 3 * GROUP_BYTES, groups, 3);
}

void oct_spread_s8__simd128(const uint8_t *bytes, size_t count, uint8_t flip, int32_t less, bool words, uint8_t *to) {
  const v128_t flips = wasm_i8x16_splat((int8_t)flip);
  const v128_t less_bytes = wasm_i8x16_splat((int8_t)less), less_words = wasm_i16x8_splat((int16_t)less);
  for (; count >= 16; count -= 16, bytes += 16, to += (words ? 8 : 4) * GROUP_BYTES) {
    const v128_t weights = wasm_v128_xor(oct_load(bytes), flips);
    if (words) {
      store_groups(to, wasm_i16x8_sub(wasm_i16x8_extend_low_i8x16(weights), less_words));
      store_groups(to + 4 * GROUP_BYTES, wasm_i16x8_sub(wasm_i16x8_extend_high_i8x16(weights), less_words));
    } else {
      store_groups(to, wasm_i8x16_sub(weights, less_bytes));
    }
  }
  oct_spread_s8__ref(bytes, count, flip, less, words, to);
}
