// SPDX-License-Identifier: MIT
//
// ONNX models from hostile bytes; seeds in corpus/onnx, words in onnx.dict.
#include "fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  fuzz_model(read_onnx, bytes, count);
  return 0;
}
