// SPDX-License-Identifier: MIT
//
// TFLite tensors: what the file says of them, and the values that stand for them.
#include "formats/tflite.h"
#include "formats/widen.h"

#include <math.h>
#include <string.h>

static const char REPORT[] = "the model file contradicts itself; convert it again";

enum { NAME_BYTES = 255, MAX_TENSORS = 1 << 20 };
enum {
  TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION, TENSOR_VARIABLE, TENSOR_SPARSITY,
  TENSOR_SIGNATURE
};
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_AXIS = 6 };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };

/// TensorType, by number.
static const oct_dtype types[] = {OCT_F32,  OCT_F16,  OCT_I32,  OCT_U8,   OCT_I64, OCT_NONE, OCT_BOOL,
                                  OCT_I16,  OCT_NONE, OCT_I8,   OCT_F64,  OCT_NONE, OCT_U64, OCT_NONE,
                                  OCT_NONE, OCT_U32,  OCT_U16};

static oct_status spend(oct_tflite *reader, size_t bytes) {
  if (bytes > reader->budget)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "the model asks for more copies of its constants than its size allows");
  reader->budget -= bytes;
  return OCT_OK;
}

// --- reading ---------------------------------------------------------------------------------------------------------

static oct_status read_name(oct_tflite *reader, oct_fb_table table, oct_tflite_tensor *tensor) {
  oct_fb_vector text = oct_fb_vector_of(&reader->file, table, TENSOR_NAME, 1);
  size_t length = text.count < NAME_BYTES ? text.count : NAME_BYTES;
  tensor->name = oct_arena_text(&reader->graph->arena, (const char *)reader->file.data + text.at, length);
  return tensor->name ? OCT_OK : OCT_OUT_OF_MEMORY;
}

static oct_status read_shape(oct_tflite *reader, oct_fb_table table, oct_tflite_tensor *tensor) {
  oct_fb_vector shape = oct_fb_vector_of(&reader->file, table, TENSOR_SHAPE, 4);
  oct_fb_vector signature = oct_fb_vector_of(&reader->file, table, TENSOR_SIGNATURE, 4);
  if (shape.count > OCT_MAX_RANK)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "reshape it to fewer dimensions", "'%s' has %u dimensions; Octavo takes %d",
                    tensor->name, (unsigned)shape.count, OCT_MAX_RANK);
  tensor->shape.rank = (int32_t)shape.count;
  for (uint32_t i = 0; i < shape.count; i++) {
    int32_t dim = oct_fb_i32_at(&reader->file, shape, i);
    bool any = signature.count == shape.count && oct_fb_i32_at(&reader->file, signature, i) < 0;
    tensor->shape.dim[i] = any || dim < 0 ? OCT_DYNAMIC : dim;
  }
  return OCT_OK;
}

