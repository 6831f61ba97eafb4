// SPDX-License-Identifier: MIT
//
// MATMUL: y = factor * op(a) op(b) + bias, batched; Gemm and FULLY_CONNECTED too.
//
// A constant b is packed once; one that is computed is packed while the step runs, into the scratch. Where all batches
// share one b they are one tall matrix. A transposed a is turned in the scratch. A bias that is no row of columns, or
// is computed, is added afterwards, in float.
//
// With an i32 output the product is of whole numbers: the bytes of a and b, each less its zero point. That of a is
// input 2 then, one for all or one a row, and may be computed.
#include <math.h>
#include <string.h>

#include "ops/elements.h"
#include "ops/linear.h"

/// The product's numbers: batches of a [m, k] times b [k, n].
typedef struct matmul_sizes {
  int32_t m, k, n;
  oct_shape a_batch, b_batch, batch;
} matmul_sizes;

/// All but the last two dimensions.
static oct_shape batch_of(const oct_shape *shape) {
  oct_shape batch = *shape;
  batch.rank = shape->rank > 2 ? shape->rank - 2 : 0;
  return batch;
}

static bool find_sizes(const oct_matmul_attr *attr, const oct_shape *a, const oct_shape *b, matmul_sizes *sizes) {
  if (a->rank < 1 || b->rank < 1) return false;
  const int32_t b_rows = b->rank == 1 ? b->dim[0] : b->dim[b->rank - 2];
  const int32_t b_columns = b->rank == 1 ? 1 : b->dim[b->rank - 1];
  const bool turn_b = attr->transpose_b && b->rank > 1, turn_a = attr->transpose_a && a->rank > 1;
  sizes->n = turn_b ? b_rows : b_columns;
  const int32_t k = turn_b ? b_columns : b_rows;
  sizes->b_batch = batch_of(b);
  if (attr->flatten_a) {
    const size_t count = oct_shape_count(a);
    if (k < 1 || count % (size_t)k != 0 || b->rank > 2) return false;
    sizes->m = (int32_t)(count / (size_t)k);
    sizes->k = k;
    sizes->a_batch = oct_shape_of(0);
  } else {
    const int32_t a_rows = a->rank == 1 ? 1 : a->dim[a->rank - 2], a_columns = a->dim[a->rank - 1];
    sizes->m = turn_a ? a_columns : a_rows;
    sizes->k = turn_a ? a_rows : a_columns;
    sizes->a_batch = batch_of(a);
  }
  return sizes->k == k && k > 0 && sizes->n > 0 &&
         oct_shape_broadcast(&sizes->a_batch, &sizes->b_batch, &sizes->batch) && sizes->batch.rank + 2 <= OCT_MAX_RANK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 2, 4, 1));
  const oct_matmul_attr *attr = &node->attr.matmul;
  const oct_value *a = oct_input(graph, node, 0), *b = oct_input(graph, node, 1), *bias = oct_input(graph, node, 2);
  matmul_sizes sizes;
  if (!find_sizes(attr, &a->shape, &b->shape, &sizes)) {
    char a_text[112], b_text[112];
    return oct_fail(OCT_INVALID_SHAPE, "check the input's shape; the inner dimensions must agree",
                    "%s cannot multiply '%s' of shape %s by '%s' of shape %s", node->type, a->name,
                    oct_shape_print(&a->shape, a_text), b->name, oct_shape_print(&b->shape, b_text));
  }
  oct_shape shape = sizes.batch;
  if (attr->flatten_a && attr->keep_dims) shape = a->shape, shape.rank--;
  else if (attr->flatten_a || a->shape.rank > 1) shape.dim[shape.rank++] = sizes.m;
  if (attr->flatten_a || b->shape.rank > 1) shape.dim[shape.rank++] = sizes.n;
  OCT_TRY(oct_infer_output(graph, node, 0, a->dtype, shape));
  oct_shape together;
  if (bias && (!oct_shape_broadcast(&bias->shape, &shape, &together) ||
               oct_shape_count(&together) != oct_shape_count(&shape))) {
    char bias_text[112], text[112];
    return oct_fail(OCT_INVALID_SHAPE, "the bias must broadcast to the product", "%s adds '%s' of shape %s to %s",
                    node->type, bias->name, oct_shape_print(&bias->shape, bias_text), oct_shape_print(&shape, text));
  }
  return OCT_OK;
}

