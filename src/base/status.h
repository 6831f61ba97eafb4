// SPDX-License-Identifier: MIT
//
// Status codes and the one error record.
//
// A function that can fail returns an oct_status. The words for the failure go into the library's only error record
// (it is not thread-safe), which `oct_fail` fills and the JavaScript side reads once, right after the call that failed.
// A message names the operator, the tensor, the value and the rule; the hint says what to do about it.
#ifndef OCT_BASE_STATUS_H
#define OCT_BASE_STATUS_H

typedef enum oct_status {
#define OCT_STATUS(name, code, text) OCT_##name,
#include "base/status.inc"
#undef OCT_STATUS
  OCT_STATUS_COUNT
} oct_status;

typedef struct oct_failure {
  oct_status status;
  char message[512]; // what went wrong, one sentence
  char node[128];    // name of the node it happened at, or ""
  char hint[256];    // the remedy, or ""
} oct_failure;

/// The record of the most recent failure; never NULL.
oct_failure *oct_last_error(void);

/// Fills the record and returns `status`, so that `return oct_fail(...)` reads well. `hint` may be "". The node is
/// left empty; whoever knows it adds it with oct_fail_at.
__attribute__((format(printf, 3, 4))) oct_status oct_fail(oct_status status, const char *hint, const char *format, ...);

/// Adds the node's name to the record unless a deeper caller did already; returns `status`.
oct_status oct_fail_at(oct_status status, const char *node);

/// The code string of a status, as in status.inc.
const char *oct_status_code(oct_status status);

/// Passes a failure on.
#define OCT_TRY(call)                                                                                                  \
  do {                                                                                                                 \
    oct_status try_status_ = (call);                                                                                   \
    if (try_status_ != OCT_OK) return try_status_;                                                                     \
  } while (0)

#endif
