// SPDX-License-Identifier: MIT
//
// The kinds of machine that there is a WebAssembly build for; wasm.cmake says what each is made of.

export const builds = ['simd128', 'relaxed', 'relaxed_u8', 'relaxed_s8'];
