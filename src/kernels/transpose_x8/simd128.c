// SPDX-License-Identifier: MIT
//
// Transposing bytes in blocks of 16 x 16, by four rounds of interleaving. Images of 3 channels, the frequent narrow
// case, are woven and parted 16 pixels at a time; what is left at the edges goes one by one.
#include "kernels/bytes_simd.h"
#include "kernels/kernels.h"

OCT_INLINE v128_t low_bytes(v128_t a, v128_t b) {
  return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
OCT_INLINE v128_t high_bytes(v128_t a, v128_t b) {
  return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// Each round interleaves row i with row i + 8: after four, row i holds column i.
static void block_16x16(const uint8_t *in, size_t in_stride, uint8_t *out, size_t out_stride) {
  v128_t a[16], b[16];
  for (int i = 0; i < 16; i++) a[i] = oct_load(in + (size_t)i * in_stride);
  OCT_UNROLL
  for (int round = 0; round < 2; round++) {
    OCT_UNROLL
    for (int i = 0; i < 8; i++) b[2 * i] = low_bytes(a[i], a[i + 8]), b[2 * i + 1] = high_bytes(a[i], a[i + 8]);
    OCT_UNROLL
    for (int i = 0; i < 8; i++) a[2 * i] = low_bytes(b[i], b[i + 8]), a[2 * i + 1] = high_bytes(b[i], b[i + 8]);
  }
  for (int i = 0; i < 16; i++) wasm_v128_store(out + (size_t)i * out_stride, a[i]);
}

/// 3 planes to pixels, 16 at a time. Returns how many pixels it did.
static size_t weave_3(const uint8_t *in, size_t in_stride, size_t pixels, uint8_t *out) {
  size_t i = 0;
  for (; i + 16 <= pixels; i += 16, out += 48) {
    const v128_t r = oct_load(in + i), g = oct_load(in + in_stride + i), b = oct_load(in + 2 * in_stride + i);
    const v128_t rg0 = low_bytes(r, g), rg1 = high_bytes(r, g);
    // Each third takes its pairs of red and green, then blue where it is due.
    const v128_t first = wasm_i8x16_shuffle(rg0, b, 0, 1, 16, 2, 3, 17, 4, 5, 18, 6, 7, 19, 8, 9, 20, 10);
    const v128_t middle = wasm_i8x16_shuffle(rg0, rg1, 11, 0, 12, 13, 0, 14, 15, 0, 16, 17, 0, 18, 19, 0, 20, 21);
    const v128_t second = wasm_i8x16_shuffle(middle, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15);
    const v128_t third = wasm_i8x16_shuffle(rg1, b, 26, 6, 7, 27, 8, 9, 28, 10, 11, 29, 12, 13, 30, 14, 15, 31);
    wasm_v128_store(out, first);
    wasm_v128_store(out + 16, second);
    wasm_v128_store(out + 32, third);
  }
  return i;
}

/// Pixels of 3 channels to planes, 16 at a time. Returns how many pixels it did.
static size_t part_3(const uint8_t *in, size_t pixels, uint8_t *out, size_t out_stride) {
  size_t i = 0;
  for (; i + 16 <= pixels; i += 16, in += 48) {
    const v128_t a = oct_load(in), b = oct_load(in + 16), c = oct_load(in + 32);
    // 11, 11 and 10 bytes of each channel lie in a and b; c adds the rest.
    v128_t red = wasm_i8x16_shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    v128_t green = wasm_i8x16_shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    v128_t blue = wasm_i8x16_shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    red = wasm_i8x16_shuffle(red, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
    green = wasm_i8x16_shuffle(green, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
    blue = wasm_i8x16_shuffle(blue, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
    wasm_v128_store(out + i, red);
    wasm_v128_store(out + out_stride + i, green);
    wasm_v128_store(out + 2 * out_stride + i, blue);
  }
  return i;
}

void oct_transpose_x8__simd128(const uint8_t *in, size_t in_stride, size_t rows, size_t columns, uint8_t *out,
                               size_t out_stride) {
  size_t whole_rows = rows / 16 * 16, whole_columns = columns / 16 * 16;
  if (columns == 3 && out_stride == 3) {
    whole_rows = weave_3(in, in_stride, rows, out);
    whole_columns = 3;
  } else if (rows == 3 && in_stride == 3) {
    whole_columns = part_3(in, columns, out, out_stride);
    whole_rows = 3;
  } else {
    for (size_t j = 0; j < whole_columns; j += 16)
      for (size_t i = 0; i < whole_rows; i += 16)
        block_16x16(in + j * in_stride + i, in_stride, out + i * out_stride + j, out_stride);
  }
  oct_transpose_x8__ref(in + whole_columns * in_stride, in_stride, whole_rows, columns - whole_columns,
                        out + whole_columns, out_stride);
  oct_transpose_x8__ref(in + whole_rows, in_stride, rows - whole_rows, columns, out + whole_rows * out_stride,
                        out_stride);
}
