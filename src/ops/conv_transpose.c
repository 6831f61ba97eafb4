// SPDX-License-Identifier: MIT
//
// CONV_TRANSPOSE: the way back from a strided convolution.
//
// Output pixels whose place modulo the stride is the same see the same kernel taps. Each such phase is an ordinary
// convolution of stride 1 over the input with those taps only, written to every stride-th pixel: nothing is scattered,
// nothing is added twice, and integer sums are requantized once.
//
// Where windows lie side by side along a row, as in what makes masks and images larger, a row of kernel elements is a row
// of output pixels, neighbours in memory: they are columns of one product. That is the transposed convolution of a
// kernel one pixel wide, with as many times the channels, and the only difference is how the weights are numbered.
// Where the whole kernel gives no more columns than a panel has, it is one product, whose rows are then put in place.
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
} phase;

typedef struct conv_transpose_state {
  oct_linear linear;
  oct_window attr;
  int32_t kernel[2], out[2]; // height and width
  size_t out_pixel;          // channels of an output pixel
  phase *phases;
  int32_t phase_count;
  oct_strided spread; // where the whole kernel is one product: from its rows to those of the output
  size_t row_bytes;   // of such a row
} conv_transpose_state;

static oct_weights phase_weights(const conv_transpose_state *state, const phase *p, int32_t group) {
  oct_weights weights = oct_linear_group(&state->linear, group);
  weights.tap_offset = p->tap_offset;
  weights.taps = p->window.taps;
  weights.joined = p->window.gathered;
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
static oct_status prepare_phase(oct_prepare *context, conv_transpose_state *state, int32_t py, int32_t px,
                                const void *padding, phase *p) {
  const oct_window *attr = &state->attr;
  const oct_shape *x = &context->step->inputs[0].shape;
  const int32_t *kernel = state->kernel;
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
  const size_t pixel = state->out_pixel, row_elements = state->out[1] * pixel;
  oct_window_gemm *window = &p->window;
  *window = oct_linear_window(&state->linear);
  window->in_h = x->dim[1], window->in_w = x->dim[2], window->in_pixel = (size_t)x->dim[3];
  window->tap = (const int32_t(*)[2])tap, window->taps = taps ? taps : 1, window->padding = padding;
  window->merge = taps && neighbours ? column_count : 1;
  window->stride[0] = window->stride[1] = 1;
  window->out_h = (state->out[0] - py + attr->stride[0] - 1) / attr->stride[0];
  window->out_w = (state->out[1] - px + attr->stride[1] - 1) / attr->stride[1];
  window->out_pixel = (size_t)attr->stride[1] * pixel, window->out_row = (size_t)attr->stride[0] * row_elements;
  p->out_offset = py * row_elements + px * pixel;
  oct_weights weights = phase_weights(state, p, 0);
  oct_window_gemm_plan(window, &weights);
  const uint64_t bytes = oct_linear_packed_bytes(&state->linear, &weights);
  p->group_bytes = bytes > OCT_MAX_TENSOR_BYTES ? OCT_MAX_TENSOR_BYTES + 1 : (size_t)bytes;
  return OCT_OK;
}

// --- windows side by side -------------------------------------------------------------------------------------------

static bool is_side_by_side(const conv_transpose_state *state, int axis, int32_t in) {
  const oct_window *attr = &state->attr;
  const int32_t size = state->kernel[axis];
  return size == attr->stride[axis] && (size == 1 || attr->dilation[axis] == 1) && attr->pad_begin[axis] == 0 &&
         state->out[axis] % size == 0 && state->out[axis] / size == in;
}

/// `count` numbers of 32 bits, `times` times; NULL on refusal.
static void *repeat(oct_prepare *context, const void *numbers, int32_t count, int32_t times) {
  const size_t bytes = (size_t)count * 4;
  uint8_t *copies = oct_plan_alloc(context, bytes * times);
  for (int32_t i = 0; copies && i < times; i++) memcpy(copies + i * bytes, numbers, bytes);
  return copies;
}

/// Makes columns of the kernel's, or of all its elements.
static oct_status join_kernel(oct_prepare *context, conv_transpose_state *state, bool whole) {
  oct_weights *weights = &state->linear.weights;
  const int32_t *kernel = state->kernel;
  const int32_t n = weights->n, rows = whole ? 1 : kernel[0], times = kernel[0] / rows * kernel[1];
  int32_t *n_offset = oct_plan_alloc(context, (size_t)times * n * sizeof *n_offset);
  int32_t *tap_offset = oct_plan_alloc(context, (size_t)rows * sizeof *tap_offset);
  if (!n_offset || !tap_offset) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < times * n; i++)
    n_offset[i] = (int32_t)(weights->tap_offset[i / n] + i % n * weights->n_stride);
  for (int32_t i = 0; i < rows; i++) tap_offset[i] = weights->tap_offset[i * kernel[1]];
  if (weights->zero_point && !(weights->zero_point = repeat(context, weights->zero_point, n, times)))
    return OCT_OUT_OF_MEMORY;
  if (weights->bias && !(weights->bias = repeat(context, weights->bias, n, times))) return OCT_OUT_OF_MEMORY;
  if (weights->scale && !(weights->scale = repeat(context, weights->scale, n, times))) return OCT_OUT_OF_MEMORY;
  weights->n_offset = n_offset;
  weights->tap_offset = tap_offset;
  weights->taps = rows;
  weights->n = times * n;
  state->out_pixel *= times;
  for (int axis = whole ? 0 : 1; axis < 2; axis++) {
    state->out[axis] /= kernel[axis];
    state->kernel[axis] = state->attr.stride[axis] = 1;
  }
  return OCT_OK;
}

