// SPDX-License-Identifier: MIT
//
// CAST among float and integer types, through the widest type of the input's family (double or int64). Floats become
// integers by truncation, saturated (ONNX leaves the rest undefined); integers wrap; bool is "not zero".
#include "base/half.h"
#include "ops/op.h"

#include <math.h>
#include <string.h>

static bool is_float(oct_dtype dtype) { return dtype == OCT_F32 || dtype == OCT_F16 || dtype == OCT_F64; }

/// One element as a double (floats) or in `integer` (everything else).
static double load(const void *data, oct_dtype dtype, size_t i, int64_t *integer) {
  *integer = 0;
  switch (dtype) {
    case OCT_F32: return ((const float *)data)[i];
    case OCT_F16: return oct_half_to_float(((const uint16_t *)data)[i]);
    case OCT_F64: return ((const double *)data)[i];
    case OCT_I8: return *integer = ((const int8_t *)data)[i], 0;
    case OCT_U8:
    case OCT_BOOL: return *integer = ((const uint8_t *)data)[i], 0;
    case OCT_I16: return *integer = ((const int16_t *)data)[i], 0;
    case OCT_U16: return *integer = ((const uint16_t *)data)[i], 0;
    case OCT_I32: return *integer = ((const int32_t *)data)[i], 0;
    case OCT_U32: return *integer = ((const uint32_t *)data)[i], 0;
    default: return *integer = ((const int64_t *)data)[i], 0; // I64, U64
  }
}

static int64_t saturate(double x, double lo, double hi) {
  if (!(x > lo)) return x <= lo ? (int64_t)lo : 0;
  return x >= hi ? (hi >= 0x1.0p63 ? INT64_MAX : (int64_t)hi) : (int64_t)x;
}

/// A float as the integer type `dtype` would hold it.
static int64_t truncate(double x, oct_dtype dtype) {
  switch (dtype) {
    case OCT_I8: return saturate(x, -128, 127);
    case OCT_U8: return saturate(x, 0, 255);
    case OCT_I16: return saturate(x, -32768, 32767);
    case OCT_U16: return saturate(x, 0, 65535);
    case OCT_I32: return saturate(x, -2147483648.0, 2147483647.0);
    case OCT_U32: return saturate(x, 0, 4294967295.0);
    case OCT_U64: return x >= 0x1.0p63 ? (int64_t)(x < 0x1.0p64 ? (uint64_t)x : UINT64_MAX) : saturate(x, 0, 0x1.0p63);
    default: return saturate(x, -0x1.0p63, 0x1.0p63);
  }
}

static void store(void *data, oct_dtype dtype, size_t i, double real, int64_t integer) {
  switch (dtype) {
    case OCT_F32: ((float *)data)[i] = (float)real; break;
    case OCT_F16: ((uint16_t *)data)[i] = oct_float_to_half((float)real); break;
    case OCT_F64: ((double *)data)[i] = real; break;
    case OCT_I8:
    case OCT_U8: ((uint8_t *)data)[i] = (uint8_t)integer; break;
    case OCT_BOOL: ((uint8_t *)data)[i] = integer != 0; break;
    case OCT_I16:
    case OCT_U16: ((uint16_t *)data)[i] = (uint16_t)integer; break;
    case OCT_I32:
    case OCT_U32: ((uint32_t *)data)[i] = (uint32_t)integer; break;
    default: ((uint64_t *)data)[i] = (uint64_t)integer;
  }
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 1, 1, 1));
  return oct_infer_output(graph, node, 0, node->attr.cast.to, oct_input(graph, node, 0)->shape);
}

static void run(const oct_step *step) {
  const oct_tensor *in = &step->inputs[0], *out = &step->outputs[0];
  size_t count = oct_shape_count(&out->shape);
  for (size_t i = 0; i < count; i++) {
    int64_t integer;
    double real = load(in->data, in->dtype, i, &integer);
    if (!is_float(in->dtype)) real = in->dtype == OCT_U64 ? (double)(uint64_t)integer : (double)integer;
    else if (out->dtype == OCT_BOOL) integer = real != 0;
    else if (!is_float(out->dtype)) integer = truncate(real, out->dtype);
    store(out->data, out->dtype, i, real, integer);
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  oct_dtype from = step->inputs[0].dtype, to = step->outputs[0].dtype;
  if (from == OCT_Q8 || to == OCT_Q8 || from == OCT_NONE || to == OCT_NONE) return oct_prepare_unsupported(context);
  if (from == to) {
    step->view = true;
    step->kernel = "view";
    return OCT_OK;
  }
  step->run = run;
  step->kernel = "cast";
  return OCT_OK;
}

const oct_op_impl oct_op_cast = {infer, prepare};
