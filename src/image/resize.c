// SPDX-License-Identifier: MIT
//
// Resampling a rectangle of an RGBA8 image: area average when shrinking, bilinear when growing, each axis for itself.
//
// Both filters are tables of taps made up front: output i of an axis is a weighted sum of `count` neighbours starting
// at `first[i]`. A source row is resampled across once, kept as floats, and added to every output row that wants it;
// the two newest such rows are kept, which is all that shrinking shares and that growing needs.
#include "base/arena.h"
#include "image/pixel.h"
#include "octavo.h"

#include <math.h>

typedef struct axis {
  int32_t count;  // taps an output
  int32_t *first; // [out] first source index
  float *weight;  // [out, count]
} axis;

static void fill_area(axis *taps, int32_t in, double start, double scale, int32_t out) {
  for (int32_t i = 0; i < out; i++) {
    double begin = start + i * scale, end = begin + scale;
    int32_t first = (int32_t)floor(begin);
    if (first > in - taps->count) first = in - taps->count;
    if (first < 0) first = 0;
    taps->first[i] = first;
    for (int32_t k = 0; k < taps->count; k++) {
      double low = fmax(begin, first + k), high = fmin(end, first + k + 1);
      taps->weight[(size_t)i * taps->count + k] = high > low ? (float)((high - low) / scale) : 0;
    }
  }
}

static void fill_bilinear(axis *taps, int32_t in, double start, double scale, int32_t out) {
  for (int32_t i = 0; i < out; i++) {
    double centre = fmin(fmax(start + (i + 0.5) * scale - 0.5, 0), in - 1);
    int32_t first = (int32_t)centre;
    if (first > in - taps->count) first = in - taps->count;
    taps->first[i] = first;
    float *weight = taps->weight + (size_t)i * taps->count;
    weight[0] = (float)(first + 1 - centre);
    if (taps->count == 2) weight[1] = (float)(centre - first);
    else weight[0] = 1;
  }
}

/// Taps of one axis for resampling [start, start + length) of `in` samples to `out`.
static oct_status make_axis(oct_arena *arena, axis *taps, int32_t in, double start, double length, int32_t out) {
  double scale = length / out;
  taps->count = scale > 1 ? (int32_t)ceil(scale) + 1 : 2;
  if (taps->count > in) taps->count = in;
  taps->first = oct_arena_alloc(arena, (size_t)out * sizeof(int32_t));
  taps->weight = oct_arena_alloc(arena, (size_t)out * (size_t)taps->count * sizeof(float));
  if (!taps->first || !taps->weight) return OCT_OUT_OF_MEMORY;
  (scale > 1 ? fill_area : fill_bilinear)(taps, in, start, scale, out);
  return OCT_OK;
}

static void resample_row(const uint8_t *row, const axis *across, int32_t out_w, oct_f32x4 *out) {
  const float *weight = across->weight;
  for (int32_t u = 0; u < out_w; u++) {
    const uint8_t *pixel = row + 4 * (size_t)across->first[u];
    oct_f32x4 sum = {0};
    for (int32_t k = 0; k < across->count; k++) sum += *weight++ * oct_pixel_load(pixel + 4 * (size_t)k);
    out[u] = sum;
  }
}

static void resample(const uint8_t *rgba, int32_t in_w, const axis *across, const axis *down, oct_f32x4 *rows,
                     uint8_t *out, int32_t out_w, int32_t out_h) {
  int32_t held[2] = {-1, -1};
  oct_f32x4 *sum = rows + 2 * (size_t)out_w;
  for (int32_t v = 0; v < out_h; v++) {
    for (int32_t u = 0; u < out_w; u++) sum[u] = (oct_f32x4){0};
    for (int32_t k = 0; k < down->count; k++) {
      float weight = down->weight[(size_t)v * down->count + k];
      int32_t y = down->first[v] + k;
      if (weight == 0) continue;
      oct_f32x4 *row = rows + (size_t)(y & 1) * out_w;
      if (held[y & 1] != y) resample_row(rgba + 4 * (size_t)in_w * (size_t)y, across, out_w, row);
      held[y & 1] = y;
      for (int32_t u = 0; u < out_w; u++) sum[u] += weight * row[u];
    }
    for (int32_t u = 0; u < out_w; u++) oct_pixel_store(out + 4 * ((size_t)v * out_w + u), sum[u]);
  }
}

int32_t oct_image_resize(const uint8_t *rgba, int32_t in_w, int32_t in_h, float x, float y, float w, float h,
                         uint8_t *out, int32_t out_w, int32_t out_h) {
  OCT_TRY(oct_image_check_size("the image to resize", in_w, in_h));
  OCT_TRY(oct_image_check_size("the resized image", out_w, out_h));
  // Negated, so that a NaN fails too; half a pixel of grace for rectangles computed in floats.
  if (!(x >= -0.5f && y >= -0.5f && w > 0 && h > 0 && x + w <= in_w + 0.5f && y + h <= in_h + 0.5f))
    return oct_fail(OCT_INVALID_ARGUMENT, "keep the rectangle inside the image",
                    "the rectangle %g,%g %gx%g is not inside the %dx%d image", x, y, w, h, (int)in_w, (int)in_h);
  oct_arena arena = {0};
  axis across, down;
  oct_status status = make_axis(&arena, &across, in_w, x, w, out_w);
  if (status == OCT_OK) status = make_axis(&arena, &down, in_h, y, h, out_h);
  oct_f32x4 *rows = status == OCT_OK ? oct_arena_alloc(&arena, 3 * (size_t)out_w * sizeof(oct_f32x4)) : NULL;
  if (rows) resample(rgba, in_w, &across, &down, rows, out, out_w, out_h);
  oct_arena_free(&arena);
  return rows ? OCT_OK : OCT_OUT_OF_MEMORY;
}
