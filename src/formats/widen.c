// SPDX-License-Identifier: MIT
//
// float16, bfloat16 and float64 to float32.
#include "formats/widen.h"

#include <string.h>

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// IEEE half to single: the exponent is moved by multiplying with 2^112, which gets subnormals right as well.
static float half_to_float(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return float_of(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  float value = float_of(magnitude << 13) * 0x1p112f;
  return sign ? -value : value;
}

float *oct_widen(oct_arena *arena, oct_narrow type, const uint8_t *data, size_t count) {
  float *wide = oct_arena_alloc(arena, count * sizeof *wide);
  if (!wide) return NULL;
  for (size_t i = 0; i < count; i++) {
    if (type == OCT_NARROW_F64) {
      double value;
      memcpy(&value, data + 8 * i, 8);
      wide[i] = (float)value;
    } else {
      uint16_t bits = (uint16_t)(data[2 * i] | data[2 * i + 1] << 8);
      wide[i] = type == OCT_NARROW_F16 ? half_to_float(bits) : float_of((uint32_t)bits << 16);
    }
  }
  return wide;
}
