// SPDX-License-Identifier: MIT
//
// RECURRENT: RNN, GRU and LSTM, in float.
//
// The products of all steps with w are one matrix product, made first; what is left for each step is the product of
// the state with r, for all of the batch, and the gates. A sequence shorter than the others stops early: its state
// stays, and what it gives from there on is zero. Backwards it begins at its own end.
//
// Weights that are constant are packed once, computed ones when the step begins, in the scratch. A GRU's r is packed in
// two parts, since the candidate's product may have to wait for the reset gate.
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "ops/op.h"

enum { X, W, R, BIAS, LENGTHS, START_H, START_C, PEEPHOLES };
enum { MAX_GATES = 4, MAX_PARTS = 2 };

typedef struct recurrent {
  oct_recurrent_attr attr;
  int32_t time, batch, in, hidden, gates, directions;
  size_t x_time, x_batch, y_time, y_direction, y_batch, state_direction, state_batch; // strides in elements
  const oct_kernel *gemm, *unary;
  size_t w_bytes, r_bytes[MAX_PARTS], direction_bytes; // packed
  int32_t r_columns[MAX_PARTS], parts;
  size_t packed_at, sums_at, r_sums_at, h_at, c_at, reset_at; // scratch, in bytes
} recurrent;

/// Pointers of one direction while it runs.
typedef struct pass {
  const recurrent *self;
  const oct_step *step;
  const uint8_t *panels;
  const float *bias, *peepholes; // or NULL
  float *sums, *r_sums, *h, *c, *reset;
  int32_t direction;
} pass;

static const float *floats(const oct_step *step, int input) {
  return oct_node_has(step->node, input) ? step->inputs[input].data : NULL;
}

// --- shapes ----------------------------------------------------------------------------------------------------------

static int32_t gates_of(oct_recurrent_kind kind) { return kind == OCT_LSTM ? 4 : kind == OCT_GRU ? 3 : 1; }

/// Fails unless input `index`, if it is there, has the shape.
static oct_status check(const oct_graph *graph, const oct_node *node, int index, oct_dtype dtype, oct_shape shape) {
  const oct_value *value = oct_input(graph, node, index);
  if (!value || (oct_shape_equal(&value->shape, &shape) && value->dtype == dtype)) return OCT_OK;
  char text[112], wanted[112];
  return oct_fail(OCT_INVALID_MODEL, "the model file contradicts itself; export it again",
                  "%s takes '%s' as %s %s, not as %s %s", node->type, value->name, oct_dtype_name(dtype),
                  oct_shape_print(&shape, wanted), oct_dtype_name(value->dtype),
                  oct_shape_print(&value->shape, text));
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 8, 0));
  const oct_recurrent_attr *attr = &node->attr.recurrent;
  const oct_value *x = oct_input(graph, node, X), *r = oct_input(graph, node, R);
  const int32_t gates = gates_of(attr->kind), directions = attr->both ? 2 : 1;
  if (x->shape.rank != 3 || r->shape.rank != 3 || r->shape.dim[2] < 1)
    return oct_fail(OCT_INVALID_SHAPE, "give it a sequence of batches of features",
                    "%s takes '%s' and '%s' with 3 dimensions", node->type, x->name, r->name);
  const int32_t time = x->shape.dim[attr->batch_first], batch = x->shape.dim[!attr->batch_first];
  const int32_t in = x->shape.dim[2], hidden = r->shape.dim[2];
  if (hidden > INT32_MAX / (2 * MAX_GATES) || in < 1)
    return oct_fail(OCT_INVALID_MODEL, "make it smaller", "%s has %d features and a state of %d", node->type, (int)in,
                    (int)hidden);
  const oct_shape state = attr->batch_first ? oct_shape_of(3, batch, directions, hidden)
                                            : oct_shape_of(3, directions, batch, hidden);
  OCT_TRY(check(graph, node, X, OCT_F32, x->shape));
  OCT_TRY(check(graph, node, W, OCT_F32, oct_shape_of(3, directions, gates * hidden, in)));
  OCT_TRY(check(graph, node, R, OCT_F32, oct_shape_of(3, directions, gates * hidden, hidden)));
  OCT_TRY(check(graph, node, BIAS, OCT_F32, oct_shape_of(2, directions, 2 * gates * hidden)));
  OCT_TRY(check(graph, node, LENGTHS, OCT_I32, oct_shape_of(1, batch)));
  OCT_TRY(check(graph, node, START_H, OCT_F32, state));
  OCT_TRY(check(graph, node, START_C, OCT_F32, state));
  OCT_TRY(check(graph, node, PEEPHOLES, OCT_F32, oct_shape_of(2, directions, 3 * hidden)));
  const oct_shape y = attr->batch_first ? oct_shape_of(4, batch, time, directions, hidden)
                                        : oct_shape_of(4, time, directions, batch, hidden);
  for (int i = 0; i < node->output_count; i++)
    if (node->outputs[i] != OCT_NO_VALUE) OCT_TRY(oct_infer_output(graph, node, i, OCT_F32, i ? state : y));
  return OCT_OK;
}

