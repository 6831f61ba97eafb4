// SPDX-License-Identifier: MIT
//
// The table of TFLite operators, and the translate functions of quantization, products, reductions and what is alone of
// its kind; the others are in tflite_elementwise.c, tflite_moves.c, tflite_pick.c, tflite_window.c and
// tflite_lstm.c. Slots are those of the operator's options table in the schema.
#include "base/keep.h"
#include "formats/flexbuffer.h"
#include "formats/formats.h"
#include "formats/tflite.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define TFLITE_OP(name, translate, op, kind, notes) OCT_TFLITE_TRANSLATE(translate);
#define TFLITE_MISSING(name)
#define TFLITE_CUSTOM TFLITE_OP
#include "formats/tflite_ops.inc"
#undef TFLITE_OP
#undef TFLITE_MISSING
#undef TFLITE_CUSTOM

static const oct_tflite_operator operators[] = {
#define TFLITE_OP(name, translate, op, kind, notes) {#name, OCT_KEEP_READER(tflite_##translate), OCT_OP_##op, kind},
#define TFLITE_MISSING(name) {#name, NULL, OCT_OP_COUNT, 0},
#define TFLITE_CUSTOM(name, translate, op, kind, notes)
#include "formats/tflite_ops.inc"
#undef TFLITE_OP
#undef TFLITE_MISSING
#undef TFLITE_CUSTOM
};

static const oct_tflite_operator custom[] = {
#define TFLITE_OP(name, translate, op, kind, notes)
#define TFLITE_MISSING(name)
#define TFLITE_CUSTOM(name, translate, op, kind, notes) {#name, OCT_KEEP_READER(tflite_##translate), OCT_OP_##op, kind},
#include "formats/tflite_ops.inc"
#undef TFLITE_OP
#undef TFLITE_MISSING
#undef TFLITE_CUSTOM
};

enum { BUILTINS = sizeof operators / sizeof *operators, CUSTOMS = sizeof custom / sizeof *custom };
static bool used[BUILTINS + CUSTOMS]; // for reports: see oct_tflite_listed

const char *oct_tflite_listed(size_t index, bool *is_used) {
  if (index >= BUILTINS + CUSTOMS) return NULL;
  *is_used = used[index];
  return index < BUILTINS ? operators[index].name : custom[index - BUILTINS].name;
}

const oct_tflite_operator *oct_tflite_operator_find(int32_t code) {
  if (code < 0 || code >= BUILTINS) return NULL;
  used[code] = true;
  return &operators[code];
}

const oct_tflite_operator *oct_tflite_custom_find(const char *name, size_t length) {
  for (size_t i = 0; i < CUSTOMS; i++)
    if (strlen(custom[i].name) == length && !memcmp(custom[i].name, name, length))
      return used[BUILTINS + i] = true, &custom[i];
  return NULL;
}

// --- quantization ----------------------------------------------------------------------------------------------------

/// A constant is what it becomes: float16 was widened, int8 is dequantized.
OCT_TFLITE_TRANSLATE(dequantize) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_tflite_tensor *from = oct_tflite_input(reader, node, 0), *to = oct_tflite_output(reader, node, 0);
  oct_value_id value;
  if (!from->data || from->quant) {
    OCT_TRY(oct_tflite_weights(reader, from, OCT_Q8, &value));
    return oct_tflite_emit(reader, node, OCT_OP_DEQUANTIZE, 1, &value) ? OCT_OK : oct_tflite_failure();
  }
  if (from->dtype != OCT_F16) return oct_tflite_refuse(node, "reads a constant that is not quantized");
  OCT_TRY(oct_tflite_value(reader, from, &value));
  if (to->value != OCT_NO_VALUE || to->data) return oct_tflite_define(reader, to); // made twice: fails
  to->value = value;
  return OCT_OK;
}

/// From one quantization to the same one (int8 to uint8) nothing is to be done: a Q8 value has no sign of its own. To
/// int16 it is the float, which is rounded then.
OCT_TFLITE_TRANSLATE(quantize) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id from;
  oct_tflite_tensor *tensor = oct_tflite_input(reader, node, 0), *to = oct_tflite_output(reader, node, 0);
  OCT_TRY(oct_tflite_value(reader, tensor, &from));
  OCT_TRY(oct_tflite_define(reader, to));
  if (to->dtype == OCT_I16 && to->quant) return oct_tflite_float(reader, tensor, &to->value);
  const oct_value *x = &reader->graph->values[from], *y = &reader->graph->values[to->value];
  if (y->dtype != OCT_Q8) return oct_tflite_refuse(node, "goes to a type other than quantized int8 and uint8");
  bool same = x->dtype == OCT_Q8 && x->quant->scale[0] == y->quant->scale[0] &&
              x->quant->zero_point[0] == y->quant->zero_point[0];
  to->value = OCT_NO_VALUE;
  if (same) return to->value = from, OCT_OK;
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_QUANTIZE, 1, &from);
  if (!made) return oct_tflite_failure();
  made->attr.quantize.fixed = tensor->dtype != to->dtype;
  return OCT_OK;
}

// --- products --------------------------------------------------------------------------------------------------------

