// SPDX-License-Identifier: MIT
//
// What a column of weights amounts to.
#include "kernels/kernels.h"

void oct_survey_s8__ref(const uint8_t *bytes, size_t count, uint8_t flip, oct_survey *survey) {
  for (size_t i = 0; i < count; i++) {
    const int32_t weight = (int8_t)(bytes[i] ^ flip);
    survey->least = weight < survey->least ? weight : survey->least;
    survey->most = weight > survey->most ? weight : survey->most;
    survey->sum += (uint32_t)weight;
  }
}
