// SPDX-License-Identifier: MIT
//
// The kernels: every inner loop of the engine, and the contract of each family.
//
// A family is one function type and one contract; its kernels do the same to the last bit (float families: to within
// the tolerance said here) and differ in the instructions they need. Adding a kernel is one line in kernels.inc and one
// file; adding a family is its contract here besides. A kernel file for a machine is named simd128*.c, relaxed*.c or
// dot*.c and is compiled only for builds that have the instructions.
//
// Kernels see raw pointers: no tensors, no graph, no allocation, nothing to check. Unless a contract says otherwise
// inputs may be read up to OCT_SLACK_BYTES past their end (never before their start), exactly the outputs are written,
// outputs do not overlap inputs, and pointers have the alignment of their elements.
#ifndef OCT_KERNELS_KERNELS_H
#define OCT_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/apart.h"
#include "base/arena.h"
#include "base/dtype.h"
#include "base/requant.h"
#include "kernels/bytes.h"
#include "kernels/floats.h"

// --- the list -------------------------------------------------------------------------------------------------------

typedef enum oct_machine {
  OCT_MACHINE_ref,
  OCT_MACHINE_simd128,
  OCT_MACHINE_relaxed, // relaxed SIMD: fused multiply and add
  OCT_MACHINE_dot,     // relaxed SIMD whose byte dot product is exact, in the build's sign
} oct_machine;

// OCT_ON_<machine>(x) is x in a build that has the machine's instructions.
#define OCT_ON_ref(...) __VA_ARGS__
#if defined(__wasm_simd128__)
#define OCT_ON_simd128(...) __VA_ARGS__
#else
#define OCT_ON_simd128(...)
#endif
#if defined(OCT_RELAXED)
#define OCT_ON_relaxed(...) __VA_ARGS__
#else
#define OCT_ON_relaxed(...)
#endif
#if defined(OCT_DOT)
#define OCT_ON_dot(...) __VA_ARGS__
#else
#define OCT_ON_dot(...)
#endif

typedef enum oct_family { // a family is what has a ref
#define OCT_FAMILY_OF_ref(family) OCT_FAMILY_##family,
#define OCT_FAMILY_OF_simd128(family)
#define OCT_FAMILY_OF_relaxed(family)
#define OCT_FAMILY_OF_dot(family)
#define OCT_KERNEL(family, name, machine) OCT_FAMILY_OF_##machine(family)
#include "kernels/kernels.inc"
#undef OCT_KERNEL
  OCT_FAMILY_COUNT
} oct_family;

typedef struct oct_kernel {
  oct_family family;
  oct_machine machine;
  const char *name;  // "gemm_qs8_6x8c4__dot"
  void (*run)(void); // an oct_<family>_fn
} oct_kernel;

/// This build's kernels, in kernels.inc order.
extern const oct_kernel oct_kernels[];
extern const int oct_kernel_count;

/// The kernel of a family that this build uses.
const oct_kernel *oct_kernel_best(oct_family family);

/// Whether anybody has asked for the family's kernel, and the family's name.
bool oct_kernel_family_is_used(oct_family family);
const char *oct_kernel_family_name(oct_family family);

/// Calls or keeps a kernel under its own type: OCT_KERNEL_FN(lut_q8, kernel)(x, table, y, count).
#define OCT_KERNEL_FN(family, kernel) ((oct_##family##_fn *)(kernel)->run)

// --- weights --------------------------------------------------------------------------------------------------------

/// Weights of one linear layer as they stand in a model, to be packed by oct_*_pack: any order of dimensions. Element
/// (tap, k, n) is data[tap_offset[tap] + k * k_stride + oct_weights_column(n)].
typedef struct oct_weights {
  const void *data; // s8, or f32 if `bytes` is 4
  int32_t bytes;    // of an element
  uint8_t flip;     // s8: bits that stand the other way in `data`; 0x80 where it is u8, which makes zero points 128 lower
  const int32_t *tap_offset;
  int32_t taps, k, n;
  ptrdiff_t k_stride, n_stride;
  const int32_t *n_offset;   // GEMM: [n], or NULL: n * n_stride
  const int32_t *zero_point; // [n] of s8 weights, or NULL: all 0
  const void *bias;          // [n] i32 (integer kernels) or f32 (float kernels), or NULL
  const float *scale;        // [n]: oct_requant_scale (integer kernels), or a factor (float kernels) or NULL: all 1
  int32_t x_zero_point;      // integer kernels: folded into the bias
  bool joined;               // gemm_qs8: no padding between taps, the tile has one tap of taps * k
} oct_weights;

/// Elements to column n.
ptrdiff_t oct_weights_column(const oct_weights *weights, int32_t n);

/// The largest possible |sum| of column n, to tell whether a layer is wide (base/requant.h).
double oct_weights_largest_sum(const oct_weights *weights, int32_t n);

