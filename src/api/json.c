// SPDX-License-Identifier: MIT
//
// Names come from model files, so that every byte is escaped or checked.
#include "api/json.h"

#include "base/print.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put(oct_json *json, const char *text, size_t length) {
  if (json->failed) return;
  if (json->length + length + 1 > json->capacity) {
    size_t capacity = json->capacity ? json->capacity : 1024;
    while (capacity < json->length + length + 1) capacity *= 2;
    char *grown = realloc(json->text, capacity);
    if (!grown) {
      oct_json_free(json);
      json->failed = true;
      return;
    }
    json->text = grown;
    json->capacity = capacity;
  }
  memcpy(json->text + json->length, text, length);
  json->length += length;
  json->text[json->length] = 0;
}

static void separate(oct_json *json) {
  if (json->comma) put(json, ",", 1);
  json->comma = true;
}

void oct_json_reset(oct_json *json) {
  json->length = 0;
  json->comma = json->failed = false;
}

void oct_json_free(oct_json *json) {
  free(json->text);
  *json = (oct_json){0};
}

void oct_json_open(oct_json *json, char bracket) {
  separate(json);
  put(json, &bracket, 1);
  json->comma = false;
}

void oct_json_close(oct_json *json, char bracket) {
  put(json, &bracket, 1);
  json->comma = true;
}

void oct_json_key(oct_json *json, const char *name) {
  oct_json_string(json, name);
  put(json, ":", 1);
  json->comma = false;
}

/// Length of the well-formed UTF-8 sequence at `text`, or 0.
static int utf8_length(const unsigned char *text) {
  if (text[0] < 0x80) return 1;
  const int length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
  if (text[0] < 0xc2 || text[0] > 0xf4) return 0;
  for (int i = 1; i < length; i++)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f)) return 0;
  if ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f)) return 0;
  return length;
}

void oct_json_string(oct_json *json, const char *text) {
  separate(json);
  put(json, "\"", 1);
  const unsigned char *at = (const unsigned char *)text, *plain = at; // from there on, bytes that stand for themselves
  while (*at) {
    const int length = utf8_length(at);
    if (length && *at >= 0x20 && *at != '"' && *at != '\\') {
      at += length;
      continue;
    }
    char escaped[8];
    put(json, (const char *)plain, (size_t)(at - plain));
    if (length == 0) put(json, "?", 1);
    else if (*at >= 0x20) put(json, escaped, oct_print(escaped, sizeof escaped, "\\%c", *at));
    else put(json, escaped, oct_print(escaped, sizeof escaped, "\\u00%s%x", *at < 16 ? "0" : "", *at));
    plain = ++at;
  }
  put(json, (const char *)plain, (size_t)(at - plain));
  put(json, "\"", 1);
}

void oct_json_number(oct_json *json, double value) {
  char text[40];
  separate(json);
  if (value == floor(value) && fabs(value) < 9e15) { // nearly all, and not worth a walk over a format
    char *end = text + sizeof text, *at = oct_print_digits(end, (uint64_t)fabs(value), 10);
    if (value < 0) *--at = '-';
    put(json, at, (size_t)(end - at));
    return;
  }
  put(json, text, isfinite(value) ? oct_print(text, sizeof text, "%.9g", value) : oct_print(text, sizeof text, "null"));
}

void oct_json_bool(oct_json *json, bool value) {
  separate(json);
  put(json, value ? "true" : "false", value ? 4 : 5);
}

void oct_json_null(oct_json *json) {
  separate(json);
  put(json, "null", 4);
}