typedef struct matmul_state {
  oct_linear linear;
  oct_window_gemm window;
  bool turn_a, pack_b, add_bias;
  int32_t batches, *a_index, *b_index; // of each batch: which matrix of a and of b
  size_t b_bytes;                      // packed bytes of one matrix of b
  size_t turned_bytes, packed_at;      // scratch: turned a, then packed b, then the window's
} matmul_state;

static oct_weights batch_weights(const matmul_state *state, const void *b, int32_t index) {
  oct_weights weights = state->linear.weights;
  weights.data = (const uint8_t *)b + (size_t)index * weights.k * weights.n * weights.bytes;
  return weights;
}

static void pack_panel(const oct_step *step, int32_t panel, void *packed) {
  oct_linear_pack_panel(&((const matmul_state *)step->state)->linear, panel, packed);
}

static void pack(const oct_step *step, void *packed) {
  const matmul_state *state = step->state;
  int32_t matrices = 0;
  for (int32_t i = 0; i < state->batches; i++) {
    if (state->b_index[i] >= matrices) matrices = state->b_index[i] + 1;
  }
  for (int32_t i = 0; i < matrices; i++) {
    const oct_weights weights = batch_weights(state, step->inputs[1].data, i);
    oct_linear_pack(&state->linear, &weights, (uint8_t *)packed + i * state->b_bytes);
  }
}

/// [k, m] to [m, k].
static void turn(const uint8_t *from, int32_t k, int32_t m, int32_t bytes, uint8_t *to) {
  for (int32_t row = 0; row < m; row++) {
    for (int32_t column = 0; column < k; column++) {
      const uint8_t *element = from + ((size_t)column * m + row) * bytes;
      if (bytes == 4) memcpy(to, element, 4);
      else *to = *element;
      to += bytes;
    }
  }
}

/// y += bias_factor * bias, broadcast, and the clamp that had to wait for it.
static void add_bias(const oct_step *step, const matmul_state *state) {
  const oct_shape *y = &step->outputs[0].shape, *b = &step->inputs[2].shape;
  const float *bias = step->inputs[2].data, factor = state->linear.bias_factor;
  float *out = step->outputs[0].data;
  const size_t count = oct_shape_count(y);
  for (size_t i = 0; i < count; i++) {
    size_t rest = i, at = 0, stride = 1;
    for (int d = 1; d <= b->rank && d <= y->rank; d++) { // from the last dimension; any more of b are 1
      const int32_t size = b->dim[b->rank - d], place = (int32_t)(rest % (size_t)y->dim[y->rank - d]);
      rest /= (size_t)y->dim[y->rank - d];
      at += (size == 1 ? 0 : (size_t)place) * stride;
      stride *= (size_t)size;
    }
    const float value = out[i] + factor * bias[at];
    out[i] = fminf(fmaxf(value, step->node->clamp_min), step->node->clamp_max);
  }
}

/// A part of every batch; or some whole batches, where an operand is made ready in the scratch.
static void run_part(const oct_step *step, oct_part part) {
  const matmul_state *state = step->state;
  const oct_linear *linear = &state->linear;
  const bool by_batch = state->turn_a || state->pack_b;
  const oct_part batches = by_batch ? part : oct_whole();
  const int32_t first = (int32_t)oct_part_begin(batches, (size_t)state->batches);
  const int32_t last = (int32_t)oct_part_end(batches, (size_t)state->batches);
  const size_t size = (size_t)linear->element_bytes, out_bytes = state->window.out_row * size;
  const size_t a_bytes = (size_t)state->window.out_w * linear->weights.k * size;
  uint8_t *scratch = oct_part_scratch(step, part), *out = step->outputs[0].data;
  for (int32_t i = first; i < last; i++) {
    const uint8_t *a = (const uint8_t *)step->inputs[0].data + state->a_index[i] * a_bytes;
    const uint8_t *panels = step->packed;
    if (state->turn_a) {
      turn(a, linear->weights.k, state->window.out_w, linear->element_bytes, scratch);
      a = scratch;
    }
    if (state->pack_b) {
      panels = scratch + state->turned_bytes;
      const oct_weights weights = batch_weights(state, step->inputs[1].data, state->b_index[i]);
      if (i == first || state->b_index[i] != state->b_index[i - 1]) {
        oct_linear_pack(linear, &weights, scratch + state->turned_bytes);
      }
    } else {
      panels += state->b_index[i] * state->b_bytes;
    }
    oct_window_gemm_run(&state->window, a, panels, out + i * out_bytes, scratch + state->packed_at,
                        by_batch ? oct_whole() : part);
  }
}

