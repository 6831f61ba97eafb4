// SPDX-License-Identifier: MIT
//
// Prepared models: a graph as the load passes leave it, in a file that is read without parsing, naming or folding, and
// whose constants are used where they lie.
//
// One walk over a graph both writes and reads: what it does with a number depends on its direction alone, and it checks
// in both. So writer and reader cannot drift apart. Attributes are walked by a table, prepared_attr.inc. The version of a
// file is a hash of that table and of the lists by which numbers mean something: another engine's file is refused, not
// misread. A file is for one version; its source is kept, and compiled again.
//
//    0  "OCTAVO\r\n"
//    8  u32 version
//   12  u32 bytes of the file
//   16  SHA-256 of the source
//   48  u32 where constants begin
//   52  operators of the source, dialect, graph: values, nodes (each with its bodies), ends
//       constants, each once, at a multiple of 16
//
// All of it little-endian. q8 is unsigned in a file, whatever the build that wrote it.
#include "formats/prepared.h"

#include "base/print.h"
#include "formats/formats.h"

#include <math.h>
#include <string.h>

enum { AT_VERSION = 8, AT_SIZE = 12, AT_SOURCE = 16, AT_CONSTANTS = 48, AT_GRAPH = 52 };
enum { FORMAT = 1, ALIGN = 16, MOST_DEPTH = 9, COPY_FACTOR = 16, COPY_SPARE = 1 << 20 };
enum { VALUE_BYTES = 20, NODE_BYTES = 28 }; // at least, in a file

typedef struct field {
  uint8_t op, unit, below, offset, bytes;
} field;

_Static_assert(sizeof(oct_attr) < 256, "a field's place fits a byte");

static const field fields[] = {
#define OCT_FIELD(op, member, unit, below) \
  {OCT_OP_##op, unit, below, offsetof(oct_attr, member), sizeof(((oct_attr *)0)->member)},
#include "formats/prepared_attr.inc"
#undef OCT_FIELD
};

/// Where a constant is put that a graph, or a body in it, has.
typedef struct placed {
  const void *data;
  size_t bytes, at;
  struct placed *next;
} placed;

typedef struct walk {
  enum { READS, MEASURES, WRITES } mode;
  uint8_t *file;            // NULL while it is measured
  size_t at, end;           // the next byte of what is packed, and one past the last
  size_t constants, filled; // where constants begin; their bytes
  placed *placed;           // not used by the reader
  uint64_t budget;          // bytes of constants that values may still be, for what copies them one by one
  oct_status status;
  oct_arena work;
} walk;

/// Small and called from everywhere: copies of it would make the module larger.
#define ONCE static __attribute__((noinline))

ONCE void damaged(walk *w) {
  if (w->status == OCT_OK) w->status = OCT_INVALID_MODEL;
}

ONCE void *room(walk *w, oct_arena *arena, size_t bytes) {
  void *block = oct_arena_alloc(arena, bytes);
  if (!block) w->status = OCT_OUT_OF_MEMORY;
  return block;
}

// --- numbers ---------------------------------------------------------------------------------------------------------

ONCE void move(walk *w, void *data, size_t bytes) {
  if (bytes > w->end - w->at) {
    damaged(w);
    return;
  }
  if (w->mode == READS) memcpy(data, w->file + w->at, bytes);
  if (w->mode == WRITES) memcpy(w->file + w->at, data, bytes);
  w->at += bytes;
}

ONCE int32_t number(walk *w, int32_t value, int32_t low, int32_t high) {
  move(w, &value, sizeof value);
  if (value >= low && value <= high) return value;
  damaged(w);
  return low;
}

/// How many there are of something that takes at least `bytes` in the file.
ONCE int32_t count(walk *w, int32_t value, size_t bytes) {
  const size_t most = (w->end - w->at) / bytes;
  value = number(w, value, 0, most < INT32_MAX ? (int32_t)most : INT32_MAX);
  return w->status == OCT_OK ? value : 0;
}

ONCE const char *text(walk *w, oct_graph *graph, const char *value) {
  const int32_t length = count(w, value ? (int32_t)strlen(value) : 0, 1);
  if (w->mode == READS && !(value = room(w, &graph->arena, (size_t)length + 1))) return "";
  move(w, (char *)value, (size_t)length);
  return value;
}

// --- values ----------------------------------------------------------------------------------------------------------

/// Whether a zero point may be that of a type, as files have it.
static bool zero_fits(oct_dtype dtype, int32_t zero) {
  if (dtype == OCT_I32 || dtype == OCT_I64) return true;
  if (dtype == OCT_I8) return zero >= -128 && zero <= 127;
  return zero >= 0 && zero <= (dtype == OCT_U8 || dtype == OCT_Q8 ? 255 : 0);
}

static void walk_quant(walk *w, oct_graph *graph, oct_value *value) {
  oct_quant own = value->quant ? *value->quant : (oct_quant){0};
  own.count = count(w, own.count, 8);
  if (!own.count) return;
  const size_t bytes = (size_t)own.count * 4;
  const int32_t offset = value->dtype == OCT_Q8 ? OCT_ACT_OFFSET : 0;
  oct_quant *made = NULL;
  if (w->mode == READS) {
    if (!(made = room(w, &graph->arena, sizeof *made + 2 * bytes))) return;
    own.scale = (const float *)(made + 1);
    own.zero_point = (const int32_t *)(own.scale + own.count);
  }
  own.axis = number(w, own.count > 1 ? own.axis : 0, 0, OCT_MAX_RANK - 1);
  if (own.count > 1 && (own.axis >= value->shape.rank || value->shape.dim[own.axis] != own.count)) damaged(w);
  move(w, (float *)own.scale, bytes);
  for (int32_t i = 0; i < own.count; i++) {
    const int32_t zero = number(w, own.zero_point[i] - offset, INT32_MIN, INT32_MAX);
    if (!(own.scale[i] >= 0) || !isfinite(own.scale[i]) || !zero_fits(value->dtype, zero)) damaged(w);
    if (made) ((int32_t *)own.zero_point)[i] = zero + offset;
  }
  if (made) value->quant = memcpy(made, &own, sizeof own);
}

/// Where among the constants this one is, or is put.
static size_t place(walk *w, const void *data, size_t bytes) {
  for (const placed *other = w->placed; other; other = other->next)
    if (other->data == data && other->bytes == bytes) return other->at;
  placed *own = room(w, &w->work, sizeof *own);
  if (!own) return 0;
  *own = (placed){data, bytes, (w->filled + ALIGN - 1) / ALIGN * ALIGN, w->placed};
  w->placed = own;
  w->filled = own->at + bytes;
  return own->at;
}

/// Copies q8 bytes from a build's sign to the file's, or back.
static void copy_signed(uint8_t *to, const uint8_t *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) to[i] = from[i] ^ 0x80;
}