/// Scales and zero points are copied: a flatbuffer's vectors may be unaligned, and its zero points are 64 bits wide.
static oct_status read_quant(oct_tflite *reader, oct_fb_table table, oct_tflite_tensor *tensor) {
  oct_fb *file = &reader->file;
  oct_fb_table quantization = oct_fb_table_of(file, table, TENSOR_QUANTIZATION);
  oct_fb_vector scales = oct_fb_vector_of(file, quantization, QUANT_SCALE, 4);
  oct_fb_vector zeros = oct_fb_vector_of(file, quantization, QUANT_ZERO_POINT, 8);
  bool stored = tensor->dtype == OCT_I8 || tensor->dtype == OCT_U8 || tensor->dtype == OCT_I16 ||
                tensor->dtype == OCT_I32 || tensor->dtype == OCT_I64;
  if (!scales.count || !stored) return OCT_OK;
  int32_t axis = oct_fb_i32(file, quantization, QUANT_AXIS, 0);
  bool fits = scales.count == 1 || (axis >= 0 && axis < tensor->shape.rank &&
                                    tensor->shape.dim[axis] == (int32_t)scales.count);
  if (!fits || (zeros.count && zeros.count != scales.count))
    return oct_fail(OCT_INVALID_MODEL, REPORT, "'%s' has %u scales and %u zero points, which do not fit its axis %d",
                    tensor->name, (unsigned)scales.count, (unsigned)zeros.count, (int)axis);
  OCT_TRY(spend(reader, scales.count * 8));
  oct_quant *quant = oct_arena_alloc(&reader->graph->arena, sizeof *quant);
  float *scale = oct_arena_alloc(&reader->graph->arena, scales.count * sizeof *scale);
  int32_t *zero = oct_arena_alloc(&reader->graph->arena, scales.count * sizeof *zero);
  if (!quant || !scale || !zero) return OCT_OUT_OF_MEMORY;
  memcpy(scale, file->data + scales.at, scales.count * sizeof *scale);
  int32_t low = tensor->dtype == OCT_I8 ? -128 : 0;
  int32_t high = tensor->dtype == OCT_I8 ? 127 : tensor->dtype == OCT_U8 ? 255 : 0; // int16: 0
  for (uint32_t i = 0; i < scales.count; i++) {
    int64_t wide = zeros.count ? oct_fb_i64_at(file, zeros, i) : 0;
    if (!(scale[i] >= 0) || !isfinite(scale[i]) || (!tensor->data && scale[i] == 0) ||
        (tensor->dtype != OCT_I32 && tensor->dtype != OCT_I64 && (wide < low || wide > high)))
      return oct_fail(OCT_INVALID_MODEL, REPORT, "'%s' has scale %g and zero point %lld, out of range for %s",
                      tensor->name, (double)scale[i], (long long)wide, oct_dtype_name(tensor->dtype));
    zero[i] = (int32_t)wide;
  }
  *quant = (oct_quant){.count = (int32_t)scales.count, .axis = axis, .scale = scale, .zero_point = zero};
  tensor->quant = quant;
  return OCT_OK;
}

/// A buffer's bytes lie in the flatbuffer, or after it at an offset (files over 2 GB).
static oct_status read_data(oct_tflite *reader, oct_fb_table table, oct_fb_vector buffers, oct_tflite_tensor *tensor) {
  oct_fb *file = &reader->file;
  uint32_t index = (uint32_t)oct_fb_i32(file, table, TENSOR_BUFFER, 0);
  if (index >= buffers.count) return index ? (file->bad = true, OCT_OK) : OCT_OK;
  oct_fb_table buffer = oct_fb_table_at(file, buffers, index);
  oct_fb_vector data = oct_fb_vector_of(file, buffer, BUFFER_DATA, 1);
  uint64_t offset = oct_fb_u64(file, buffer, BUFFER_OFFSET, 0), size = oct_fb_u64(file, buffer, BUFFER_SIZE, 0);
  if (offset > 1) {
    if (offset > file->size || size > file->size - offset || size > UINT32_MAX) return file->bad = true, OCT_OK;
    data = (oct_fb_vector){.at = (size_t)offset, .count = (uint32_t)size};
  }
  if (!data.count) return OCT_OK;
  size_t bytes;
  if (!oct_shape_checked_bytes(&tensor->shape, oct_dtype_bytes(tensor->dtype), &bytes) || bytes != data.count) {
    char text[112];
    return oct_fail(OCT_INVALID_MODEL, "download or convert the file again",
                    "the constant '%s' of %s %s does not fit its %u bytes", tensor->name, oct_dtype_name(tensor->dtype),
                    oct_shape_print(&tensor->shape, text), (unsigned)data.count);
  }
  tensor->data = file->data + data.at;
  return OCT_OK;
}

