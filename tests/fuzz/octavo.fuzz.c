// SPDX-License-Identifier: MIT
//
// Prepared models from hostile bytes; seeds in corpus/octavo.
#include "fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  fuzz_model(read_prepared, bytes, count);
  return 0;
}
