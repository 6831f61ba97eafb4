// SPDX-License-Identifier: MIT
//
// The readers: hostile bytes -> a checked graph. No execution, no SIMD; the only files that parse model bytes.
//
// A reader fills a zeroed graph whose constants may point into `bytes` (which outlives it). On failure the graph holds
// whatever was built; the caller frees it. A model with an operator that Octavo does not have is refused with
// OCT_UNSUPPORTED_MODEL, the first such node's name, and a message that lists every missing operator with its count and first node.
#ifndef OCT_FORMATS_FORMATS_H
#define OCT_FORMATS_FORMATS_H

#include "graph/graph.h"

#include <stdbool.h>

typedef enum oct_format { OCT_FORMAT_UNKNOWN, OCT_FORMAT_ONNX, OCT_FORMAT_TFLITE } oct_format;

/// Told apart by content: TFLite has "TFL3" at byte 4; ONNX is anything that begins like a protobuf ModelProto.
oct_format oct_format_of(const void *bytes, size_t count);

/// Name `index` of the format's list of operators, and whether a model had that operator: what a reduced build has to
/// read. NULL past the last.
const char *oct_onnx_listed(size_t index, bool *is_used);
const char *oct_tflite_listed(size_t index, bool *is_used);

oct_status oct_onnx_read(const void *bytes, size_t count, oct_graph *graph);
oct_status oct_tflite_read(const void *bytes, size_t count, oct_graph *graph);

#endif
