// SPDX-License-Identifier: MIT
//
// Tests of gemm_qs8 and gemm_f32: a tile against the plain sum over unpacked weights, which checks the packing too.
#include "ceiling.h"

/// A random layer: its weights as a model has them, and everything that they point to.
typedef struct layer {
  oct_weights weights;
  int32_t tap_offset[64], n_offset[64], zero_point[64], bias_i32[64];
  float scale[64], bias_f32[64];
  void *data;
} layer;

/// A layer of the given size with weights in one of two orders.
static void make_layer(layer *l, int32_t taps, int32_t k, int32_t n, bool floats) {
  const bool n_last = random_bits() & 1;
  memset(l, 0, sizeof *l);
  l->weights = (oct_weights){.tap_offset = l->tap_offset, .taps = taps, .k = k, .n = n, .bytes = floats ? 4 : 1};
  l->weights.k_stride = n_last ? n : 1;
  l->weights.n_stride = n_last ? 1 : (ptrdiff_t)taps * k;
  for (int32_t t = 0; t < taps; t++) l->tap_offset[t] = t * k * (n_last ? n : 1);
  const size_t count = (size_t)taps * k * n;
  l->data = input_elements(count, floats);
  l->weights.data = l->data;
  const bool has_zero = random_bits() % 4 == 0;
  if (!floats && random_bits() % 4 == 0) l->weights.flip = 0x80; // the bytes stand there as u8
  for (int32_t i = 0; i < n; i++) {
    l->zero_point[i] = random_bits() & 1 ? random_between(-128, 127) : random_bits() & 1 ? 0 : -128;
    l->bias_i32[i] = random_between(-20000, 20000);
    l->bias_f32[i] = random_float(-2, 2);
    l->scale[i] = random_float(0.0001f, 0.01f);
  }
  if (has_zero) l->weights.zero_point = l->zero_point;
  if (floats) l->weights.bias = random_bits() & 1 ? l->bias_f32 : NULL;
  else l->weights.bias = random_bits() & 1 ? l->bias_i32 : NULL;
  l->weights.scale = l->scale;
}

/// The same columns from the last to the first, now and then.
static void turn_columns(layer *l) {
  if (random_bits() % 4) return;
  for (int32_t i = 0; i < l->weights.n; i++) l->n_offset[i] = (int32_t)((l->weights.n - 1 - i) * l->weights.n_stride);
  l->weights.n_offset = l->n_offset;
}

static int32_t layer_weight(const layer *l, int32_t tap, int32_t k, int32_t n) {
  const oct_weights *w = &l->weights;
  const ptrdiff_t at = w->tap_offset[tap] + k * w->k_stride + oct_weights_column(w, n);
  const int32_t value = w->flip ? ((const uint8_t *)w->data)[at] - 128 : ((const int8_t *)w->data)[at];
  return value - (w->zero_point ? w->zero_point[n] : 0);
}

static float layer_weight_f32(const layer *l, int32_t tap, int32_t k, int32_t n) {
  const oct_weights *w = &l->weights;
  if (w->bytes == 1) return (float)layer_weight(l, tap, k, n) * w->scale[n];
  return ((const float *)w->data)[w->tap_offset[tap] + k * w->k_stride + oct_weights_column(w, n)] * w->scale[n];
}

/// A random clamp and zero point; now and then with scales so large that the layer is wide.
static oct_requant make_requant(layer *l) {
  oct_requant range;
  if (random_bits() % 8 == 0) {
    for (int32_t n = 0; n < l->weights.n; n++) l->scale[n] *= 1e4f;
  }
  bool wide = false;
  for (int32_t n = 0; n < l->weights.n; n++) {
    wide |= !oct_requant_is_narrow(oct_weights_largest_sum(&l->weights, n), l->scale[n]);
  }
  int32_t lo = OCT_ACT_MIN, hi = OCT_ACT_MAX;
  if (random_bits() & 1) lo = random_between(OCT_ACT_MIN, OCT_ACT_MAX), hi = random_between(lo, OCT_ACT_MAX);
  oct_requant_init(&range, random_between(OCT_ACT_MIN, OCT_ACT_MAX), lo, hi, wide);
  return range;
}

