// SPDX-License-Identifier: MIT
//
// Float types that nothing computes in become float32 while a model is read.
#ifndef OCT_FORMATS_WIDEN_H
#define OCT_FORMATS_WIDEN_H

#include "base/arena.h"

#include <stdint.h>

typedef enum oct_narrow { OCT_NARROW_F16, OCT_NARROW_BF16, OCT_NARROW_F64 } oct_narrow;

/// `count` elements at `data` (any alignment) as float32 in the arena; NULL when memory is refused. The caller has
/// checked that they are there.
float *oct_widen(oct_arena *arena, oct_narrow type, const uint8_t *data, size_t count);

#endif
