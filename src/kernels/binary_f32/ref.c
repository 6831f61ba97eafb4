// SPDX-License-Identifier: MIT
//
// Arithmetic of two rows of floats: a loop for each kind and for which of the inputs stands still.
//
// `out` may be an input, element for element, and the loops say so to the compiler, which makes vectors of them.
#include "kernels/kernels.h"

#pragma clang diagnostic ignored "-Wpass-failed" // where tests are built without vectors

#define EACH OCT_VECTORIZE for (size_t i = 0; i < count; i++)

#define LOOPS(kind_name, value)                                                                                        \
  case kind_name:                                                                                                      \
    if (a_step && b_step) {                                                                                            \
      EACH {                                                                                                           \
        float x = a[i], y = b[i];                                                                                      \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    } else if (a_step) {                                                                                               \
      float y = *b;                                                                                                    \
      EACH {                                                                                                           \
        float x = a[i];                                                                                                \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    } else {                                                                                                           \
      float x = *a;                                                                                                    \
      EACH {                                                                                                           \
        float y = b[b_step ? i : 0];                                                                                   \
        out[i] = value;                                                                                                \
      }                                                                                                                \
    }                                                                                                                  \
    return;

void oct_binary_f32__ref(oct_binary_f32_kind kind, const float *a, int a_step, const float *b, int b_step, float *out,
                         size_t count) {
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
