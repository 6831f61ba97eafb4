// SPDX-License-Identifier: MIT
//
// Bands of rows: steps that follow one another and make images row by row are run together, so that the large tensors
// between them are never whole. Of those only the rows are kept that are still to be read.
//
//     expand      rows  4 5 6 7 8 9      made as they are needed
//     depthwise   rows        5 6 7      of which the last step needs these
//     project     rows          6 7      a band of the output,
//     add         rows          6 7      and the residual added while they are in the first caches
//
// Pointwise steps join images of any size, in place. Each part of a band has rows of its own, and makes those anew that
// it shares with its neighbours.
#ifndef OCT_RUNTIME_BAND_H
#define OCT_RUNTIME_BAND_H

#include "runtime/plan.h"

/// Joins the prepared steps of a plan where that is worth it. What was joined is moved behind the other steps, and one
/// step stands for it, from all that is read to the last one's output.
oct_status oct_bands_join(oct_plan *plan);

/// The steps that one stands for, in order; NULL if it is a step of its own.
const oct_step *oct_band_steps(const oct_step *step, int32_t *count);

#endif
