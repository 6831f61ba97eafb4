// SPDX-License-Identifier: MIT
//
// Every seed of the fuzz corpus, what the fuzzers found among them, goes through reading, planning and running under
// the sanitizers, whole, cut off anywhere, and with each of its values said to be of each other type: none may do harm.
#include "fuzz/model.h"
#include "helpers/check.h"

#include <dirent.h>

enum { LARGEST_SEED_BYTES = 1 << 16, SMALL_SEED_BYTES = 4096, LONGEST_PATH = 512 };

static size_t read_seed(const char *folder, const char *name, uint8_t *bytes) {
  char path[LONGEST_PATH];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  REQUIRE(file);
  const size_t count = fread(bytes, 1, LARGEST_SEED_BYTES, file);
  fclose(file);
  return count;
}

static int try_folder(const char *folder, reader read) {
  static uint8_t bytes[LARGEST_SEED_BYTES];
  DIR *listing = opendir(folder);
  REQUIRE(listing);
  int seeds = 0;
  for (struct dirent *entry; (entry = readdir(listing));) {
    if (entry->d_name[0] == '.') continue;
    const size_t count = read_seed(folder, entry->d_name, bytes);
    const int32_t values = fuzz_model(read, bytes, count);
    for (int32_t value = 0; value < values; value++)
      for (int dtype = OCT_NONE; dtype < OCT_DTYPE_COUNT; dtype++)
        fuzz_model_that_claims(read, bytes, count, (claim){value, (oct_dtype)dtype});
    for (size_t length = 0; count <= SMALL_SEED_BYTES && length < count; length++) fuzz_model(read, bytes, length);
    seeds++;
  }
  closedir(listing);
  return seeds;
}

int main(void) {
  TEST("seeds of ONNX do no harm, whole, cut off, or with other types");
  CHECK(try_folder("tests/fuzz/corpus/onnx", read_onnx) >= 3);
  TEST("seeds of TFLite do no harm, whole, cut off, or with other types");
  CHECK(try_folder("tests/fuzz/corpus/tflite", oct_tflite_read) >= 3);
  TEST("seeds of prepared models do no harm, whole, cut off, or with other types");
  CHECK(try_folder("tests/fuzz/corpus/octavo", read_prepared) >= 3);
  return check_summary();
}
