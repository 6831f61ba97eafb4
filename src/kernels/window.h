// SPDX-License-Identifier: MIT
//
// Windows: a convolution, seen as a matrix product whose rows are found by pointers.
//
// Output pixels are cut into tiles of up to 6. A tile's rows are one pointer a tap and pixel, straight into the input
// or at the padding; nothing is copied. Where a whole tile is inside the image, the taps of one kernel row are one
// stretch of memory, and count as one. With few channels the pointers would cost more than the bytes, and the taps of
// each pixel are copied behind one another for the tile at hand, never for the whole tensor. Weights that would not
// stay in the second cache while the tiles pass by are taken a block of columns at a time.
#ifndef OCT_KERNELS_WINDOW_H
#define OCT_KERNELS_WINDOW_H

#include "base/parallel.h"
#include "kernels/kernels.h"

typedef struct oct_window_gemm {
  // The product.
  const oct_kernel *kernel; // gemm_qs8 or gemm_f32
  const void *range;
  int32_t element_bytes; // 1 or 4
  int32_t out_bytes;     // of an element of the output: as many, or 4 for whole sums
  int32_t k, n;          // channels read of a tap, and written
  // Input: an image of in_h x in_w pixels, in_pixel elements apart.
  int32_t in_h, in_w;
  size_t in_pixel;
  // Tap i of output pixel (y, x) is input pixel (y * stride[0] + tap[i][0], x * stride[1] + tap[i][1]), or `padding` outside
  // the image. Every `merge` taps are a pixel apart: inside it, neighbours in memory. `padding` has elements for as many.
  const int32_t (*tap)[2];
  int32_t taps, merge;
  int32_t stride[2];
  const void *padding;
  // Output: out_h x out_w pixels, out_pixel and out_row elements apart.
  int32_t out_h, out_w;
  size_t out_pixel, out_row;
  // Set by oct_window_gemm_plan.
  bool gathered; // taps are copied together
  bool plain;    // output pixel i is input pixel i
  size_t panel_bytes;
  int32_t block; // columns of a pass over the image, a multiple of OCT_GEMM_COLUMNS unless it is n
} oct_window_gemm;

/// Decides whether taps are gathered and may merge, which decides how the weights are packed, and how many columns a
/// pass takes.
void oct_window_gemm_plan(oct_window_gemm *window, oct_weights *weights);

size_t oct_window_gemm_scratch_bytes(const oct_window_gemm *window);

/// A part of one image and one group, whose first elements `in` and `out` point at: some tiles, or some columns where
/// there are few tiles.
void oct_window_gemm_run(const oct_window_gemm *window, const void *in, const void *panels, void *out, void *scratch,
                         oct_part part);

/// Output rows [begin, end), which are to follow one another from `out` on. Of a plain window's input `in` is row `begin`.
void oct_window_gemm_rows(const oct_window_gemm *window, const void *in, const void *panels, void *out, void *scratch,
                          int32_t begin, int32_t end);

#endif