// --- products --------------------------------------------------------------------------------------------------------

/// The weights that make `columns` gates' sums from `k` numbers, from row `row` of [rows, k] on.
static oct_weights weights_of(const float *data, int32_t k, int32_t row, int32_t columns) {
  static const int32_t no_offset[1] = {0};
  return (oct_weights){.data = data ? data + (size_t)row * k : NULL, .bytes = 4, .tap_offset = no_offset, .taps = 1,
                       .k = k, .n = columns, .k_stride = 1, .n_stride = k};
}

/// First row of a part of r.
static int32_t part_row(const recurrent *self, int part) { return part ? self->r_columns[0] : 0; }

static void pack(const oct_step *step, void *packed) {
  const recurrent *self = step->state;
  const int32_t rows = self->gates * self->hidden;
  uint8_t *to = packed;
  for (int32_t d = 0; d < self->directions; d++) {
    const float *w = floats(step, W) + (size_t)d * rows * self->in, *r = floats(step, R) + (size_t)d * rows * self->hidden;
    const oct_weights input = weights_of(w, self->in, 0, rows);
    oct_gemm_f32_pack(&input, to);
    to += self->w_bytes;
    for (int p = 0; p < self->parts; p++) {
      const oct_weights part = weights_of(r, self->hidden, part_row(self, p), self->r_columns[p]);
      oct_gemm_f32_pack(&part, to);
      to += self->r_bytes[p];
    }
  }
}

/// out [rows, n] = the rows, each k floats, times the panels.
static void multiply(const recurrent *self, const void *const *rows, int32_t count, int32_t k, int32_t n,
                     const void *panels, float *out, int32_t out_columns) {
  static const oct_clamp_f32 all = {{-INFINITY, -INFINITY, -INFINITY, -INFINITY},
                                    {INFINITY, INFINITY, INFINITY, INFINITY}};
  const oct_gemm_tile tile = {.rows = rows, .m = count, .taps = 1, .k = k, .n = n, .panels = panels, .out = out,
                              .out_stride = (size_t)out_columns * sizeof(float), .range = &all};
  OCT_KERNEL_FN(gemm_f32, self->gemm)(&tile);
}

static void multiply_inputs(const pass *pass) {
  const recurrent *self = pass->self;
  const int32_t columns = self->gates * self->hidden, total = self->time * self->batch;
  const float *x = pass->step->inputs[X].data;
  const void *rows[OCT_GEMM_ROWS];
  for (int32_t first = 0; first < total; first += OCT_GEMM_ROWS) {
    const int32_t count = total - first < OCT_GEMM_ROWS ? total - first : OCT_GEMM_ROWS;
    for (int32_t i = 0; i < count; i++) {
      const int32_t t = (first + i) / self->batch, b = (first + i) % self->batch;
      rows[i] = x + t * self->x_time + b * self->x_batch;
    }
    multiply(self, rows, count, self->in, columns, pass->panels, pass->sums + (size_t)first * columns, columns);
  }
}

