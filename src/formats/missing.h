// SPDX-License-Identifier: MIT
//
// The list of operators that a model has and Octavo lacks: collected over the whole model, so that one refusal tells
// all of it.
#ifndef OCT_FORMATS_MISSING_H
#define OCT_FORMATS_MISSING_H

#include "base/status.h"

#include <stddef.h>

enum { OCT_MISSING_LISTED = 16, OCT_MISSING_NAME_BYTES = 40 };

typedef struct oct_missing {
  char name[OCT_MISSING_LISTED][OCT_MISSING_NAME_BYTES];
  char node[OCT_MISSING_LISTED][128]; // the first node of each name
  int count[OCT_MISSING_LISTED];
  int listed, unlisted; // distinct names; nodes beyond the list
} oct_missing;

/// Notes a node whose operator is missing. Names need no terminator and are clipped.
void oct_missing_add(oct_missing *missing, const char *operator_name, size_t operator_length, const char *node,
                     size_t node_length);

/// OCT_OK when nothing is missing; else the refusal.
oct_status oct_missing_report(const oct_missing *missing);

#endif
