// SPDX-License-Identifier: MIT
//
// CONV_TRANSPOSE: the way back from a strided convolution.
//
// Output pixels whose place modulo the stride is the same see the same kernel taps. Each such phase is an ordinary
// convolution of stride 1 over the input with those taps only, written to every stride-th pixel: nothing is scattered,
// nothing is added twice, and integer sums are requantized once.
//
// One output channel would leave a panel's other columns idle. Where its windows do not overlap, as in what makes masks
// larger, the kernel elements are the columns instead: one product for all phases, whose rows are then put in place.
#include <string.h>

#include "ops/linear.h"
#include "ops/strided.h"

/// Resolves one axis to explicit padding, computed (SAME) or following from a given size; the padding at the end is
/// whatever makes the size right, below zero where the output is larger than what the kernel reaches.
static bool infer_axis(oct_conv_attr *attr, int axis, int64_t in, int64_t kernel, int32_t *size) {
  oct_window *window = &attr->window;
  const int64_t stride = window->stride[axis], dilation = window->dilation[axis];
  if (stride < 1 || dilation < 1 || kernel < 1 || in < 1 || attr->output_padding[axis] < 0) return false;
  const int64_t full = (in - 1) * stride + attr->output_padding[axis] + (kernel - 1) * dilation + 1;
  const bool same = window->pad_mode == OCT_PAD_SAME_UPPER || window->pad_mode == OCT_PAD_SAME_LOWER;
  int64_t out = attr->output_size[axis], begin = window->pad_begin[axis];
  if (window->pad_mode == OCT_PAD_VALID) {
    begin = 0;
    if (out == 0) out = full;
  } else if (same || out != 0) {
    if (out == 0) out = in * stride;
    const int64_t pads = full > out ? full - out : 0;
    begin = window->pad_mode == OCT_PAD_SAME_UPPER ? pads / 2 : pads - pads / 2;
  } else {
    out = full - begin - window->pad_end[axis];
  }
  const int64_t end = full - begin - out;
  if (begin < 0 || begin > INT32_MAX || out < 1 || out > INT32_MAX || end < INT32_MIN || end > INT32_MAX) return false;
  window->pad_begin[axis] = (int32_t)begin;
  window->pad_end[axis] = (int32_t)end;
  attr->output_size[axis] = 0;
  *size = (int32_t)out;
  return true;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  oct_conv_attr *attr = &node->attr.conv;
  oct_conv_sizes sizes;
  OCT_TRY(oct_conv_infer_sizes(graph, node, &sizes));
  int32_t out[2];
  for (int axis = 0; axis < 2; axis++) {
    if (infer_axis(attr, axis, sizes.in[axis], sizes.kernel[axis], &out[axis])) continue;
    return oct_fail(OCT_INVALID_SHAPE, "check the node's kernel, strides, dilations, pads and output size",
                    "%s cannot spread %d pixels with a kernel of %d and stride %d", node->type, (int)sizes.in[axis],
                    (int)sizes.kernel[axis], (int)attr->window.stride[axis]);
  }
  attr->window.pad_mode = OCT_PAD_EXPLICIT;
  OCT_TRY(oct_infer_window_range(node, &attr->window, sizes.kernel));
  return oct_conv_infer_output(graph, node, &sizes, out);
}

/// One phase: output pixels (y + i * stride, x + j * stride).
typedef struct phase {
  oct_window_gemm window;
  int32_t *tap_offset; // of its taps in the weights
  size_t out_offset;   // elements to its first pixel
  size_t group_bytes;  // packed bytes of a group
  bool joined;
} phase;

typedef struct conv_transpose_state {
  oct_linear linear;
  phase *phases;
  int32_t phase_count;
} conv_transpose_state;

static oct_weights phase_weights(const conv_transpose_state *state, const phase *p, int32_t group) {
  oct_weights weights = oct_linear_group(&state->linear, group);
  weights.tap_offset = p->tap_offset;
  weights.taps = p->window.taps;
  weights.joined = p->joined;
  return weights;
}