static bool check_gemm_qs8(const oct_kernel *kernel) {
  const int32_t m = random_between(1, oct_gemm_rows(kernel->machine)), taps = random_between(1, 4);
  const int32_t joined = random_bits() % 4 ? 1 : taps, stretches = taps / joined, k = random_between(1, 40);
  const int32_t n = random_between(1, 40), stride = n + random_between(0, 9);
  layer l;
  make_layer(&l, taps, k, n, false);
  turn_columns(&l);
  l.weights.x_zero_point = random_between(OCT_ACT_MIN, OCT_ACT_MAX);
  l.weights.joined = joined > 1;
  const oct_requant range = make_requant(&l);
  oct_act *x = input_alloc(1000 + joined * k);
  const void *rows[4 * OCT_GEMM_ROWS];
  for (int32_t i = 0; i < stretches * m; i++) rows[i] = x + random_between(0, 1000);
  void *panels = input_alloc(oct_gemm_qs8_packed_bytes(&l.weights, kernel->machine));
  oct_gemm_qs8_pack(&l.weights, kernel->machine, panels);
  void *scratch = guarded_alloc(oct_gemm_qs8_scratch_bytes(stretches, joined * k, kernel->machine));
  const bool whole = random_bits() % 4 == 0; // the sums themselves
  const size_t out_bytes = (size_t)m * stride * (whole ? sizeof(int32_t) : 1);
  void *out = guarded_alloc(out_bytes), *expected = guarded_alloc(out_bytes);
  for (int32_t i = 0; i < m; i++) {
    for (int32_t j = 0; j < n; j++) {
      int32_t sum = l.weights.bias ? l.bias_i32[j] : 0;
      for (int32_t t = 0; t < taps; t++) {
        const oct_act *row = (const oct_act *)rows[t / joined * m + i] + t % joined * k;
        for (int32_t p = 0; p < k; p++) sum += (row[p] - l.weights.x_zero_point) * layer_weight(&l, t, p, j);
      }
      if (whole) ((int32_t *)expected)[i * stride + j] = sum;
      else ((oct_act *)expected)[i * stride + j] = oct_requantize(sum, l.scale[j], &range);
    }
  }
  const oct_gemm_tile tile = {rows, m, stretches, joined * k, n, panels, out, out_bytes / (size_t)m, whole ? NULL : &range, scratch};
  OCT_KERNEL_FN(gemm_qs8, kernel)(&tile);
  const bool good = guarded_equal(out, expected, out_bytes);
  if (!good) printf("gemm_qs8 m %d taps %d of %d k %d n %d wide %d whole %d\n", m, stretches, joined, k, n, range.wide, whole);
  guarded_free(out), guarded_free(expected), guarded_free(scratch), free(panels), free(x), free(l.data);
  return good;
}

/// True if float outputs agree within 1e-4 of what was added up, and nothing else was written.
static bool close_floats(const float *out, float *expected, const float *magnitude, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (fabsf(out[i] - expected[i]) <= 1e-4f * magnitude[i]) expected[i] = out[i];
  }
  return guarded_equal(out, expected, count * sizeof(float));
}

static oct_clamp_f32 make_clamp(void) {
  const bool some = random_bits() & 1;
  const float lo = some ? random_float(-2, 0) : -INFINITY, hi = some ? random_float(0, 2) : INFINITY;
  return (oct_clamp_f32){{lo, lo, lo, lo}, {hi, hi, hi, hi}};
}

static bool check_gemm_f32(const oct_kernel *kernel) {
  const int32_t m = random_between(1, OCT_GEMM_ROWS), taps = random_between(1, 4), k = random_between(1, 40);
  const int32_t n = random_between(1, 40), stride = n + random_between(0, 9);
  layer l;
  make_layer(&l, taps, k, n, random_bits() % 4 != 0);
  turn_columns(&l);
  l.weights.bias = random_bits() & 1 ? l.bias_f32 : NULL;
  const oct_clamp_f32 range = make_clamp();
  float *x = input_floats(1000 + k);
  const void *rows[4 * OCT_GEMM_ROWS];
  for (int32_t i = 0; i < taps * m; i++) rows[i] = x + random_between(0, 1000);
  void *panels = input_alloc(oct_gemm_f32_packed_bytes(&l.weights));
  oct_gemm_f32_pack(&l.weights, panels);
  const size_t count = (size_t)m * stride;
  float *out = guarded_alloc(4 * count), *expected = guarded_alloc(4 * count);
  float *magnitude = calloc(count, sizeof(float));
  for (int32_t i = 0; i < m; i++) {
    for (int32_t j = 0; j < n; j++) {
      float sum = l.weights.bias ? l.bias_f32[j] : 0, size = fabsf(sum);
      for (int32_t t = 0; t < taps; t++) {
        const float *row = rows[t * m + i];
        for (int32_t p = 0; p < k; p++) {
          const float product = row[p] * layer_weight_f32(&l, t, p, j);
          sum += product, size += fabsf(product);
        }
      }
      expected[i * stride + j] = fminf(fmaxf(sum, range.lo[0]), range.hi[0]);
      magnitude[i * stride + j] = size;
    }
  }
  const oct_gemm_tile tile = {rows, m, taps, k, n, panels, out, 4 * (size_t)stride, &range, NULL};
  OCT_KERNEL_FN(gemm_f32, kernel)(&tile);
  const bool good = close_floats(out, expected, magnitude, count);
  if (!good) printf("gemm_f32 m %d taps %d k %d n %d\n", m, taps, k, n);
  guarded_free(out), guarded_free(expected), free(magnitude), free(panels), free(x), free(l.data);
  return good;
}

