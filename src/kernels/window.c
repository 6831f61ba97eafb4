// SPDX-License-Identifier: MIT
//
// Windows, tile by tile (window.h).
#include "kernels/window.h"

#include <math.h>
#include <string.h>

/// Weights beyond this many bytes are taken in blocks of about as many.
enum { BLOCK_BYTES = 512 << 10 };

static void plan_blocks(oct_window_gemm *window, const oct_weights *weights) {
  oct_weights panel = *weights;
  if (panel.n > OCT_GEMM_COLUMNS) panel.n = OCT_GEMM_COLUMNS;
  window->panel_bytes = window->element_bytes == 1 ? oct_gemm_qs8_packed_bytes(&panel, window->kernel->machine)
                                                   : oct_gemm_f32_packed_bytes(&panel);
  const int32_t panels = (window->n + OCT_GEMM_COLUMNS - 1) / OCT_GEMM_COLUMNS;
  const double bytes = (double)window->panel_bytes * panels;
  const int32_t blocks = bytes > 2.0 * BLOCK_BYTES ? (int32_t)fmin(bytes / BLOCK_BYTES, panels) : 1;
  window->block = blocks == 1 ? window->n : (panels + blocks - 1) / blocks * OCT_GEMM_COLUMNS;
}

void oct_window_gemm_plan(oct_window_gemm *window, oct_weights *weights) {
  const bool integer = window->element_bytes == 1;
  window->gathered = window->taps > 1 && (integer ? window->k < 16 || window->k % 4 != 0 : window->k < 8);
  window->plain = window->taps == 1 && window->tap[0][0] == 0 && window->tap[0][1] == 0 && window->stride[0] == 1 &&
                  window->stride[1] == 1 && window->out_h == window->in_h && window->out_w == window->in_w;
  if (window->in_pixel != (size_t)window->k) window->merge = 1;
  weights->joined = window->gathered;
  plan_blocks(window, weights);
}

/// Elements of one gathered row.
static size_t row_elements(const oct_window_gemm *window) { return ((size_t)window->taps * window->k + 3) / 4 * 4; }

static size_t pointer_bytes(const oct_window_gemm *window) {
  return sizeof(void *) * OCT_GEMM_ROWS * window->taps;
}

static size_t align(size_t bytes) { return (bytes + 15) / 16 * 16; }

/// Bytes from one gathered row to the next; copies run over by up to 15.
static size_t row_bytes(const oct_window_gemm *window) {
  return align(row_elements(window) * window->element_bytes + 15);
}

static size_t gather_bytes(const oct_window_gemm *window) {
  return window->gathered ? OCT_GEMM_ROWS * row_bytes(window) : 0;
}

size_t oct_window_gemm_scratch_bytes(const oct_window_gemm *window) {
  const int32_t taps = window->gathered ? 1 : window->taps;
  const int32_t k = window->gathered ? (int32_t)row_elements(window) : window->k;
  const size_t kernel = window->element_bytes == 1 ? oct_gemm_qs8_scratch_bytes(taps, k, window->kernel->machine) : 0;
  return align(pointer_bytes(window)) + align(gather_bytes(window)) + kernel;
}

/// The box that the taps reach around an input pixel.
typedef struct reach {
  int32_t top, bottom, left, right;
} reach;

static reach find_reach(const oct_window_gemm *window) {
  reach r = {INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN};
  for (int32_t t = 0; t < window->taps; t++) {
    const int32_t dy = window->tap[t][0], dx = window->tap[t][1];
    if (dy < r.top) r.top = dy;
    if (dy > r.bottom) r.bottom = dy;
    if (dx < r.left) r.left = dx;
    if (dx > r.right) r.right = dx;
  }
  return r;
}

static bool is_inside(const oct_window_gemm *window, int32_t y, int32_t x) {
  return y >= 0 && y < window->in_h && x >= 0 && x < window->in_w;
}

/// Output pixels that follow one another, along the rows.
typedef struct tile_pixels {
  int32_t y, x; // of the first
  int32_t count;
} tile_pixels;

/// True if all taps of all of them are inside the image; where the pixels are of several rows, only if whole rows are.
static bool are_inside(const oct_window_gemm *window, const reach *r, tile_pixels p) {
  int32_t last_y = p.y, last_x = p.x + p.count - 1;
  if (last_x >= window->out_w) p.x = 0, last_y += last_x / window->out_w, last_x = window->out_w - 1;
  const int32_t *stride = window->stride;
  return p.y * stride[0] + r->top >= 0 && last_y * stride[0] + r->bottom < window->in_h &&
         p.x * stride[1] + r->left >= 0 && last_x * stride[1] + r->right < window->in_w;
}

/// Bytes from the image's first pixel to another.
static ptrdiff_t offset_of(const oct_window_gemm *window, int32_t y, int32_t x) {
  return ((ptrdiff_t)y * window->in_w + x) * (ptrdiff_t)(window->in_pixel * window->element_bytes);
}