static void pack(const oct_step *step, void *packed) {
  const conv_transpose_state *state = step->state;
  uint8_t *panels = packed;
  for (int32_t i = 0; i < state->phase_count; i++) {
    for (int32_t group = 0; group < state->linear.groups; group++, panels += state->phases[i].group_bytes) {
      const oct_weights weights = phase_weights(state, &state->phases[i], group);
      oct_linear_pack(&state->linear, &weights, panels);
    }
  }
}

static void run(const oct_step *step, oct_part part) {
  const conv_transpose_state *state = step->state;
  const oct_linear *linear = &state->linear;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t size = (size_t)linear->element_bytes;
  for (int32_t image = 0; image < x->dim[0]; image++) {
    const uint8_t *in = (const uint8_t *)step->inputs[0].data + image * oct_shape_span(x, 1, 4) * size;
    uint8_t *out = (uint8_t *)step->outputs[0].data + image * oct_shape_span(y, 1, 4) * size;
    const uint8_t *panels = step->packed;
    for (int32_t i = 0; i < state->phase_count; i++) {
      const phase *p = &state->phases[i];
      for (int32_t group = 0; group < linear->groups; group++, panels += p->group_bytes) {
        oct_window_gemm_run(&p->window, in + group * linear->weights.k * size, panels,
                            out + (p->out_offset + (size_t)group * linear->weights.n) * size,
                            oct_part_scratch(step, part), part);
      }
    }
  }
}

/// The kernel taps of one axis that phase `at` sees, in the order of the input pixels they read: kernel index and
/// offset of the input pixel. Returns how many.
static int32_t phase_taps(const oct_window *window, int axis, int32_t kernel, int32_t at, int32_t (*taps)[2]) {
  int32_t count = 0;
  for (int32_t k = kernel - 1; k >= 0; k--) {
    const int32_t from = at + window->pad_begin[axis] - k * window->dilation[axis];
    if (from % window->stride[axis] != 0) continue;
    taps[count][0] = k;
    taps[count++][1] = from / window->stride[axis];
  }
  return count;
}

/// Plans phase (py, px). A phase that no tap reaches gets one that reads padding, which adds nothing to the bias.
static oct_status prepare_phase(oct_prepare *context, conv_transpose_state *state, const int32_t kernel[2], int32_t py,
                                int32_t px, const void *padding, phase *p) {
  const oct_step *step = context->step;
  const oct_window *attr = &step->node->attr.conv.window;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  int32_t(*rows)[2] = oct_plan_alloc(context, (size_t)kernel[0] * sizeof *rows);
  int32_t(*columns)[2] = oct_plan_alloc(context, (size_t)kernel[1] * sizeof *columns);
  if (!rows || !columns) return OCT_OUT_OF_MEMORY;
  const int32_t row_count = phase_taps(attr, 0, kernel[0], py, rows);
  const int32_t column_count = phase_taps(attr, 1, kernel[1], px, columns);
  const int32_t taps = row_count * column_count;
  int32_t(*tap)[2] = oct_plan_alloc(context, (size_t)(taps + 1) * sizeof *tap);
  p->tap_offset = oct_plan_alloc(context, (size_t)(taps + 1) * sizeof *p->tap_offset);
  if (!tap || !p->tap_offset) return OCT_OUT_OF_MEMORY;
  tap[0][0] = tap[0][1] = -(1 << 26);
  for (int32_t i = 0; i < taps; i++) {
    const int32_t *row = rows[i / column_count], *column = columns[i % column_count];
    tap[i][0] = row[1];
    tap[i][1] = column[1];
    p->tap_offset[i] = state->linear.weights.tap_offset[row[0] * kernel[1] + column[0]];
  }
  const bool neighbours = column_count > 0 && columns[column_count - 1][1] - columns[0][1] == column_count - 1;
  const size_t pixel = (size_t)y->dim[3], row_elements = (size_t)y->dim[2] * pixel;
  oct_window_gemm *window = &p->window;
  *window = oct_linear_window(&state->linear);
  window->in_h = x->dim[1], window->in_w = x->dim[2], window->in_pixel = (size_t)x->dim[3];
  window->tap = (const int32_t(*)[2])tap, window->taps = taps ? taps : 1, window->padding = padding;
  window->merge = taps && neighbours ? column_count : 1;
  window->stride[0] = window->stride[1] = 1;
  window->out_h = (y->dim[1] - py + attr->stride[0] - 1) / attr->stride[0];
  window->out_w = (y->dim[2] - px + attr->stride[1] - 1) / attr->stride[1];
  window->out_pixel = (size_t)attr->stride[1] * pixel, window->out_row = (size_t)attr->stride[0] * row_elements;
  p->out_offset = py * row_elements + px * pixel;
  oct_weights weights = phase_weights(state, p, 0);
  oct_window_gemm_plan(window, &weights);
  p->joined = weights.joined;
  const uint64_t bytes = oct_linear_packed_bytes(&state->linear, &weights);
  p->group_bytes = bytes > OCT_MAX_TENSOR_BYTES ? OCT_MAX_TENSOR_BYTES + 1 : (size_t)bytes;
  return OCT_OK;
}

