// SPDX-License-Identifier: MIT
//
// Every kernel of the list against the definition of its family, on random sizes, strides, zero points and ranges, with
// guards around what it writes. `--bench [name]` times the same kernels, those whose name contains `name`: nothing can
// be timed that was not tested. What multiplies is set beside what the machine could do (ceiling.h).
#include "gemm.h"

#include "bytes.h"
#include "dwconv.h"
#include "floats.h"
#include "winograd.h"

static const family_test tests[OCT_FAMILY_COUNT] = {
    [OCT_FAMILY_gemm_qs8] = {check_gemm_qs8, bench_gemm_qs8},
    [OCT_FAMILY_gemm_f32] = {check_gemm_f32, bench_gemm_f32},
    [OCT_FAMILY_dwconv_qs8] = {check_dwconv_qs8, bench_dwconv_qs8},
    [OCT_FAMILY_dwconv_f32] = {check_dwconv_f32, bench_dwconv_f32},
    [OCT_FAMILY_winograd_in_f32] = {check_winograd_in_f32, NULL},
    [OCT_FAMILY_winograd_out_f32] = {check_winograd_out_f32, NULL},
    [OCT_FAMILY_survey_s8] = {check_survey_s8, NULL},
    [OCT_FAMILY_spread_s8] = {check_spread_s8, NULL},
    [OCT_FAMILY_lut_q8] = {check_lut_q8, bench_bytes},
    [OCT_FAMILY_clamp_q8] = {check_clamp_q8, bench_bytes},
    [OCT_FAMILY_quantize_f32] = {check_quantize_f32, bench_bytes},
    [OCT_FAMILY_dequantize_q8] = {check_dequantize_q8, bench_bytes},
    [OCT_FAMILY_add_qs8] = {check_add_qs8, bench_bytes},
    [OCT_FAMILY_mul_qs8] = {check_mul_qs8, bench_bytes},
    [OCT_FAMILY_binary_q8] = {check_binary_q8, bench_bytes},
    [OCT_FAMILY_prelu_q8] = {check_prelu_q8, bench_bytes},
    [OCT_FAMILY_transpose_x8] = {check_transpose_x8, bench_bytes},
    [OCT_FAMILY_transpose_x32] = {check_transpose_x32, bench_bytes},
    [OCT_FAMILY_max_q8] = {check_max_q8, NULL},
    [OCT_FAMILY_sum_q8] = {check_sum_q8, NULL},
    [OCT_FAMILY_binary_f32] = {check_binary_f32, NULL},
    [OCT_FAMILY_unary_f32] = {check_unary_f32, NULL},
    [OCT_FAMILY_softmax_f32] = {check_softmax_f32, NULL},
    [OCT_FAMILY_moment_f32] = {check_moment_f32, NULL},
    [OCT_FAMILY_normalize_f32] = {check_normalize_f32, NULL},
    [OCT_FAMILY_bilinear_q8] = {check_bilinear_q8, NULL},
    [OCT_FAMILY_bilinear_f32] = {check_bilinear_f32, NULL},
};

int main(int argc, char **argv) {
  enum { CASES = 400 };
  const bool bench = argc > 1 && strcmp(argv[1], "--bench") == 0;
  const char *only = argc > 2 ? argv[2] : "";
  int failed = 0;
  for (int i = 0; i < oct_kernel_count; i++) {
    const oct_kernel *kernel = &oct_kernels[i];
    const family_test *test = &tests[kernel->family];
    if (!strstr(kernel->name, only)) continue;
    int wrong = 0;
    random_state = 1;
    for (int at = 0; test->check && at < CASES; at++) wrong += !test->check(kernel);
    if (!test->check) printf("%s has no test\n", kernel->name), wrong = CASES;
    if (wrong) printf("%s: %d of %d cases wrong\n", kernel->name, wrong, CASES);
    failed += wrong > 0;
    if (bench && !wrong && test->bench) test->bench(kernel);
  }
  printf("%d kernels, %d failed\n", oct_kernel_count, failed);
  return failed > 0;
}