// --- packing bytes: survey_s8, spread_s8 -------------------------------------------------------------------------------

/// The least and the largest of some weights, and their sum, which wraps.
typedef struct oct_survey {
  int32_t least, most;
  uint32_t sum;
} oct_survey;

/// Adds `count` weights to a survey: w = (int8_t)(byte ^ flip).
typedef void oct_survey_s8_fn(const uint8_t *bytes, size_t count, uint8_t flip, oct_survey *survey);

/// Writes w - less of `count` weights into one column of a gemm_qs8 panel, of which `to` is the first group: as bytes in
/// fours, or words in twos, a group for every OCT_GEMM_COLUMNS of them. Bytes hold w - less. Zeros make `count` whole
/// fours.
typedef void oct_spread_s8_fn(const uint8_t *bytes, size_t count, uint8_t flip, int32_t less, bool words, uint8_t *to);

// --- GEMM: gemm_qs8, gemm_f32 ---------------------------------------------------------------------------------------

/// Rows of a tile at most, and those that suit a machine's kernels. V8 has 15 vector registers on x64: 6 rows by 8
/// columns of sums leave room for the operands of a fused multiply and add; a product on its own wants one more.
#define OCT_GEMM_ROWS 6
static inline int32_t oct_gemm_rows(oct_machine machine) { return machine == OCT_MACHINE_simd128 ? 5 : OCT_GEMM_ROWS; }
/// Columns of a panel.
#define OCT_GEMM_COLUMNS 8

/// One tile of y[m, n] = clamp(bias[n] + sum over taps t and k of x[t][m][k] * w[t][k][n]), requantized if integer.
///
/// Rows are given one by one and per tap, so that the same kernel is a matrix product (one tap), a convolution (a tap a
/// kernel pixel, padding rows pointing at a row of zero points) and the phase of a transposed one. Weights are packed
/// by oct_gemm_*_pack in panels of 8 columns, the last one padded; a panel is everything that its columns need, in the
/// order of use, so that weights stream through the cache once a tile:
///
///   qs8, ref and dot       i32 bias[8] | s16 shift[8] | s8 w[taps][k/4][8][4] | f32 scale[8]    k padded to 4 a tap
///   qs8, simd128           i32 bias[8] | s16 w[taps][k/4][2][8][2] | f32 scale[8]
///   f32                    f32 bias[8] | f32 w[taps][k][8]
///
/// A column whose weights less their zero point leave s8 (old uint8 models have one or two a layer) is packed with
/// `shift` taken from each, and gets shift * sum of x[t][m][k] back. Words need no shift.
typedef struct oct_gemm_tile {
  const void *const *rows; // [taps][m]: k elements each
  int32_t m;               // 1..OCT_GEMM_ROWS; qs8: 1..oct_gemm_rows
  int32_t taps;            // >= 1
  int32_t k;               // elements a tap, >= 1
  int32_t n;               // columns, >= 1
  const void *panels;
  void *out;         // n elements a row, exactly those are written
  size_t out_stride; // bytes between rows of the output
  const void *range; // qs8: oct_requant, or NULL: the sums themselves are written, as i32; f32: oct_clamp_f32
  void *scratch;     // oct_gemm_qs8_scratch_bytes; f32: unused
} oct_gemm_tile;

typedef void oct_gemm_fn(const oct_gemm_tile *tile);
typedef oct_gemm_fn oct_gemm_qs8_fn; // bit-exact
typedef oct_gemm_fn oct_gemm_f32_fn; // within 1e-4 of the largest product sum: relaxed builds fuse multiply and add

typedef struct oct_clamp_f32 {
  float lo[4], hi[4]; // each the same number four times; NaN stays NaN
} oct_clamp_f32;


/// Bytes of the panels, and of a tile's scratch; `taps` and `k` of the tile.
size_t oct_gemm_qs8_packed_bytes(const oct_weights *weights, oct_machine machine);
size_t oct_gemm_qs8_scratch_bytes(int32_t taps, int32_t k, oct_machine machine);
void oct_gemm_qs8_pack(const oct_weights *weights, oct_machine machine, void *panels);

size_t oct_gemm_f32_packed_bytes(const oct_weights *weights);
void oct_gemm_f32_pack(const oct_weights *weights, void *panels);

/// An element of weights as a float, scaled.
static inline float oct_weights_f32(const oct_weights *weights, int32_t tap, int32_t k, int32_t n) {
  const ptrdiff_t index = weights->tap_offset[tap] + k * weights->k_stride + oct_weights_column(weights, n);
  const float factor = weights->scale ? weights->scale[n] : 1.0f;
  if (weights->bytes == 4) return ((const float *)weights->data)[index] * factor;
  const int32_t zero = weights->zero_point ? weights->zero_point[n] : 0;
  return (float)((int8_t)(((const uint8_t *)weights->data)[index] ^ weights->flip) - zero) * factor;
}