// --- one channel whose windows lie side by side ---------------------------------------------------------------------

typedef struct side_by_side_state {
  oct_linear linear;
  oct_window_gemm window; // a row of the input; its columns are the kernel's elements
  oct_strided spread;     // from them to the rows of the output
  size_t row_bytes;       // of a row before it is spread
} side_by_side_state;

static void pack_columns(const oct_step *step, void *packed) {
  const side_by_side_state *state = step->state;
  oct_linear_pack(&state->linear, &state->linear.weights, packed);
}

static void run_rows(const oct_step *step, oct_part part) {
  const side_by_side_state *state = step->state;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t rows = (size_t)x->dim[0] * x->dim[1], size = (size_t)state->linear.element_bytes;
  const size_t in_bytes = oct_shape_span(x, 2, 4) * size, out_bytes = (size_t)(y->dim[1] / x->dim[1]) * y->dim[2] * size;
  uint8_t *row = oct_part_scratch(step, part);
  for (size_t i = oct_part_begin(part, rows); i < oct_part_end(part, rows); i++) {
    oct_window_gemm_run(&state->window, (const uint8_t *)step->inputs[0].data + i * in_bytes, step->packed, row,
                        row + state->row_bytes, oct_whole());
    oct_strided_copy(&state->spread, row, (uint8_t *)step->outputs[0].data + i * out_bytes);
  }
}

static bool is_side_by_side(const oct_step *step, const oct_linear *linear, const int32_t kernel[2]) {
  const oct_window *attr = &step->node->attr.conv.window;
  const oct_weights *weights = &linear->weights;
  for (int axis = 0; axis < 2; axis++) {
    const int32_t in = step->inputs[0].shape.dim[1 + axis], out = step->outputs[0].shape.dim[1 + axis];
    if (kernel[axis] != attr->stride[axis] || (kernel[axis] > 1 && attr->dilation[axis] != 1)) return false;
    if (attr->pad_begin[axis] != 0 || out / kernel[axis] != in || out % kernel[axis] != 0) return false;
  }
  const int32_t last = weights->taps - 1;
  return linear->groups * weights->n == 1 && last > 0 && weights->tap_offset[last] == last * weights->tap_offset[1];
}

