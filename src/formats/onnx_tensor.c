// SPDX-License-Identifier: MIT
//
// TensorProto -> constant. Elements lie in raw_data or in another file, which the constant points into, or in one of
// five typed lists, which are decoded into the graph's arena; in any case their number must be the product of the
// dimensions.
#include "formats/onnx.h"
#include "formats/widen.h"

#include <limits.h>
#include <string.h>

static const char REPORT[] = "the model file contradicts itself; export it again";

enum {
  TENSOR_DIM = OCT_PB_VARINT(1), TENSOR_DIMS = OCT_PB_BYTES(1), TENSOR_TYPE = OCT_PB_VARINT(2),
  TENSOR_NAME = OCT_PB_BYTES(8), TENSOR_RAW = OCT_PB_BYTES(9), TENSOR_EXTERNAL = OCT_PB_BYTES(13),
  TENSOR_LOCATION = OCT_PB_VARINT(14),
};

/// One line per TensorProto.DataType that can be read: how it is stored, and what stands for it.
static const struct {
  oct_dtype stored, dtype;
  uint32_t list; // field number of the typed list
} types[] = {
  [1] = {OCT_F32, OCT_F32, 4},  [2] = {OCT_U8, OCT_U8, 5},     [3] = {OCT_I8, OCT_I8, 5},
  [4] = {OCT_U16, OCT_U16, 5},  [5] = {OCT_I16, OCT_I16, 5},   [6] = {OCT_I32, OCT_I32, 5},
  [7] = {OCT_I64, OCT_I64, 7},  [9] = {OCT_BOOL, OCT_BOOL, 5}, [10] = {OCT_F16, OCT_F32, 5},
  [11] = {OCT_F64, OCT_F32, 10}, [12] = {OCT_U32, OCT_U32, 11}, [13] = {OCT_U64, OCT_U64, 11},
  [16] = {OCT_U16, OCT_F32, 5}, // bfloat16
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

oct_dtype oct_onnx_dtype(int64_t data_type) {
  return data_type > 0 && data_type < TYPE_COUNT ? types[data_type].dtype : OCT_NONE;
}

typedef struct tensor {
  oct_bytes name, raw;
  oct_bytes file, offset, length; // of external elements, as text
  oct_shape shape;
  int64_t type;
  bool external, has_raw;
} tensor;

static int shown(oct_bytes text) { return text.count < 80 ? (int)text.count : 80; }

static oct_status add_dim(tensor *tensor, uint64_t dim) {
  if (tensor->shape.rank == OCT_MAX_RANK)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "reshape it to fewer dimensions", "a constant has more than %d dimensions",
                    OCT_MAX_RANK);
  if (dim > INT32_MAX)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "a constant has a dimension of %lld", (long long)dim);
  tensor->shape.dim[tensor->shape.rank++] = (int32_t)dim;
  return OCT_OK;
}

/// One entry of what the file says of external elements.
static oct_status read_external(oct_bytes message, tensor *tensor) {
  oct_bytes key = {0}, value = {0};
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == OCT_PB_BYTES(1)) key = field.bytes;
    if (field.key == OCT_PB_BYTES(2)) value = field.bytes;
  }
  tensor->external = true;
  if (oct_onnx_text_is(key, "location")) tensor->file = value;
  if (oct_onnx_text_is(key, "offset")) tensor->offset = value;
  if (oct_onnx_text_is(key, "length")) tensor->length = value;
  return oct_pb_done(&cursor, "external data entry");
}

static oct_status read_header(oct_bytes message, tensor *tensor) {
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    switch (field.key) {
      case TENSOR_DIM: OCT_TRY(add_dim(tensor, field.number)); break;
      case TENSOR_DIMS: {
        oct_pb dims = oct_pb_of(field.bytes);
        for (uint64_t dim; oct_pb_varint(&dims, &dim);) OCT_TRY(add_dim(tensor, dim));
        OCT_TRY(oct_pb_done(&dims, "tensor's dimensions"));
        break;
      }
      case TENSOR_TYPE: tensor->type = (int64_t)field.number; break;
      case TENSOR_NAME: tensor->name = field.bytes; break;
      case TENSOR_RAW: tensor->raw = field.bytes, tensor->has_raw = true; break;
      case TENSOR_LOCATION: tensor->external |= field.number == 1; break;
      case TENSOR_EXTERNAL: OCT_TRY(read_external(field.bytes, tensor)); break;
      default: break;
    }
  }
  return oct_pb_done(&cursor, "TensorProto");
}

