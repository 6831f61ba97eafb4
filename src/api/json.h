// SPDX-License-Identifier: MIT
//
// Writes JSON into a growing text. Commas are the writer's business, so that a report reads like its own outline.
#ifndef OCT_API_JSON_H
#define OCT_API_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef struct oct_json {
  char *text; // zero-terminated; NULL before the first write and after a refused allocation
  size_t length, capacity;
  bool comma;  // the next item needs one
  bool failed; // memory was refused
} oct_json;

/// Empties the text, keeping its memory.
void oct_json_reset(oct_json *json);
void oct_json_free(oct_json *json);

/// Opens with '{' or '[' and closes with '}' or ']'.
void oct_json_open(oct_json *json, char bracket);
void oct_json_close(oct_json *json, char bracket);

/// "name": — the next call writes the value.
void oct_json_key(oct_json *json, const char *name);

void oct_json_string(oct_json *json, const char *text); // bytes that are not UTF-8 become '?'
void oct_json_number(oct_json *json, double value);     // integers up to 2^53 exactly, else 9 significant digits
void oct_json_bool(oct_json *json, bool value);
void oct_json_null(oct_json *json);

#endif
