// SPDX-License-Identifier: MIT
//
// TFLite operators that pick, place, order or make elements by index.
#include "formats/tflite.h"

#include <string.h>

/// Options: 0 axis, 1 batch dimensions. With those the indices become tuples of one, where the axis is the next.
OCT_TFLITE_TRANSLATE(gather) {
  int32_t axis = oct_fb_i32(&reader->file, node->options, 0, 0), batch = oct_fb_i32(&reader->file, node->options, 1, 0);
  oct_value_id inputs[2];
  OCT_TRY(oct_tflite_needs(reader, node, 2));
  OCT_TRY(oct_tflite_values(reader, node, 0, 2, inputs));
  if (!batch) {
    oct_node *made = oct_tflite_emit(reader, node, OCT_OP_GATHER, 2, inputs);
    if (!made) return oct_tflite_failure();
    made->attr.gather.axis = axis;
    return OCT_OK;
  }
  int x_rank = oct_tflite_input(reader, node, 0)->shape.rank, rank = oct_tflite_input(reader, node, 1)->shape.rank;
  if (axis < 0) axis += x_rank;
  if (batch < 0) batch += rank;
  if (axis != batch) return oct_tflite_refuse(node, "has batch dimensions that do not end at its axis");
  oct_value_id list = inputs[1];
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_RESHAPE, 1, &list, &inputs[1]);
  if (!made) return oct_tflite_failure();
  made->attr.reshape = (oct_reshape_attr){.kind = OCT_UNSQUEEZE_AXES, .axes = {.count = 1, .axis = {-1}}};
  made = oct_tflite_emit(reader, node, OCT_OP_PICK, 2, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.pick = (oct_pick_attr){.kind = OCT_GATHER_ND, .axis = batch};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(gather_nd) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.pick.kind = OCT_GATHER_ND;
  return OCT_OK;
}

/// Options: 0 dimension of the sequence, 1 of the batch.
OCT_TFLITE_TRANSLATE(reverse_sequence) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.pick = (oct_pick_attr){.kind = OCT_REVERSE_SEQUENCE,
                                    .axis = oct_fb_i32(&reader->file, node->options, 0, 0),
                                    .batch_axis = oct_fb_i32(&reader->file, node->options, 1, 0)};
  return OCT_OK;
}

/// Inputs: indices, updates, shape. Added to zeros.
OCT_TFLITE_TRANSLATE(scatter_nd) {
  oct_value_id given[3], inputs[3];
  OCT_TRY(oct_tflite_needs(reader, node, 3));
  OCT_TRY(oct_tflite_values(reader, node, 0, 3, given));
  oct_node *made = oct_tflite_emit_inner(reader, node, OCT_OP_FILL, 1, &given[2], &inputs[0]);
  if (!made) return oct_tflite_failure();
  oct_dtype dtype = reader->graph->values[given[1]].dtype;
  if (dtype == OCT_Q8) return oct_tflite_refuse(node, "moves quantized elements");
  made->attr.fill.to = reader->graph->values[inputs[0]].dtype = dtype;
  inputs[1] = given[0], inputs[2] = given[1];
  made = oct_tflite_emit(reader, node, OCT_OP_SCATTER, 3, inputs);
  if (!made) return oct_tflite_failure();
  made->attr.scatter = (oct_scatter_attr){.kind = OCT_SCATTER_ADD, .nd = true};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(tile) { return oct_tflite_emit_inputs(reader, node, 2, 2) ? OCT_OK : oct_tflite_failure(); }

/// Options: 0 block.
OCT_TFLITE_TRANSLATE(depth_to_space) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 1, 1);
  if (!made) return oct_tflite_failure();
  made->attr.depth_to_space = (oct_depth_to_space_attr){.block = oct_fb_i32(&reader->file, node->options, 0, 0),
                                                        .inverse = node->operator->kind != 0};
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(top_k) {
  if (node->output_count != 2) return oct_tflite_refuse(node, "does not have two outputs");
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.top_k = (oct_top_k_attr){.axis = -1, .to = oct_tflite_output(reader, node, 1)->dtype};
  return OCT_OK;
}

/// Options: 0 exclusive, 1 reverse.
OCT_TFLITE_TRANSLATE(cumsum) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 2, 2);
  if (!made) return oct_tflite_failure();
  made->attr.cumulate = (oct_cumulate_attr){.exclusive = oct_fb_u8(&reader->file, node->options, 0, 0) != 0,
                                            .reverse = oct_fb_u8(&reader->file, node->options, 1, 0) != 0};
  return OCT_OK;
}

/// Inputs: indices, depth, on, off. Options: 0 axis.
OCT_TFLITE_TRANSLATE(one_hot) {
  oct_node *made = oct_tflite_emit_inputs(reader, node, 4, 4);
  if (!made) return oct_tflite_failure();
  made->attr.one_hot.axis = oct_fb_i32(&reader->file, node->options, 0, 0);
  return OCT_OK;
}

OCT_TFLITE_TRANSLATE(range) { return oct_tflite_emit_inputs(reader, node, 3, 3) ? OCT_OK : oct_tflite_failure(); }