/// Stores `number` (of a varint or fixed field) as element `index`.
static void store(void *elements, oct_dtype stored, size_t index, uint64_t number) {
  size_t bytes = oct_dtype_bytes(stored);
  memcpy((char *)elements + index * bytes, &number, bytes); // both the file and every target are little-endian
}

/// Decodes the typed list into `elements` (NULL: only counts). Returns the number of elements, or -1 for damage.
static int64_t decode_list(oct_bytes message, uint32_t list, oct_dtype stored, void *elements) {
  bool fixed = list == 4 || list == 10; // float_data, double_data
  size_t width = list == 4 ? 4 : 8;
  uint32_t single = fixed ? list == 4 ? OCT_PB_FIXED32(4) : OCT_PB_FIXED64(10) : OCT_PB_VARINT(list);
  int64_t count = 0;
  oct_pb cursor = oct_pb_of(message);
  oct_pb_field field;
  while (oct_pb_next(&cursor, &field)) {
    if (field.key == single) {
      if (elements) store(elements, stored, (size_t)count, field.number);
      count++;
    } else if (field.key == OCT_PB_BYTES(list) && fixed) {
      if (field.bytes.count % width) return -1;
      char *to = elements ? (char *)elements + (size_t)count * width : NULL;
      if (to && field.bytes.count) memcpy(to, field.bytes.at, field.bytes.count);
      count += (int64_t)(field.bytes.count / width);
    } else if (field.key == OCT_PB_BYTES(list)) {
      oct_pb numbers = oct_pb_of(field.bytes);
      for (uint64_t number; oct_pb_varint(&numbers, &number); count++)
        if (elements) store(elements, stored, (size_t)count, number);
      if (numbers.bad) return -1;
    }
  }
  return count;
}

/// A number that the file has as text; huge if it is none.
static uint64_t parse(oct_bytes text, uint64_t absent) {
  uint64_t number = text.count ? 0 : absent;
  for (size_t i = 0; i < text.count; i++) {
    const unsigned digit = text.at[i] - (unsigned)'0';
    if (digit > 9 || number > UINT64_MAX / 16) return UINT64_MAX;
    number = 10 * number + digit;
  }
  return number;
}

/// Makes external elements raw ones. They are paid for, since a small model may name the same bytes many times.
static oct_status find_external(oct_onnx *reader, tensor *tensor, size_t bytes) {
  const oct_onnx *outermost = reader;
  while (outermost->outer) outermost = outermost->outer;
  const oct_name *known = oct_names_find(&outermost->file_names, tensor->file);
  const int length = shown(tensor->file);
  const char *name = (const char *)tensor->file.at;
  if (!known || (size_t)known->value >= outermost->file_count)
    return oct_fail(OCT_INVALID_ARGUMENT, "give the files that the model names, in their order",
                    "the model keeps constants in another file, '%.*s'", length, name);
  const oct_bytes file = outermost->files[known->value];
  const uint64_t offset = parse(tensor->offset, 0), count = parse(tensor->length, bytes);
  if (offset > file.count || count > file.count - offset)
    return oct_fail(OCT_INVALID_MODEL, "download or export the model's files again, all of them",
                    "the constant '%.*s' is not within the %zu bytes of the file '%.*s'", shown(tensor->name),
                    (const char *)tensor->name.at, file.count, length, name);
  tensor->has_raw = true;
  tensor->raw = (oct_bytes){file.at + offset, (size_t)count};
  return oct_onnx_spend(reader, (size_t)count);
}