/// Sets to zero what is too small beside the largest of the values to count in a float sum.
void oct_drop_decayed(float *values, size_t count);

// --- Winograd convolution: winograd_in_f32, winograd_out_f32 (kernels/winograd.h) -----------------------------------

/// A tile's input: out[i * apart + c] is element i of B^T d B, where d is the 6x6 `pixels` of channel c. Whole vectors
/// are written: `channels` is rounded up to 4.
typedef void oct_winograd_in_f32_fn(const float *const pixels[36], int32_t channels, float *out, size_t apart);

/// A tile's output: element i of A^T m A, clamped, is written to pixels[i][c], unless that is NULL; element j of m of
/// channel c is in[j * apart + c].
typedef void oct_winograd_out_f32_fn(const float *in, size_t apart, int32_t channels, const oct_clamp_f32 *clamp,
                                     float *const pixels[16]);

// --- depthwise convolution: dwconv_qs8, dwconv_f32 ------------------------------------------------------------------

/// A row or two, or a stretch of them, of a depthwise convolution: y[x][c] = clamp(bias[c] + sum over kernel rows ky and
/// columns kx of row[ky][x0 + x * stride + kx * dilation][c] * w[ky][kx][c]).
///
/// Packed by oct_dwconv_*_pack in blocks of channels, the last one padded:
///
///   qs8, ref and dot       i32 bias[16] | i32 groups, slots, 0, 0 | i32 ky[groups][4] | s8 w[groups][kw][16][4] | f32 scale[16]
///   qs8, simd128           i32 bias[16] | s16 w[pairs][16][2] | f32 scale[16]
///   f32                    f32 bias[4] | f32 w[kh][kw][4]
///
/// A group of 4 weights takes kernel rows ky[0..3]: the rows in order, then again those where w - zero_point
/// leaves s8 in some channel of the block, with what is left of it (`slots` in all); then, to fill the group, the last one
/// with 0. Pairs of words are those of kernel rows 2i and 2i+1, column by column, and then, in a last odd row, of columns
/// 2i and 2i+1.
typedef struct oct_dwconv_row {
  const void *const *rows; // [kh + height - 1]: `width` pixels each; padding rows are rows of zero points
  int32_t height;          // output rows, each an input row below the last: 1, or qs8: to oct_dwconv_qs8_height
  int32_t kh, kw;          // >= 1
  int32_t stride, dilation; // between columns
  int32_t width;           // pixels of an input row; columns outside 0..width-1 read as zero_point
  int32_t x0;              // input column of the first output's first tap
  size_t in_stride;        // bytes between input pixels
  int32_t out_width;       // outputs, >= 1
  void *out;               // `channels` elements a pixel, exactly those are written
  size_t out_stride;       // bytes between output pixels
  size_t out_row;          // bytes between output rows
  int32_t channels;        // >= 1
  int32_t zero_point;      // qs8: of the input
  const void *panels;
  const void *range; // qs8: oct_requant; f32: oct_clamp_f32
  void *scratch;     // oct_dwconv_qs8_scratch_bytes; f32: unused
} oct_dwconv_row;

/// Output rows at once: 4 input rows in a dot product serve two outputs of 3. The reference takes as many, so that native
/// tests see what is made of it.
static inline int32_t oct_dwconv_qs8_height(oct_machine machine) {
  return machine == OCT_MACHINE_dot || machine == OCT_MACHINE_ref ? 2 : 1;
}

typedef void oct_dwconv_fn(const oct_dwconv_row *row);
typedef oct_dwconv_fn oct_dwconv_qs8_fn; // bit-exact
typedef oct_dwconv_fn oct_dwconv_f32_fn; // as gemm_f32

/// weights: taps = kh * kw, row-major; k = 1; n = channels.
size_t oct_dwconv_qs8_packed_bytes(const oct_weights *weights, int32_t kh, oct_machine machine);
/// The most groups (above) that a block has.
int32_t oct_dwconv_qs8_groups(const oct_weights *weights, int32_t kh, oct_machine machine);
size_t oct_dwconv_qs8_scratch_bytes(const oct_dwconv_row *row, int32_t groups, oct_machine machine);
void oct_dwconv_qs8_pack(const oct_weights *weights, int32_t kh, oct_machine machine, void *panels);

size_t oct_dwconv_f32_packed_bytes(const oct_weights *weights);
void oct_dwconv_f32_pack(const oct_weights *weights, void *panels);

// --- this build's kernels -------------------------------------------------------------------------------------------

#define OCT_KERNEL(family, name, machine) OCT_ON_##machine(oct_##family##_fn oct_##name##__##machine;)
#include "kernels/kernels.inc"
#undef OCT_KERNEL

#endif
