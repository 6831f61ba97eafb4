// SPDX-License-Identifier: MIT
//
// Tests of dwconv_qs8 and dwconv_f32: a row against the plain sum over unpacked weights.
#include "ceiling.h"

/// A random row: kernel, stride, padding, channels.
static oct_dwconv_row make_row(int32_t element_bytes) {
  oct_dwconv_row row = {.kh = 3, .kw = 3, .height = 1, .stride = random_between(1, 2), .dilation = 1};
  if (random_bits() & 1) {
    row.kh = random_between(1, 5), row.kw = random_between(1, 5);
    row.stride = random_between(1, 3), row.dilation = random_between(1, 3);
  }
  row.width = random_between(1, 20);
  row.out_width = random_between(1, 12);
  row.x0 = random_between(-4, 4);
  row.channels = random_between(1, 40);
  row.in_stride = (size_t)(row.channels + random_between(0, 5)) * element_bytes;
  row.out_stride = (size_t)(row.channels + random_between(0, 5)) * element_bytes;
  row.out_row = row.out_stride * row.out_width;
  return row;
}

static void print_row(const char *family, const oct_dwconv_row *row) {
  printf("%s %d of %dx%d stride %d dilation %d channels %d\n", family, row->height, row->kh, row->kw, row->stride,
         row->dilation, row->channels);
}

static bool check_dwconv_qs8(const oct_kernel *kernel) {
  oct_dwconv_row row = make_row(1);
  row.height = random_between(1, oct_dwconv_qs8_height(kernel->machine));
  layer l;
  make_layer(&l, row.kh * row.kw, 1, row.channels, false);
  l.weights.x_zero_point = row.zero_point = random_between(OCT_ACT_MIN, OCT_ACT_MAX);
  const oct_requant range = make_requant(&l);
  const void *rows[6];
  const int32_t row_count = row.kh + row.height - 1;
  const size_t row_bytes = row.in_stride * row.width, out_bytes = row.out_row * row.height;
  oct_act *x = input_alloc(row_bytes * row_count);
  for (int32_t i = 0; i < row_count; i++) rows[i] = x + i * row_bytes;
  void *panels = input_alloc(oct_dwconv_qs8_packed_bytes(&l.weights, row.kh, kernel->machine));
  oct_dwconv_qs8_pack(&l.weights, row.kh, kernel->machine, panels);
  oct_act *out = guarded_alloc(out_bytes), *expected = guarded_alloc(out_bytes);
  for (int32_t o = 0; o < row.height * row.out_width; o++) {
    const int32_t y = o / row.out_width, i = o % row.out_width;
    for (int32_t c = 0; c < row.channels; c++) {
      int32_t sum = l.weights.bias ? l.bias_i32[c] : 0;
      for (int32_t t = 0; t < row.kh * row.kw; t++) {
        const int32_t at = row.x0 + i * row.stride + t % row.kw * row.dilation;
        if (at < 0 || at >= row.width) continue;
        const oct_act *pixel = (const oct_act *)rows[y + t / row.kw] + at * row.in_stride;
        sum += (pixel[c] - row.zero_point) * layer_weight(&l, t, 0, c);
      }
      expected[o * row.out_stride + c] = oct_requantize(sum, l.scale[c], &range);
    }
  }
  row.rows = rows, row.panels = panels, row.out = out, row.range = &range;
  const int32_t groups = oct_dwconv_qs8_groups(&l.weights, row.kh, kernel->machine);
  row.scratch = guarded_alloc(oct_dwconv_qs8_scratch_bytes(&row, groups, kernel->machine));
  OCT_KERNEL_FN(dwconv_qs8, kernel)(&row);
  const bool good = guarded_equal(out, expected, out_bytes);
  if (!good) print_row("dwconv_qs8", &row);
  guarded_free(out), guarded_free(expected), guarded_free(row.scratch), free(panels), free(x), free(l.data);
  return good;
}

static bool check_dwconv_f32(const oct_kernel *kernel) {
  oct_dwconv_row row = make_row(4);
  layer l;
  make_layer(&l, row.kh * row.kw, 1, row.channels, true);
  const oct_clamp_f32 range = make_clamp();
  const void *rows[5];
  const size_t row_floats = row.in_stride / 4 * row.width, out_floats = row.out_stride / 4 * row.out_width;
  float *x = input_floats(row_floats * row.kh);
  for (int32_t i = 0; i < row.kh; i++) rows[i] = x + i * row_floats;
  void *panels = input_alloc(oct_dwconv_f32_packed_bytes(&l.weights));
  oct_dwconv_f32_pack(&l.weights, panels);
  float *out = guarded_alloc(4 * out_floats), *expected = guarded_alloc(4 * out_floats);
  float *magnitude = calloc(out_floats, sizeof(float));
  for (int32_t i = 0; i < row.out_width; i++) {
    for (int32_t c = 0; c < row.channels; c++) {
      float sum = l.weights.bias ? l.bias_f32[c] : 0, size = fabsf(sum);
      for (int32_t t = 0; t < row.kh * row.kw; t++) {
        const int32_t at = row.x0 + i * row.stride + t % row.kw * row.dilation;
        if (at < 0 || at >= row.width) continue;
        const float value = ((const float *)rows[t / row.kw])[at * row.in_stride / 4 + c];
        const float product = value * layer_weight_f32(&l, t, 0, c);
        sum += product, size += fabsf(product);
      }
      expected[i * row.out_stride / 4 + c] = fminf(fmaxf(sum, range.lo[0]), range.hi[0]);
      magnitude[i * row.out_stride / 4 + c] = size;
    }
  }
  row.rows = rows, row.panels = panels, row.out = out, row.range = &range;
  OCT_KERNEL_FN(dwconv_f32, kernel)(&row);
  const bool good = close_floats(out, expected, magnitude, out_floats);
  if (!good) print_row("dwconv_f32", &row);
  guarded_free(out), guarded_free(expected), free(magnitude), free(panels), free(x), free(l.data);
  return good;
}