/// A whole matrix product, as a plan would run it: balanced tiles of rows, all panels for each.
typedef struct gemm_bench {
  oct_gemm_fn *run;
  oct_gemm_tile tile;
  int32_t tile_rows, rows, k_bytes, n_bytes;
  uint8_t *x;
} gemm_bench;

static void run_gemm_bench(void *state) {
  gemm_bench *b = state;
  const int32_t tiles = (b->rows + b->tile_rows - 1) / b->tile_rows;
  const void *rows[OCT_GEMM_ROWS];
  uint8_t *out = b->tile.out;
  oct_gemm_tile tile = b->tile;
  tile.rows = rows;
  for (int32_t t = 0; t < tiles; t++) {
    const int32_t begin = (int32_t)((int64_t)b->rows * t / tiles), end = (int32_t)((int64_t)b->rows * (t + 1) / tiles);
    for (int32_t i = begin; i < end; i++) rows[i - begin] = b->x + (size_t)i * b->k_bytes;
    tile.m = end - begin;
    tile.out = out + (size_t)begin * b->n_bytes;
    b->run(&tile);
  }
}

static void bench_gemm(const oct_kernel *kernel, bool floats) {
  static const int32_t shapes[][3] = {{12544, 32, 16}, {3136, 24, 144}, {784, 32, 192}, {196, 96, 576},
                                      {49, 320, 1280}, {784, 1152, 128}, {196, 2304, 256}, {1, 1024, 1024}};
  const int32_t size = floats ? 4 : 1;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
    const int32_t m = shapes[i][0], k = shapes[i][1], n = shapes[i][2], zero = 0;
    float *ones = input_floats((size_t)n);
    for (int32_t j = 0; j < n; j++) ones[j] = 0.0001f;
    void *data = input_elements((size_t)k * n, floats);
    const oct_weights w = {.data = data, .bytes = size, .tap_offset = &zero, .taps = 1, .k = k, .n = n, .k_stride = 1,
                           .n_stride = k, .scale = ones};
    const size_t bytes = floats ? oct_gemm_f32_packed_bytes(&w) : oct_gemm_qs8_packed_bytes(&w, kernel->machine);
    void *panels = input_alloc(bytes), *scratch = malloc(oct_gemm_qs8_scratch_bytes(1, k, kernel->machine) + 1);
    oct_requant requant;
    oct_requant_init(&requant, 3, OCT_ACT_MIN, OCT_ACT_MAX, false);
    const oct_clamp_f32 clamp = {{-1e9f, -1e9f, -1e9f, -1e9f}, {1e9f, 1e9f, 1e9f, 1e9f}};
    gemm_bench b = {(oct_gemm_fn *)kernel->run,
                    {.taps = 1, .k = k, .n = n, .panels = panels, .out_stride = (size_t)n * size, .scratch = scratch},
                    oct_gemm_rows(kernel->machine), m, k * size, n * size, input_elements((size_t)m * k, floats)};
    b.tile.out = malloc((size_t)m * n * size);
    if (floats) oct_gemm_f32_pack(&w, panels), b.tile.range = &clamp;
    else oct_gemm_qs8_pack(&w, kernel->machine, panels), b.tile.range = &requant;
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%dx%d", m, k, n);
    bench_report(kernel->name, shape, (double)m * k * n, measure_ceiling(kernel), run_gemm_bench, &b);
    free(b.tile.out), free(b.x), free(panels), free(scratch), free(data), free(ones);
  }
}

static void bench_gemm_qs8(const oct_kernel *kernel) { bench_gemm(kernel, false); }
static void bench_gemm_f32(const oct_kernel *kernel) { bench_gemm(kernel, true); }
