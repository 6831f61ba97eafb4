// SPDX-License-Identifier: MIT
//
// Prepared models: what is written is read again whole, and what is not for this engine is refused with what to do.
#include "fuzz/model.h"
#include "helpers/check.h"

#include <dirent.h>

enum { LARGEST_SEED_BYTES = 1 << 16, LONGEST_PATH = 512, AT_VERSION = 8, AT_SIZE = 12, AT_SOURCE = 16 };

static const uint8_t source[OCT_SHA256_BYTES] = {0xab, 0xcd, 0xef, 0x01};

static bool same_text(const char *a, const char *b) { return !strcmp(a, b); }

static bool same_quant(const oct_quant *a, const oct_quant *b) {
  if (!a || !b) return a == b;
  const size_t bytes = (size_t)a->count * 4;
  return a->count == b->count && (a->count == 1 || a->axis == b->axis) && !memcmp(a->scale, b->scale, bytes) &&
         !memcmp(a->zero_point, b->zero_point, bytes);
}

static void compare_values(const oct_value *a, const oct_value *b) {
  CHECK(same_text(a->name, b->name));
  CHECK(a->dtype == b->dtype && oct_shape_equal(&a->shape, &b->shape) && same_quant(a->quant, b->quant));
  CHECK(!a->data == !b->data);
  if (a->data && b->data) CHECK(!memcmp(a->data, b->data, oct_shape_count(&a->shape) * oct_dtype_bytes(a->dtype)));
}

/// Values stand elsewhere in the graph that was read, since those that nothing refers to were left out.
static void compare_links(const oct_graph *from, const oct_value_id *a, const oct_graph *to, const oct_value_id *b,
                          int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    CHECK((a[i] == OCT_NO_VALUE) == (b[i] == OCT_NO_VALUE));
    if (a[i] != OCT_NO_VALUE) compare_values(&from->values[a[i]], &to->values[b[i]]);
  }
}

static void compare(const oct_graph *from, const oct_graph *to) {
  REQUIRE(from->node_count == to->node_count && from->input_count == to->input_count);
  REQUIRE(from->output_count == to->output_count && from->external_count == to->external_count);
  compare_links(from, from->inputs, to, to->inputs, from->input_count);
  compare_links(from, from->outputs, to, to->outputs, from->output_count);
  for (int32_t i = 0; i < from->external_count; i++) {
    compare_links(from, &from->externals[i].value, to, &to->externals[i].value, 1);
    compare_links(from, &from->externals[i].initial, to, &to->externals[i].initial, 1);
  }
  for (int32_t n = 0; n < from->node_count; n++) {
    const oct_node *a = &from->nodes[n], *b = &to->nodes[n];
    CHECK(a->op == b->op && same_text(a->name, b->name) && same_text(a->type, b->type));
    CHECK(a->clamp_min == b->clamp_min && a->clamp_max == b->clamp_max);
    if (memcmp(&a->attr, &b->attr, sizeof a->attr)) printf("  the attributes of %s\n", oct_operator_name(a->op));
    CHECK(!memcmp(&a->attr, &b->attr, sizeof a->attr));
    REQUIRE(a->input_count == b->input_count && a->output_count == b->output_count);
    compare_links(from, a->inputs, to, b->inputs, a->input_count);
    compare_links(from, a->outputs, to, b->outputs, a->output_count);
    for (int i = 0; i < OCT_MAX_BODIES; i++) {
      CHECK(!a->bodies[i] == !b->bodies[i]);
      if (a->bodies[i] && b->bodies[i]) compare(a->bodies[i], b->bodies[i]);
    }
  }
}

/// Compiles a model, reads it, and compiles that; all three are the same.
static bool round_trip(const char *path, reader read) {
  FILE *file = fopen(path, "rb");
  REQUIRE(file);
  oct_session_file seed = {.bytes = oct_block_alloc(LARGEST_SEED_BYTES)};
  seed.byte_count = fread(seed.bytes, 1, LARGEST_SEED_BYTES, file);
  fclose(file);
  oct_session session = {.files = &seed, .file_count = 1};
  const bool opens =
      read(seed.bytes, seed.byte_count, &session.graph) == OCT_OK && oct_session_open(&session) == OCT_OK;
  if (opens) {
    size_t size, again_size;
    void *bytes = oct_prepared_write(&session.graph, source, &size);
    if (!bytes) printf("  %s: %s\n", path, oct_last_error()->message);
    REQUIRE(bytes);
    oct_graph graph = {0};
    REQUIRE(oct_prepared_read(bytes, size, &graph) == OCT_OK);
    CHECK(graph.dialect == session.graph.dialect && graph.operator_count == session.graph.operator_count);
    compare(&session.graph, &graph);
    void *again = oct_prepared_write(&graph, source, &again_size);
    CHECK(again && again_size == size && !memcmp(bytes, again, size));
    oct_block_free(again);
    oct_graph_free(&graph);
    oct_block_free(bytes);
  }
  oct_session_close(&session);
  return opens;
}

static int round_trips(const char *folder, reader read) {
  DIR *listing = opendir(folder);
  REQUIRE(listing);
  int done = 0;
  for (struct dirent *entry; (entry = readdir(listing));) {
    char path[LONGEST_PATH];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    done += round_trip(path, read);
  }
  closedir(listing);
  return done;
}

/// A graph that gives its input plus itself.
static void *double_model(size_t *size) {
  oct_graph graph = {0};
  oct_value_id ends[2];
  for (int i = 0; i < 2; i++) ends[i] = oct_graph_add_value(&graph, i ? "y" : "x", 1, OCT_F32, oct_shape_of(1, 2));
  oct_node *node = oct_graph_add_node(&graph, OCT_OP_BINARY, "add", 3, 2, 1);
  node->inputs[0] = node->inputs[1] = ends[0];
  node->outputs[0] = ends[1];
  graph.inputs = &ends[0], graph.outputs = &ends[1];
  graph.input_count = graph.output_count = 1;
  void *file = oct_prepared_write(&graph, source, size);
  oct_graph_free(&graph);
  return file;
}

static void refused(const void *bytes, size_t size, oct_status status, const char *why) {
  oct_graph graph = {0};
  CHECK_EQUAL(oct_prepared_read(bytes, size, &graph), status);
  CHECK(strstr(oct_last_error()->message, why));
  CHECK(strstr(oct_last_error()->message, "compile it again from its source, SHA-256 abcdef0100"));
  oct_graph_free(&graph);
}

int main(void) {
  TEST("a compiled model has everything that its source had: attributes, quantization, bodies, variables");
  CHECK(round_trips("tests/fuzz/corpus/onnx", read_onnx) >= 3);
  CHECK(round_trips("tests/fuzz/corpus/tflite", oct_tflite_read) >= 3);

  TEST("what is not for this engine, or not all there, is refused with what to do");
  size_t size;
  uint8_t *file = double_model(&size);
  REQUIRE(file);
  oct_graph graph = {0};
  CHECK_EQUAL(oct_prepared_read(file, size, &graph), OCT_OK);
  CHECK_EQUAL(oct_format_of(file, size), OCT_FORMAT_PREPARED);
  oct_graph_free(&graph);
  file[AT_VERSION] ^= 1;
  refused(file, size, OCT_UNSUPPORTED_MODEL, "was made by another version of Octavo");
  file[AT_VERSION] ^= 1;
  refused(file, size - 1, OCT_INVALID_MODEL, "is damaged or cut off");
  oct_block_free(file);
  return check_summary();
}
