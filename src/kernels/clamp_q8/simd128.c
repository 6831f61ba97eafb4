// SPDX-License-Identifier: MIT
//
// Clamping, 16 bytes at a time.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

void oct_clamp_q8__simd128(const oct_act *in, size_t count, int32_t lo, int32_t hi, oct_act *out) {
  const v128_t least = wasm_i8x16_splat((int8_t)lo), most = wasm_i8x16_splat((int8_t)hi);
  for (; count >= 16; count -= 16, in += 16, out += 16)
    wasm_v128_store(out, oct_clamp_bytes(oct_load(in), least, most));
  if (count) oct_store_part(out, oct_clamp_bytes(oct_load(in), least, most), count);
}
