// SPDX-License-Identifier: MIT
//
// Chains of convolutions whose images are made in bands of rows, against the same chains with every image whole: those
// that the caller reads are.
#include "graph/build.h"
#include "kernels/harness.h"
#include "runtime/plan.h"

enum { MOST_LAYERS = 5 };

typedef struct layer {
  int32_t outputs, kernel, groups;
  oct_window window;
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

static void build(oct_graph *graph, const chain *c, bool whole) {
  oct_value_id x = add_input(graph, c->dtype, oct_shape_of(4, c->batch, c->size[0], c->size[1], c->channels));
  if (c->dtype == OCT_Q8) graph->values[x].quant = oct_graph_add_quant(graph, 1, 5);
  int32_t channels = c->channels;
  for (int i = 0; i < c->count; i++) {
    const layer *l = &c->layers[i];
    const oct_shape shape = oct_shape_of(4, l->outputs, channels / l->groups, l->kernel, l->kernel);
    const oct_value_id w = add_weights(graph, c, shape, (uint32_t)i + 1);
    const oct_conv_attr conv = {.window = l->window, .groups = l->groups, .layout = OCT_NHWC, .weight_layout = OCT_OIHW};
    x = add_node(graph, OCT_OP_CONV, (oct_attr){.conv = conv}, x, w, OCT_NO_VALUE);
    if (c->dtype == OCT_Q8) {
      graph->values[x].dtype = OCT_Q8;
      graph->values[x].quant = oct_graph_add_quant(graph, 1, i - 3);
    }
    if (whole || i + 1 == c->count) add_output(graph, x);
    channels = l->outputs;
  }
}

/// Runs the chain, and returns a copy of its last image; says how many steps have become parts of bands.
static void *run(const chain *c, bool whole, int32_t threads, size_t *bytes, uint32_t *inner) {
  oct_graph graph = {0};
  build(&graph, c, whole);
  oct_parallel_allow(threads, true);
  oct_packed *packed = NULL;
  oct_plan *plan = oct_plan_create(&graph, &graph.values[graph.inputs[0]].shape, NULL, &packed);
  REQUIRE(plan != NULL);
  void *memory = oct_block_alloc(plan->activation_bytes);
  REQUIRE(memory != NULL);
  memset(memory, 0x55, plan->activation_bytes);
  CHECK_EQUAL(oct_plan_bind(plan, memory, NULL), OCT_OK);
  const oct_tensor *in = &plan->tensors[plan->graph.inputs[0]];
  for (size_t i = 0; i < oct_shape_count(&in->shape); i++) {
    const int32_t value = (int32_t)(i * 7919 % 251) - 125;
    if (c->dtype == OCT_Q8) ((oct_act *)in->data)[i] = (oct_act)(value + (OCT_ACT_MIN ? 0 : 128));
    else ((float *)in->data)[i] = (float)value;
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
