// SPDX-License-Identifier: MIT
//
// Winograd convolution, block by block (winograd.h). The scratch holds the transformed input of a block of tiles, as
// 36 matrices of [tiles][k], and their 36 products, [tiles][n]; channels are padded to whole vectors.
#include "kernels/winograd.h"

#include <math.h>

enum {
  ELEMENTS = 36,
  SCRATCH_BYTES = 512 << 10, // of a block, about: it should stay in the second cache
  LARGEST_BLOCK = 48,
  COLUMN_BYTES = 128 << 10, // of the panels that stay in the cache while a block's tiles pass by
};

static int32_t padded(int32_t channels) { return (channels + 3) / 4 * 4; }

static size_t tile_bytes(const oct_winograd *winograd) {
  return ELEMENTS * sizeof(float) * (size_t)(padded(winograd->k) + padded(winograd->n));
}

bool oct_winograd_plan(oct_winograd *winograd) {
  winograd->gemm = OCT_KERNEL_FN(gemm_f32, oct_kernel_best(OCT_FAMILY_gemm_f32));
  winograd->transform_in = OCT_KERNEL_FN(winograd_in_f32, oct_kernel_best(OCT_FAMILY_winograd_in_f32));
  winograd->transform_out = OCT_KERNEL_FN(winograd_out_f32, oct_kernel_best(OCT_FAMILY_winograd_out_f32));
  winograd->tiles_h = (winograd->out_h + 3) / 4, winograd->tiles_w = (winograd->out_w + 3) / 4;
  const size_t fit = SCRATCH_BYTES / tile_bytes(winograd) / OCT_GEMM_ROWS * OCT_GEMM_ROWS;
  winograd->block = fit < 2 * OCT_GEMM_ROWS ? 2 * OCT_GEMM_ROWS : fit < LARGEST_BLOCK ? (int32_t)fit : LARGEST_BLOCK;
  // Weights four times as large want tiles enough to be used for.
  return winograd->k >= 8 && winograd->n >= 8 && winograd->tiles_h * winograd->tiles_w >= 2 * OCT_GEMM_ROWS;
}

/// Bytes of the panels of one element.
static size_t element_bytes(const oct_winograd *winograd) {
  const size_t panels = ((size_t)winograd->n + OCT_GEMM_COLUMNS - 1) / OCT_GEMM_COLUMNS;
  return panels * OCT_GEMM_COLUMNS * (1 + (size_t)winograd->k) * sizeof(float);
}

uint64_t oct_winograd_packed_bytes(const oct_winograd *winograd) {
  const double bytes = ELEMENTS * sizeof(float) * (winograd->n + 7.0) * (winograd->k + 1.0);
  return bytes > (double)UINT32_MAX ? UINT64_MAX : ELEMENTS * element_bytes(winograd);
}

size_t oct_winograd_scratch_bytes(const oct_winograd *winograd) { return winograd->block * tile_bytes(winograd); }

typedef struct place { // of a tile
  size_t image;
  int32_t y, x; // of its first output pixel
} place;

static place place_of(const oct_winograd *winograd, int32_t tile) {
  const int32_t image_tiles = winograd->tiles_h * winograd->tiles_w, at = tile % image_tiles;
  return (place){(size_t)(tile / image_tiles), at / winograd->tiles_w * 4, at % winograd->tiles_w * 4};
}

static void transform_in(const oct_winograd *winograd, const float *in, int32_t tile, float *to, size_t apart) {
  const place at = place_of(winograd, tile);
  const float *image = in + at.image * winograd->in_h * winograd->in_w * winograd->k, *pixels[ELEMENTS];
  for (int32_t i = 0; i < ELEMENTS; i++) {
    const int32_t y = at.y - winograd->top + i / 6, x = at.x - winograd->left + i % 6;
    const bool inside = y >= 0 && y < winograd->in_h && x >= 0 && x < winograd->in_w;
    pixels[i] = inside ? image + ((size_t)y * winograd->in_w + x) * winograd->k : winograd->padding;
  }
  winograd->transform_in(pixels, winograd->k, to, apart);
}

static void transform_out(const oct_winograd *winograd, const float *from, size_t apart, int32_t tile, float *out) {
  const place at = place_of(winograd, tile);
  float *image = out + at.image * winograd->out_h * winograd->out_w * winograd->n, *pixels[16];
  for (int32_t i = 0; i < 16; i++) {
    const int32_t y = at.y + i / 4, x = at.x + i % 4;
    const bool inside = y < winograd->out_h && x < winograd->out_w;
    pixels[i] = inside ? image + ((size_t)y * winograd->out_w + x) * winograd->n : NULL;
  }
  winograd->transform_out(from, apart, winograd->n, winograd->range, pixels);
}

/// One element's product, [tiles][k] by [k][n].
static void multiply(const oct_winograd *winograd, const float *x, const uint8_t *panels, float *y, int32_t tiles) {
  const oct_clamp_f32 open = {{-INFINITY, -INFINITY, -INFINITY, -INFINITY}, {INFINITY, INFINITY, INFINITY, INFINITY}};
  const int32_t k = winograd->k, passes = (tiles + OCT_GEMM_ROWS - 1) / OCT_GEMM_ROWS;
  const size_t panel_bytes = OCT_GEMM_COLUMNS * (1 + (size_t)k) * sizeof(float), x_row = padded(k);
  const size_t y_row = padded(winograd->n);
  const int32_t columns = panel_bytes < COLUMN_BYTES ? COLUMN_BYTES / (int32_t)panel_bytes * OCT_GEMM_COLUMNS
                                                     : OCT_GEMM_COLUMNS;
  const void *rows[OCT_GEMM_ROWS];
  oct_gemm_tile tile = {.rows = rows, .taps = 1, .k = k, .out_stride = y_row * sizeof(float), .range = &open};
  for (int32_t n = 0; n < winograd->n; n += columns) {
    tile.n = winograd->n - n < columns ? winograd->n - n : columns;
    tile.panels = panels + n / OCT_GEMM_COLUMNS * panel_bytes;
    for (int32_t pass = 0; pass < passes; pass++) { // balanced
      const int32_t begin = tiles * pass / passes, end = tiles * (pass + 1) / passes;
      for (int32_t i = begin; i < end; i++) rows[i - begin] = x + i * x_row;
      tile.m = end - begin;
      tile.out = y + begin * y_row + n;
      winograd->gemm(&tile);
    }
  }
}

void oct_winograd_run(const oct_winograd *winograd, const float *in, const void *panels, float *out, void *scratch,
                      int32_t first, int32_t end) {
  const size_t x_row = padded(winograd->k), y_row = padded(winograd->n), element = element_bytes(winograd);
  float *x = scratch, *y = x + ELEMENTS * winograd->block * x_row;
  for (; first < end; first += winograd->block) {
    const int32_t tiles = end - first < winograd->block ? end - first : winograd->block;
    for (int32_t i = 0; i < tiles; i++) transform_in(winograd, in, first + i, x + i * x_row, tiles * x_row);
    for (int32_t i = 0; i < ELEMENTS; i++) {
      multiply(winograd, x + i * tiles * x_row, (const uint8_t *)panels + i * element, y + i * tiles * y_row, tiles);
    }
    for (int32_t i = 0; i < tiles; i++) transform_out(winograd, y + i * y_row, tiles * y_row, first + i, out);
  }
}
