// SPDX-License-Identifier: MIT
//
// Winograd's F(4x4, 3x3): a float convolution of 3x3 and stride 1 with a quarter of the products.
//
// A tile of 6x6 input pixels makes 4x4 output pixels: y = A^T [(G w G^T) * (B^T d B)] A, where * goes element by element
// and sums over channels. For each of the 36 elements that is a matrix product over many tiles, which gemm_f32 does:
//
//   block of tiles -> winograd_in_f32 -> 36 products -> winograd_out_f32 -> pixels
//
// The bias needs no pass: added to element (1, 1) it reaches all 16 outputs. Rounding errors are some ten times those
// of the plain sum, 1e-6 of the range; Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
#ifndef OCT_KERNELS_WINOGRAD_H
#define OCT_KERNELS_WINOGRAD_H

#include "kernels/kernels.h"

typedef struct oct_winograd {
  const oct_clamp_f32 *range;
  int32_t k, n;            // channels in and out
  int32_t in_h, in_w;      // of an image; images follow one another
  int32_t top, left;       // padding before the first row and column
  const float *padding;    // k zeros
  int32_t out_h, out_w;
  // Set by oct_winograd_plan.
  oct_gemm_fn *gemm;
  oct_winograd_in_f32_fn *transform_in;
  oct_winograd_out_f32_fn *transform_out;
  int32_t tiles_h, tiles_w; // of an image
  int32_t block;            // tiles at a time
} oct_winograd;

/// Whether it is worth its weights, which are four times as large; sets what is to be set.
bool oct_winograd_plan(oct_winograd *winograd);

uint64_t oct_winograd_packed_bytes(const oct_winograd *winograd);

/// `weights`: 9 taps, row by row.
void oct_winograd_pack(const oct_weights *weights, void *panels);

size_t oct_winograd_scratch_bytes(const oct_winograd *winograd);

/// Of all images.
static inline int32_t oct_winograd_tiles(const oct_winograd *winograd, int32_t images) {
  return images * winograd->tiles_h * winograd->tiles_w;
}

/// Tiles [first, end) of all the images, counted row by row, image by image.
void oct_winograd_run(const oct_winograd *winograd, const float *in, const void *panels, float *out, void *scratch,
                      int32_t first, int32_t end);

#endif
