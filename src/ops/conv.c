// SPDX-License-Identifier: MIT
//
// CONV: convolution over height and width, in float or integer, dense, grouped or depthwise.
//
// A depthwise convolution runs row by row on kernels of its own; a float one of 3x3 as Winograd has it, where that is
// faster; every other one is a window on a matrix product (linear.h), group by group.
#include <math.h>
#include <string.h>

#include "base/keep.h"
#include "kernels/winograd.h"
#include "ops/elements.h"
#include "ops/linear.h"

static oct_status infer(oct_graph *graph, oct_node *node) {
  oct_conv_sizes sizes;
  OCT_TRY(oct_conv_infer_sizes(graph, node, &sizes));
  int32_t out[2];
  OCT_TRY(oct_infer_window(node, &node->attr.conv.window, sizes.in, sizes.kernel, false, out));
  return oct_conv_infer_output(graph, node, &sizes, out);
}

typedef struct conv_state {
  oct_linear linear;
  oct_window_gemm window;
  oct_winograd winograd;
  oct_dwconv_row row;   // depthwise: what all rows share
  int32_t piece;        // depthwise: outputs a call, so that the scratch stays in the first cache
  size_t group_bytes;   // packed bytes of a group
  size_t padding_at, padding_bytes; // where in the scratch a run makes its padding: of whole sums, and depthwise
} conv_state;

// --- dense and grouped ----------------------------------------------------------------------------------------------

static void pack_panel(const oct_step *step, int32_t panel, void *packed) {
  oct_linear_pack_panel(&((const conv_state *)step->state)->linear, panel, packed);
}

static void pack_gemm(const oct_step *step, void *packed) {
  const conv_state *state = step->state;
  for (int32_t group = 0; group < state->linear.groups; group++) {
    const oct_weights weights = oct_linear_group(&state->linear, group);
    oct_linear_pack(&state->linear, &weights, (uint8_t *)packed + group * state->group_bytes);
  }
}

static void run_gemm(const oct_step *step, oct_part part) {
  const conv_state *state = step->state;
  const oct_linear *linear = &state->linear;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t in_bytes = oct_shape_span(x, 1, 4) * linear->element_bytes;
  const size_t out_bytes = oct_shape_span(y, 1, 4) * linear->element_bytes;
  const size_t in_group = (size_t)linear->weights.k * linear->element_bytes;
  const size_t out_group = (size_t)linear->weights.n * linear->element_bytes;
  for (int32_t image = 0; image < x->dim[0]; image++) {
    const uint8_t *in = (const uint8_t *)step->inputs[0].data + image * in_bytes;
    uint8_t *out = (uint8_t *)step->outputs[0].data + image * out_bytes;
    for (int32_t group = 0; group < linear->groups; group++) {
      const uint8_t *panels = (const uint8_t *)step->packed + group * state->group_bytes;
      oct_window_gemm_run(&state->window, in + group * in_group, panels, out + group * out_group,
                          oct_part_scratch(step, part), part);
    }
  }
}

static void run_gemm_rows(const oct_step *step, const oct_rows *rows) {
  const conv_state *state = step->state;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t in_row = oct_shape_span(x, 2, 4) * state->linear.element_bytes;
  const size_t out_row = oct_shape_span(y, 2, 4) * state->linear.element_bytes;
  for (int32_t begin = rows->begin, end; begin < rows->end; begin = end) {
    const int32_t from = state->window.plain ? begin % rows->in_kept : 0, to = begin % rows->out_kept;
    end = begin + rows->out_kept - to; // where the kept rows begin anew
    if (state->window.plain && end > begin + rows->in_kept - from) end = begin + rows->in_kept - from;
    if (end > rows->end) end = rows->end;
    oct_window_gemm_rows(&state->window, rows->in + from * in_row, step->packed, rows->out + to * out_row, rows->scratch,
                         begin, end);
  }
}

