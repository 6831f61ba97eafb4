// SPDX-License-Identifier: MIT
//
// The readers: hostile bytes -> a checked graph. No execution, no SIMD; the only files that parse model bytes.
//
// A reader fills a zeroed graph whose constants may point into `bytes` (which outlives it). On failure the graph holds
// whatever was built; the caller frees it. A model with an operator that Octavo does not have is refused with
// OCT_UNSUPPORTED_MODEL, the first such node's name, and a message that lists every missing operator with its count and first node.
#ifndef OCT_FORMATS_FORMATS_H
#define OCT_FORMATS_FORMATS_H

#include "formats/protobuf.h"
#include "graph/graph.h"

#include <stdbool.h>
#include <stdint.h>

enum { OCT_SHA256_BYTES = 32 };

typedef enum oct_format { OCT_FORMAT_UNKNOWN, OCT_FORMAT_ONNX, OCT_FORMAT_TFLITE, OCT_FORMAT_PREPARED } oct_format;

/// Told apart by content: TFLite has "TFL3" at byte 4, a prepared model begins with its name; ONNX is anything that
/// begins like a protobuf ModelProto.
oct_format oct_format_of(const void *bytes, size_t count);

/// "onnx", "tflite" or "octavo".
const char *oct_format_name(oct_format format);

/// Name `index` of the format's list of operators, and whether a model had that operator: what a reduced build has to
/// read. NULL past the last.
const char *oct_onnx_listed(size_t index, bool *is_used);
const char *oct_tflite_listed(size_t index, bool *is_used);

/// Tells the names of the other files that constants of the model lie in, each once, as the model has them.
oct_status oct_onnx_files(const void *bytes, size_t count, void (*tell)(void *to, const char *name), void *to);

/// `files`: the bytes of those, in the order told; kept, and constants may point into them.
oct_status oct_onnx_read(const void *bytes, size_t count, const oct_bytes *files, size_t file_count, oct_graph *graph);
oct_status oct_tflite_read(const void *bytes, size_t count, oct_graph *graph);
oct_status oct_prepared_read(const void *bytes, size_t count, oct_graph *graph);

/// The file of a prepared model, a block of `size` bytes that the caller frees: a graph that the load passes have seen, all
/// its constants there, and the SHA-256 of what it was read from. NULL on failure.
void *oct_prepared_write(const oct_graph *graph, const uint8_t source[static OCT_SHA256_BYTES], size_t *size);

/// The first bytes of such a file, and what stands behind them: the version.
#define OCT_PREPARED_MAGIC "OCTAVO\r\n"
uint32_t oct_prepared_version(void);

#endif
