// SPDX-License-Identifier: MIT
//
// Weights are held once: what a model no longer needs is given back, its files' bytes and the constants made from them.
//
//   when the model is open   each file of which less than half is constants that are read where they are (the others
//                            were converted or aligned on the way): those are copied
//   when its plan is packed  the weights that were packed, and each file if nothing else in it is read; only where there
//                            can be no other plan: every input has but one shape, none is planned for by value
//
// In the second case a file's weights are packed over the file itself, as far as they fit: one after the other, into what
// lies before those that are still to be packed,
//
//     | packed, packed, |  free  | to be packed ... | a constant that is read | to be packed ... |
//
// so that packing takes hardly more memory than the file does.
//
// A model with open dimensions keeps what other plans will be packed from, one whose runs have several stages what the
// later ones read; one with control flow keeps all.
#ifndef OCT_RUNTIME_RELEASE_H
#define OCT_RUNTIME_RELEASE_H

#include "runtime/session.h"

/// Of a session whose graph has seen the load passes.
oct_status oct_release_model(oct_session *session);

/// Packs a plan's weights, and lets go what they were packed from; tensors are to be bound again.
oct_status oct_release_pack(oct_session *session, oct_plan *plan);

#endif