static void take_constant(walk *w, oct_graph *graph, oct_value *value, size_t at, size_t bytes) {
  if (at % ALIGN || at > w->filled || bytes > w->filled - at || bytes > w->budget) {
    damaged(w);
    return;
  }
  w->budget -= bytes;
  const uint8_t *data = w->file + w->constants + at;
  value->data = data;
  if (!OCT_ACT_OFFSET || value->dtype != OCT_Q8) return;
  uint8_t *copy = room(w, &graph->arena, bytes);
  if (copy) copy_signed(copy, data, bytes);
  value->data = copy;
}

static void put_constant(const walk *w, const oct_value *value, size_t at, size_t bytes) {
  uint8_t *to = w->file + w->constants + at;
  if (OCT_ACT_OFFSET && value->dtype == OCT_Q8) copy_signed(to, value->data, bytes);
  else if (bytes) memcpy(to, value->data, bytes);
}

static void walk_constant(walk *w, oct_graph *graph, oct_value *value) {
  size_t bytes;
  if (!number(w, value->data != NULL, 0, 1)) return;
  if (value->dtype == OCT_NONE || !oct_shape_checked_bytes(&value->shape, oct_dtype_bytes(value->dtype), &bytes)) {
    damaged(w);
    return;
  }
  size_t at = w->mode == READS ? 0 : place(w, value->data, bytes);
  at = (size_t)number(w, (int32_t)at, 0, INT32_MAX);
  if (w->mode == READS) take_constant(w, graph, value, at, bytes);
  if (w->mode == WRITES) put_constant(w, value, at, bytes);
}

