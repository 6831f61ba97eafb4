// SPDX-License-Identifier: MIT
//
// A column of weights on its way into a panel.
#include "kernels/kernels.h"

void oct_spread_s8__ref(const uint8_t *bytes, size_t count, uint8_t flip, int32_t less, bool words, uint8_t *to) {
  const size_t padded = (count + 3) / 4 * 4, group = words ? 2 : 4;
  for (size_t i = 0; i < padded; i++) {
    const int32_t weight = i < count ? (int8_t)(bytes[i] ^ flip) - less : 0;
    uint8_t *at = to + i / group * 4 * OCT_GEMM_COLUMNS;
    if (words) ((int16_t *)at)[i % 2] = (int16_t)weight;
    else ((int8_t *)at)[i % 4] = (int8_t)weight;
  }
}
