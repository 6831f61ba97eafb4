// SPDX-License-Identifier: MIT
//
// What a column of weights amounts to, 16 at a time. Written for a compiler in a hurry: a model's weights are read once,
// before a browser has optimized anything.
#include "kernels/kernels.h"
#include "kernels/simd.h"

void oct_survey_s8__simd128(const uint8_t *bytes, size_t count, uint8_t flip, oct_survey *survey) {
  const v128_t flips = wasm_i8x16_splat((int8_t)flip);
  v128_t least = wasm_i8x16_splat(127), most = wasm_i8x16_splat(-128), sum = wasm_i32x4_const_splat(0);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const v128_t weights = wasm_v128_xor(oct_load(bytes + i), flips);
    least = wasm_i8x16_min(least, weights);
    most = wasm_i8x16_max(most, weights);
    sum = wasm_i32x4_add(sum, wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(weights)));
  }
  if (i > 0) {
    int8_t ends[2][16];
    uint32_t sums[4];
    wasm_v128_store(ends[0], least), wasm_v128_store(ends[1], most), wasm_v128_store(sums, sum);
    for (int lane = 0; lane < 16; lane++) {
      survey->least = ends[0][lane] < survey->least ? ends[0][lane] : survey->least;
      survey->most = ends[1][lane] > survey->most ? ends[1][lane] : survey->most;
    }
    survey->sum += sums[0] + sums[1] + sums[2] + sums[3];
  }
  oct_survey_s8__ref(bytes + i, count - i, flip, survey);
}
