// SPDX-License-Identifier: MIT
//
// What a build has. The full one has everything; a reduced one (tools/reduced.js) says in a header of its own, which it
// names as OCT_REDUCED, what the models need that it is for. What nothing refers to then, the linker leaves out.
#ifndef OCT_BASE_KEEP_H
#define OCT_BASE_KEEP_H

#ifdef OCT_REDUCED
#include OCT_REDUCED
/// `present` if the operator is in the build, else `absent`.
#define OCT_KEEP_OPERATOR(name, present, absent) OCT_HAS_##name(present, absent)
/// Whether it is, to be decided when this is compiled.
#define OCT_HAS_OPERATOR(name) OCT_HAS_##name(1, 0)
/// Whether graphs have nodes of it: all may be fused into others before anybody asks for the operator's functions.
#define OCT_MEETS_OPERATOR(name) OCT_MEETS_##name
/// The translate function oct_<name> if the build has it, else NULL.
#define OCT_KEEP_READER(name) OCT_READS_##name(oct_##name)
/// Its arguments if the build has the family's fast kernels: without them it has the plain one, which does the same.
#define OCT_KEEP_FAST(family, ...) OCT_FAST_##family(__VA_ARGS__)
#define OCT_HAS_FAST(family) (OCT_FAST_##family(1 +) 0)
#else
#define OCT_KEEP_OPERATOR(name, present, absent) present
#define OCT_HAS_OPERATOR(name) 1
#define OCT_MEETS_OPERATOR(name) 1
#define OCT_KEEP_READER(name) oct_##name
#define OCT_KEEP_FAST(family, ...) __VA_ARGS__
#define OCT_HAS_FAST(family) 1
#define OCT_HAS_FORMAT_ONNX 1
#define OCT_HAS_FORMAT_TFLITE 1
#define OCT_HAS_FORMAT_PREPARED 1
#endif

#endif