/// A whole image, row by row, padding 1.
typedef struct dwconv_bench {
  oct_dwconv_fn *run;
  oct_dwconv_row row;
  int32_t height;
  uint8_t *x, *padding, *out;
} dwconv_bench;

static void run_dwconv_bench(void *state) {
  dwconv_bench *b = state;
  oct_dwconv_row row = b->row;
  const void *rows[6];
  row.rows = rows;
  for (int32_t y = 0; y * row.stride < b->height; y += row.height) {
    row.height = (y + 1) * row.stride < b->height ? b->row.height : 1;
    for (int32_t ky = 0; ky < row.kh + row.height - 1; ky++) {
      const int32_t at = y * row.stride + ky - row.kh / 2;
      rows[ky] = at < 0 || at >= b->height ? b->padding : b->x + (size_t)at * row.width * row.in_stride;
    }
    row.out = b->out + (size_t)y * row.out_row;
    b->run(&row);
  }
}

static void bench_dwconv(const oct_kernel *kernel, bool floats) {
  static const int32_t shapes[][4] = {{112, 32, 1, 3}, {112, 96, 2, 3}, {56, 144, 1, 3}, {28, 192, 1, 3},
                                      {14, 576, 1, 3}, {7, 960, 1, 3}, {28, 120, 1, 5}};
  const int32_t size = floats ? 4 : 1;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
    const int32_t side = shapes[i][0], channels = shapes[i][1], stride = shapes[i][2], kernel_side = shapes[i][3];
    const int32_t taps = kernel_side * kernel_side, out_side = (side + stride - 1) / stride;
    int32_t tap_offset[25];
    for (int32_t t = 0; t < taps; t++) tap_offset[t] = t * channels;
    float *scale = input_floats((size_t)channels);
    for (int32_t j = 0; j < channels; j++) scale[j] = 0.0001f;
    void *data = input_elements((size_t)taps * channels, floats);
    const oct_weights w = {.data = data, .bytes = size, .tap_offset = tap_offset, .taps = taps, .k = 1, .n = channels,
                           .n_stride = 1, .scale = scale};
    const size_t bytes =
        floats ? oct_dwconv_f32_packed_bytes(&w) : oct_dwconv_qs8_packed_bytes(&w, kernel_side, kernel->machine);
    oct_requant requant;
    oct_requant_init(&requant, 3, OCT_ACT_MIN, OCT_ACT_MAX, false);
    const oct_clamp_f32 clamp = {{-1e9f, -1e9f, -1e9f, -1e9f}, {1e9f, 1e9f, 1e9f, 1e9f}};
    const size_t pixel = (size_t)channels * size;
    void *panels = input_alloc(bytes);
    dwconv_bench b = {(oct_dwconv_fn *)kernel->run,
                      {.kh = kernel_side, .kw = kernel_side, .stride = stride, .dilation = 1, .width = side,
                       .height = stride == 1 && !floats ? oct_dwconv_qs8_height(kernel->machine) : 1, .out_row = pixel * out_side,
                       .x0 = -(kernel_side / 2), .in_stride = pixel, .out_width = out_side, .out_stride = pixel,
                       .channels = channels, .zero_point = 7, .panels = panels},
                      side, input_elements((size_t)channels * side * side, floats),
                      input_elements((size_t)channels * side, floats),
                      malloc(pixel * out_side * out_side)};
    if (floats) oct_dwconv_f32_pack(&w, panels), b.row.range = &clamp;
    else oct_dwconv_qs8_pack(&w, kernel_side, kernel->machine, panels), b.row.range = &requant;
    const int32_t groups = oct_dwconv_qs8_groups(&w, kernel_side, kernel->machine);
    b.row.scratch = malloc(oct_dwconv_qs8_scratch_bytes(&b.row, groups, kernel->machine) + 1);
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%dx%d %dx%d/%d", side, side, channels, kernel_side, kernel_side, stride);
    bench_report(kernel->name, shape, (double)out_side * out_side * channels * taps, measure_ceiling(kernel),
                 run_dwconv_bench, &b);
    free(b.row.scratch), free(b.x), free(b.padding), free(b.out), free(panels), free(data), free(scale);
  }
}

static void bench_dwconv_qs8(const oct_kernel *kernel) { bench_dwconv(kernel, false); }
static void bench_dwconv_f32(const oct_kernel *kernel) { bench_dwconv(kernel, true); }