static void walk_value(walk *w, oct_graph *graph, oct_value *value) {
  value->name = text(w, graph, value->name);
  value->dtype = (oct_dtype)number(w, (int32_t)value->dtype, 0, OCT_DTYPE_COUNT - 1);
  value->shape.rank = number(w, value->shape.rank, -1, OCT_MAX_RANK);
  for (int d = 0; d < value->shape.rank; d++)
    value->shape.dim[d] = number(w, value->shape.dim[d], OCT_DYNAMIC, INT32_MAX);
  walk_quant(w, graph, value);
  walk_constant(w, graph, value);
  const oct_quant *quant = value->quant;
  if (value->dtype == OCT_Q8 && (!quant || quant->count != 1)) damaged(w);
  for (int32_t i = 0; quant && !value->data && i < quant->count; i++)
    if (quant->scale[i] == 0) damaged(w);
}

// --- nodes -----------------------------------------------------------------------------------------------------------

static void walk_attributes(walk *w, oct_node *node) {
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
    if (fields[f].op != node->op) continue;
    uint8_t *member = (uint8_t *)&node->attr + fields[f].offset;
    move(w, member, fields[f].bytes);
    for (uint32_t i = 0; i < fields[f].bytes && fields[f].below; i += fields[f].unit) {
      uint32_t value = member[i];
      if (fields[f].unit == sizeof value) memcpy(&value, member + i, sizeof value);
      if (value >= fields[f].below) damaged(w);
    }
  }
}

static void walk_graph(walk *w, oct_graph *graph, int depth);

/// Calls `visit` for every place in a graph that refers to a value.
ONCE void each_link(oct_graph *graph, void (*visit)(oct_value_id *id, int32_t *place), int32_t *place) {
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    for (int32_t i = 0; i < node->input_count; i++) visit(&node->inputs[i], place);
    for (int32_t i = 0; i < node->output_count; i++) visit(&node->outputs[i], place);
  }
  for (int32_t i = 0; i < graph->input_count; i++) visit(&graph->inputs[i], place);
  for (int32_t i = 0; i < graph->output_count; i++) visit(&graph->outputs[i], place);
  for (int32_t i = 0; i < graph->external_count; i++) {
    visit(&graph->externals[i].value, place);
    visit(&graph->externals[i].initial, place);
  }
}

static void mark(oct_value_id *id, int32_t *place) { place[*id] = 1; }
static void renumber(oct_value_id *id, int32_t *place) { *id = place[*id]; }

/// A copy of the graph without the values that nothing refers to.
static oct_status compact(const oct_graph *source, oct_graph *copy, oct_arena *work) {
  OCT_TRY(oct_graph_clone(source, copy));
  oct_value_id *place = oct_arena_alloc(work, ((size_t)source->value_count + 1) * sizeof *place);
  if (!place) return OCT_OUT_OF_MEMORY;
  place++; // that of OCT_NO_VALUE
  each_link(copy, mark, place);
  copy->value_count = 0;
  for (int32_t v = 0; v < source->value_count; v++) {
    if (!place[v]) continue;
    place[v] = copy->value_count++;
    copy->values[place[v]] = source->values[v];
  }
  place[OCT_NO_VALUE] = OCT_NO_VALUE;
  each_link(copy, renumber, place);
  return OCT_OK;
}

static void walk_body(walk *w, oct_graph *graph, oct_graph **body, int depth) {
  if (w->mode == READS) {
    *body = oct_graph_add_body(graph, NULL);
    if (*body) walk_graph(w, *body, depth);
    else w->status = OCT_OUT_OF_MEMORY;
    return;
  }
  oct_graph copy = {0};
  if (compact(*body, &copy, &w->work) == OCT_OK) walk_graph(w, &copy, depth);
  else w->status = OCT_OUT_OF_MEMORY;
  oct_graph_free(&copy);
}

