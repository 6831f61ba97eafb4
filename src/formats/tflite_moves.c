// SPDX-License-Identifier: MIT
//
// TFLite operators that are about shapes, or that move elements without changing them.
#include "formats/tflite.h"

#include <string.h>

// --- shapes ----------------------------------------------------------------------------------------------------------

/// Shape: input 1, else the options' list, else the output's own.
OCT_TFLITE_TRANSLATE(reshape) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id inputs[2];
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  if (inputs[1] == OCT_NO_VALUE) {
    oct_fb_vector list = oct_fb_vector_of(&reader->file, node->options, 0, 4);
    oct_shape shape = oct_tflite_output(reader, node, 0)->shape;
    if (list.count && list.count <= OCT_MAX_RANK) {
      shape.rank = (int32_t)list.count;
      for (uint32_t i = 0; i < list.count; i++) shape.dim[i] = oct_fb_i32_at(&reader->file, list, i);
    }
    inputs[1] = oct_tflite_list(reader, shape.dim, shape.rank);
    if (inputs[1] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  }
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_RESHAPE, 2, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_RESHAPE_TO, .allow_zero = true};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(squeeze) {
  oct_fb_vector list = oct_fb_vector_of(&reader->file, node->options, 0, 4);
  if (list.count > OCT_MAX_RANK) return oct_tflite_refuse(node, "drops more dimensions than there can be");
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = (int32_t)list.count}};
  for (uint32_t i = 0; i < list.count; i++)
    made->attr.reshape.axes.axis[i] = oct_fb_i32_at(&reader->file, list, i);
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(expand_dims) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(shape) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  made->attr.shape = (oct_shape_attr){.end = INT32_MAX, .to = oct_tflite_output(reader, node, 0)->dtype};
  return OCT_OK;
}

/// The number of dimensions that the file declares, as a constant.
OCT_TFLITE_TRANSLATE(rank) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id list = oct_tflite_list(reader, &oct_tflite_input(reader, node, 0)->shape.rank, 1);
  oct_node *made = list == OCT_NO_VALUE ? NULL : oct_tflite_emit(reader, node, OCT_OP_RESHAPE, 1, &list);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1}};
  return OCT_OK;
}

/// Inputs: shape, value.
OCT_TFLITE_TRANSLATE(fill) {
  oct_value_id inputs[2], pair[2];
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, pair));
  inputs[0] = pair[1], inputs[1] = pair[0];
  return oct_tflite_emit(reader, node, OCT_OP_EXPAND, 2, inputs) ? OCT_OK : oct_tflite_failure();
}

OCT_TFLITE_TRANSLATE(zeros_like) {
  OCT_TRY(oct_tflite_needs(reader, node, 1));
  oct_value_id x, shape;
  OCT_TRY(oct_tflite_values(reader, node, 0, 1, &x));
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_SHAPE, 1, &x, &shape);
  if (!made) return oct_tflite_failure();
  made->attr.shape = (oct_shape_attr){.end = INT32_MAX, .to = OCT_I32};
  reader->graph->values[shape].dtype = OCT_I32;
  reader->graph->values[shape].quant = NULL;
  made = oct_tflite_emit(reader, node, OCT_OP_FILL, 1, &shape);
  if (!made) return oct_tflite_failure();
  made->attr.fill.to = oct_tflite_output(reader, node, 0)->dtype;
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(broadcast_to) {
  return oct_tflite_emit_inputs(reader, node, 2, 2) ? OCT_OK : oct_tflite_failure();
}

// --- moving elements -------------------------------------------------------------------------------------------------

OCT_TFLITE_TRANSLATE(transpose) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  const oct_tflite_tensor *list = oct_tflite_input(reader, node, 1);
  size_t count = list->data ? oct_shape_count(&list->shape) : 0;
  if (!list->data || list->dtype != OCT_I32 || count > OCT_MAX_RANK)
    return oct_tflite_refuse(node, "has a permutation that is not a constant of int32");
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  made->attr.transpose.count = (int32_t)count;
  memcpy(made->attr.transpose.perm, list->data, count * sizeof(int32_t));
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(concatenation) {
  if (oct_fb_u8(&reader->file, node->options, 1, 0)) return oct_tflite_refuse(node, "has a fused activation");
  oct_node *made = oct_tflite_emit_inputs(reader, node, node->input_count, node->input_count);
  if (!made) return oct_tflite_failure();
  made->attr.concat.axis = oct_fb_i32(&reader->file, node->options, 0, 0);
  return OCT_OK;
}

static oct_status reshape_axis(oct_tflite *reader, const oct_tflite_node *node, oct_reshape_kind kind, int32_t axis,
                               oct_value_id *value) {
  oct_value_id from = *value;
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &from, value);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = kind, .axes = {.count = 1, .axis = {axis}}};
  return OCT_OK;
}