static void run(const oct_step *step) {
  const matmul_state *state = step->state;
  run_part(step, oct_whole());
  if (state->add_bias) add_bias(step, state);
}

/// Whole numbers: some rows of each batch.
static void run_whole(const oct_step *step, oct_part part) {
  const matmul_state *state = step->state;
  const size_t rows = (size_t)state->window.out_w, first = oct_part_from(part, rows, OCT_GEMM_ROWS);
  const size_t zeros = oct_node_has(step->node, 3) ? oct_shape_count(&step->inputs[3].shape) : 1;
  oct_window_gemm window = state->window;
  window.in_w = window.out_w = (int32_t)(oct_part_to(part, rows, OCT_GEMM_ROWS) - first);
  window.out_row = window.out_w * window.out_pixel;
  for (int32_t i = 0; i < state->batches; i++) {
    const uint8_t *a = (const uint8_t *)step->inputs[0].data + (state->a_index[i] * rows + first) * window.in_pixel;
    const uint8_t *panels = (const uint8_t *)step->packed + state->b_index[i] * state->b_bytes;
    uint32_t *out = (uint32_t *)step->outputs[0].data + (i * rows + first) * window.out_pixel;
    oct_window_gemm_run(&window, a, panels, out, oct_part_scratch(step, part), oct_whole());
    for (int32_t row = 0; row < window.out_w; row++, out += window.out_pixel) {
      const size_t at = (i * rows + first + (size_t)row) % zeros;
      oct_linear_subtract(&window, panels, oct_linear_zero(step, at), out);
    }
  }
}

/// Whether the step's operands are ones for run_whole: a's zero points, if any, are one for all or one a row.
static bool is_whole(const oct_step *step, const matmul_sizes *sizes) {
  const oct_node *node = step->node;
  if (node->attr.matmul.transpose_a || oct_node_has(node, 2)) return false;
  if (oct_node_clamps(node)) return false;
  if (!oct_node_has(node, 3)) return true;
  const oct_tensor *zero = &step->inputs[3];
  const size_t count = oct_shape_count(&zero->shape), rows = (size_t)sizes->m;
  const bool by_row = zero->shape.rank > 1 && zero->shape.dim[zero->shape.rank - 1] == 1;
  const size_t all = rows * oct_shape_count(&sizes->batch);
  return oct_is_integer(zero->dtype) && (count == 1 || (by_row && (count == rows || count == all)));
}

/// For each batch, which matrix of an operand whose batch dimensions broadcast.
static int32_t *index_batches(oct_prepare *context, const oct_shape *batch, const oct_shape *operand) {
  const size_t count = oct_shape_count(batch);
  int32_t *index = oct_plan_alloc(context, (count + 1) * sizeof *index);
  for (size_t i = 0; index && i < count; i++) {
    size_t rest = i, stride = 1, at = 0;
    for (int d = 1; d <= operand->rank; d++) { // from the last dimension
      const int32_t size = operand->dim[operand->rank - d], whole = batch->dim[batch->rank - d];
      at += (size == 1 ? 0 : rest % (size_t)whole) * stride;
      stride *= (size_t)size;
      rest /= (size_t)whole;
    }
    index[i] = (int32_t)at;
  }
  return index;
}

/// True if the bias is one number, or one for each column, and constant.
static bool is_column_bias(const oct_step *step, int32_t n) {
  const oct_tensor *bias = &step->inputs[2];
  const size_t count = oct_shape_count(&bias->shape);
  return bias->data && (count == 1 || (count == (size_t)n && bias->shape.dim[bias->shape.rank - 1] == n));
}

