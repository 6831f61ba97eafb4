// SPDX-License-Identifier: MIT
//
// float16, bfloat16 and float64 to float32.
#include "formats/widen.h"

#include "base/half.h"

#include <string.h>

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
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
      wide[i] = type == OCT_NARROW_F16 ? oct_half_to_float(bits) : float_of((uint32_t)bits << 16);
    }
  }
  return wide;
}