/// Options: 0 fused activation, 1 weights format, 2 keep dimensions.
OCT_TFLITE_TRANSLATE(fully_connected) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  if (oct_fb_u8(&reader->file, node->options, 1, 0)) return oct_tflite_refuse(node, "has shuffled weights");
  oct_value_id inputs[3];
  const oct_shape *w = &oct_tflite_input(reader, node, 1)->shape;
  int32_t row = w->rank == 2 && w->dim[1] > 0 ? w->dim[1] : OCT_TFLITE_EXACT;
  OCT_TRY(oct_tflite_product(reader, node, 0, 1, 2, row, inputs));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_MATMUL, 3, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_b = true,
                                        .alpha = 1,
                                        .beta = 1,
                                        .flatten_a = true,
                                        .keep_dims = oct_fb_u8(&reader->file, node->options, 2, 0) != 0};
  return oct_tflite_fuse(node, made, oct_fb_u8(&reader->file, node->options, 0, 0));
}

/// Options: 0 and 1 adjoint x and y. A computed y of Q8 is packed as the int8 weights that it is, while the step runs.
OCT_TFLITE_TRANSLATE(batch_matmul) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  oct_value_id inputs[3];
  bool turn_x = oct_fb_u8(&reader->file, node->options, 0, 0) != 0;
  const oct_shape *x = &oct_tflite_input(reader, node, 0)->shape;
  int32_t row = x->rank > 0 && x->dim[x->rank - 1] > 0 && !turn_x ? x->dim[x->rank - 1] : OCT_TFLITE_EXACT;
  OCT_TRY(oct_tflite_product(reader, node, 0, 1, 2, row, inputs));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_MATMUL, 2, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.matmul = (oct_matmul_attr){.transpose_a = turn_x,
                                        .transpose_b = oct_fb_u8(&reader->file, node->options, 1, 0) != 0,
                                        .alpha = 1,
                                        .beta = 1};
  return OCT_OK;
}

/// LOG_SOFTMAX of quantized tensors goes through floats.
OCT_TFLITE_TRANSLATE(softmax) {
  oct_softmax_kind kind = (oct_softmax_kind)node->operator->kind;
  oct_value_id x;
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  if (kind == OCT_SOFTMAX) OCT_TRY(oct_tflite_value(reader, oct_tflite_input(reader, node, 0), &x));
  else OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, 0), &x));
  oct_node *made = kind == OCT_SOFTMAX ? oct_tflite_emit(reader, node, OCT_OP_SOFTMAX, 1, &x)
                                       : oct_tflite_emit_float(reader, node, OCT_OP_SOFTMAX, 1, &x);
  if (!made) return oct_tflite_failure();
  float beta = kind == OCT_SOFTMAX ? oct_fb_f32(&reader->file, node->options, 0, 0) : 1;
  made->attr.softmax = (oct_softmax_attr){.axis = -1, .beta = beta, .kind = kind};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(reduce) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.reduce = (oct_reduce_attr){.kind = (oct_reduce_kind)node->operator->kind,
                                        .keep_dims = oct_fb_u8(&reader->file, node->options, 0, 0) != 0};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(arg_max) {
  int32_t axis;
  if (!oct_tflite_constant_int(reader, node, 1, &axis))
    return oct_tflite_refuse(node, "has an axis that is not a constant");
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 1);
  if (!made) return oct_tflite_failure();
  oct_dtype to = oct_tflite_output(reader, node, 0)->dtype;
  made->attr.arg_max = (oct_arg_max_attr){.axis = axis, .minimum = node->operator->kind != 0, .to = to};
  return OCT_OK;
}

// --- detection -------------------------------------------------------------------------------------------------------

static int32_t whole(double number) { return number >= 0 && number <= INT32_MAX ? (int32_t)number : -1; }

/// Inputs: boxes, scores, anchors, in float or quantized. Options: a flexbuffer.
OCT_TFLITE_TRANSLATE(detection) {
  oct_value_id inputs[3];
  OCT_TRY(oct_tflite_needs(reader, node, 3));
  for (int i = 0; i < 3; i++) OCT_TRY(oct_tflite_float(reader, oct_tflite_input(reader, node, i), &inputs[i]));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_DETECTION, 3, inputs);
  if (!made) return oct_tflite_failure();
  const uint8_t *bytes = reader->file.data + node->custom.at;
  size_t size = node->custom.count;
#define OPTION(name, fallback) oct_flex_number(bytes, size, name, fallback)
  made->attr.detection = (oct_detection_attr){
      .classes = whole(OPTION("num_classes", 0)),
      .max_detections = whole(OPTION("max_detections", 0)),
      .max_classes = whole(OPTION("max_classes_per_detection", 0)),
      .per_class = whole(OPTION("detections_per_class", 100)),
      .score_threshold = (float)OPTION("nms_score_threshold", 0),
      .overlap_threshold = (float)OPTION("nms_iou_threshold", 0),
      .scale = {(float)OPTION("y_scale", 0), (float)OPTION("x_scale", 0), (float)OPTION("h_scale", 0),
                (float)OPTION("w_scale", 0)},
      .regular = OPTION("use_regular_nms", 0) != 0};
#undef OPTION
  return OCT_OK;
}
