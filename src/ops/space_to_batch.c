// SPDX-License-Identifier: MIT
//
// SPACE_TO_BATCH: every block x block pixels of input 0 become pixels of as many images, which makes a dilated
// convolution of an ordinary one; and the way back (TFLite's SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND). Output image
// (y * block width + x) * batch + n holds the pixels at (y, x) of the blocks of image n.
#include "ops/moves.h"

#include <string.h>

/// The pixels of `many` images of [h, w] and of `whole` ones, of which the former are the blocks' places.
typedef struct blocks {
  int32_t block[2], begin[2], end[2]; // pads of the whole; without a second dimension 1, 0, 0
  int32_t whole[2], part[2];          // height and width of an image on either side
  int32_t batch;                      // of whole images
  size_t pixel_bytes;
  uint8_t border[8];                  // a padding element
  int32_t border_bytes;
} blocks;

/// Reads blocks and pads and works out the output's shape; the input's data are read through `graph`.
static oct_status resolve(const oct_graph *graph, const oct_node *node, const oct_shape *x, blocks *self,
                          oct_shape *shape) {
  int32_t pads[4];
  int count, pad_count;
  oct_value flat = graph->values[node->inputs[2]];
  if (flat.data) flat.shape = oct_shape_of(1, (int)oct_shape_count(&flat.shape));
  oct_value_id first = 0;
  oct_node pad_node = {.type = node->type, .inputs = &first, .input_count = 1};
  OCT_TRY(oct_infer_ints(graph, node, 1, self->block, 2, &count));
  OCT_TRY(oct_infer_ints(&(oct_graph){.values = &flat}, &pad_node, 0, pads, 4, &pad_count));
  bool inverse = node->attr.space_to_batch.inverse;
  bool fits = count > 0 && pad_count == 2 * count && x->rank > count;
  int64_t images = x->rank > 0 ? x->dim[0] : 0;
  *shape = *x;
  for (int i = 0; fits && i < 2; i++) {
    bool given = i < count;
    if (!given) self->block[i] = 1;
    self->begin[i] = given ? pads[2 * i] : 0, self->end[i] = given ? pads[2 * i + 1] : 0;
    int64_t block = self->block[i], size = given ? x->dim[1 + i] : 1;
    int64_t whole = inverse ? size * block : size + self->begin[i] + self->end[i];
    int64_t out = inverse ? whole - self->begin[i] - self->end[i] : block > 0 ? whole / block : -1;
    fits = block > 0 && self->begin[i] >= 0 && self->end[i] >= 0 && out >= 0 && out <= INT32_MAX &&
           (inverse ? images % block == 0 : whole % block == 0);
    images = !fits ? 0 : inverse ? images / block : images * block;
    if (images > INT32_MAX) fits = false;
    if (given) shape->dim[1 + i] = (int32_t)out;
    self->whole[i] = (int32_t)(inverse ? out : size), self->part[i] = (int32_t)(inverse ? size : out);
  }
  if (!fits) {
    char text[112];
    return oct_fail(OCT_INVALID_SHAPE, "the padded height and width must be multiples of the block",
                    "%s of '%s' with shape %s has blocks or pads that do not fit it", node->type, node->name,
                    oct_shape_print(x, text));
  }
  self->batch = inverse ? (int32_t)images : x->dim[0];
  shape->dim[0] = (int32_t)images;
  return OCT_OK;
}

static oct_status infer(oct_graph *graph, oct_node *node) {
  OCT_TRY(oct_infer_counts(node, 3, 3, 1));
  blocks self;
  oct_shape shape;
  OCT_TRY(resolve(graph, node, &oct_input(graph, node, 0)->shape, &self, &shape));
  return oct_infer_moved(graph, node, 0, shape);
}

static void fill_pixel(const blocks *self, uint8_t *to) {
  for (size_t i = 0; i < self->pixel_bytes; i += (size_t)self->border_bytes)
    memcpy(to + i, self->border, (size_t)self->border_bytes);
}

/// One walk for both ways, over the pixels of the parts.
static void run(const oct_step *step) {
  const blocks *self = step->state;
  bool inverse = step->node->attr.space_to_batch.inverse;
  uint8_t *part = inverse ? step->inputs[0].data : step->outputs[0].data;
  uint8_t *whole = inverse ? step->outputs[0].data : step->inputs[0].data;
  size_t bytes = self->pixel_bytes, image = (size_t)self->whole[0] * (size_t)self->whole[1] * bytes;
  for (int32_t place = 0; place < self->block[0] * self->block[1]; place++)
    for (int32_t n = 0; n < self->batch; n++)
      for (int32_t i = 0; i < self->part[0]; i++) {
        int32_t y = i * self->block[0] + place / self->block[1] - self->begin[0];
        for (int32_t j = 0; j < self->part[1]; j++, part += bytes) {
          int32_t x = j * self->block[1] + place % self->block[1] - self->begin[1];
          bool inside = y >= 0 && y < self->whole[0] && x >= 0 && x < self->whole[1];
          uint8_t *pixel = whole + (size_t)n * image +
                           (inside ? ((size_t)y * (size_t)self->whole[1] + (size_t)x) * bytes : 0);
          if (inside) memcpy(inverse ? pixel : part, inverse ? part : pixel, bytes);
          else if (!inverse) fill_pixel(self, part);
        }
      }
}

static oct_status prepare(oct_prepare *context) {
  oct_step *step = context->step;
  const oct_tensor *x = &step->inputs[0];
  OCT_TRY(oct_prepare_moved(context));
  blocks *self = oct_plan_alloc(context, sizeof *self);
  if (!self) return OCT_OUT_OF_MEMORY;
  oct_value values[3];
  oct_value_id ids[3] = {0, 1, 2};
  for (int i = 0; i < 3; i++)
    values[i] = (oct_value){.name = step->node->name, .dtype = step->inputs[i].dtype, .shape = step->inputs[i].shape,
                            .data = step->inputs[i].data};
  oct_node node = *step->node;
  node.inputs = ids;
  oct_shape shape;
  OCT_TRY(resolve(&(oct_graph){.values = values}, &node, &x->shape, self, &shape));
  int32_t spatial = oct_shape_count(&step->inputs[1].shape) == 1 ? 1 : 2;
  self->border_bytes = (int32_t)oct_dtype_bytes(x->dtype);
  self->pixel_bytes = oct_shape_span(&x->shape, 1 + spatial, x->shape.rank) * (size_t)self->border_bytes;
  if (x->dtype == OCT_Q8 && x->quant) self->border[0] = (uint8_t)x->quant->zero_point[0];
  step->state = self;
  step->run = run;
  step->kernel = "space_to_batch";
  return OCT_OK;
}

const oct_op_impl oct_op_space_to_batch = {infer, prepare};