static oct_status read_tensor(oct_tflite *reader, oct_fb_table table, oct_fb_vector buffers,
                              oct_tflite_tensor *tensor) {
  *tensor = (oct_tflite_tensor){.value = OCT_NO_VALUE, .weights = OCT_NO_VALUE};
  uint8_t type = oct_fb_u8(&reader->file, table, TENSOR_TYPE, 0);
  tensor->dtype = type < sizeof types / sizeof *types ? types[type] : OCT_NONE;
  tensor->variable = oct_fb_u8(&reader->file, table, TENSOR_VARIABLE, 0) != 0;
  OCT_TRY(read_name(reader, table, tensor));
  OCT_TRY(read_shape(reader, table, tensor));
  if (tensor->dtype == OCT_NONE) return OCT_OK; // refused when it is used
  if (oct_fb_table_of(&reader->file, table, TENSOR_SPARSITY).at)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "convert the model with dense weights", "'%s' is sparse", tensor->name);
  OCT_TRY(read_data(reader, table, buffers, tensor));
  return read_quant(reader, table, tensor);
}

oct_status oct_tflite_read_tensors(oct_tflite *reader, oct_fb_vector tensors, oct_fb_vector buffers) {
  if (tensors.count > MAX_TENSORS)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "split the model", "the model has %u tensors; Octavo takes %d",
                    (unsigned)tensors.count, MAX_TENSORS);
  reader->tensors = oct_arena_alloc(&reader->graph->arena, tensors.count * sizeof *reader->tensors);
  if (!reader->tensors) return OCT_OUT_OF_MEMORY;
  reader->tensor_count = (int32_t)tensors.count;
  for (uint32_t i = 0; i < tensors.count; i++)
    OCT_TRY(read_tensor(reader, oct_fb_table_at(&reader->file, tensors, i), buffers, &reader->tensors[i]));
  return OCT_OK;
}

// --- values ----------------------------------------------------------------------------------------------------------

static bool is_q8(const oct_tflite_tensor *tensor) {
  return tensor->quant && (tensor->dtype == OCT_I8 || tensor->dtype == OCT_U8);
}

static bool is_q16(const oct_tflite_tensor *tensor) { return tensor->quant && tensor->dtype == OCT_I16; }

bool oct_tflite_is_converted(const oct_tflite_tensor *tensor) { return is_q8(tensor) || is_q16(tensor); }

static oct_status check_type(const oct_tflite_tensor *tensor) {
  if (tensor->dtype != OCT_NONE) return OCT_OK;
  return oct_fail(OCT_UNSUPPORTED_MODEL, "convert the model in float32, or quantized to int8",
                  "the tensor '%s' has a type that Octavo does not have", tensor->name);
}

