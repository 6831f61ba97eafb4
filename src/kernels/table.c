// SPDX-License-Identifier: MIT
//
// The table of this build's kernels, read from kernels.inc, and the choice of one.
#include "kernels/kernels.h"

#define OCT_KERNEL(family, name, machine)                                                                              \
  OCT_ON_##machine({OCT_FAMILY_##family, OCT_MACHINE_##machine, #name "__" #machine,                                   \
                    (void (*)(void))oct_##name##__##machine},)
const oct_kernel oct_kernels[] = {
#include "kernels/kernels.inc"
};
#undef OCT_KERNEL

const int oct_kernel_count = sizeof oct_kernels / sizeof oct_kernels[0];

const oct_kernel *oct_kernel_best(oct_family family) {
  const oct_kernel *kernel = oct_kernels;
  while (kernel->family != family) kernel++; // every family has a ref
  return kernel;
}
