// SPDX-License-Identifier: MIT
//
// From pixels to a model's input and back, in one pass.
//
// Every channel of a tensor is a weighted sum of R, G, B and A plus an offset (luma has three weights, the others one),
// and quantization is folded into the weights. A run of pixels becomes a run of floats, which is then written in the
// tensor's type at the layout's step: 1 apart for NCHW, `channels` apart for NHWC.
#include "base/dtype.h"
#include "base/shape.h"
#include "image/pixel.h"
#include "octavo.h"

#include <stdbool.h>

enum { RUN = 256 }; // pixels at a time: three rows of floats stay in the first-level cache

static oct_status check_tensor(int32_t dtype, int32_t layout) {
  if (dtype != OCT_F32 && dtype != OCT_I8 && dtype != OCT_U8)
    return oct_fail(OCT_INVALID_ARGUMENT, "use float32, int8 or uint8", "an image cannot be a tensor of %s",
                    dtype > OCT_NONE && dtype < OCT_DTYPE_COUNT ? oct_dtype_name(dtype) : "an unknown type");
  if (layout != OCT_IMAGE_NHWC && layout != OCT_IMAGE_NCHW)
    return oct_fail(OCT_INVALID_ARGUMENT, "use 0 (NHWC) or 1 (NCHW)", "%d is no layout", (int)layout);
  return OCT_OK;
}

static oct_status check_stride(int32_t w, int32_t stride) {
  if (stride / 4 < w)
    return oct_fail(OCT_INVALID_ARGUMENT, "a row of w pixels takes 4 * w bytes",
                    "a stride of %d bytes is too short for %d RGBA pixels", (int)stride, (int)w);
  return OCT_OK;
}

/// Weights of R, G, B and A for channel `c`.
static oct_f32x4 channel_weights(int32_t channels, bool bgr, int32_t c, float scale) {
  if (channels == 1) return (oct_f32x4){0.299f, 0.587f, 0.114f, 0} * scale;
  oct_f32x4 weights = {0};
  weights[bgr && c < 3 ? 2 - c : c] = scale;
  return weights;
}

static void weigh_run(const uint8_t *rgba, int32_t count, oct_f32x4 weights, float offset, float *run) {
  int32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    oct_u32x4 pixels;
    memcpy(&pixels, rgba + 4 * (size_t)i, 16);
    oct_f32x4 r = __builtin_convertvector((oct_i32x4)(pixels & 255), oct_f32x4);
    oct_f32x4 g = __builtin_convertvector((oct_i32x4)(pixels >> 8 & 255), oct_f32x4);
    oct_f32x4 b = __builtin_convertvector((oct_i32x4)(pixels >> 16 & 255), oct_f32x4);
    oct_f32x4 a = __builtin_convertvector((oct_i32x4)(pixels >> 24), oct_f32x4);
    oct_f32x4 sum = r * weights[0] + g * weights[1] + b * weights[2] + a * weights[3] + offset;
    memcpy(run + i, &sum, 16);
  }
  for (; i < count; i++) {
    const uint8_t *pixel = rgba + 4 * (size_t)i;
    run[i] = (float)pixel[0] * weights[0] + (float)pixel[1] * weights[1] + (float)pixel[2] * weights[2] +
             (float)pixel[3] * weights[3] + offset;
  }
}

static void write_run(const float *run, int32_t count, int32_t dtype, void *out, size_t first, size_t step) {
  if (dtype == OCT_F32) {
    float *to = (float *)out + first;
    for (int32_t i = 0; i < count; i++) to[(size_t)i * step] = run[i];
  } else {
    float low = dtype == OCT_I8 ? -128 : 0;
    uint8_t *to = (uint8_t *)out + first;
    for (int32_t i = 0; i < count; i++)
      to[(size_t)i * step] = (uint8_t)(int32_t)oct_round_even(oct_limit(run[i], low, low + 255));
  }
}