/// Part `part` of the state's products: into the gates' places in r_sums.
static void multiply_state(const pass *pass, const float *state, int part) {
  const recurrent *self = pass->self;
  const int32_t columns = self->gates * self->hidden;
  const uint8_t *panels = pass->panels + self->w_bytes + (part ? self->r_bytes[0] : 0);
  const void *rows[OCT_GEMM_ROWS];
  for (int32_t first = 0; first < self->batch; first += OCT_GEMM_ROWS) {
    const int32_t count = self->batch - first < OCT_GEMM_ROWS ? self->batch - first : OCT_GEMM_ROWS;
    for (int32_t i = 0; i < count; i++) rows[i] = state + (size_t)(first + i) * self->hidden;
    multiply(self, rows, count, self->hidden, self->r_columns[part], panels,
             pass->r_sums + (size_t)first * columns + part_row(self, part), columns);
  }
}

// --- gates -----------------------------------------------------------------------------------------------------------

static float activated(oct_activation kind, float x, float alpha, float beta) {
  switch (kind) {
    case OCT_ACTIVATION_TANH: return tanhf(x);
    case OCT_ACTIVATION_RELU: return x < 0 ? 0 : x;
    case OCT_ACTIVATION_AFFINE: return alpha * x + beta;
    case OCT_ACTIVATION_LEAKY_RELU: return x < 0 ? alpha * x : x;
    case OCT_ACTIVATION_THRESHOLDED_RELU: return x < alpha ? 0 : x;
    case OCT_ACTIVATION_SCALED_TANH: return alpha * tanhf(beta * x);
    case OCT_ACTIVATION_HARD_SIGMOID: return fminf(fmaxf(alpha * x + beta, 0), 1);
    case OCT_ACTIVATION_ELU: return x < 0 ? alpha * (expf(x) - 1) : x;
    case OCT_ACTIVATION_SOFTSIGN: return x / (1 + fabsf(x));
    case OCT_ACTIVATION_SOFTPLUS: return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
    default: return x;
  }
}

/// Clips to -clip..clip if that is above 0, then activates, in place, with the direction's function `which`.
static void activate(const pass *pass, int which, float *x, float clip) {
  const recurrent *self = pass->self;
  const int at = 3 * pass->direction + which;
  const float alpha = self->attr.alpha[at], beta = self->attr.beta[at];
  const size_t count = (size_t)self->hidden;
  const oct_activation kind = (oct_activation)self->attr.activation[at];
  if (clip > 0) OCT_KERNEL_FN(unary_f32, self->unary)(OCT_CLIP_F32, x, count, -clip, clip, x);
  if (kind == OCT_ACTIVATION_SIGMOID) OCT_KERNEL_FN(unary_f32, self->unary)(OCT_SIGMOID_F32, x, count, 0, 0, x);
  else for (size_t i = 0; i < count; i++) x[i] = activated(kind, x[i], alpha, beta);
}

/// sums[gate] += the state's product and both biases.
static void add_sums(const pass *pass, float *sums, const float *r_sums, int gate) {
  const int32_t hidden = pass->self->hidden, at = gate * hidden;
  const float *w_bias = pass->bias ? pass->bias + at : NULL;
  const float *r_bias = w_bias ? w_bias + pass->self->gates * hidden : NULL;
  for (int32_t i = 0; i < hidden; i++) sums[at + i] += r_sums[at + i] + (w_bias ? w_bias[i] + r_bias[i] : 0);
}

static void peep(const pass *pass, float *sums, int gate, const float *c) {
  if (!pass->peepholes) return;
  const int32_t hidden = pass->self->hidden;
  for (int32_t i = 0; i < hidden; i++) sums[gate * hidden + i] += pass->peepholes[gate * hidden + i] * c[i];
}

