// SPDX-License-Identifier: MIT
//
// CONCAT along an axis. Inputs of another quantization than the output's pass through a table of 256 bytes.
#include "ops/moves.h"
#include "ops/quantization.h"

#include <math.h>
#include <string.h>

typedef struct part {
  size_t bytes;         // of one row: everything from the axis inwards
  const oct_act *table; // NULL: copied as they are
} part;

typedef struct concat {
  size_t outer, row_bytes;
  oct_lut_q8_fn *lookup;
  part parts[];
} concat;

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, node->input_count > 1 ? node->input_count : 1, OCT_MAX_INPUTS, 1));
  oct_shape shape = oct_input(graph, node, 0)->shape;
  int32_t *axis = &node->attr.concat.axis;
  OCT_TRY(oct_infer_axis(node, *axis, shape.rank, axis));
  int64_t total = 0;
  for (int i = 0; i < node->input_count; i++) {
    const oct_value *x = oct_input(graph, node, i);
    oct_shape other = x->shape;
    if (other.rank == shape.rank) total += other.dim[*axis], other.dim[*axis] = shape.dim[*axis];
    if (!oct_shape_equal(&other, &shape) || total > INT32_MAX) {
      char a[112], b[112];
      return oct_fail(OCT_INVALID_SHAPE, "check the dimensions passed in",
                      "%s cannot join '%s' of shape %s to shape %s along axis %d", node->type, x->name,
                      oct_shape_print(&x->shape, a), oct_shape_print(&shape, b), (int)*axis);
    }
  }
  shape.dim[*axis] = (int32_t)total;
  return oct_infer_moved(graph, node, 0, shape);
}

static void run(const oct_step *step) {
  const concat *self = step->state;
  char *to = step->outputs[0].data;
  for (int i = 0; i < step->node->input_count; i++) {
    const part *part = &self->parts[i];
    const char *from = step->inputs[i].data;
    const size_t rows = from == to || !part->bytes ? 0 : self->outer; // none: it was made there
    for (size_t row = 0; row < rows; row++, from += part->bytes) {
      char *at = to + row * self->row_bytes;
      if (part->table) self->lookup((const oct_act *)from, part->bytes, part->table, (oct_act *)at);
      else memcpy(at, from, part->bytes);
    }
    to += part->bytes;
  }
}

/// TFLite's CONCATENATION of uint8: one product and one rounding, halves away from zero.
static void rescale_table_tflite(const oct_quant *from, const oct_quant *to, oct_act table[256]) {
  float scale = from->scale[0] * (1.0f / to->scale[0]), bias = (float)-from->zero_point[0] * scale;
  for (int32_t q = OCT_ACT_MIN; q <= OCT_ACT_MAX; q++) {
    float y = roundf((float)q * scale + bias) + (float)to->zero_point[0];
    table[(uint8_t)q] = (oct_act)(!(y > OCT_ACT_MIN) ? OCT_ACT_MIN : y > OCT_ACT_MAX ? OCT_ACT_MAX : (int32_t)y);
  }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *out = &step->outputs[0];
  int32_t axis = step->node->attr.concat.axis, count = step->node->input_count;
  concat *self = oct_plan_alloc(context, sizeof *self + (size_t)count * sizeof self->parts[0]);
  if (!self) return OCT_OUT_OF_MEMORY;
  size_t inner = oct_shape_span(&out->shape, axis + 1, out->shape.rank) * oct_dtype_bytes(out->dtype);
  self->lookup = OCT_BEST(lut_q8);
  self->outer = oct_shape_span(&out->shape, 0, axis);
  self->row_bytes = inner * (size_t)out->shape.dim[axis];
  step->joins = self->outer == 1;
  for (int i = 0; i < count; i++) {
    const oct_tensor *x = &step->inputs[i];
    part *part = &self->parts[i];
    part->bytes = inner * (size_t)x->shape.dim[axis];
    if (x->dtype != out->dtype) return oct_prepare_unsupported(context);
    if (!oct_is_q8(x) || !oct_is_q8(out) || oct_quant_same(x->quant, out->quant)) continue;
    oct_act *table = oct_plan_alloc(context, 256);
    if (!table) return OCT_OUT_OF_MEMORY;
    if (context->dialect == OCT_DIALECT_TFLITE) rescale_table_tflite(x->quant, out->quant, table);
    else oct_requantize_table(x->quant, out->quant, table);
    part->table = table;
    step->joins = false;
  }
  step->state = self;
  step->run = run;
  step->kernel = "concat";
  return OCT_OK;
}

const oct_op_impl oct_op_concat = {infer, prepare};