static oct_status prepare_side_by_side(oct_prepare *context, const oct_linear *described, const int32_t kernel[2]) {
  static const int32_t here[2] = {0, 0};
  oct_step *step = context->step;
  const oct_shape *x = &step->inputs[0].shape;
  side_by_side_state *state = oct_plan_alloc(context, sizeof *state);
  if (!state) return OCT_OUT_OF_MEMORY;
  oct_linear *linear = &state->linear;
  *linear = *described;
  linear->weights.n = linear->weights.taps, linear->weights.n_stride = linear->weights.tap_offset[1];
  linear->weights.taps = 1;
  OCT_TRY(oct_linear_prepare(context, linear));
  const int32_t width = x->dim[2], columns = linear->weights.n;
  oct_window_gemm *window = &state->window;
  *window = oct_linear_window(linear);
  window->in_h = window->out_h = 1, window->in_w = window->out_w = width, window->in_pixel = (size_t)x->dim[3];
  window->tap = &here, window->taps = window->merge = 1;
  window->stride[0] = window->stride[1] = 1;
  window->out_pixel = (size_t)columns, window->out_row = (size_t)width * columns;
  oct_window_gemm_plan(window, &linear->weights);
  state->row_bytes = (window->out_row * linear->element_bytes + 15) / 16 * 16;
  state->spread = (oct_strided){.rank = 3, .dim = {kernel[0], width, kernel[1]}, .unit = (size_t)linear->element_bytes,
                                .from_stride = {kernel[1], columns, 1},
                                .to_stride = {(ptrdiff_t)width * kernel[1], kernel[1], 1}};
  oct_strided_simplify(&state->spread);
  step->macs = oct_shape_count(x) * (uint64_t)columns;
  step->state = state;
  step->kernel = linear->kernel->name;
  step->packed_kind = UINT64_C(1) << 63 | OCT_OP_CONV_TRANSPOSE;
  step->run_part = run_rows;
  step->pack = pack_columns;
  return oct_linear_sizes(context, oct_linear_packed_bytes(linear, &linear->weights),
                          state->row_bytes + oct_window_gemm_scratch_bytes(window));
}

// --------------------------------------------------------------------------------------------------------------------

static oct_status prepare(oct_prepare *context) {
  enum { MAX_PHASES = 4096 };
  oct_step *step = context->step;
  const oct_conv_attr *attr = &step->node->attr.conv;
  const oct_shape *y = &step->outputs[0].shape;
  conv_transpose_state *state = oct_plan_alloc(context, sizeof *state);
  if (!state) return OCT_OUT_OF_MEMORY;
  oct_linear *linear = &state->linear;
  int32_t kernel[2];
  OCT_TRY(oct_conv_describe_weights(context, linear, kernel));
  if (is_side_by_side(step, linear, kernel)) return prepare_side_by_side(context, linear, kernel);
  OCT_TRY(oct_linear_prepare(context, linear));
  const int32_t rows = attr->window.stride[0] < y->dim[1] ? attr->window.stride[0] : y->dim[1];
  const int32_t columns = attr->window.stride[1] < y->dim[2] ? attr->window.stride[1] : y->dim[2];
  if ((int64_t)rows * columns > MAX_PHASES) {
    return oct_fail(OCT_UNSUPPORTED_MODEL, "resize instead", "%s has strides of %d and %d", step->node->type,
                    (int)attr->window.stride[0], (int)attr->window.stride[1]);
  }
  const void *padding = oct_linear_padding(context, linear, (size_t)linear->weights.k * kernel[1]);
  state->phase_count = rows * columns;
  state->phases = oct_plan_alloc(context, (size_t)state->phase_count * sizeof *state->phases);
  if (!padding || !state->phases) return OCT_OUT_OF_MEMORY;
  uint64_t packed_bytes = 0, scratch_bytes = 0;
  for (int32_t i = 0; i < state->phase_count; i++) {
    phase *p = &state->phases[i];
    OCT_TRY(prepare_phase(context, state, kernel, i / columns, i % columns, padding, p));
    const size_t scratch = oct_window_gemm_scratch_bytes(&p->window);
    if (scratch > scratch_bytes) scratch_bytes = scratch;
    packed_bytes += (uint64_t)p->group_bytes * linear->groups;
    step->macs += (uint64_t)p->window.out_h * p->window.out_w * p->window.taps * linear->weights.k * y->dim[3];
  }
  step->macs *= (uint64_t)y->dim[0];
  step->state = state;
  step->kernel = linear->kernel->name;
  step->packed_kind = (uint64_t)attr->groups << 40 | (uint64_t)(attr->window.pad_begin[0] & 0xffff) << 24 |
                      (uint64_t)(attr->window.pad_begin[1] & 0xffff) << 8 | OCT_OP_CONV_TRANSPOSE;
  step->run_part = run;
  step->pack = pack;
  return oct_linear_sizes(context, packed_bytes, scratch_bytes);
}

const oct_op_impl oct_op_conv_transpose = {infer, prepare};
