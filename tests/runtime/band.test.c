// SPDX-License-Identifier: MIT
//
// Chains of convolutions and pointwise steps whose images are made in bands of rows, against the same chains with every
// image whole: those that the caller reads are.
#include "graph/build.h"
#include "kernels/harness.h"
#include "runtime/plan.h"

enum { MOST_LAYERS = 5 };

/// What follows a convolution: a sum has another image on one side or the other, a product a number for each channel, a
/// difference what another step has computed.
typedef enum pointwise { NOTHING, SIGMOID, PRELU, SUM, SUM_OF_OTHER, PRODUCT, DIFFERENCE, POINTWISE } pointwise;

typedef struct layer {
  int32_t outputs, kernel, groups;
  oct_window window;
  pointwise then[2];
} layer;

typedef struct chain {
  oct_dtype dtype;
  int32_t batch, size[2], channels;
  int32_t count;
  layer layers[MOST_LAYERS];
} chain;

/// Dense layers of one pixel and depthwise ones in turns; the first may be dense and larger.
static chain make_chain(void) {
  chain c = {.dtype = random_bits() % 2 ? OCT_Q8 : OCT_F32, .batch = random_bits() % 4 ? 1 : 2};
  for (int axis = 0; axis < 2; axis++) c.size[axis] = random_between(30, 50);
  c.channels = random_between(3, 20);
  c.count = random_between(2, MOST_LAYERS);
  int32_t channels = c.channels;
  const bool depthwise_first = random_bits() % 2;
  for (int i = 0; i < c.count; i++) {
    const bool depthwise = (i % 2 == 0) == depthwise_first;
    layer *l = &c.layers[i];
    *l = (layer){.outputs = depthwise ? channels : random_between(8, 90), .kernel = 1, .groups = depthwise ? channels : 1};
    const bool larger = depthwise || (i == 0 && random_bits() % 2);
    if (larger) l->kernel = random_between(2, 5);
    for (int axis = 0; axis < 2; axis++) {
      l->window.stride[axis] = larger && random_bits() % 3 == 0 ? 2 : 1;
      l->window.dilation[axis] = larger && random_bits() % 3 == 0 ? 2 : 1;
      l->window.pad_begin[axis] = larger ? random_between(0, 4) : 0;
      l->window.pad_end[axis] = larger ? random_between(0, 4) : 0;
    }
    for (int t = 0; t < 2; t++) l->then[t] = random_bits() % 2 ? NOTHING : random_bits() % POINTWISE;
    channels = l->outputs;
  }
  return c;
}

static oct_value_id add_weights(oct_graph *graph, const chain *c, oct_shape shape, uint32_t seed) {
  enum { PATTERN = 509 };
  float floats[PATTERN];
  int8_t bytes[PATTERN];
  for (int i = 0; i < PATTERN; i++) {
    bytes[i] = (int8_t)((seed * 2654435761u + (uint32_t)i * 40503u) >> 7);
    floats[i] = bytes[i] / 256.0f;
  }
  return c->dtype == OCT_Q8 ? add_quantized(graph, shape, bytes, PATTERN, 1 / 256.0f)
                            : add_floats(graph, shape, floats, PATTERN);
}

static oct_value_id add_image(oct_graph *graph, const chain *c, oct_shape shape) {
  const oct_value_id image = add_input(graph, c->dtype, shape);
  if (c->dtype == OCT_Q8) graph->values[image].quant = oct_graph_add_quant(graph, 1, 5);
  return image;
}

static oct_value_id set_quant(oct_graph *graph, const chain *c, oct_value_id value, int32_t zero_point) {
  if (c->dtype != OCT_Q8) return value;
  graph->values[value].dtype = OCT_Q8;
  graph->values[value].quant = oct_graph_add_quant(graph, 1, zero_point);
  return value;
}

/// Adds a pointwise step on an image of `shape`.
static oct_value_id add_pointwise(oct_graph *graph, const chain *c, bool whole, pointwise kind, oct_value_id x,
                                  oct_shape shape) {
  static const float slopes[] = {0.5f, -0.25f, 2, 0, 1.5f};
  const oct_shape channels = oct_shape_of(1, shape.dim[3]), gate = oct_shape_of(4, 1, 1, 1, shape.dim[3]);
  switch (kind) {
    case SIGMOID: return add_unary(graph, OCT_SIGMOID, 0, 0, x);
    case PRELU:
      return add_node(graph, OCT_OP_PRELU, (oct_attr){0}, x, add_floats(graph, channels, slopes, 5), OCT_NO_VALUE);
    case SUM: return add_binary(graph, OCT_ADD, x, add_image(graph, c, shape));
    case SUM_OF_OTHER: return add_binary(graph, OCT_ADD, add_image(graph, c, shape), x);
    case PRODUCT: return add_binary(graph, OCT_MUL, x, add_image(graph, c, gate));
    default: { // nobody else reads what is computed: its memory may be taken
      const oct_value_id other = add_unary(graph, OCT_NEG, 0, 0, add_image(graph, c, shape));
      set_quant(graph, c, other, 3);
      if (whole) add_output(graph, other);
      return add_binary(graph, OCT_SUB, other, x);
    }
  }
}

