// SPDX-License-Identifier: MIT
//
// The perspective warp: every output pixel looks up where it came from. Coordinates are limited to the source before
// they become integers, in a way that also catches NaN and infinity, so that no matrix can make it read elsewhere.
#include "image/pixel.h"
#include "octavo.h"

#include <stddef.h>

typedef struct source {
  const uint8_t *rgba;
  int32_t w, h;
} source;

/// Where to look: index coordinates of the upper left neighbours and what the right and lower ones weigh, four samples.
typedef struct spots {
  oct_i32x4 x, y;
  oct_f32x4 right, below;
} spots;

static inline oct_f32x4 limit(oct_f32x4 value, float high) {
  oct_f32x4 zero = {0}, top = zero + high;
  value = (oct_f32x4)((value > zero) & (oct_i32x4)value);
  oct_i32x4 fits = value < top;
  return (oct_f32x4)((fits & (oct_i32x4)value) | (~fits & (oct_i32x4)top));
}

/// Maps the output points (u, v) through H. Pixel centres are whole numbers in index coordinates.
static inline spots map(source from, const float *H, oct_f32x4 u, float v) {
  oct_f32x4 depth = H[6] * u + (H[7] * v + H[8]);
  oct_f32x4 x = limit((H[0] * u + (H[1] * v + H[2])) / depth - 0.5f, (float)(from.w - 1));
  oct_f32x4 y = limit((H[3] * u + (H[4] * v + H[5])) / depth - 0.5f, (float)(from.h - 1));
  oct_i32x4 x0 = __builtin_convertvector(x, oct_i32x4), y0 = __builtin_convertvector(y, oct_i32x4);
  return (spots){x0, y0, x - __builtin_convertvector(x0, oct_f32x4), y - __builtin_convertvector(y0, oct_f32x4)};
}

/// The bilinear sample at spot `i`; the image's edge pixels repeat outside.
static inline oct_f32x4 look(source from, const spots *at, int i) {
  size_t right = at->x[i] < from.w - 1 ? 4 : 0, below = at->y[i] < from.h - 1 ? 4 * (size_t)from.w : 0;
  const uint8_t *pixel = from.rgba + 4 * ((size_t)at->y[i] * (size_t)from.w + (size_t)at->x[i]);
  oct_f32x4 a = oct_pixel_load(pixel), b = oct_pixel_load(pixel + right);
  oct_f32x4 c = oct_pixel_load(pixel + below), d = oct_pixel_load(pixel + below + right);
  oct_f32x4 top = a + (b - a) * at->right[i], bottom = c + (d - c) * at->right[i];
  return top + (bottom - top) * at->below[i];
}

/// Writes `count` (1..4) pixels of row v, from column u on.
static inline void warp_four(source from, const float *H, int32_t u, int32_t v, int32_t count, int32_t taps,
                             uint8_t *out) {
  float step = 1.0f / (float)taps;
  oct_f32x4 sum[4] = {{0}}, columns = (oct_f32x4){0, 1, 2, 3} + (float)u;
  for (int32_t j = 0; j < taps; j++) {
    for (int32_t i = 0; i < taps; i++) {
      spots at = map(from, H, columns + ((float)i + 0.5f) * step, (float)v + ((float)j + 0.5f) * step);
      for (int k = 0; k < 4; k++) sum[k] += look(from, &at, k);
    }
  }
  for (int32_t k = 0; k < count; k++) oct_pixel_store(out + 4 * (size_t)k, sum[k] * (step * step));
}

int32_t oct_image_warp(const uint8_t *rgba, int32_t in_w, int32_t in_h, const float *H, uint8_t *out, int32_t out_w,
                       int32_t v0, int32_t v1, int32_t taps) {
  OCT_TRY(oct_image_check_size("the image to warp", in_w, in_h));
  if (v0 < 0 || v1 < v0)
    return oct_fail(OCT_INVALID_ARGUMENT, "pass 0 <= v0 < v1", "rows %d..%d are no strip", (int)v0, (int)v1);
  OCT_TRY(oct_image_check_size("the strip to warp to", out_w, v1 - v0));
  if (taps < 1 || taps > 4)
    return oct_fail(OCT_INVALID_ARGUMENT, "pass 1 to 4 taps", "%d taps a pixel and axis", (int)taps);
  source from = {rgba, in_w, in_h};
  for (int32_t v = v0; v < v1; v++) {
    uint8_t *row = out + 4 * (size_t)out_w * (size_t)(v - v0);
    for (int32_t u = 0; u < out_w; u += 4) {
      int32_t count = out_w - u < 4 ? out_w - u : 4;
      if (taps == 1) warp_four(from, H, u, v, count, 1, row + 4 * (size_t)u);
      else warp_four(from, H, u, v, count, taps, row + 4 * (size_t)u);
    }
  }
  return OCT_OK;
}