/// Adds a value without bytes: as stored, or (`converted`) in the form that activations have.
static oct_status add_value(oct_tflite *reader, const oct_tflite_tensor *tensor, bool converted, oct_value_id *id) {
  oct_graph *graph = reader->graph;
  const oct_quant *quant = tensor->quant;
  oct_dtype dtype = tensor->dtype;
  OCT_TRY(check_type(tensor));
  converted = converted && oct_tflite_is_converted(tensor);
  if (converted && quant->count != 1)
    return oct_fail(OCT_UNSUPPORTED_MODEL, "quantize activations per tensor",
                    "the activation '%s' is quantized per channel", tensor->name);
  if (converted && is_q16(tensor)) dtype = OCT_F32, quant = NULL;
  if (converted && is_q8(tensor)) {
    dtype = OCT_Q8;
    quant = oct_graph_add_quant(graph, quant->scale[0], oct_act_zero_point(tensor->dtype, quant->zero_point[0]));
    if (!quant) return OCT_OUT_OF_MEMORY;
  }
  *id = oct_graph_add_value(graph, tensor->name, strlen(tensor->name), dtype, oct_shape_unknown());
  if (*id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  graph->values[*id].quant = quant;
  return OCT_OK;
}

static oct_status add_constant(oct_tflite *reader, const oct_tflite_tensor *tensor, oct_dtype dtype, const void *data,
                               const oct_quant *quant, oct_value_id *id) {
  *id = oct_graph_add_constant(reader->graph, tensor->name, strlen(tensor->name), dtype, tensor->shape, data);
  if (*id == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  reader->graph->values[*id].quant = quant;
  return OCT_OK;
}

oct_status oct_tflite_define(oct_tflite *reader, oct_tflite_tensor *tensor) {
  if (tensor->value != OCT_NO_VALUE || tensor->data)
    return oct_fail(OCT_INVALID_MODEL, REPORT, "two operators make '%s'", tensor->name);
  return add_value(reader, tensor, true, &tensor->value);
}

/// Appends a node of one input and one output.
static oct_node *add_node(oct_tflite *reader, oct_operator op, const oct_tflite_tensor *tensor, oct_value_id from,
                          oct_value_id to) {
  oct_node *made = oct_graph_add_node(reader->graph, op, tensor->name, strlen(tensor->name), 1, 1);
  if (!made) return NULL;
  made->inputs[0] = from;
  made->outputs[0] = to;
  return made;
}

oct_status oct_tflite_bridge(oct_tflite *reader, oct_tflite_tensor *tensor, bool to_raw, oct_value_id *raw) {
  if (*raw == OCT_NO_VALUE) OCT_TRY(add_value(reader, tensor, false, raw));
  if (tensor->value == OCT_NO_VALUE) OCT_TRY(add_value(reader, tensor, true, &tensor->value));
  oct_operator op = is_q8(tensor) ? OCT_OP_REINTERPRET : to_raw ? OCT_OP_QUANTIZE : OCT_OP_DEQUANTIZE;
  oct_value_id from = to_raw ? tensor->value : *raw, to = to_raw ? *raw : tensor->value;
  return add_node(reader, op, tensor, from, to) ? OCT_OK : OCT_OUT_OF_MEMORY;
}

/// A constant in the form that activations have.
static oct_status constant_value(oct_tflite *reader, oct_tflite_tensor *tensor) {
  size_t count = oct_shape_count(&tensor->shape);
  OCT_TRY(spend(reader, count * sizeof(float)));
  if (tensor->dtype == OCT_F16 || tensor->dtype == OCT_F64) {
    oct_narrow narrow = tensor->dtype == OCT_F16 ? OCT_NARROW_F16 : OCT_NARROW_F64;
    const float *wide = oct_widen(&reader->graph->arena, narrow, tensor->data, count);
    if (!wide) return OCT_OUT_OF_MEMORY;
    return add_constant(reader, tensor, OCT_F32, wide, NULL, &tensor->value);
  }
  if (!oct_tflite_is_converted(tensor))
    return add_constant(reader, tensor, tensor->dtype, tensor->data, tensor->quant, &tensor->value);
  oct_value_id raw;
  OCT_TRY(add_constant(reader, tensor, tensor->dtype, tensor->data, tensor->quant, &raw));
  return oct_tflite_bridge(reader, tensor, false, &raw);
}

oct_status oct_tflite_value(oct_tflite *reader, oct_tflite_tensor *tensor, oct_value_id *value) {
  if (tensor->value == OCT_NO_VALUE) {
    OCT_TRY(check_type(tensor));
    if (!tensor->data)
      return oct_fail(tensor->variable ? OCT_UNSUPPORTED_MODEL : OCT_INVALID_MODEL, REPORT,
                      tensor->variable ? "'%s' is a variable: Octavo does not keep state between runs"
                                       : "no operator makes '%s' before it is read", tensor->name);
    OCT_TRY(constant_value(reader, tensor));
  }
  *value = tensor->value;
  return OCT_OK;
}

/// A value of the tensor's name and another type, made from `from` by `op`; OCT_NO_VALUE on refusal.
static oct_value_id derive(oct_tflite *reader, const oct_tflite_tensor *tensor, oct_operator op, oct_value_id from,
                           oct_dtype dtype, const oct_quant *quant) {
  oct_graph *graph = reader->graph;
  oct_value_id id = oct_graph_add_value(graph, tensor->name, strlen(tensor->name), dtype, oct_shape_unknown());
  if (id == OCT_NO_VALUE || !add_node(reader, op, tensor, from, id)) return OCT_NO_VALUE;
  graph->values[id].quant = quant;
  return id;
}

oct_status oct_tflite_float(oct_tflite *reader, oct_tflite_tensor *tensor, oct_value_id *value) {
  OCT_TRY(oct_tflite_value(reader, tensor, value));
  if (reader->graph->values[*value].dtype == OCT_Q8)
    *value = derive(reader, tensor, OCT_OP_DEQUANTIZE, *value, OCT_F32, NULL);
  return *value == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}

oct_status oct_tflite_settle(oct_tflite *reader, oct_tflite_tensor *tensor) {
  if (tensor->value == OCT_NO_VALUE || reader->graph->values[tensor->value].dtype != OCT_F32) return OCT_OK;
  oct_value_id made = tensor->value;
  if (is_q8(tensor)) {
    OCT_TRY(add_value(reader, tensor, true, &tensor->value));
    return add_node(reader, OCT_OP_QUANTIZE, tensor, made, tensor->value) ? OCT_OK : OCT_OUT_OF_MEMORY;
  }
  if (!is_q16(tensor)) return OCT_OK;
  tensor->value = derive(reader, tensor, OCT_OP_UNARY, made, OCT_F32, NULL);
  if (tensor->value == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  oct_node *round = &reader->graph->nodes[reader->graph->node_count - 1];
  round->attr.unary = (oct_unary_attr){.kind = OCT_ROUND_I16, .alpha = tensor->quant->scale[0]};
  return OCT_OK;
}

/// A computed Q8 tensor as the bytes that weights are.
static oct_status computed_weights(oct_tflite *reader, oct_tflite_tensor *tensor, oct_value_id *value) {
  oct_value_id q8;
  OCT_TRY(oct_tflite_value(reader, tensor, &q8));
  *value = derive(reader, tensor, OCT_OP_REINTERPRET, q8, tensor->dtype, tensor->quant);
  return *value == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}

oct_status oct_tflite_weights(oct_tflite *reader, oct_tflite_tensor *tensor, oct_dtype beside, oct_value_id *value) {
  bool bias = tensor->quant && (tensor->dtype == OCT_I32 || tensor->dtype == OCT_I64);
  if (!tensor->data && is_q8(tensor) && beside == OCT_Q8) return computed_weights(reader, tensor, value);
  if (!tensor->data || !(is_q8(tensor) || (bias && beside == OCT_F32))) return oct_tflite_value(reader, tensor, value);
  if (bias) OCT_TRY(oct_tflite_value(reader, tensor, &tensor->weights));
  if (tensor->weights == OCT_NO_VALUE) {
    OCT_TRY(spend(reader, oct_shape_count(&tensor->shape)));
    OCT_TRY(add_constant(reader, tensor, tensor->dtype, tensor->data, tensor->quant, &tensor->weights));
  }
  *value = tensor->weights;
  if (beside == OCT_F32) *value = derive(reader, tensor, OCT_OP_DEQUANTIZE, tensor->weights, OCT_F32, NULL);
  return *value == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}

oct_value_id oct_tflite_list(oct_tflite *reader, const int32_t *elements, int count) {
  size_t bytes = (size_t)count * sizeof *elements;
  int32_t *copy = oct_arena_alloc(&reader->graph->arena, bytes);
  if (!copy) return OCT_NO_VALUE;
  if (bytes) memcpy(copy, elements, bytes);
  return oct_graph_add_constant(reader->graph, "list", 4, OCT_I32, oct_shape_of(1, count), copy);
}
