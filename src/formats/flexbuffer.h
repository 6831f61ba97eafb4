// SPDX-License-Identifier: MIT
//
// Reading flexbuffers, in which TFLite's custom operators keep their options: a map from names to numbers. Bytes are
// hostile: whatever points outside reads as absent.
#ifndef OCT_FORMATS_FLEXBUFFER_H
#define OCT_FORMATS_FLEXBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The number (integer, float or bool) under `key` in the map that `data` is; the fallback if there is none.
double oct_flex_number(const uint8_t *data, size_t size, const char *key, double fallback);

#endif