static int32_t output_size(const oct_window *window, int axis, int32_t kernel, int32_t size) {
  return (size + window->pad_begin[axis] + window->pad_end[axis] - (kernel - 1) * window->dilation[axis] - 1) /
             window->stride[axis] + 1;
}

static void build(oct_graph *graph, const chain *c, bool whole) {
  oct_value_id x = add_image(graph, c, oct_shape_of(4, c->batch, c->size[0], c->size[1], c->channels));
  int32_t channels = c->channels, size[2] = {c->size[0], c->size[1]};
  for (int i = 0; i < c->count; i++) {
    const layer *l = &c->layers[i];
    const oct_shape shape = oct_shape_of(4, l->outputs, channels / l->groups, l->kernel, l->kernel);
    const oct_value_id w = add_weights(graph, c, shape, (uint32_t)i + 1);
    const oct_conv_attr conv = {.window = l->window, .groups = l->groups, .layout = OCT_NHWC, .weight_layout = OCT_OIHW};
    x = set_quant(graph, c, add_node(graph, OCT_OP_CONV, (oct_attr){.conv = conv}, x, w, OCT_NO_VALUE), i - 3);
    if (whole) add_output(graph, x);
    channels = l->outputs;
    for (int axis = 0; axis < 2; axis++) size[axis] = output_size(&l->window, axis, l->kernel, size[axis]);
    for (int t = 0; t < 2; t++) {
      if (l->then[t] == NOTHING) continue;
      x = add_pointwise(graph, c, whole, l->then[t], x, oct_shape_of(4, c->batch, size[0], size[1], channels));
      set_quant(graph, c, x, t + 1);
      if (whole) add_output(graph, x);
    }
    if (!whole && i + 1 == c->count) add_output(graph, x);
  }
}

/// Runs the chain, and returns a copy of its last image; says how many steps have become parts of bands.
static void *run(const chain *c, bool whole, int32_t threads, size_t *bytes, uint32_t *inner) {
  oct_graph graph = {0};
  build(&graph, c, whole);
  oct_parallel_allow(threads, true);
  oct_packed *packed = NULL;
  oct_shape shapes[1 + 2 * MOST_LAYERS];
  for (int32_t i = 0; i < graph.input_count; i++) shapes[i] = graph.values[graph.inputs[i]].shape;
  oct_plan *plan = oct_plan_create(&graph, shapes, NULL, &packed);
  REQUIRE(plan != NULL);
  void *memory = oct_block_alloc(plan->activation_bytes);
  REQUIRE(memory != NULL);
  memset(memory, 0x55, plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  for (int32_t n = 0; n < plan->graph.input_count; n++) {
    const oct_tensor *in = &plan->tensors[plan->graph.inputs[n]];
    for (size_t i = 0; i < oct_shape_count(&in->shape); i++) {
      const int32_t value = (int32_t)((i + (size_t)n * 31) * 7919 % 251) - 125;
      if (c->dtype == OCT_Q8) ((oct_act *)in->data)[i] = (oct_act)(value + (OCT_ACT_MIN ? 0 : 128));
      else ((float *)in->data)[i] = (float)value;
    }
  }
  for (uint32_t s = 0; s < plan->step_count; s++) oct_plan_steps(plan, s, s + 1);
  const oct_tensor *out = &plan->tensors[plan->graph.outputs[plan->graph.output_count - 1]];
  *bytes = oct_tensor_bytes(out);
  *inner = plan->inner_count;
  void *copy = malloc(*bytes + 1);
  memcpy(copy, out->data, *bytes);
  oct_parallel_allow(1, true);
  oct_plan_destroy(plan);
  oct_block_free(memory);
  oct_packed_free(packed);
  free_graph(&graph);
  return copy;
}

int main(void) {
  enum { CHAINS = 60 };
  TEST("an image that is made in bands of rows is the one that is made from whole images, in any number of parts");
  random_state = 1;
  int banded = 0;
  for (int i = 0; i < CHAINS; i++) {
    const chain c = make_chain();
    size_t wanted_bytes, bytes;
    uint32_t inner;
    void *wanted = run(&c, true, 1, &wanted_bytes, &inner);
    CHECK_EQUAL(inner, 0);
    for (int32_t threads = 1; threads <= 5; threads += 2) {
      void *found = run(&c, false, threads, &bytes, &inner);
      CHECK_EQUAL(bytes, wanted_bytes);
      CHECK(!memcmp(found, wanted, bytes));
      banded += inner > 1;
      free(found);
    }
    free(wanted);
  }
  CHECK(banded > CHAINS); // of three runs of each
  return check_summary();
}
