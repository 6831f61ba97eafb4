// SPDX-License-Identifier: MIT
//
// Operators that are small graphs of others. Each function appends one node for the file's node and returns its output;
// OCT_NO_VALUE, in or out, says that something failed (the record says what), so that calls nest without checks
// between.
#ifndef OCT_FORMATS_ONNX_COMPOSE_H
#define OCT_FORMATS_ONNX_COMPOSE_H

#include "formats/onnx.h"

typedef struct oct_compose {
  oct_onnx *reader;
  const oct_onnx_node *node;
} oct_compose;

/// Any operator; its attributes stay to be set. NULL on failure.
oct_node *oct_compose_node(oct_compose c, oct_operator op, int input_count, const oct_value_id *inputs);

oct_value_id oct_compose_unary(oct_compose c, oct_unary_kind kind, oct_value_id x, float alpha, float beta);
oct_value_id oct_compose_binary(oct_compose c, oct_binary_kind kind, oct_value_id a, oct_value_id b);
oct_value_id oct_compose_cast(oct_compose c, oct_value_id x, oct_dtype to);
oct_value_id oct_compose_where(oct_compose c, oct_value_id condition, oct_value_id yes, oct_value_id no);

/// Reduces by `attr`; `axes` may be absent (OCT_NO_VALUE).
oct_value_id oct_compose_reduce(oct_compose c, oct_reduce_attr attr, oct_value_id x, oct_value_id axes);

/// UNSQUEEZE or SQUEEZE by `axes`.
oct_value_id oct_compose_reshape(oct_compose c, oct_reshape_kind kind, oct_value_id x, oct_axes axes);

/// Reshapes to the constant shape given.
oct_value_id oct_compose_reshape_to(oct_compose c, oct_value_id x, int count, const int32_t *dims);

/// The dimensions of x from `start` to `end`, as int64.
oct_value_id oct_compose_shape(oct_compose c, oct_value_id x, int32_t start, int32_t end);

/// Scalar constants.
oct_value_id oct_compose_float(oct_compose c, float number);
oct_value_id oct_compose_int(oct_compose c, oct_dtype dtype, int64_t number);

/// Lets the value have the name of output `index`, and says how all went.
oct_status oct_compose_done(oct_compose c, int index, oct_value_id value);

/// The list that is an attribute before `opset` and input `index` from then on; absent stays absent.
oct_status oct_onnx_list_or_input(oct_onnx *reader, const oct_onnx_node *node, int opset, const char *name, int index,
                                  oct_value_id *list);

#endif