static void walk_node(walk *w, oct_graph *graph, oct_node *node, int depth) {
  node->op = (oct_operator)number(w, (int32_t)node->op, 0, OCT_OP_COUNT - 1);
  node->name = text(w, graph, node->name);
  node->type = text(w, graph, node->type);
  move(w, &node->clamp_min, sizeof node->clamp_min);
  move(w, &node->clamp_max, sizeof node->clamp_max);
  if (!(node->clamp_min <= node->clamp_max)) damaged(w);
  node->input_count = count(w, node->input_count, 4);
  node->output_count = count(w, node->output_count, 4);
  if (w->mode == READS) {
    node->inputs = room(w, &graph->arena, (size_t)(node->input_count + node->output_count) * sizeof *node->inputs);
    if (!node->inputs) return;
    node->outputs = node->inputs + node->input_count;
  }
  for (int32_t i = 0; i < node->input_count; i++)
    node->inputs[i] = number(w, node->inputs[i], OCT_NO_VALUE, graph->value_count - 1);
  const int32_t least = node->op == OCT_OP_RECURRENT ? OCT_NO_VALUE : 0; // which may give less than it could
  for (int32_t i = 0; i < node->output_count; i++)
    node->outputs[i] = number(w, node->outputs[i], least, graph->value_count - 1);
  walk_attributes(w, node);
  const int bodies = node->op == OCT_OP_IF ? 2 : node->op == OCT_OP_LOOP ? 1 : 0;
  for (int b = 0; b < bodies && w->status == OCT_OK; b++) walk_body(w, graph, &node->bodies[b], depth + 1);
}

// --- the graph -------------------------------------------------------------------------------------------------------

/// How many elements a list has; makes the list, if it is read.
ONCE int32_t walk_list(walk *w, oct_graph *graph, void **list, int32_t value, size_t file_bytes, size_t bytes) {
  value = count(w, value, file_bytes);
  if (w->mode == READS && !(*list = room(w, &graph->arena, (size_t)value * bytes))) return 0;
  return value;
}
#define LIST(list, count, file_bytes) \
  graph->count = walk_list(w, graph, (void **)&graph->list, graph->count, file_bytes, sizeof *graph->list)

ONCE void walk_graph(walk *w, oct_graph *graph, int depth) {
  if (depth > MOST_DEPTH) damaged(w);
  LIST(values, value_count, VALUE_BYTES);
  for (int32_t v = 0; v < graph->value_count && w->status == OCT_OK; v++) walk_value(w, graph, &graph->values[v]);
  LIST(nodes, node_count, NODE_BYTES);
  for (int32_t n = 0; n < graph->node_count && w->status == OCT_OK; n++) walk_node(w, graph, &graph->nodes[n], depth);
  const int32_t last = graph->value_count - 1;
  LIST(inputs, input_count, 4);
  for (int32_t i = 0; i < graph->input_count; i++) graph->inputs[i] = number(w, graph->inputs[i], 0, last);
  LIST(outputs, output_count, 4);
  for (int32_t i = 0; i < graph->output_count; i++) graph->outputs[i] = number(w, graph->outputs[i], 0, last);
  LIST(externals, external_count, 8);
  for (int32_t i = 0; i < graph->external_count; i++) {
    oct_external *external = &graph->externals[i];
    external->value = number(w, external->value, 0, last);
    external->initial = number(w, external->initial, OCT_NO_VALUE, last);
  }
  graph->value_capacity = graph->value_count, graph->node_capacity = graph->node_count;
  graph->external_capacity = graph->external_count;
  if (w->status == OCT_OK && !oct_prepared_is_sound(graph, &w->work)) damaged(w);
}

/// Inputs and outputs that a caller can pass and get.
static bool ends_fit(const oct_graph *graph) {
  bool fit = graph->output_count > 0;
  for (int32_t i = 0; i < graph->input_count; i++) {
    const oct_dtype dtype = graph->values[graph->inputs[i]].dtype;
    fit = fit && dtype != OCT_NONE && dtype != OCT_Q8;
  }
  for (int32_t i = 0; i < graph->output_count; i++) fit = fit && graph->values[graph->outputs[i]].dtype != OCT_Q8;
  return fit;
}

static void walk_model(walk *w, oct_graph *graph) {
  LIST(operators, operator_count, 8);
  for (int32_t i = 0; i < graph->operator_count; i++) {
    graph->operators[i].type = text(w, graph, graph->operators[i].type);
    graph->operators[i].count = number(w, graph->operators[i].count, 1, INT32_MAX);
  }
  graph->dialect = (oct_dialect)number(w, (int32_t)graph->dialect, 0, OCT_DIALECT_TFLITE);
  walk_graph(w, graph, 0);
  if (w->status == OCT_OK && !ends_fit(graph)) damaged(w);
}

// --- files -----------------------------------------------------------------------------------------------------------