static oct_status prepare(oct_prepare *context) {
  static const int32_t no_offset[1] = {0}, no_tap[1][2] = {{0, 0}};
  oct_step *step = context->step;
  const oct_matmul_attr *attr = &step->node->attr.matmul;
  const oct_tensor *a = &step->inputs[0], *b = &step->inputs[1];
  matmul_sizes sizes;
  matmul_state *state = oct_plan_alloc(context, sizeof *state);
  if (!state) return OCT_OUT_OF_MEMORY;
  if (!find_sizes(attr, &a->shape, &b->shape, &sizes)) return oct_prepare_unsupported(context); // infer said no already
  const bool turn_b = attr->transpose_b && b->shape.rank > 1, one_b = oct_shape_count(&sizes.b_batch) == 1;
  const bool whole = step->outputs[0].dtype == OCT_I32 && is_whole(step, &sizes);
  oct_linear *linear = &state->linear;
  linear->weights = (oct_weights){.data = b->data, .tap_offset = no_offset, .taps = 1, .k = sizes.k, .n = sizes.n,
                                  .k_stride = turn_b ? 1 : sizes.n, .n_stride = turn_b ? sizes.k : 1};
  linear->groups = 1;
  linear->axis = b->shape.rank - (turn_b || b->shape.rank == 1 ? 2 : 1);
  linear->factor = attr->alpha;
  linear->bias_factor = attr->beta;
  state->turn_a = attr->transpose_a && a->shape.rank > 1 && !attr->flatten_a;
  state->pack_b = !b->data;
  state->add_bias = oct_node_has(step->node, 2) && !is_column_bias(step, sizes.n);
  linear->bias_later = state->add_bias;
  linear->takes_whole = whole;
  OCT_TRY(oct_linear_prepare(context, linear));
  if (linear->integer && state->add_bias) return oct_prepare_unsupported(context);
  if (state->pack_b && !linear->integer && linear->weights.bytes != 4) return oct_prepare_unsupported(context);

  if (one_b && !state->turn_a) { // one tall matrix
    sizes.m *= (int32_t)oct_shape_count(&sizes.batch);
    sizes.a_batch = sizes.b_batch = sizes.batch = oct_shape_of(0);
  }
  state->batches = (int32_t)oct_shape_count(&sizes.batch);
  state->a_index = index_batches(context, &sizes.batch, &sizes.a_batch);
  state->b_index = index_batches(context, &sizes.batch, &sizes.b_batch);
  if (!state->a_index || !state->b_index) return OCT_OUT_OF_MEMORY;
  oct_window_gemm *window = &state->window; // one row of pixels
  *window = oct_linear_window(linear);
  window->in_h = window->out_h = 1, window->in_w = window->out_w = sizes.m;
  window->tap = no_tap, window->taps = window->merge = window->stride[0] = window->stride[1] = 1;
  window->in_pixel = (size_t)sizes.k, window->out_pixel = (size_t)sizes.n, window->out_row = (size_t)sizes.m * sizes.n;
  oct_window_gemm_plan(window, &linear->weights);

  const uint64_t b_bytes = oct_linear_packed_bytes(linear, &linear->weights);
  if (b_bytes > OCT_MAX_TENSOR_BYTES) return oct_linear_sizes(context, b_bytes, 0);
  state->b_bytes = (size_t)b_bytes;
  state->turned_bytes = state->turn_a ? ((size_t)sizes.m * sizes.k * linear->element_bytes + 79) / 16 * 16 : 0;
  state->packed_at = state->turned_bytes + (state->pack_b ? (state->b_bytes + 15) / 16 * 16 : 0);
  step->state = state;
  step->kernel = linear->kernel->name;
  step->macs = (uint64_t)state->batches * sizes.m * sizes.k * sizes.n;
  step->packed_kind = (uint64_t)whole << 9 | (uint64_t)turn_b << 8 | OCT_OP_MATMUL;
  if (whole) step->run_part = run_whole;
  else if (state->add_bias || ((state->turn_a || state->pack_b) && state->batches == 1)) step->run = run;
  else step->run_part = run_part;
  step->pack = state->pack_b ? NULL : pack;
  if (one_b && b->data) step->panels = oct_linear_panels(linear);
  if (step->panels) step->pack_panel = pack_panel;
  return oct_linear_sizes(context, state->pack_b ? 0 : b_bytes * oct_shape_count(&sizes.b_batch),
                          (uint64_t)state->packed_at + oct_window_gemm_scratch_bytes(window));
}

const oct_op_impl oct_op_matmul = {infer, prepare};