/// Whole sums, of an input whose zero point comes with the run: padding is made of it.
static void run_whole(const oct_step *step) {
  const conv_state *state = step->state;
  const int32_t k = state->linear.weights.k, n = state->linear.weights.n, zero = oct_linear_zero(step, 0);
  const size_t pixels = (size_t)state->window.out_h * state->window.out_w;
  uint8_t *scratch = oct_part_scratch(step, oct_whole());
  oct_window_gemm window = state->window;
  window.padding = memset(scratch + state->padding_at, zero, state->padding_bytes);
  for (int32_t image = 0; image < step->inputs[0].shape.dim[0]; image++) {
    const uint8_t *in = (const uint8_t *)step->inputs[0].data + image * oct_shape_span(&step->inputs[0].shape, 1, 4);
    uint32_t *out = (uint32_t *)step->outputs[0].data + image * pixels * window.out_pixel;
    for (int32_t group = 0; group < state->linear.groups; group++) {
      const uint8_t *panels = (const uint8_t *)step->packed + group * state->group_bytes;
      oct_window_gemm_run(&window, in + group * k, panels, out + group * n, scratch, oct_whole());
      for (size_t i = 0; i < pixels; i++)
        oct_linear_subtract(&window, panels, zero, out + group * n + i * window.out_pixel);
    }
  }
}

static oct_status prepare_gemm(oct_prepare *context, conv_state *state, const int32_t kernel[2]) {
  oct_step *step = context->step;
  const oct_window *attr = &step->node->attr.conv.window;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  oct_linear *linear = &state->linear;
  int32_t(*tap)[2] = oct_plan_alloc(context, (size_t)kernel[0] * kernel[1] * sizeof *tap);
  state->padding_bytes = (size_t)linear->weights.k * kernel[1]; // elements, which are bytes where it matters
  void *padding = oct_linear_padding(context, linear, state->padding_bytes);
  if (!tap || !padding) return OCT_OUT_OF_MEMORY;
  for (int32_t i = 0; i < kernel[0] * kernel[1]; i++) {
    tap[i][0] = i / kernel[1] * attr->dilation[0] - attr->pad_begin[0];
    tap[i][1] = i % kernel[1] * attr->dilation[1] - attr->pad_begin[1];
  }
  oct_window_gemm *window = &state->window;
  *window = oct_linear_window(linear);
  window->in_h = x->dim[1], window->in_w = x->dim[2], window->in_pixel = (size_t)x->dim[3];
  window->tap = (const int32_t(*)[2])tap, window->taps = kernel[0] * kernel[1], window->padding = padding;
  window->merge = attr->dilation[1] == 1 ? kernel[1] : 1;
  window->stride[0] = attr->stride[0], window->stride[1] = attr->stride[1];
  window->out_h = y->dim[1], window->out_w = y->dim[2];
  window->out_pixel = (size_t)y->dim[3], window->out_row = (size_t)y->dim[2] * y->dim[3];
  oct_window_gemm_plan(window, &linear->weights);
  const uint64_t bytes = oct_linear_packed_bytes(linear, &linear->weights);
  state->group_bytes = (size_t)bytes;
  state->padding_at = (oct_window_gemm_scratch_bytes(window) + 15) / 16 * 16;
  if (linear->whole) step->run = run_whole;
  else step->run_part = run_gemm;
  if (!linear->whole && linear->groups == 1) step->run_rows = run_gemm_rows;
  step->reads_image = !window->plain;
  step->pack = pack_gemm;
  step->panels = oct_linear_panels(linear);
  if (step->panels) step->pack_panel = pack_panel;
  return oct_linear_sizes(context, bytes > OCT_MAX_TENSOR_BYTES ? bytes : bytes * linear->groups,
                          state->padding_at + (linear->whole ? state->padding_bytes + OCT_SLACK_BYTES : 0));
}

// --- Winograd -------------------------------------------------------------------------------------------------------

static void pack_winograd(const oct_step *step, void *packed) {
  oct_winograd_pack(&((const conv_state *)step->state)->linear.weights, packed);
}

static void run_winograd(const oct_step *step, oct_part part) {
  const oct_winograd *winograd = &((const conv_state *)step->state)->winograd;
  const size_t tiles = (size_t)oct_winograd_tiles(winograd, step->inputs[0].shape.dim[0]);
  oct_winograd_run(winograd, step->inputs[0].data, step->packed, step->outputs[0].data, oct_part_scratch(step, part),
                   (int32_t)oct_part_begin(part, tiles), (int32_t)oct_part_end(part, tiles));
}

