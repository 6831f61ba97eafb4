// SPDX-License-Identifier: MIT
//
// A cursor over protobuf bytes, for the few messages that an importer reads: hand-written field numbers, no schema
// compiler, no copies, no recursion. Bytes are hostile: nothing is read past `end`, and a malformed tag, length or
// varint marks the cursor bad and ends the iteration.
//
//   oct_pb cursor = oct_pb_of(bytes);
//   oct_pb_field field;
//   while (oct_pb_next(&cursor, &field))
//     switch (field.key) {
//       case OCT_PB_BYTES(1): name = field.bytes; break;
//       case OCT_PB_VARINT(3): version = field.number; break;
//     }
//   OCT_TRY(oct_pb_done(&cursor, "NodeProto"));
//
// A key is field number and wire type in one, so a field of an unexpected type falls through like an unknown one.
#ifndef OCT_FORMATS_PROTOBUF_H
#define OCT_FORMATS_PROTOBUF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A stretch of the model's bytes: text, a packed array or a nested message. Borrowed; not zero-terminated.
typedef struct oct_bytes {
  const uint8_t *at;
  size_t count;
} oct_bytes;

typedef struct oct_pb {
  const uint8_t *at, *end;
  bool bad;
} oct_pb;

typedef struct oct_pb_field {
  uint32_t key;    // field << 3 | wire type, as encoded
  uint64_t number; // of a VARINT, FIXED32 or FIXED64 field
  oct_bytes bytes; // of a BYTES field
} oct_pb_field;

#define OCT_PB_VARINT(field) ((field) << 3)
#define OCT_PB_FIXED64(field) ((field) << 3 | 1)
#define OCT_PB_BYTES(field) ((field) << 3 | 2)
#define OCT_PB_FIXED32(field) ((field) << 3 | 5)

static inline oct_pb oct_pb_of(oct_bytes bytes) {
  return (oct_pb){.at = bytes.at, .end = bytes.count ? bytes.at + bytes.count : bytes.at};
}

/// Reads the next field; false at the end and at damage.
bool oct_pb_next(oct_pb *cursor, oct_pb_field *field);

/// Reads the next varint of a packed array; false at the end and at damage.
bool oct_pb_varint(oct_pb *cursor, uint64_t *number);

/// OCT_OK when the cursor ended at its end; else says that a `message` is damaged.
oct_status oct_pb_done(const oct_pb *cursor, const char *message);

/// The float whose bits are `bits`.
static inline float oct_pb_float(uint64_t bits) {
  union {
    uint32_t bits;
    float value;
  } pun = {.bits = (uint32_t)bits};
  return pun.value;
}

#endif