static void lstm(const pass *pass, float *sums, const float *r_sums, float *h, float *c) {
  enum { INPUT, OUTPUT, FORGET, CELL };
  const int32_t hidden = pass->self->hidden;
  const float clip = pass->self->attr.clip;
  for (int gate = 0; gate < 4; gate++) add_sums(pass, sums, r_sums, gate);
  float *i_gate = sums, *o_gate = sums + hidden, *f_gate = sums + 2 * hidden, *cell = sums + 3 * hidden;
  peep(pass, sums, INPUT, c);
  peep(pass, sums, FORGET, c);
  activate(pass, 0, i_gate, clip);
  if (pass->self->attr.couple) for (int32_t i = 0; i < hidden; i++) f_gate[i] = 1 - i_gate[i];
  else activate(pass, 0, f_gate, clip);
  activate(pass, 1, cell, clip);
  for (int32_t i = 0; i < hidden; i++) c[i] = f_gate[i] * c[i] + i_gate[i] * cell[i];
  const float most = pass->self->attr.cell_clip;
  for (int32_t i = 0; most > 0 && i < hidden; i++) c[i] = fminf(fmaxf(c[i], -most), most);
  peep(pass, sums, OUTPUT, c);
  activate(pass, 0, o_gate, clip);
  memcpy(cell, c, (size_t)hidden * sizeof *cell);
  activate(pass, 2, cell, 0);
  for (int32_t i = 0; i < hidden; i++) h[i] = o_gate[i] * cell[i];
}

/// z and r are summed already; the candidate is what they let through.
static void gru(const pass *pass, float *sums, const float *r_sums, float *h) {
  const int32_t hidden = pass->self->hidden;
  const float *z = sums, *r = sums + hidden;
  float *candidate = sums + 2 * hidden;
  const float *w_bias = pass->bias ? pass->bias + 2 * hidden : NULL, *r_bias = w_bias ? w_bias + 3 * hidden : NULL;
  for (int32_t i = 0; i < hidden; i++) {
    const float product = r_sums[2 * hidden + i] + (r_bias ? r_bias[i] : 0);
    candidate[i] += (pass->self->attr.linear_before_reset ? r[i] * product : product) + (w_bias ? w_bias[i] : 0);
  }
  activate(pass, 1, candidate, pass->self->attr.clip);
  for (int32_t i = 0; i < hidden; i++) h[i] = (1 - z[i]) * candidate[i] + z[i] * h[i];
}

// --- running ---------------------------------------------------------------------------------------------------------

static int32_t length_of(const pass *pass, int32_t b) {
  if (!oct_node_has(pass->step->node, LENGTHS)) return pass->self->time;
  const int32_t length = ((const int32_t *)pass->step->inputs[LENGTHS].data)[b];
  return length < 0 ? 0 : length > pass->self->time ? pass->self->time : length;
}

/// The sums of batch b at its step s, and when that is; NULL when it has ended.
static float *sums_at(const pass *pass, int32_t s, int32_t b, int32_t *t) {
  const recurrent *self = pass->self;
  const int32_t length = length_of(pass, b);
  const bool backwards = self->attr.reverse || pass->direction == 1;
  if (s >= length) return NULL;
  *t = backwards ? length - 1 - s : s;
  return pass->sums + ((size_t)*t * self->batch + b) * self->gates * self->hidden;
}

/// The gates of a GRU that come before its candidate, and the state that the reset gate lets through.
static void open_gru(const pass *pass, int32_t s) {
  const recurrent *self = pass->self;
  const int32_t hidden = self->hidden;
  for (int32_t b = 0, t; b < self->batch; b++) {
    float *sums = sums_at(pass, s, b, &t), *reset = pass->reset + (size_t)b * hidden;
    const float *h = pass->h + (size_t)b * hidden;
    if (!sums) continue;
    for (int gate = 0; gate < 2; gate++) {
      add_sums(pass, sums, pass->r_sums + (size_t)b * 3 * hidden, gate);
      activate(pass, 0, sums + gate * hidden, self->attr.clip);
    }
    for (int32_t i = 0; i < hidden; i++) reset[i] = self->attr.linear_before_reset ? h[i] : sums[hidden + i] * h[i];
  }
  multiply_state(pass, pass->reset, 1);
}

