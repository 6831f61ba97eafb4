// SPDX-License-Identifier: MIT
//
// Element types, and the build's sign of a quantized byte.
//
// A quantized activation (`q8`) is one byte in the sign that the machine's dot product wants: unsigned where the
// instruction reads its second operand unsigned (x86 VNNI, and every simd128 build), signed on ARM. The sign is a
// property of the build: OCT_ACT_SIGNED is 0 or 1. A model's int8 tensor with zero point z is the same bytes in an
// unsigned build with each byte XOR 0x80 and zero point z + 128. Conversion (operator REINTERPRET) happens at graph
// inputs and outputs, and beside operators that see the file's own bytes (formats/onnx.h); weights are always signed,
// in every build.
#ifndef OCT_BASE_DTYPE_H
#define OCT_BASE_DTYPE_H

#include <stddef.h>
#include <stdint.h>

#ifndef OCT_ACT_SIGNED
#define OCT_ACT_SIGNED 0
#endif

#if OCT_ACT_SIGNED
typedef int8_t oct_act;
#define OCT_ACT_MIN (-128)
#define OCT_ACT_MAX 127
#define OCT_ACT_OFFSET (-128) // q8 value = uint8 value + OCT_ACT_OFFSET
#else
typedef uint8_t oct_act;
#define OCT_ACT_MIN 0
#define OCT_ACT_MAX 255
#define OCT_ACT_OFFSET 0
#endif

typedef enum oct_dtype {
#define OCT_DTYPE(name, text, bytes) OCT_##name,
#include "base/dtype.inc"
#undef OCT_DTYPE
  OCT_DTYPE_COUNT
} oct_dtype;

/// Bytes per element; 0 for NONE.
size_t oct_dtype_bytes(oct_dtype dtype);

/// Name in the API, as in dtype.inc.
const char *oct_dtype_name(oct_dtype dtype);

/// The q8 zero point of an int8 (`source` OCT_I8) or uint8 (OCT_U8) tensor's zero point.
static inline int32_t oct_act_zero_point(oct_dtype source, int32_t zero_point) {
  return zero_point + (source == OCT_I8 ? 128 : 0) + OCT_ACT_OFFSET;
}

#endif