/// Points at the input pixel of each.
static void point_pixels(const oct_window_gemm *window, const uint8_t *in, tile_pixels p, const uint8_t **at) {
  const ptrdiff_t step = offset_of(window, 0, window->stride[1]);
  while (p.count > 0) {
    const int32_t left = window->out_w - p.x, row = p.count < left ? p.count : left;
    const uint8_t *pixel = in + offset_of(window, p.y * window->stride[0], p.x * window->stride[1]);
    for (int32_t i = 0; i < row; i++, pixel += step) *at++ = pixel;
    p = (tile_pixels){p.y + 1, 0, p.count - row};
  }
}

/// Points at every tap of every pixel, `merge` taps at a time; all are inside.
static void point_inside(const oct_window_gemm *window, const uint8_t *const *at, int32_t count, const void **rows) {
  for (int32_t t = 0; t < window->taps; t += window->merge, rows += count) {
    const ptrdiff_t tap = offset_of(window, window->tap[t][0], window->tap[t][1]);
    for (int32_t i = 0; i < count; i++) rows[i] = at[i] + tap;
  }
}

/// Points at every tap of every pixel, or at padding.
OCT_APART void point_at_border(const oct_window_gemm *window, const uint8_t *in, tile_pixels p, const void **rows) {
  for (int32_t i = 0; i < p.count; i++) {
    const int32_t at_y = p.y * window->stride[0], at_x = p.x * window->stride[1];
    for (int32_t t = 0; t < window->taps; t++) {
      const int32_t y = at_y + window->tap[t][0], x = at_x + window->tap[t][1];
      rows[t * p.count + i] = is_inside(window, y, x) ? in + offset_of(window, y, x) : window->padding;
    }
    if (++p.x == window->out_w) p.x = 0, p.y++;
  }
}

/// Copies one byte or more in steps of 16, reading and writing over the end. Mostly one step does, which an unrolled loop
/// would come to last.
static inline void copy_over(uint8_t *to, const uint8_t *from, int32_t bytes) {
  int32_t i = 0;
#pragma clang loop unroll(disable)
  do memcpy(to + i, from + i, 16);
  while ((i += 16) < bytes);
}

static int32_t clip(int32_t count, int32_t most) { return count < 0 ? 0 : count < most ? count : most; }

/// Copies the `merge` taps from (y, x) on, of which some may be left or right of the image, or all above or below it.
static void copy_taps(const oct_window_gemm *window, const uint8_t *in, int32_t y, int32_t x, uint8_t *to) {
  const int32_t bytes = window->k * window->element_bytes, merge = window->merge;
  const int32_t left = y < 0 || y >= window->in_h ? merge : clip(-x, merge), right = clip(x + merge - window->in_w, merge - left);
  const int32_t inside = merge - left - right;
  if (left > 0) copy_over(to, window->padding, left * bytes);
  if (inside > 0) copy_over(to + left * bytes, in + offset_of(window, y, x + left), inside * bytes);
  if (right > 0) copy_over(to + (left + inside) * bytes, window->padding, right * bytes);
}

/// Copies every tap of every pixel behind one another; all are inside. Tap by tap, since where one lies from the pixel is
/// the same for all.
static void gather_inside(const oct_window_gemm *window, const uint8_t *const *at, int32_t count, uint8_t *to) {
  const int32_t bytes = window->merge * window->k * window->element_bytes;
  const size_t row = row_bytes(window);
  for (int32_t t = 0; t < window->taps; t += window->merge, to += bytes) {
    const ptrdiff_t tap = offset_of(window, window->tap[t][0], window->tap[t][1]);
    for (int32_t i = 0; i < count; i++) copy_over(to + i * row, at[i] + tap, bytes);
  }
}

/// The same of pixels with taps outside the image.
OCT_APART void gather_at_border(const oct_window_gemm *window, const uint8_t *in, tile_pixels p, uint8_t *to) {
  const int32_t unit = window->k * window->element_bytes, merge = window->merge;
  for (int32_t i = 0; i < p.count; i++, to += row_bytes(window)) {
    const int32_t y = p.y * window->stride[0], x = p.x * window->stride[1];
    for (int32_t t = 0; t < window->taps; t += merge)
      copy_taps(window, in, y + window->tap[t][0], x + window->tap[t][1], to + t * unit);
    if (++p.x == window->out_w) p.x = 0, p.y++;
  }
}

/// Fills a tile's rows with the next tile->m output pixels, and says how they are cut into taps.
static void fill_tile(const oct_window_gemm *window, const reach *r, const uint8_t *in, uint8_t *gathered,
                      tile_pixels pixels, const void **rows, oct_gemm_tile *tile) {
  if (window->plain) {
    const ptrdiff_t step = offset_of(window, 0, 1);
    const uint8_t *pixel = in + offset_of(window, pixels.y, pixels.x);
    for (int32_t i = 0; i < tile->m; i++, pixel += step) rows[i] = pixel;
    tile->taps = 1;
    tile->k = window->k;
    return;
  }
  const bool inside = are_inside(window, r, pixels);
  const uint8_t *at[OCT_GEMM_ROWS];
  if (inside) point_pixels(window, in, pixels, at);
  if (window->gathered) {
    for (int32_t i = 0; i < tile->m; i++) rows[i] = gathered + i * row_bytes(window);
    if (inside) gather_inside(window, at, tile->m, gathered);
    else gather_at_border(window, in, pixels, gathered);
    tile->taps = 1;
    tile->k = window->taps * window->k;
  } else {
    if (inside) point_inside(window, at, tile->m, rows);
    else point_at_border(window, in, pixels, rows);
    const int32_t merge = inside ? window->merge : 1;
    tile->taps = window->taps / merge;
    tile->k = merge * window->k;
  }
}

