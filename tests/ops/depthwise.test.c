// SPDX-License-Identifier: MIT
//
// Depthwise convolutions of bytes against their definition: what rows kernels are given, at borders, in pairs, in a last
// row alone. Their own arithmetic is tests/kernels/dwconv.h's.
#include "graph/build.h"
#include "kernels/harness.h"
#include "runtime/plan.h"

enum { X_ZERO = 5, Y_ZERO = 9, MAX_WEIGHTS = 40 * 9 };

/// Sizes by axis: height, width.
typedef struct layer {
  int32_t batch, channels, in[2], kernel[2], out[2];
  oct_window window;
  int8_t weights[MAX_WEIGHTS];
} layer;

static layer make_layer(void) {
  layer l = {.batch = random_between(1, 2), .channels = random_between(2, 40)};
  for (int axis = 0; axis < 2; axis++) {
    l.kernel[axis] = random_bits() % 4 ? 3 : random_between(1, 3);
    l.window.stride[axis] = random_bits() % 4 ? 1 : 2;
    l.window.dilation[axis] = random_bits() % 4 ? 1 : 2;
    l.window.pad_begin[axis] = random_between(0, 2), l.window.pad_end[axis] = random_between(0, 2);
    const int32_t reach = (l.kernel[axis] - 1) * l.window.dilation[axis] + 1;
    const int32_t pads = l.window.pad_begin[axis] + l.window.pad_end[axis];
    l.in[axis] = random_between(reach > pads ? reach - pads : 1, 12);
    l.out[axis] = (l.in[axis] + pads - reach) / l.window.stride[axis] + 1;
  }
  for (int i = 0; i < MAX_WEIGHTS; i++) l.weights[i] = (int8_t)random_between(-128, 127);
  return l;
}

/// The sum of an output pixel's channel.
static int32_t sum_of(const layer *l, const oct_act *image, int32_t y, int32_t x, int32_t c) {
  int32_t sum = 0;
  for (int32_t ky = 0; ky < l->kernel[0]; ky++) {
    for (int32_t kx = 0; kx < l->kernel[1]; kx++) {
      const int32_t iy = y * l->window.stride[0] + ky * l->window.dilation[0] - l->window.pad_begin[0];
      const int32_t ix = x * l->window.stride[1] + kx * l->window.dilation[1] - l->window.pad_begin[1];
      if (iy < 0 || iy >= l->in[0] || ix < 0 || ix >= l->in[1]) continue;
      const int32_t value = image[(iy * l->in[1] + ix) * l->channels + c] - X_ZERO;
      sum += value * l->weights[(c * l->kernel[0] + ky) * l->kernel[1] + kx];
    }
  }
  return sum;
}

static int count_wrong(const layer *l, const oct_act *in, const oct_act *out) {
  int wrong = 0;
  for (int32_t b = 0; b < l->batch; b++, in += l->in[0] * l->in[1] * l->channels)
    for (int32_t y = 0; y < l->out[0]; y++)
      for (int32_t x = 0; x < l->out[1]; x++)
        for (int32_t c = 0; c < l->channels; c++) {
          const double steps = rint(sum_of(l, in, y, x, c) / 64.0) + Y_ZERO;
          wrong += *out++ != (steps < OCT_ACT_MIN ? OCT_ACT_MIN : steps > OCT_ACT_MAX ? OCT_ACT_MAX : (oct_act)steps);
        }
  return wrong;
}

static int run_layer(const layer *l) {
  oct_graph graph = {0};
  const oct_shape shape = oct_shape_of(4, l->batch, l->in[0], l->in[1], l->channels);
  const oct_value_id x = add_input(&graph, OCT_Q8, shape);
  graph.values[x].quant = oct_graph_add_quant(&graph, 1, X_ZERO);
  const oct_value_id w = add_quantized(&graph, oct_shape_of(4, l->channels, 1, l->kernel[0], l->kernel[1]), l->weights,
                                       MAX_WEIGHTS, 1 / 64.0f);
  const oct_conv_attr conv = {.window = l->window, .groups = l->channels, .layout = OCT_NHWC, .weight_layout = OCT_OIHW};
  const oct_value_id y = add_node(&graph, OCT_OP_CONV, (oct_attr){.conv = conv}, x, w, OCT_NO_VALUE);
  graph.values[y].dtype = OCT_Q8;
  graph.values[y].quant = oct_graph_add_quant(&graph, 1, Y_ZERO);
  add_output(&graph, y);
  oct_packed *packed = NULL;
  oct_plan *plan = oct_plan_create(&graph, &shape, NULL, &packed);
  REQUIRE(plan != NULL);
  void *memory = oct_block_alloc(plan->activation_bytes);
  REQUIRE(memory != NULL && oct_plan_bind(plan, memory, NULL) == OCT_OK);
  oct_act *in = plan->tensors[plan->graph.inputs[0]].data;
  for (size_t i = 0; i < oct_shape_count(&shape); i++) in[i] = (oct_act)random_between(OCT_ACT_MIN, OCT_ACT_MAX);
  oct_act *copy = malloc(oct_shape_count(&shape)); // the output may take the input's place
  memcpy(copy, in, oct_shape_count(&shape));
  oct_plan_steps(plan, 0, plan->step_count);
  const int wrong = count_wrong(l, copy, plan->tensors[plan->graph.outputs[0]].data);
  free(copy);
  oct_plan_destroy(plan);
  oct_block_free(memory);
  oct_packed_free(packed);
  free_graph(&graph);
  return wrong;
}

int main(void) {
  enum { CASES = 300 };
  TEST("every pixel of random layers is the definition's");
  random_state = 1;
  for (int i = 0; i < CASES; i++) {
    const layer l = make_layer();
    CHECK_EQUAL(run_layer(&l), 0);
  }
  return check_summary();
}