uint32_t oct_prepared_version(void) {
  uint32_t hash = UINT32_C(0x811c9dc5) + FORMAT; // FNV-1a
  const uint8_t *table = (const uint8_t *)fields;
  for (size_t i = 0; i < sizeof fields; i++) hash = (hash ^ table[i]) * 0x01000193;
  for (int op = 0; op < OCT_OP_COUNT; op++)
    for (const char *c = oct_operator_name((oct_operator)op); *c; c++) hash = (hash ^ (uint8_t)*c) * 0x01000193;
  return (hash ^ OCT_DTYPE_COUNT) * 0x01000193;
}

static uint32_t word_at(const uint8_t *bytes, size_t at) {
  uint32_t word;
  memcpy(&word, bytes + at, sizeof word);
  return word;
}

ONCE oct_status refuse(const uint8_t *file, oct_status status, const char *why) {
  char hint[128];
  size_t at = oct_print(hint, sizeof hint, "compile it again from its source, SHA-256 ");
  for (const uint8_t *byte = file + AT_SOURCE; byte < file + AT_CONSTANTS; byte++)
    at += oct_print(hint + at, sizeof hint - at, "%x%x", *byte / 16u, *byte % 16u);
  return oct_fail(status, hint, "the prepared model %s; %s", why, hint);
}

oct_status oct_prepared_read(const void *bytes, size_t size, oct_graph *graph) {
  const uint8_t *file = bytes;
  if (size < AT_GRAPH) return oct_fail(OCT_INVALID_MODEL, "download it again", "the prepared model is cut off");
  if (word_at(file, AT_VERSION) != oct_prepared_version())
    return refuse(file, OCT_UNSUPPORTED_MODEL, "was made by another version of Octavo");
  const size_t constants = word_at(file, AT_CONSTANTS);
  if (word_at(file, AT_SIZE) != size || constants < AT_GRAPH || constants > size || constants % ALIGN)
    return refuse(file, OCT_INVALID_MODEL, "is damaged or cut off: download it again, or");
  walk w = {.mode = READS, .file = (uint8_t *)bytes, .at = AT_GRAPH, .end = constants, .constants = constants,
            .filled = size - constants, .budget = COPY_FACTOR * (uint64_t)size + COPY_SPARE};
  walk_model(&w, graph);
  oct_arena_free(&w.work);
  return w.status == OCT_INVALID_MODEL ? refuse(file, w.status, "is damaged: download it again, or") : w.status;
}

/// Puts what comes before the graph.
static void put_head(const walk *w, const uint8_t *source, size_t size) {
  const uint32_t words[] = {oct_prepared_version(), (uint32_t)size}, constants = (uint32_t)w->constants;
  memcpy(w->file, OCT_PREPARED_MAGIC, AT_VERSION);
  memcpy(w->file + AT_VERSION, words, sizeof words);
  memcpy(w->file + AT_SOURCE, source, OCT_SHA256_BYTES);
  memcpy(w->file + AT_CONSTANTS, &constants, sizeof constants);
}

static void *write_file(walk *w, oct_graph *graph, const uint8_t *source, size_t *size) {
  walk_model(w, graph);
  w->constants = (w->at + ALIGN - 1) / ALIGN * ALIGN;
  *size = w->constants + w->filled;
  if (w->status != OCT_OK) return NULL;
  if (*size > INT32_MAX) {
    oct_fail(OCT_UNSUPPORTED_MODEL, "use the source as it is", "the prepared model would be larger than 2 GiB");
    return NULL;
  }
  w->file = oct_block_alloc(*size);
  if (!w->file) return NULL;
  memset(w->file, 0, *size);
  put_head(w, source, *size);
  w->mode = WRITES, w->at = AT_GRAPH, w->end = w->constants, w->filled = 0, w->placed = NULL;
  walk_model(w, graph);
  return w->file;
}

void *oct_prepared_write(const oct_graph *graph, const uint8_t source[static OCT_SHA256_BYTES], size_t *size) {
  walk w = {.mode = MEASURES, .at = AT_GRAPH, .end = SIZE_MAX};
  oct_graph copy = {0};
  void *file = compact(graph, &copy, &w.work) == OCT_OK ? write_file(&w, &copy, source, size) : NULL;
  if (w.status == OCT_INVALID_MODEL)
    oct_fail(OCT_INTERNAL, "please report this, and use the source as it is", "the graph does not keep its own rules");
  oct_graph_free(&copy);
  oct_arena_free(&w.work);
  return file;
}