/// Runs output pixels [first, first + count), which follow one another in memory.
static void run_pixels(const oct_window_gemm *window, const reach *r, const uint8_t *in, const void *panels, int32_t n,
                       uint8_t *out, uint8_t *scratch, int32_t first, int32_t count) {
  if (count == 0) return; // there may be no columns of pixels
  const void **rows = (const void **)scratch;
  uint8_t *gathered = scratch + align(pointer_bytes(window));
  oct_gemm_fn *run = OCT_KERNEL_FN(gemm, window->kernel);
  const int32_t most = oct_gemm_rows(window->kernel->machine);
  int32_t tiles = (count + most - 1) / most;
  int32_t large = count % tiles; // balanced: that many tiles have one row more
  const int32_t small_rows = count / tiles;
  oct_gemm_tile tile = {.rows = rows, .n = n, .panels = panels, .range = window->range, .out = out};
  tile.out_stride = window->out_pixel * window->out_bytes;
  tile.scratch = gathered + align(gather_bytes(window));
  tile_pixels pixels = {first / window->out_w, first % window->out_w, 0};
  for (; tiles > 0; tiles--, large--) {
    tile.m = pixels.count = small_rows + (large > 0);
    fill_tile(window, r, in, gathered, pixels, rows, &tile);
    run(&tile);
    for (pixels.x += tile.m; pixels.x >= window->out_w; pixels.x -= window->out_w) pixels.y++;
    tile.out = (uint8_t *)tile.out + tile.m * tile.out_stride;
  }
}

/// Columns [begin, end), some tiles of them: a part of the image's pixels, or of its rows where those lie apart.
static void run_columns(const oct_window_gemm *window, const void *in, const void *panels, void *out, void *scratch,
                        int32_t begin, int32_t end, oct_part part) {
  const reach r = find_reach(window);
  const uint8_t *block = (const uint8_t *)panels + begin / OCT_GEMM_COLUMNS * window->panel_bytes;
  uint8_t *to = (uint8_t *)out + (size_t)begin * window->out_bytes;
  if (window->out_row == window->out_w * window->out_pixel) {
    const int32_t pixels = window->out_h * window->out_w;
    const int32_t first = (int32_t)oct_part_from(part, (size_t)pixels, OCT_GEMM_ROWS);
    const int32_t last = (int32_t)oct_part_to(part, (size_t)pixels, OCT_GEMM_ROWS);
    to += first * window->out_pixel * window->out_bytes;
    run_pixels(window, &r, in, block, end - begin, to, scratch, first, last - first);
    return;
  }
  for (size_t y = oct_part_begin(part, (size_t)window->out_h); y < oct_part_end(part, (size_t)window->out_h); y++) {
    run_pixels(window, &r, in, block, end - begin, to + y * window->out_row * window->out_bytes, scratch,
               (int32_t)y * window->out_w, window->out_w);
  }
}

void oct_window_gemm_rows(const oct_window_gemm *window, const void *in, const void *panels, void *out, void *scratch,
                          int32_t begin, int32_t end) {
  const reach r = find_reach(window);
  const int32_t first = window->plain ? 0 : begin * window->out_w, pixels = (end - begin) * window->out_w;
  for (int32_t n = 0; n < window->n; n += window->block) {
    const uint8_t *block = (const uint8_t *)panels + n / OCT_GEMM_COLUMNS * window->panel_bytes;
    const int32_t columns = window->n - n < window->block ? window->n - n : window->block;
    run_pixels(window, &r, in, block, columns, (uint8_t *)out + (size_t)n * window->out_bytes, scratch, first, pixels);
  }
}

void oct_window_gemm_run(const oct_window_gemm *window, const void *in, const void *panels, void *out, void *scratch,
                         oct_part part) {
  const bool by_columns = (int64_t)window->out_h * window->out_w < 2 * part.count * OCT_GEMM_ROWS;
  int32_t begin = 0, end = window->n;
  if (by_columns) {
    begin = (int32_t)oct_part_from(part, (size_t)window->n, OCT_GEMM_COLUMNS);
    end = (int32_t)oct_part_to(part, (size_t)window->n, OCT_GEMM_COLUMNS);
    part = oct_whole();
  }
  for (; begin < end; begin += window->block) {
    const int32_t columns = end - begin < window->block ? end - begin : window->block;
    run_columns(window, in, panels, out, scratch, begin, begin + columns, part);
  }
}
