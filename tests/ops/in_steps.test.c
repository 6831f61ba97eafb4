// SPDX-License-Identifier: MIT
//
// Sums and PRelu that dequantize to steps of the output are the literal ones for every byte, or are left alone.
#include "helpers/check.h"
#include "kernels/harness.h"
#include "ops/quantization.h"

enum { CASES = 60, CHANNELS = 24, BYTES = 256 };

static int32_t random_act(void) { return random_between(OCT_ACT_MIN, OCT_ACT_MAX); }

static oct_quantize_params random_quantizer(void) {
  return (oct_quantize_params){1, random_float(0.001f, 0.05f), random_act(), OCT_ACT_MIN, OCT_ACT_MAX, false};
}

static void all_bytes(oct_act *bytes) {
  for (int i = 0; i < BYTES; i++) bytes[i] = (oct_act)(OCT_ACT_MIN + i);
}

/// Bytes that differ, of all pairs.
static int differing_sums(const oct_binary_q8_params *one, const oct_binary_q8_params *other) {
  oct_act bytes[BYTES], left[BYTES], right[BYTES];
  int differing = 0;
  all_bytes(bytes);
  for (int b = 0; b < BYTES; b++) {
    oct_binary_q8__ref(bytes, &bytes[b], 0, BYTES, one, left);
    oct_binary_q8__ref(bytes, &bytes[b], 0, BYTES, other, right);
    for (int i = 0; i < BYTES; i++) differing += left[i] != right[i];
  }
  return differing;
}

static int differing_prelus(const oct_prelu_q8_params *one, const float *slope, const oct_prelu_q8_params *other,
                            const float *changed) {
  int differing = 0;
  for (int32_t q = OCT_ACT_MIN; q <= OCT_ACT_MAX; q++) {
    oct_act bytes[CHANNELS], left[CHANNELS], right[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) bytes[c] = (oct_act)q;
    oct_prelu_q8__ref(bytes, 1, CHANNELS, slope, one, left);
    oct_prelu_q8__ref(bytes, 1, CHANNELS, changed, other, right);
    for (int c = 0; c < CHANNELS; c++) differing += left[c] != right[c];
  }
  return differing;
}

/// Kernels that no scale makes right: another byte where they are asked for steps.
static void wrong_sum(const oct_act *a, const oct_act *b, int b_step, size_t count, const oct_binary_q8_params *params,
                      oct_act *out) {
  oct_binary_q8__ref(a, b, b_step, count, params, out);
  if (params->out.in_steps) out[count - 1] ^= 1;
}

static void wrong_prelu(const oct_act *in, size_t pixels, size_t channels, const float *slope,
                        const oct_prelu_q8_params *params, oct_act *out) {
  oct_prelu_q8__ref(in, pixels, channels, slope, params, out);
  if (params->out.in_steps && *slope != 0.0f) out[channels - 1] ^= 1; // a slope of 0 asks for the scale
}

static void test_sums(void) {
  TEST("a sum in steps is the literal sum for every pair of bytes, and few have none");
  int found = 0;
  for (int i = 0; i < CASES; i++) {
    const oct_binary_q8_params literal = {{random_float(0.001f, 0.05f), random_act()},
                                          {random_float(0.001f, 0.05f) * (i & 1 ? -1.0f : 1.0f), random_act()},
                                          random_quantizer(), false};
    oct_binary_q8_params params = literal;
    oct_sum_in_steps(oct_binary_q8__ref, &params);
    found += params.out.in_steps;
    CHECK_EQUAL(differing_sums(&literal, &params), 0);
  }
  CHECK(found >= CASES * 3 / 4);

  TEST("a sum that no scale makes right is left alone");
  const oct_binary_q8_params literal = {{0.01f, 3}, {0.02f, 5}, {1, 0.03f, 7, OCT_ACT_MIN, OCT_ACT_MAX, false}, false};
  oct_binary_q8_params params = literal;
  oct_sum_in_steps(wrong_sum, &params);
  CHECK(!params.out.in_steps && params.a.scale == literal.a.scale && params.b.scale == literal.b.scale);
}

static void random_slopes(float *slope) {
  for (int c = 0; c < CHANNELS + 16; c++) slope[c] = random_float(-0.5f, 1.5f);
}

static void test_prelus(void) {
  float slope[CHANNELS + 16], changed[CHANNELS + 16];
  oct_arena work = {0};
  TEST("PRelu in steps is the literal one for every byte and channel, and few have none");
  int found = 0;
  for (int i = 0; i < CASES; i++) {
    const oct_prelu_q8_params literal = {{random_float(0.001f, 0.05f), random_act()}, random_quantizer()};
    oct_prelu_q8_params params = literal;
    random_slopes(slope);
    memcpy(changed, slope, sizeof slope);
    oct_prelu_in_steps(oct_prelu_q8__ref, &params, changed, CHANNELS, &work);
    found += params.out.in_steps;
    CHECK_EQUAL(differing_prelus(&literal, slope, &params, changed), 0);
  }
  CHECK(found >= CASES * 3 / 4);

  TEST("PRelu that no slope makes right is left alone");
  const oct_prelu_q8_params literal = {{0.01f, OCT_ACT_MAX}, {1, 0.03f, 7, OCT_ACT_MIN, OCT_ACT_MAX, false}};
  oct_prelu_q8_params params = literal;
  memcpy(changed, slope, sizeof slope);
  oct_prelu_in_steps(wrong_prelu, &params, changed, CHANNELS, &work);
  CHECK(!params.out.in_steps && params.in.scale == literal.in.scale);
  CHECK(!memcmp(changed, slope, sizeof slope));
  oct_arena_free(&work);
}

int main(void) {
  test_sums();
  test_prelus();
  return check_summary();
}
