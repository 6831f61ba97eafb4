// SPDX-License-Identifier: MIT
//
// This build's kernels, read from kernels.inc twice: all of them for the tests, and the best of each family for the
// engine. Nothing in the engine refers to the first list, so that a module carries the kernels it uses and no others.
#include "base/keep.h"
#include "kernels/kernels.h"

#define OCT_ENTRY(family, name, machine)                                                                               \
  {OCT_FAMILY_##family, OCT_MACHINE_##machine, #name "__" #machine, (void (*)(void))oct_##name##__##machine}

#define OCT_KERNEL(family, name, machine) OCT_ON_##machine(OCT_ENTRY(family, name, machine), )
const oct_kernel oct_kernels[] = {
#include "kernels/kernels.inc"
};
#undef OCT_KERNEL

const int oct_kernel_count = sizeof oct_kernels / sizeof oct_kernels[0];

// A later line of a family overrides the earlier ones: that is the choice.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
#define OCT_KEPT_ref(family, ...) __VA_ARGS__
#define OCT_KEPT_simd128(family, ...) OCT_KEEP_FAST(family, __VA_ARGS__)
#define OCT_KEPT_relaxed(family, ...) OCT_KEEP_FAST(family, __VA_ARGS__)
#define OCT_KEPT_dot(family, ...) OCT_KEEP_FAST(family, __VA_ARGS__)
#define OCT_KERNEL(family, name, machine)                                                                              \
  OCT_ON_##machine(OCT_KEPT_##machine(family, [OCT_FAMILY_##family] = OCT_ENTRY(family, name, machine), ))
static const oct_kernel best[OCT_FAMILY_COUNT] = {
#include "kernels/kernels.inc"
};
#undef OCT_KERNEL
#pragma clang diagnostic pop

static uint64_t used; // for reports: see oct_kernel_family_is_used
_Static_assert(OCT_FAMILY_COUNT <= 64, "a bit a family");

const oct_kernel *oct_kernel_best(oct_family family) {
  used |= UINT64_C(1) << family;
  return &best[family];
}

bool oct_kernel_family_is_used(oct_family family) { return used >> family & 1; }

const char *oct_kernel_family_name(oct_family family) {
  static const char *const names[] = {
#define OCT_NAME_OF_ref(family) #family,
#define OCT_NAME_OF_simd128(family)
#define OCT_NAME_OF_relaxed(family)
#define OCT_NAME_OF_dot(family)
#define OCT_KERNEL(family, name, machine) OCT_NAME_OF_##machine(family)
#include "kernels/kernels.inc"
#undef OCT_KERNEL
  };
  return names[family];
}
