// SPDX-License-Identifier: MIT
//
// The error record: one per instance, filled where a failure is found.
#include "base/status.h"

#include "base/print.h"

static oct_failure last_error;

oct_failure *oct_last_error(void) { return &last_error; }

static void copy_text(char *to, size_t capacity, const char *from) {
  size_t i = 0;
  for (; from && from[i] && i + 1 < capacity; i++) to[i] = from[i];
  to[i] = 0;
}

oct_status oct_fail(oct_status status, const char *hint, const char *format, ...) {
  va_list args;
  va_start(args, format);
  oct_print_list(last_error.message, sizeof last_error.message, format, args);
  va_end(args);
  copy_text(last_error.hint, sizeof last_error.hint, hint);
  last_error.node[0] = 0;
  last_error.status = status;
  return status;
}

oct_status oct_fail_at(oct_status status, const char *node) {
  if (!last_error.node[0]) copy_text(last_error.node, sizeof last_error.node, node);
  return status;
}

const char *oct_status_code(oct_status status) {
  static const char *const codes[] = {
#define OCT_STATUS(name, code, text) code,
#include "base/status.inc"
#undef OCT_STATUS
  };
  return (unsigned)status < OCT_STATUS_COUNT ? codes[status] : "internal";
}