static void run_rows(const oct_step *step, oct_part part) {
  const conv_transpose_state *state = step->state;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t rows = (size_t)x->dim[0] * x->dim[1], size = (size_t)state->linear.element_bytes;
  const size_t in_bytes = oct_shape_span(x, 2, 4) * size;
  const size_t out_bytes = (size_t)(y->dim[1] / x->dim[1]) * oct_shape_span(y, 2, 4) * size;
  oct_window_gemm window = state->phases[0].window;
  window.in_h = window.out_h = 1;
  uint8_t *row = oct_part_scratch(step, part);
  for (size_t i = oct_part_begin(part, rows); i < oct_part_end(part, rows); i++) {
    oct_window_gemm_run(&window, (const uint8_t *)step->inputs[0].data + i * in_bytes, step->packed, row,
                        row + state->row_bytes, oct_whole());
    oct_strided_copy(&state->spread, row, (uint8_t *)step->outputs[0].data + i * out_bytes);
  }
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
  OCT_TRY(oct_conv_describe_weights(context, linear, state->kernel));
  OCT_TRY(oct_linear_prepare(context, linear));
  state->attr = attr->window;
  state->out[0] = y->dim[1], state->out[1] = y->dim[2], state->out_pixel = (size_t)y->dim[3];
  const oct_shape *x = &step->inputs[0].shape;
  const int32_t height = state->kernel[0], width = state->kernel[1], n = linear->weights.n;
  const bool joined = linear->groups == 1 && width > 1 && is_side_by_side(state, 1, x->dim[2]);
  const bool whole = joined && is_side_by_side(state, 0, x->dim[1]) && height * width * n <= OCT_GEMM_COLUMNS;
  if (joined) OCT_TRY(join_kernel(context, state, whole));
  const oct_window *window = &state->attr;
  const int32_t rows = window->stride[0] < state->out[0] ? window->stride[0] : state->out[0];
  const int32_t columns = window->stride[1] < state->out[1] ? window->stride[1] : state->out[1];
  if ((int64_t)rows * columns > MAX_PHASES) {
    return oct_fail(OCT_UNSUPPORTED_MODEL, "resize instead", "%s has strides of %d and %d", step->node->type,
                    (int)window->stride[0], (int)window->stride[1]);
  }
  const void *padding = oct_linear_padding(context, linear, (size_t)linear->weights.k * state->kernel[1]);
  state->phase_count = rows * columns;
  state->phases = oct_plan_alloc(context, (size_t)state->phase_count * sizeof *state->phases);
  if (!padding || !state->phases) return OCT_OUT_OF_MEMORY;
  uint64_t packed_bytes = 0, scratch_bytes = 0;
  for (int32_t i = 0; i < state->phase_count; i++) {
    phase *p = &state->phases[i];
    OCT_TRY(prepare_phase(context, state, i / columns, i % columns, padding, p));
    const size_t scratch = oct_window_gemm_scratch_bytes(&p->window);
    if (scratch > scratch_bytes) scratch_bytes = scratch;
    packed_bytes += (uint64_t)p->group_bytes * linear->groups;
    step->macs += (uint64_t)p->window.out_h * p->window.out_w * p->window.taps * linear->weights.k * state->out_pixel;
  }
  step->macs *= (uint64_t)y->dim[0];
  step->state = state;
  step->kernel = linear->kernel->name;
  if (whole) {
    state->row_bytes = (x->dim[2] * state->out_pixel * linear->element_bytes + 15) / 16 * 16;
    state->spread = (oct_strided){.rank = 3, .unit = (size_t)linear->element_bytes,
                                  .dim = {height, x->dim[2], width * n},
                                  .from_stride = {width * n, (ptrdiff_t)state->out_pixel, 1},
                                  .to_stride = {(ptrdiff_t)x->dim[2] * width * n, width * n, 1}};
    oct_strided_simplify(&state->spread);
    scratch_bytes += state->row_bytes;
  }
  step->packed_kind = (uint64_t)whole << 62 | (uint64_t)joined << 63 | (uint64_t)attr->groups << 40 |
                      (uint64_t)(attr->window.pad_begin[0] & 0xffff) << 24 |
                      (uint64_t)(attr->window.pad_begin[1] & 0xffff) << 8 | OCT_OP_CONV_TRANSPOSE;
  step->run_part = whole ? run_rows : run;
  step->pack = pack;
  return oct_linear_sizes(context, packed_bytes, scratch_bytes);
}

const oct_op_impl oct_op_conv_transpose = {infer, prepare};