int32_t oct_image_to_tensor(const uint8_t *rgba, int32_t w, int32_t h, int32_t stride, int32_t channels, int32_t bgr,
                            const float *scale, const float *offset, int32_t layout, int32_t dtype, void *out) {
  OCT_TRY(oct_image_check_size("the image", w, h));
  OCT_TRY(check_stride(w, stride));
  OCT_TRY(check_tensor(dtype, layout));
  if (channels != 1 && channels != 3 && channels != 4)
    return oct_fail(OCT_INVALID_ARGUMENT, "use 1 (luma), 3 (RGB) or 4 (RGBA)", "an image cannot have %d channels",
                    (int)channels);
  bool planes = layout == OCT_IMAGE_NCHW;
  size_t area = (size_t)w * (size_t)h;
  for (int32_t c = 0; c < channels; c++) {
    oct_f32x4 weights = channel_weights(channels, bgr, c, scale[c]);
    for (int32_t y = 0; y < h; y++) {
      for (int32_t x = 0; x < w; x += RUN) {
        float run[RUN];
        int32_t count = w - x < RUN ? w - x : RUN;
        size_t at = (size_t)y * (size_t)w + (size_t)x;
        weigh_run(rgba + (size_t)y * (size_t)stride + 4 * (size_t)x, count, weights, offset[c], run);
        if (planes) write_run(run, count, dtype, out, area * (size_t)c + at, 1);
        else write_run(run, count, dtype, out, at * (size_t)channels + (size_t)c, (size_t)channels);
      }
    }
  }
  return OCT_OK;
}

static void read_run(const void *tensor, int32_t dtype, size_t first, size_t step, int32_t count, float scale,
                     float offset, uint32_t *run) {
  for (int32_t i = 0; i < count; i++) {
    size_t at = first + (size_t)i * step;
    float value = dtype == OCT_F32  ? ((const float *)tensor)[at]
                  : dtype == OCT_I8 ? (float)((const int8_t *)tensor)[at]
                                    : (float)((const uint8_t *)tensor)[at];
    run[i] = (uint32_t)oct_round_even(oct_limit(value * scale + offset, 0, 255));
  }
}

int32_t oct_image_from_tensor(const void *tensor, int32_t dtype, int32_t layout, int32_t channels, int32_t w, int32_t h,
                              float scale, float offset, uint8_t *rgba, int32_t stride) {
  OCT_TRY(oct_image_check_size("the image", w, h));
  OCT_TRY(check_stride(w, stride));
  OCT_TRY(check_tensor(dtype, layout));
  if (channels != 1 && channels != 3)
    return oct_fail(OCT_INVALID_ARGUMENT, "use a tensor of 1 or 3 channels", "%d channels make no picture",
                    (int)channels);
  bool planes = layout == OCT_IMAGE_NCHW;
  size_t area = (size_t)w * (size_t)h, step = planes ? 1 : (size_t)channels;
  for (int32_t y = 0; y < h; y++) {
    for (int32_t x = 0; x < w; x += RUN) {
      uint32_t run[3][RUN];
      int32_t count = w - x < RUN ? w - x : RUN;
      size_t at = ((size_t)y * (size_t)w + (size_t)x) * step;
      for (int32_t c = 0; c < channels; c++)
        read_run(tensor, dtype, at + (size_t)c * (planes ? area : 1), step, count, scale, offset, run[c]);
      const uint32_t *r = run[0], *g = run[channels == 3 ? 1 : 0], *b = run[channels == 3 ? 2 : 0];
      uint8_t *out = rgba + (size_t)y * (size_t)stride + 4 * (size_t)x;
      for (int32_t i = 0; i < count; i++) {
        uint32_t pixel = r[i] | g[i] << 8 | b[i] << 16 | 0xff000000u;
        memcpy(out + 4 * (size_t)i, &pixel, 4);
      }
    }
  }
  return OCT_OK;
}
