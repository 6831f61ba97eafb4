// SPDX-License-Identifier: MIT
//
// Text made from values: the part of printf that messages and JSON need. libc's own brings floats of 128 bits, wide
// characters and streams with it, 9 kB of a module for every visitor.
#ifndef OCT_BASE_PRINT_H
#define OCT_BASE_PRINT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/// Writes text as snprintf does, and always ends it with a zero; what does not fit into `capacity` (1 or more) bytes is
/// left out. Knows %%, %c, %s, %.Ns, %.*s, %d, %u and %x (alone, with z or with ll), and %g, %.Ng with N from 1 to 9, all
/// without flags and widths. A %g has an exponent only outside 1e-4..1e9, and may be off by one in its last digit.
/// A text of no bytes (%.*s) may be NULL.
/// Returns how many bytes were written, not counting the zero: `at += oct_print(text + at, sizeof text - at, ...)` never
/// leaves the text.
size_t oct_print(char *text, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t oct_print_list(char *text, size_t capacity, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/// Writes digits so that they end before `end`, as many as there are, without a zero behind; returns where they begin.
char *oct_print_digits(char *end, uint64_t value, unsigned base);

#endif