/// Points `data` at the elements, raw or decoded, after checking that there are as many as the shape says.
static oct_status find_elements(oct_onnx *reader, oct_bytes message, const tensor *tensor, size_t bytes,
                                const uint8_t **data) {
  oct_dtype stored = types[tensor->type].stored;
  size_t width = oct_dtype_bytes(stored), elements = bytes / width;
  if (tensor->has_raw) {
    *data = tensor->raw.at;
    if (tensor->raw.count == bytes) return OCT_OK;
  } else {
    uint32_t list = types[tensor->type].list;
    int64_t count = decode_list(message, list, stored, NULL);
    if (count == (int64_t)elements) {
      void *decoded = oct_arena_alloc(&reader->graph->arena, bytes);
      if (!decoded) return OCT_OUT_OF_MEMORY;
      decode_list(message, list, stored, decoded);
      *data = decoded;
      return OCT_OK;
    }
  }
  char text[112];
  return oct_fail(OCT_INVALID_MODEL, "download or export the file again",
                  "the constant '%.*s' of shape %s does not have the %zu elements it should have",
                  shown(tensor->name), (const char *)tensor->name.at, oct_shape_print(&tensor->shape, text), elements);
}

static oct_status check_header(const tensor *tensor, size_t *bytes) {
  const int length = shown(tensor->name);
  const char *name = (const char *)tensor->name.at;
  if (oct_onnx_dtype(tensor->type) == OCT_NONE)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "export the model in float32, or quantized to int8 or uint8",
                    "the constant '%.*s' has ONNX data type %lld, which Octavo does not have", length, name,
                    (long long)tensor->type);
  if (!oct_shape_checked_bytes(&tensor->shape, oct_dtype_bytes(types[tensor->type].stored), bytes))
    return oct_fail(OCT_INVALID_MODEL, REPORT, "the constant '%.*s' is larger than 1 GiB", length, name);
  return OCT_OK;
}

oct_status oct_onnx_tensor_file(oct_bytes message, oct_bytes *file) {
  tensor tensor = {0};
  OCT_TRY(read_header(message, &tensor));
  *file = tensor.file;
  if (!tensor.external || tensor.file.count) return OCT_OK;
  return oct_fail(OCT_INVALID_MODEL, REPORT, "the constant '%.*s' is in another file, which has no name",
                  shown(tensor.name), (const char *)tensor.name.at);
}

oct_status oct_onnx_read_tensor(oct_onnx *reader, oct_bytes message, oct_bytes name, oct_value_id *value,
                                oct_bytes *own_name) {
  tensor tensor = {0};
  size_t bytes = 0;
  OCT_TRY(read_header(message, &tensor));
  if (own_name) *own_name = tensor.name;
  if (name.count) tensor.name = name;
  OCT_TRY(check_header(&tensor, &bytes));
  if (tensor.external) OCT_TRY(find_external(reader, &tensor, bytes));
  const void *data = NULL;
  const uint8_t *stored = NULL;
  OCT_TRY(find_elements(reader, message, &tensor, bytes, &stored));
  data = stored;
  oct_dtype dtype = types[tensor.type].dtype;
  if (dtype == OCT_F32 && tensor.type != 1) {
    oct_narrow narrow = tensor.type == 10 ? OCT_NARROW_F16 : tensor.type == 11 ? OCT_NARROW_F64 : OCT_NARROW_BF16;
    data = oct_widen(&reader->graph->arena, narrow, stored, bytes / oct_dtype_bytes(types[tensor.type].stored));
    if (!data) return OCT_OUT_OF_MEMORY;
  }
  static const uint8_t nothing[16];
  *value = oct_graph_add_constant(reader->graph, (const char *)tensor.name.at, tensor.name.count, dtype, tensor.shape,
                                  bytes ? data : nothing);
  return *value == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}

bool oct_onnx_scalar(const oct_onnx *reader, oct_value_id id, double *scalar) {
  const oct_value *value = &reader->graph->values[id];
  if (!value->data || oct_shape_count(&value->shape) != 1) return false;
  int64_t wide = 0;
  float real;
  int32_t narrow;
  switch (value->dtype) {
    case OCT_F32: memcpy(&real, value->data, 4), *scalar = (double)real; return true;
    case OCT_I32: memcpy(&narrow, value->data, 4), *scalar = narrow; return true;
    case OCT_I64: memcpy(&wide, value->data, 8), *scalar = (double)wide; return true;
    case OCT_I8: *scalar = *(const int8_t *)value->data; return true;
    case OCT_U8: case OCT_BOOL: *scalar = *(const uint8_t *)value->data; return true;
    default: return false;
  }
}
