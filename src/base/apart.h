// SPDX-License-Identifier: MIT
//
// Functions of their own.
#ifndef OCT_BASE_APART_H
#define OCT_BASE_APART_H

/// A function that is not made a part of its callers. A browser compiles hot code well a function at a time, while the
/// page runs on with what it has: the smaller the function, the sooner its good code is there. So the loops of a large
/// function are kept apart from each other, and what is seldom needed from what is always.
#define OCT_APART static __attribute__((noinline))

#endif
