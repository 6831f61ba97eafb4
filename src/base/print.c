// SPDX-License-Identifier: MIT
//
// A format is walked once. Each conversion leaves its text in a buffer, or says where it lies already, and is copied as
// far as there is room.
#include "base/print.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BUFFER_BYTES = 32 };

/// Text that need not end with a zero.
typedef struct span {
  const char *at;
  size_t length;
} span;

char *oct_print_digits(char *end, uint64_t value, unsigned base) {
  do *--end = "0123456789abcdef"[value % base];
  while (value /= base);
  return end;
}

static span integer_text(char *buffer, uint64_t magnitude, bool negative, unsigned base) {
  char *end = buffer + BUFFER_BYTES, *at = oct_print_digits(end, magnitude, base);
  if (negative) *--at = '-';
  return (span){at, (size_t)(end - at)};
}

/// The first `digits` digits of a positive number, without zeros at their end, and the power of ten of the first.
static uint64_t leading_digits(double value, int digits, int *exponent) {
  int power = 0;
  for (; value >= 10; value /= 10) power++;
  for (; value < 1; value *= 10) power--;
  double unit = 1;
  for (int i = 1; i < digits; i++) unit *= 10;
  uint64_t whole = (uint64_t)(value * unit + 0.5);
  if (whole >= (uint64_t)(10 * unit)) power++;
  while (whole % 10 == 0) whole /= 10;
  *exponent = power;
  return whole;
}

static span real_text(char *buffer, double value, int digits) {
  char *to = buffer;
  if (value < 0) *to++ = '-', value = -value;
  if (!(value > 0 && value < INFINITY)) {
    memcpy(to, value == 0 ? "0  " : value > 0 ? "inf" : "nan", 3);
    return (span){buffer, (size_t)(to - buffer) + (value == 0 ? 1 : 3)};
  }
  int exponent;
  char text[BUFFER_BYTES], *end = text + BUFFER_BYTES;
  const char *digit = oct_print_digits(end, leading_digits(value, digits, &exponent), 10);
  const bool scientific = exponent < -4 || exponent > 8;
  const int first = scientific ? 0 : exponent; // the place of the first digit: 0 stands before the point
  for (int place = first > 0 ? first : 0; place >= 0 || digit < end; place--) {
    if (place == -1) *to++ = '.';
    *to++ = place > first || digit == end ? '0' : *digit++;
  }
  if (scientific) {
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    digit = oct_print_digits(end, (uint64_t)(exponent < 0 ? -exponent : exponent), 10);
    while (digit < end) *to++ = *digit++;
  }
  return (span){buffer, (size_t)(to - buffer)};
}

/// The text of the conversion at `*format`, which is left at its last letter.
static span convert(const char **format, va_list *args, char *buffer) {
  const char *at = *format + 1;
  int precision = -1, longs = 0;
  if (*at == '.' && *++at == '*') {
    precision = va_arg(*args, int), at++;
  } else if (at[-1] == '.') {
    for (precision = 0; *at >= '0' && *at <= '9'; at++) precision = 10 * precision + *at - '0';
  }
  for (; *at == 'l' || *at == 'z'; at++) longs += *at == 'l' || sizeof(size_t) < 8 ? 1 : 2;
  *format = at;
  switch (*at) {
    case 's': {
      const char *text = va_arg(*args, const char *);
      size_t length = 0;
      while (length < (size_t)precision && text[length]) length++;
      return (span){text, length};
    }
    case 'g': return real_text(buffer, va_arg(*args, double), precision < 0 ? 6 : precision);
    case 'd': {
      const int64_t value = longs > 1 ? va_arg(*args, long long) : va_arg(*args, int);
      return integer_text(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 10);
    }
    case 'u':
    case 'x': {
      const uint64_t value = longs > 1 ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned);
      return integer_text(buffer, value, false, *at == 'x' ? 16 : 10);
    }
    case 'c': *buffer = (char)va_arg(*args, int); return (span){buffer, 1};
    default: return (span){at, 1};
  }
}

size_t oct_print_list(char *text, size_t capacity, const char *format, va_list args) {
  va_list rest;
  va_copy(rest, args);
  size_t at = 0;
  for (; *format; format++) {
    char buffer[BUFFER_BYTES];
    span piece = {format, 1};
    if (*format == '%') piece = convert(&format, &rest, buffer);
    if (piece.length > capacity - 1 - at) piece.length = capacity - 1 - at;
    if (piece.length) memcpy(text + at, piece.at, piece.length);
    at += piece.length;
  }
  va_end(rest);
  text[at] = 0;
  return at;
}

size_t oct_print(char *text, size_t capacity, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const size_t length = oct_print_list(text, capacity, format, args);
  va_end(args);
  return length;
}
