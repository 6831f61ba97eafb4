// SPDX-License-Identifier: MIT
//
// IEEE half precision, of which models hold weights: to float exactly, from float rounded to nearest even.
#ifndef OCT_BASE_HALF_H
#define OCT_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline float oct_half_to_float(uint16_t half) {
  // The exponent is moved up by multiplication, which treats subnormals right; infinities and NaNs are set apart.
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  value *= 0x1.0p112f;
  memcpy(&bits, &value, sizeof bits);
  if ((half & 0x7c00) == 0x7c00) bits |= 0x7f800000u;
  bits |= (uint32_t)(half & 0x8000) << 16;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint16_t oct_float_to_half(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u) return sign | 0x7e00; // not a number
  if (bits >= 0x477ff000u) return sign | 0x7c00; // rounds to infinity
  if (bits < 0x38800000u) {
    // Subnormal: adding 0.5 aligns the mantissa so that the addition itself rounds to nearest even.
    float magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude += 0.5f;
    memcpy(&bits, &magnitude, sizeof bits);
    return sign | (uint16_t)(bits - 0x3f000000u);
  }
  bits += 0xc8000fffu + (bits >> 13 & 1);
  return sign | (uint16_t)(bits >> 13);
}

#endif
