// SPDX-License-Identifier: MIT
//
// One element of a tensor of any plain type (not q8), for operators that take every type and whose speed does not
// matter: integers travel as int64, floats as double.
#ifndef OCT_OPS_ELEMENTS_H
#define OCT_OPS_ELEMENTS_H

#include "base/dtype.h"

#include <stdbool.h>

static inline bool oct_is_float(oct_dtype dtype) { return dtype == OCT_F32 || dtype == OCT_F16 || dtype == OCT_F64; }

/// Integers and bool.
static inline bool oct_is_integer(oct_dtype dtype) { return dtype >= OCT_I8 && dtype <= OCT_BOOL; }

/// Element `i` of integers or bools; a uint64 beyond int64 wraps.
int64_t oct_element_int(const void *data, oct_dtype dtype, size_t i);

/// Element `i` as a double, whatever it is.
double oct_element_real(const void *data, oct_dtype dtype, size_t i);

/// Stores into integers (wrapping) or bools ("not zero").
void oct_element_set_int(void *data, oct_dtype dtype, size_t i, int64_t value);

/// Stores into floats (rounding), integers (truncating, saturating) or bools ("not zero").
void oct_element_set_real(void *data, oct_dtype dtype, size_t i, double value);

/// Makes all of `count` elements of `unit` bytes the one at `value`.
void oct_fill(void *to, size_t count, const void *value, size_t unit);

#endif