/// Whether the layer is one for Winograd; describes it.
static bool is_winograd(const oct_step *step, conv_state *state, const int32_t kernel[2]) {
  const oct_window *attr = &step->node->attr.conv.window;
  const oct_linear *linear = &state->linear;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  state->winograd = (oct_winograd){.range = &linear->clamp, .k = linear->weights.k, .n = linear->weights.n,
                                   .in_h = x->dim[1], .in_w = x->dim[2], .out_h = y->dim[1], .out_w = y->dim[2],
                                   .top = attr->pad_begin[0], .left = attr->pad_begin[1]};
  for (int i = 0; i < 2; i++) {
    if (kernel[i] != 3 || attr->stride[i] != 1 || attr->dilation[i] != 1) return false;
  }
  return !linear->integer && linear->groups == 1 && oct_winograd_plan(&state->winograd);
}

static oct_status prepare_winograd(oct_prepare *context, conv_state *state) {
  oct_step *step = context->step;
  state->winograd.padding = oct_linear_padding(context, &state->linear, (size_t)state->winograd.k);
  if (!state->winograd.padding) return OCT_OUT_OF_MEMORY;
  step->kernel = "winograd_f32";
  step->run_part = run_winograd;
  step->pack = pack_winograd;
  step->packed_kind |= (uint64_t)1 << 48;
  return oct_linear_sizes(context, oct_winograd_packed_bytes(&state->winograd),
                          oct_winograd_scratch_bytes(&state->winograd));
}

// --- depthwise ------------------------------------------------------------------------------------------------------

static void pack_depthwise(const oct_step *step, void *packed) {
  const conv_state *state = step->state;
  const oct_linear *linear = &state->linear;
  if (linear->integer) oct_dwconv_qs8_pack(&linear->weights, state->row.kh, linear->kernel->machine, packed);
  else oct_dwconv_f32_pack(&linear->weights, packed);
}

/// One output row or two, in pieces. The scratch starts with the row pointers.
static void run_row(const conv_state *state, oct_dwconv_row *row, int32_t out_width, uint8_t *out) {
  for (int32_t x = 0; x < out_width; x += state->piece) {
    row->out_width = out_width - x < state->piece ? out_width - x : state->piece;
    row->x0 = state->row.x0 + x * row->stride;
    row->out = out + x * row->out_stride;
    ((oct_dwconv_fn *)state->linear.kernel->run)(row);
  }
}

static size_t pointer_bytes(const conv_state *state) {
  return (sizeof(void *) * (state->row.kh + state->row.height - 1) + 15) / 16 * 16;
}

static void run_depthwise_rows(const oct_step *step, const oct_rows *of) {
  const conv_state *state = step->state;
  const oct_row_reach *reach = &step->reach;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t row_bytes = state->row.in_stride * x->dim[2];
  const void **rows = of->scratch;
  oct_dwconv_row row = state->row;
  row.panels = step->packed;
  row.rows = rows;
  row.scratch = (uint8_t *)rows + pointer_bytes(state);
  const void *padding = memset((uint8_t *)rows + state->padding_at, state->linear.zero_point, state->padding_bytes);
  for (int32_t oy = of->begin; oy < of->end; oy += row.height) {
    const int32_t to = oy % of->out_kept;
    row.height = oy + 1 < of->end && to + 1 < of->out_kept ? state->row.height : 1;
    for (int32_t i = 0; i < row.kh + row.height - 1; i++) {
      const int32_t iy = oy * reach->stride - reach->before + i * step->node->attr.conv.window.dilation[0];
      rows[i] = iy < 0 || iy >= x->dim[1] ? padding : of->in + iy % of->in_kept * row_bytes;
    }
    run_row(state, &row, y->dim[2], of->out + to * row.out_row);
  }
}

static void run_depthwise(const oct_step *step, oct_part part) {
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  const size_t element_bytes = ((const conv_state *)step->state)->linear.element_bytes;
  const size_t in_bytes = oct_shape_span(x, 1, 4) * element_bytes, out_bytes = oct_shape_span(y, 1, 4) * element_bytes;
  const size_t height = (size_t)y->dim[1], all = (size_t)x->dim[0] * height, end = oct_part_end(part, all);
  for (size_t at = oct_part_begin(part, all), next; at < end; at = next) {
    const size_t image = at / height;
    next = (image + 1) * height < end ? (image + 1) * height : end;
    run_depthwise_rows(step, &(oct_rows){.in = (const uint8_t *)step->inputs[0].data + image * in_bytes,
                                         .out = (uint8_t *)step->outputs[0].data + image * out_bytes,
                                         .in_kept = x->dim[1], .out_kept = y->dim[1],
                                         .begin = (int32_t)(at - image * height), .end = (int32_t)(next - image * height),
                                         .scratch = oct_part_scratch(step, part)});
  }
}

