// SPDX-License-Identifier: MIT
//
// Loads and stores by type. See elements.h.
#include "ops/elements.h"

#include "base/half.h"

#include <string.h>

int64_t oct_element_int(const void *data, oct_dtype dtype, size_t i) {
  switch (dtype) {
    case OCT_I8: return ((const int8_t *)data)[i];
    case OCT_U8:
    case OCT_BOOL: return ((const uint8_t *)data)[i];
    case OCT_I16: return ((const int16_t *)data)[i];
    case OCT_U16: return ((const uint16_t *)data)[i];
    case OCT_I32: return ((const int32_t *)data)[i];
    case OCT_U32: return ((const uint32_t *)data)[i];
    default: return ((const int64_t *)data)[i]; // I64, U64
  }
}

double oct_element_real(const void *data, oct_dtype dtype, size_t i) {
  switch (dtype) {
    case OCT_F32: return (double)((const float *)data)[i];
    case OCT_F16: return (double)oct_half_to_float(((const uint16_t *)data)[i]);
    case OCT_F64: return ((const double *)data)[i];
    case OCT_U64: return (double)((const uint64_t *)data)[i];
    default: return (double)oct_element_int(data, dtype, i);
  }
}

void oct_element_set_int(void *data, oct_dtype dtype, size_t i, int64_t value) {
  switch (dtype) {
    case OCT_I8:
    case OCT_U8: ((uint8_t *)data)[i] = (uint8_t)value; break;
    case OCT_BOOL: ((uint8_t *)data)[i] = value != 0; break;
    case OCT_I16:
    case OCT_U16: ((uint16_t *)data)[i] = (uint16_t)value; break;
    case OCT_I32:
    case OCT_U32: ((uint32_t *)data)[i] = (uint32_t)value; break;
    default: ((int64_t *)data)[i] = value; // I64, U64
  }
}

static int64_t saturate(double x, double lo, double hi) {
  if (!(x > lo)) return x <= lo ? (int64_t)lo : 0;
  return x >= hi ? (hi >= 0x1.0p63 ? INT64_MAX : (int64_t)hi) : (int64_t)x;
}

/// A float as the integer type `dtype` would hold it.
static int64_t truncate(double x, oct_dtype dtype) {
  switch (dtype) {
    case OCT_I8: return saturate(x, -128, 127);
    case OCT_U8: return saturate(x, 0, 255);
    case OCT_BOOL: return x != 0;
    case OCT_I16: return saturate(x, -32768, 32767);
    case OCT_U16: return saturate(x, 0, 65535);
    case OCT_I32: return saturate(x, -2147483648.0, 2147483647.0);
    case OCT_U32: return saturate(x, 0, 4294967295.0);
    case OCT_U64: return x >= 0x1.0p63 ? (int64_t)(x < 0x1.0p64 ? (uint64_t)x : UINT64_MAX) : saturate(x, 0, 0x1.0p63);
    default: return saturate(x, -0x1.0p63, 0x1.0p63);
  }
}

void oct_element_set_real(void *data, oct_dtype dtype, size_t i, double value) {
  switch (dtype) {
    case OCT_F32: ((float *)data)[i] = (float)value; break;
    case OCT_F16: ((uint16_t *)data)[i] = oct_float_to_half((float)value); break;
    case OCT_F64: ((double *)data)[i] = value; break;
    default: oct_element_set_int(data, dtype, i, truncate(value, dtype));
  }
}

void oct_fill(void *to, size_t count, const void *value, size_t unit) {
  enum { MOST = 4096 }; // copied at once: what stays in the first cache
  if (count) memcpy(to, value, unit);
  for (size_t done = 1, more; done < count; done += more) {
    more = done < MOST ? done : MOST;
    if (more > count - done) more = count - done;
    memcpy((char *)to + done * unit, to, more * unit);
  }
}
