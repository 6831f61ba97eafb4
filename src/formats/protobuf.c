// SPDX-License-Identifier: MIT
//
// The wire format: a varint tag (field number and wire type), then a varint, 4 or 8 bytes, or a length and its bytes.
// Groups (wire types 3 and 4), which no importer needs and which would nest, count as damage.
#include "formats/protobuf.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5, VARINT_BYTES = 10 };

static bool damaged(oct_pb *cursor) {
  cursor->bad = true;
  cursor->at = cursor->end;
  return false;
}

bool oct_pb_varint(oct_pb *cursor, uint64_t *number) {
  if (cursor->at == cursor->end) return false;
  uint64_t value = 0;
  for (int i = 0; i < VARINT_BYTES && cursor->at < cursor->end; i++) {
    uint64_t byte = *cursor->at++;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      *number = value;
      return true;
    }
  }
  return damaged(cursor);
}

static bool read_fixed(oct_pb *cursor, size_t bytes, uint64_t *number) {
  if ((size_t)(cursor->end - cursor->at) < bytes) return damaged(cursor);
  *number = 0;
  for (size_t i = 0; i < bytes; i++) *number |= (uint64_t)cursor->at[i] << (8 * i);
  cursor->at += bytes;
  return true;
}

static bool read_bytes(oct_pb *cursor, oct_bytes *bytes) {
  uint64_t count;
  if (cursor->at == cursor->end || !oct_pb_varint(cursor, &count)) return damaged(cursor);
  if (count > (uint64_t)(cursor->end - cursor->at)) return damaged(cursor);
  *bytes = (oct_bytes){.at = cursor->at, .count = (size_t)count};
  cursor->at += count;
  return true;
}

bool oct_pb_next(oct_pb *cursor, oct_pb_field *field) {
  uint64_t tag;
  *field = (oct_pb_field){0};
  if (!oct_pb_varint(cursor, &tag)) return false;
  if (tag >> 3 == 0 || tag > UINT32_MAX) return damaged(cursor);
  field->key = (uint32_t)tag;
  switch (tag & 7) {
    case WIRE_VARINT:
      return cursor->at == cursor->end ? damaged(cursor) : oct_pb_varint(cursor, &field->number);
    case WIRE_FIXED64: return read_fixed(cursor, 8, &field->number);
    case WIRE_FIXED32: return read_fixed(cursor, 4, &field->number);
    case WIRE_BYTES: return read_bytes(cursor, &field->bytes);
    default: return damaged(cursor);
  }
}

oct_status oct_pb_done(const oct_pb *cursor, const char *message) {
  if (!cursor->bad) return OCT_OK;
  return oct_fail(OCT_INVALID_MODEL, "download or export the file again", "the ONNX file is damaged inside a %s",
                  message);
}