static oct_status prepare_depthwise(oct_prepare *context, conv_state *state, const int32_t kernel[2]) {
  enum { SCRATCH_BYTES = 24 << 10 };
  oct_step *step = context->step;
  const oct_window *attr = &step->node->attr.conv.window;
  const oct_shape *x = &step->inputs[0].shape, *y = &step->outputs[0].shape;
  oct_linear *linear = &state->linear;
  const oct_machine machine = linear->kernel->machine;
  const size_t pixel_bytes = (size_t)x->dim[3] * linear->element_bytes;
  state->row = (oct_dwconv_row){
      .kh = kernel[0], .kw = kernel[1], .stride = attr->stride[1], .dilation = attr->dilation[1], .width = x->dim[2],
      .x0 = -attr->pad_begin[1], .in_stride = pixel_bytes, .out_stride = pixel_bytes,
      .out_row = (size_t)y->dim[2] * pixel_bytes, .channels = x->dim[3],
      .height = linear->integer && attr->stride[0] == 1 && attr->dilation[0] == 1 ? oct_dwconv_qs8_height(machine) : 1,
      .zero_point = linear->zero_point, .range = linear->range};
  // Pieces of a row, for the scratch: as wide as fits, but not so narrow that their edges cost more than they save.
  oct_dwconv_row piece = state->row;
  piece.out_width = y->dim[2] > 0 ? y->dim[2] : 1;
  const oct_weights *weights = &linear->weights;
  const int32_t groups = linear->integer ? oct_dwconv_qs8_groups(weights, kernel[0], machine) : 0;
  while (groups && piece.out_width > 64 && oct_dwconv_qs8_scratch_bytes(&piece, groups, machine) > SCRATCH_BYTES)
    piece.out_width = (piece.out_width + 1) / 2;
  state->piece = piece.out_width;
  step->run_part = run_depthwise;
  step->run_rows = run_depthwise_rows;
  step->pack = pack_depthwise;
  const size_t sums = groups ? oct_dwconv_qs8_scratch_bytes(&piece, groups, machine) : 0;
  state->padding_at = (pointer_bytes(state) + sums + 15) / 16 * 16;
  state->padding_bytes = (size_t)x->dim[2] * pixel_bytes;
  return oct_linear_sizes(context,
                          linear->integer ? oct_dwconv_qs8_packed_bytes(weights, kernel[0], machine)
                                          : oct_dwconv_f32_packed_bytes(weights),
                          state->padding_at + state->padding_bytes + OCT_SLACK_BYTES);
}

// --------------------------------------------------------------------------------------------------------------------

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_conv_attr *attr = &step->node->attr.conv;
  conv_state *state = oct_plan_alloc(context, sizeof *state);
  if (!state) return OCT_OUT_OF_MEMORY;
  oct_linear *linear = &state->linear;
  int32_t kernel[2];
  OCT_TRY(oct_conv_describe_weights(context, linear, kernel));
  if (linear->groups > 1 && linear->weights.k == 1 && linear->weights.n == 1) { // all groups at once
    linear->depthwise = true;
    linear->weights.n = linear->groups;
    linear->groups = 1;
  }
  const oct_node *node = step->node;
  linear->takes_whole = !linear->depthwise && !oct_node_has(node, 2) && !oct_node_clamps(node) &&
                        (!oct_node_has(node, 3) || (oct_is_integer(step->inputs[3].dtype) &&
                                                     oct_shape_count(&step->inputs[3].shape) == 1));
  OCT_TRY(oct_linear_prepare(context, linear));
  step->state = state;
  step->kernel = linear->kernel->name;
  step->macs = (uint64_t)oct_shape_count(&step->outputs[0].shape) * linear->weights.taps * linear->weights.k;
  step->packed_kind = (uint64_t)linear->whole << 40 | (uint64_t)attr->groups << 8 | (uint64_t)attr->weight_layout << 4 | OCT_OP_CONV;
  const oct_window *window = &attr->window;
  step->reach = (oct_row_reach){window->stride[0], window->pad_begin[0], (kernel[0] - 1) * window->dilation[0] + 1};
  if (linear->depthwise) return prepare_depthwise(context, state, kernel);
  return OCT_HAS_FAST(winograd_in_f32) && is_winograd(step, state, kernel) ? prepare_winograd(context, state) : prepare_gemm(context, state, kernel);
}

const oct_op_impl oct_op_conv = {infer, prepare};