static void run_step(const pass *pass, int32_t s, float *y) {
  const recurrent *self = pass->self;
  const int32_t hidden = self->hidden;
  multiply_state(pass, pass->h, 0);
  if (self->attr.kind == OCT_GRU) open_gru(pass, s);
  for (int32_t b = 0, t; b < self->batch; b++) {
    float *sums = sums_at(pass, s, b, &t), *h = pass->h + (size_t)b * hidden, *c = pass->c + (size_t)b * hidden;
    const float *r_sums = pass->r_sums + (size_t)b * self->gates * hidden;
    if (!sums) continue;
    if (self->attr.kind == OCT_LSTM) {
      lstm(pass, sums, r_sums, h, c);
    } else if (self->attr.kind == OCT_GRU) {
      gru(pass, sums, r_sums, h);
    } else {
      add_sums(pass, sums, r_sums, 0);
      activate(pass, 0, sums, self->attr.clip);
      memcpy(h, sums, (size_t)hidden * sizeof *h);
    }
    if (y) memcpy(y + t * self->y_time + b * self->y_batch, h, (size_t)hidden * sizeof *y);
  }
}

/// Copies the state of a direction from or to a tensor, or zeroes it.
static void move_state(const pass *pass, float *state, float *tensor, bool load) {
  const recurrent *self = pass->self;
  const size_t bytes = (size_t)self->hidden * sizeof *state;
  for (int32_t b = 0; b < self->batch; b++) {
    float *own = state + (size_t)b * self->hidden;
    float *other = tensor ? tensor + pass->direction * self->state_direction + b * self->state_batch : NULL;
    if (!load && other) memcpy(other, own, bytes);
    else if (other) memcpy(own, other, bytes);
    else if (load) memset(own, 0, bytes);
  }
}

static void run(const oct_step *step) {
  const recurrent *self = step->state;
  const oct_node *node = step->node;
  uint8_t *scratch = step->scratch;
  const uint8_t *packed = step->packed;
  const int32_t rows = self->gates * self->hidden;
  float *outputs[3] = {0};
  for (int i = 0; i < node->output_count && i < 3; i++) outputs[i] = step->outputs[i].data;
  if (!packed) pack(step, scratch + self->packed_at), packed = scratch + self->packed_at;
  if (outputs[0]) memset(outputs[0], 0, oct_tensor_bytes(&step->outputs[0]));
  for (int32_t d = 0; d < self->directions; d++) {
    const float *bias = floats(step, BIAS), *peepholes = floats(step, PEEPHOLES);
    const pass pass = {
        .self = self, .step = step, .panels = packed + d * self->direction_bytes, .direction = d,
        .bias = bias ? bias + (size_t)d * 2 * rows : NULL,
        .peepholes = peepholes ? peepholes + (size_t)d * 3 * self->hidden : NULL,
        .sums = (float *)(scratch + self->sums_at), .r_sums = (float *)(scratch + self->r_sums_at),
        .h = (float *)(scratch + self->h_at), .c = (float *)(scratch + self->c_at),
        .reset = (float *)(scratch + self->reset_at)};
    move_state(&pass, pass.h, (float *)floats(step, START_H), true);
    move_state(&pass, pass.c, (float *)floats(step, START_C), true);
    multiply_inputs(&pass);
    for (int32_t s = 0; s < self->time; s++)
      run_step(&pass, s, outputs[0] ? outputs[0] + d * self->y_direction : NULL);
    move_state(&pass, pass.h, outputs[1], false);
    move_state(&pass, pass.c, outputs[2], false);
  }
}

/// Whether weights of `rows` by `k` are small enough to be packed (columns are padded to a panel).
static bool fits(uint64_t rows, uint64_t k) { return (rows + OCT_GEMM_COLUMNS) * (k + 1) < OCT_MAX_TENSOR_BYTES / 8; }