/// Every input gets the new axis, along which they are concatenated. Options: 1 axis.
OCT_TFLITE_TRANSLATE(pack) {
  oct_value_id inputs[OCT_TFLITE_MAX_LINKS];
  int32_t axis = oct_fb_i32(&reader->file, node->options, 1, 0);
  OCT_TRY(oct_tflite_needs(reader, node, node->input_count));
  OCT_TRY(oct_tflite_values(reader, node, 0, node->input_count, inputs));
  for (int i = 0; i < node->input_count; i++)
    OCT_TRY(reshape_axis(reader, node, OCT_UNSQUEEZE_AXES, axis, &inputs[i]));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_CONCAT, node->input_count, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.concat.axis = axis;
  return OCT_OK;
}

/// Equal parts along the axis, which each then loses. Options: 1 axis.
OCT_TFLITE_TRANSLATE(unpack) {
  int32_t axis = oct_fb_i32(&reader->file, node->options, 1, 0);
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  made->attr.split.axis = axis;
  oct_graph *graph = reader->graph;
  int32_t split = graph->node_count - 1;
  for (int i = 0; i < node->output_count; i++) {
    oct_value_id squeezed = graph->nodes[split].outputs[i];
    oct_value like = graph->values[squeezed];
    oct_value_id part = oct_graph_add_value(graph, like.name, strlen(like.name), like.dtype, oct_shape_unknown());
    if (part == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
    graph->values[part].quant = like.quant;
    graph->nodes[split].outputs[i] = part;
    oct_node *squeeze = oct_graph_add_node(graph, OCT_OP_RESHAPE, node->label, strlen(node->label), 1, 1);
    if (!squeeze) return OCT_OUT_OF_MEMORY;
    squeeze->type = node->operator->name;
    squeeze->inputs[0] = part;
    squeeze->outputs[0] = squeezed;
    squeeze->attr.reshape = (oct_reshape_attr){.kind = OCT_SQUEEZE_AXES, .axes = {.count = 1, .axis = {axis}}};
  }
  return OCT_OK;
}

/// SPLIT: axis, x. SPLIT_V: x, sizes, axis.
OCT_TFLITE_TRANSLATE(split) {
  bool sized = node->operator->kind != 0;
  int32_t axis;
  OCT_TRY(oct_tflite_needs(reader, node, sized ? 3 : 2));
  if (!oct_tflite_constant_int(reader, node, sized ? 2 : 0, &axis))
    return oct_tflite_refuse(node, "has an axis that is not a constant");
  oct_value_id inputs[2] = {OCT_NO_VALUE, OCT_NO_VALUE};
  OCT_TRY(oct_tflite_values(reader, node, sized ? 0 : 1, 2, inputs));
  oct_node *made = oct_tflite_emit(reader, node, OCT_OP_SPLIT, sized ? 2 : 1, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.split.axis = axis;
  return OCT_OK;
}

// Strided slice: an entry of the lists is a dimension of x, all those that the lists leave out (ellipsis), or a new
// one. The entries that are dimensions are picked out of the lists, which may be computed; the masks are packed alike.

enum { SLICE_BEGIN, SLICE_END, SLICE_ELLIPSIS, SLICE_NEW, SLICE_SHRINK, SLICE_MASKS };

typedef struct strided_slice {
  uint32_t mask[SLICE_MASKS];
  int32_t kept[OCT_MAX_RANK], axes[OCT_MAX_RANK]; // entries that are dimensions, and which
  int32_t count;
  oct_axes added; // new dimensions, by their place in the output
} strided_slice;

static bool read_entries(strided_slice *slice, int entries, int rank) {
  uint32_t packed[SLICE_MASKS] = {0};
  int news = 0, ellipses = 0;
  for (int i = 0; i < entries; i++) {
    if (slice->mask[SLICE_ELLIPSIS] >> i & 1) ellipses++;
    else if (slice->mask[SLICE_NEW] >> i & 1) news++;
  }
  int skipped = rank - (entries - news - ellipses), place = 0, axis = 0;
  if (ellipses > 1 || skipped < 0) return false;
  for (int i = 0; i < entries; i++) {
    if (slice->mask[SLICE_ELLIPSIS] >> i & 1) {
      axis += skipped, place += skipped;
    } else if (slice->mask[SLICE_NEW] >> i & 1) {
      slice->added.axis[slice->added.count++] = place++;
    } else {
      for (int m = 0; m < SLICE_MASKS; m++) packed[m] |= (slice->mask[m] >> i & 1) << slice->count;
      place += !(slice->mask[SLICE_SHRINK] >> i & 1);
      slice->kept[slice->count] = i;
      slice->axes[slice->count++] = axis++;
    }
  }
  memcpy(slice->mask, packed, sizeof packed);
  return true;
}

/// The kept entries of the lists `begin`, `end` and `strides` in inputs[1, 2, 4].
static oct_status pick_entries(oct_tflite *reader, const oct_tflite_node *node, const strided_slice *slice,
                               oct_value_id inputs[static 5]) {
  for (int i = 1; i < 5; i++) {
    oct_value_id pair[2] = {inputs[i], oct_tflite_list(reader, slice->kept, slice->count)};
    if (i == 3) continue;
    if (pair[1] == OCT_NO_VALUE || !oct_tflite_emit_inner(reader, node, OCT_OP_GATHER, 2, pair, &inputs[i]))
      return OCT_OUT_OF_MEMORY;
  }
  inputs[3] = oct_tflite_list(reader, slice->axes, slice->count);
  return inputs[3] == OCT_NO_VALUE ? OCT_OUT_OF_MEMORY : OCT_OK;
}

/// Inputs: x, begin, end, strides. Options: 0 begin, 1 end, 2 ellipsis, 3 new axis, 4 shrink masks.
OCT_TFLITE_TRANSLATE(strided_slice) {
  oct_value_id inputs[5];
  OCT_TRY(oct_tflite_needs(reader, node, 4));
  OCT_TRY(oct_tflite_values(reader, node, 0, 4, inputs));
  inputs[4] = inputs[3];
  inputs[3] = OCT_NO_VALUE; // all axes in order
  strided_slice slice = {0};
  for (int m = 0; m < SLICE_MASKS; m++) slice.mask[m] = (uint32_t)oct_fb_i32(&reader->file, node->options, m, 0);
  slice.mask[SLICE_NEW] &= ~slice.mask[SLICE_ELLIPSIS];
  if (slice.mask[SLICE_ELLIPSIS] || slice.mask[SLICE_NEW]) {
    const oct_shape *list = &oct_tflite_input(reader, node, 1)->shape;
    int rank = oct_tflite_input(reader, node, 0)->shape.rank;
    bool fits = list->rank == 1 && list->dim[0] >= 0 && list->dim[0] <= OCT_MAX_RANK;
    if (!fits || !read_entries(&slice, list->dim[0], rank)) return oct_tflite_refuse(node, "has masks that do not fit");
    OCT_TRY(pick_entries(reader, node, &slice, inputs));
  }
  oct_value_id sliced;
  oct_node *made = slice.added.count ? oct_tflite_emit_inner(reader, node, OCT_OP_SLICE, 5, inputs, &sliced)
                                     : oct_tflite_emit(reader, node, OCT_OP_SLICE, 5, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.slice = (oct_slice_attr){.begin_mask = slice.mask[SLICE_BEGIN],
                                      .end_mask = slice.mask[SLICE_END],
                                      .shrink_mask = slice.mask[SLICE_SHRINK]};
  if (!slice.added.count) return OCT_OK;
  made = oct_tflite_emit(reader, node, OCT_OP_RESHAPE, 1, &sliced);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = slice.added};
  return OCT_OK;
}

/// Axes: input 1. A slice from the last element to before the first.
OCT_TFLITE_TRANSLATE(reverse) {
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  const oct_tflite_tensor *axes = oct_tflite_input(reader, node, 1);
  size_t count = axes->data ? oct_shape_count(&axes->shape) : OCT_MAX_RANK + 1;
  if (count > OCT_MAX_RANK) return oct_tflite_refuse(node, "has axes that are not constant");
  int32_t last[OCT_MAX_RANK], before[OCT_MAX_RANK];
  for (size_t i = 0; i < OCT_MAX_RANK; i++) last[i] = -1, before[i] = INT32_MIN;
  oct_value_id inputs[5];
  OCT_TRY(oct_tflite_values(reader, node, 0, 1, &inputs[0]));
  OCT_TRY(oct_tflite_values(reader, node, 1, 2, &inputs[3]));
  inputs[1] = inputs[4] = oct_tflite_list(reader, last, (int)count);
  inputs[2] = oct_tflite_list(reader, before, (int)count);
  if (inputs[1] == OCT_NO_VALUE || inputs[2] == OCT_NO_VALUE) return OCT_OUT_OF_MEMORY;
  return oct_tflite_emit(reader, node, OCT_OP_SLICE, 5, inputs) ? OCT_OK : oct_tflite_failure();
}

OCT_TFLITE_TRANSLATE(slice) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 3, 3);
  if (!made) return oct_tflite_failure();
  made->attr.slice.ends_are_sizes = true;
  return OCT_OK;
}

/// PAD: x, pads. PADV2: x, pads, value.
OCT_TFLITE_TRANSLATE(pad) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 3);
  if (!made) return oct_tflite_failure();
  made->attr.pad = (oct_pad_attr){.kind = OCT_PAD_CONSTANT, .interleaved = true};
  return OCT_OK;
}

/// Options: 0 mode, 0 reflect, 1 symmetric.
OCT_TFLITE_TRANSLATE(mirror_pad) {
  bool symmetric = oct_fb_u8(&reader->file, node->options, 0, 0) != 0;
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.pad = (oct_pad_attr){.kind = symmetric ? OCT_PAD_SYMMETRIC : OCT_PAD_REFLECT, .interleaved = true};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(space_to_batch) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 3, 3);
  if (!made) return oct_tflite_failure();
  made->attr.space_to_batch.inverse = node->operator->kind != 0;
  return OCT_OK;
}

/// Inputs: indices, table of rows.
OCT_TFLITE_TRANSLATE(embedding) {
  oct_value_id inputs[2], pair[2];
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, pair));
  inputs[0] = pair[1], inputs[1] = pair[0];
  return oct_tflite_emit(reader, node, OCT_OP_GATHER, 2, inputs) ? OCT_OK : oct_tflite_failure();
}
