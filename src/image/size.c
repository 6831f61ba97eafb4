// SPDX-License-Identifier: MIT
//
// What sizes an image may have. Checked once at the door of every image function, so that the loops behind it can
// count on sizes that are positive and on byte counts that fit.
#include "base/shape.h"
#include "image/pixel.h"

oct_status oct_image_check_size(const char *name, int32_t w, int32_t h) {
  if (w < 1 || h < 1)
    return oct_fail(OCT_INVALID_ARGUMENT, "pass an image of at least 1x1 pixel", "%s is %dx%d pixels: it is empty",
                    name, (int)w, (int)h);
  if ((uint64_t)w * (uint64_t)h > OCT_MAX_TENSOR_BYTES / 4)
    return oct_fail(OCT_INVALID_ARGUMENT, "shrink the image first", "%s is %dx%d pixels: more than 268 megapixels",
                    name, (int)w, (int)h);
  return OCT_OK;
}
