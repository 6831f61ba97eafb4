// SPDX-License-Identifier: MIT
//
// Tells the formats apart. A TFLite file and a prepared model say so; an ONNX file is known by a ModelProto's usual first
// field (ir_version, a small number), or by any other of its fields that an exporter may put first.
#include "formats/formats.h"

#include <string.h>

oct_format oct_format_of(const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  if (count >= 8 && !memcmp(at + 4, "TFL3", 4)) return OCT_FORMAT_TFLITE;
  if (count >= 8 && !memcmp(at, OCT_PREPARED_MAGIC, 8)) return OCT_FORMAT_PREPARED;
  if (count < 2) return OCT_FORMAT_UNKNOWN;
  unsigned field = at[0] >> 3, wire = at[0] & 7;
  bool version = (field == 1 || field == 5) && wire == 0; // ir_version, model_version
  bool message = (field >= 2 && field <= 8 && field != 5) && wire == 2;
  return version || message ? OCT_FORMAT_ONNX : OCT_FORMAT_UNKNOWN;
}

const char *oct_format_name(oct_format format) {
  return format == OCT_FORMAT_ONNX ? "onnx" : format == OCT_FORMAT_TFLITE ? "tflite" : "octavo";
}
