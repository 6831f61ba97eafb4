// SPDX-License-Identifier: MIT
//
// TFLite models from hostile bytes; seeds in corpus/tflite, words in tflite.dict.
#include "fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  fuzz_model(oct_tflite_read, bytes, count);
  return 0;
}
