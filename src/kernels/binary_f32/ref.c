// SPDX-License-Identifier: MIT
//
// Arithmetic of two rows of floats: a loop for each kind and for which of the inputs stands still.
//
// A row is computed in pieces that are put together elsewhere, because `out` is often an input, and a loop that may
// overwrite what it reads is not made into vectors.
#include "kernels/kernels.h"

enum { PIECE = 64 };

#define LOOPS(kind_name, value)                                                                                        \
  case kind_name:                                                                                                      \
    if (a_step && b_step) {                                                                                            \
      for (size_t i = 0; i < count; i++) {                                                                             \
        float x = a[i], y = b[i];                                                                                      \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    } else if (a_step) {                                                                                               \
      float y = *b;                                                                                                    \
      for (size_t i = 0; i < count; i++) {                                                                             \
        float x = a[i];                                                                                                \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    } else {                                                                                                           \
      float x = *a;                                                                                                    \
      for (size_t i = 0; i < count; i++) {                                                                             \
        float y = b[b_step ? i : 0];                                                                                   \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    }                                                                                                                  \
    return;

static inline void compute(oct_binary_f32_kind kind, const float *a, int a_step, const float *b, int b_step,
                           float *restrict out, size_t count) {
  switch (kind) {
    LOOPS(OCT_ADD_F32, x + y)
    LOOPS(OCT_SUB_F32, x - y)
    LOOPS(OCT_MUL_F32, x * y)
    LOOPS(OCT_DIV_F32, x / y)
    LOOPS(OCT_MAX_F32, x > y ? x : y)
    LOOPS(OCT_MIN_F32, x < y ? x : y)
    LOOPS(OCT_PRELU_F32, x < 0.0f ? x * y : x)
    case OCT_BINARY_F32_COUNT: return;
  }
}

void oct_binary_f32__ref(oct_binary_f32_kind kind, const float *a, int a_step, const float *b, int b_step, float *out,
                         size_t count) {
  float piece[PIECE];
  for (; count; out += PIECE) {
    size_t now = count < PIECE ? count : PIECE;
    compute(kind, a, a_step, b, b_step, piece, now);
    memcpy(out, piece, now * sizeof *out);
    if (a_step) a += now;
    if (b_step) b += now;
    count -= now;
  }
}
