// SPDX-License-Identifier: MIT
//
// Tests of winograd_in_f32 and winograd_out_f32 against their definitions, the matrices that gemm_f32's do not show.
#include "kernels/winograd.h"

/// The polynomial's points are 0, 1, -1, 2, -2 and infinity: A's entry of output i and element j is the point's power.
static double winograd_a(int i, int j) {
  static const double point[] = {0, 1, -1, 2, -2};
  return j == 5 ? i == 3 : pow(point[j], i);
}

static double winograd_b(int i, int j) {
  static const double b[6][6] = {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                 {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
  return b[i][j];
}

static bool check_winograd_in_f32(const oct_kernel *kernel) {
  const int32_t channels = random_between(1, 20);
  const size_t whole = (channels + 3) / 4 * 4, apart = whole + 4 * random_between(0, 3), count = 36 * apart;
  float *x = input_floats(100 + channels), *out = guarded_alloc(count * sizeof *out);
  float *expected = guarded_alloc(count * sizeof *out), *magnitude = calloc(count, sizeof *magnitude);
  const float *pixels[36];
  for (int i = 0; i < 36; i++) pixels[i] = x + random_between(0, 100);
  OCT_KERNEL_FN(winograd_in_f32, kernel)(pixels, channels, out, apart);
  for (size_t i = 0; i < 36; i++) {
    for (int32_t c = 0; c < (int32_t)whole; c++) {
      double sum = 0;
      for (int j = 0; j < 36 && c < channels; j++)
        sum += winograd_b(i / 6, j / 6) * winograd_b(i % 6, j % 6) * pixels[j][c];
      expected[i * apart + c] = c < channels ? (float)sum : out[i * apart + c];
      magnitude[i * apart + c] = 1;
    }
  }
  const bool good = close_floats(out, expected, magnitude, count);
  free(x), guarded_free(out), guarded_free(expected), free(magnitude);
  return good;
}

static bool check_winograd_out_f32(const oct_kernel *kernel) {
  const int32_t channels = random_between(1, 20);
  const size_t apart = channels + random_between(0, 5), stride = channels + random_between(0, 3), count = 16 * stride;
  float *x = input_floats(36 * apart), *out = guarded_alloc(count * sizeof *out), *pixels[16];
  float *expected = guarded_alloc(count * sizeof *out), *magnitude = calloc(count, sizeof *magnitude);
  const oct_clamp_f32 clamp = make_clamp();
  for (int i = 0; i < 16; i++) pixels[i] = random_bits() % 4 ? out + i * stride : NULL;
  OCT_KERNEL_FN(winograd_out_f32, kernel)(x, apart, channels, &clamp, pixels);
  for (int i = 0; i < 16; i++) {
    for (int32_t c = 0; c < channels && pixels[i]; c++) {
      double sum = 0;
      for (int j = 0; j < 36; j++) sum += winograd_a(i / 4, j / 6) * winograd_a(i % 4, j % 6) * x[j * apart + c];
      expected[i * stride + c] = (float)fmin(fmax(sum, clamp.lo[0]), clamp.hi[0]);
      magnitude[i * stride + c] = 64;
    }
  }
  const bool good = close_floats(out, expected, magnitude, count);
  free(x), guarded_free(out), guarded_free(expected), free(magnitude);
  return good;
}