/// Takes `count` floats of scratch; false if that is too much.
static bool take(uint64_t *total, uint64_t count, size_t *at) {
  *at = (size_t)*total;
  *total += oct_align(count * sizeof(float) + OCT_SLACK_BYTES);
  return count < OCT_MAX_TENSOR_BYTES && *total < OCT_MAX_TENSOR_BYTES;
}

static void set_strides(recurrent *self) {
  const size_t hidden = (size_t)self->hidden, batch = (size_t)self->batch, time = (size_t)self->time;
  const size_t directions = (size_t)self->directions, in = (size_t)self->in;
  if (self->attr.batch_first) {
    self->x_time = in, self->x_batch = time * in;
    self->y_direction = hidden, self->y_time = directions * hidden, self->y_batch = time * directions * hidden;
    self->state_direction = hidden, self->state_batch = directions * hidden;
  } else {
    self->x_batch = in, self->x_time = batch * in;
    self->y_batch = hidden, self->y_direction = batch * hidden, self->y_time = directions * batch * hidden;
    self->state_batch = hidden, self->state_direction = batch * hidden;
  }
}

static oct_status too_large(const oct_step *step) {
  return oct_fail(OCT_OUT_OF_MEMORY, "use shorter sequences, or fewer of them", "%s needs more than 1 GiB",
                  step->node->type);
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  recurrent *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  const oct_recurrent_attr *attr = &step->node->attr.recurrent;
  const oct_shape *x = &step->inputs[X].shape, *r = &step->inputs[R].shape;
  *self = (recurrent){.attr = *attr, .time = x->dim[attr->batch_first], .batch = x->dim[!attr->batch_first],
                      .in = x->dim[2], .hidden = r->dim[2], .gates = gates_of(attr->kind),
                      .directions = attr->both ? 2 : 1, .parts = attr->kind == OCT_GRU ? 2 : 1,
                      .gemm = oct_kernel_best(OCT_FAMILY_gemm_f32), .unary = oct_kernel_best(OCT_FAMILY_unary_f32)};
  set_strides(self);
  const int32_t rows = self->gates * self->hidden;
  if (!fits((uint64_t)rows, (uint64_t)self->in) || !fits((uint64_t)rows, (uint64_t)self->hidden)) return too_large(step);
  self->r_columns[0] = attr->kind == OCT_GRU ? 2 * self->hidden : rows;
  self->r_columns[1] = rows - self->r_columns[0];
  const oct_weights w = weights_of(NULL, self->in, 0, rows);
  self->direction_bytes = self->w_bytes = oct_gemm_f32_packed_bytes(&w);
  for (int p = 0; p < self->parts; p++) {
    const oct_weights part = weights_of(NULL, self->hidden, 0, self->r_columns[p]);
    self->direction_bytes += self->r_bytes[p] = oct_gemm_f32_packed_bytes(&part);
  }
  const bool constant = step->inputs[W].data && step->inputs[R].data;
  const uint64_t packed = (uint64_t)self->direction_bytes * self->directions, steps = (uint64_t)self->time * self->batch;
  const uint64_t state = (uint64_t)self->batch * self->hidden;
  uint64_t scratch = 0;
  if (!take(&scratch, constant ? 0 : packed / sizeof(float), &self->packed_at) ||
      !take(&scratch, steps * rows, &self->sums_at) || !take(&scratch, state * self->gates, &self->r_sums_at) ||
      !take(&scratch, state, &self->h_at) || !take(&scratch, state, &self->c_at) ||
      !take(&scratch, state, &self->reset_at))
    return too_large(step);
  step->scratch_bytes = (size_t)scratch;
  step->packed_bytes = constant ? (size_t)packed : 0;
  step->pack = constant ? pack : NULL;
  step->packed_kind = OCT_OP_RECURRENT;
  step->macs = self->directions * steps * rows * ((uint64_t)self->in + self->hidden);
  step->state = self;
  step->run = run;
  step->kernel = self->gemm->name;
  return OCT_OK;
}

const oct_op_impl oct_op_recurrent = {infer, prepare};
