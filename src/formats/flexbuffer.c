// SPDX-License-Identifier: MIT
//
// A flexbuffer is read from its end: [..., root value][u8 type of the root][u8 width of the root]. Every type is
// kind << 2 | log2(width of what it has inside). Distances go backwards.
//
//   map: [distance to keys][width of keys][count] values[count] u8 types[count]; the map is where its values are
//   keys: distances to zero-terminated texts, as many as values
#include "formats/flexbuffer.h"

#include <string.h>

enum { KIND_INT = 1, KIND_UINT = 2, KIND_FLOAT = 3, KIND_INDIRECT = 5, KIND_MAP = 9, KIND_BOOL = 26 };

typedef struct flex {
  const uint8_t *data;
  size_t size;
} flex;

/// An unsigned number of 1, 2, 4 or 8 bytes; false outside the buffer.
static bool load(const flex *file, size_t at, size_t width, uint64_t *value) {
  *value = 0;
  bool whole = width == 1 || width == 2 || width == 4 || width == 8;
  if (!whole || at > file->size || width > file->size - at) return false;
  memcpy(value, file->data + at, width);
  return true;
}

/// Follows the distance at `at`.
static bool back(const flex *file, size_t at, size_t width, size_t *to) {
  uint64_t distance;
  if (!load(file, at, width, &distance) || distance > at) return false;
  *to = at - (size_t)distance;
  return true;
}

static bool is_key(const flex *file, size_t at, const char *key) {
  size_t length = strlen(key) + 1;
  return at <= file->size && length <= file->size - at && !memcmp(file->data + at, key, length);
}

/// The number of kind `type >> 2` at `at`, where its width is `width`.
static bool number_at(const flex *file, size_t at, size_t width, uint8_t type, double *number) {
  uint32_t kind = type >> 2;
  uint64_t bits;
  if (kind > KIND_INDIRECT && kind <= KIND_INDIRECT + KIND_FLOAT) {
    if (!back(file, at, width, &at)) return false;
    width = (size_t)1 << (type & 3), kind -= KIND_INDIRECT;
  }
  if (!load(file, at, width, &bits)) return false;
  if (kind == KIND_FLOAT && width == 4) {
    float single;
    memcpy(&single, &bits, sizeof single);
    *number = (double)single;
  } else if (kind == KIND_FLOAT && width == 8) {
    memcpy(number, &bits, sizeof bits);
  } else if (kind == KIND_INT) {
    *number = (double)((int64_t)(bits << (64 - 8 * width)) >> (64 - 8 * width));
  } else {
    *number = (double)bits;
    return kind == KIND_UINT || kind == KIND_BOOL;
  }
  return true;
}

double oct_flex_number(const uint8_t *data, size_t size, const char *key, double fallback) {
  const flex file = {data, size};
  if (size < 3 || data[size - 1] > 8 || data[size - 1] > size - 2 || data[size - 2] >> 2 != KIND_MAP) return fallback;
  size_t width = (size_t)1 << (data[size - 2] & 3), map, keys;
  uint64_t count, key_width;
  if (!back(&file, size - 2 - data[size - 1], data[size - 1], &map) || map < 3 * width) return fallback;
  if (!load(&file, map - width, width, &count) || !load(&file, map - 2 * width, width, &key_width)) return fallback;
  if (!back(&file, map - 3 * width, width, &keys) || count > size || key_width > 8) return fallback;
  for (size_t i = 0; i < count; i++) {
    size_t text;
    double number;
    uint64_t type;
    if (!back(&file, keys + i * (size_t)key_width, (size_t)key_width, &text)) return fallback;
    if (!is_key(&file, text, key)) continue;
    bool there = load(&file, map + (size_t)count * width + i, 1, &type) &&
                 number_at(&file, map + i * width, width, (uint8_t)type, &number);
    return there ? number : fallback;
  }
  return fallback;
}
