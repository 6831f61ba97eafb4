// SPDX-License-Identifier: MIT
//
// Einsum: sums of products by the names of dimensions, "bij,bjk->bik".
//
// Operands are taken in from the left, one at a time. What no later operand and no output asks for is summed away as
// soon as it can be. Where two operands share a dimension that goes, they are a batched matrix product, of the last
// such one and the last that each has alone; otherwise they are multiplied under broadcasting. The dimensions of an
// ellipsis get names of their own, counted from the last, for which the operands' ranks have to be known.
#include <string.h>

#include "formats/onnx_compose.h"

/// A tensor and the names of its dimensions.
typedef struct named {
  oct_value_id value;
  int count;
  char name[OCT_MAX_RANK + 1];
} named;

enum { MOST_OPERANDS = 8, LAST_OF_ELLIPSIS = '9', NOTHING = '.' }; // NOTHING: a dimension of 1 put in

typedef struct einsum {
  oct_compose compose;
  named operand[MOST_OPERANDS], output;
} einsum;

static bool has(const named *set, char name) { return memchr(set->name, name, (size_t)set->count) != NULL; }

static bool add(named *set, char name) {
  if (set->count == OCT_MAX_RANK) return false;
  set->name[set->count++] = name;
  return true;
}

/// Names that `from` has and, as `wanted` says, `other` has or lacks.
static named pick(const named *from, const named *other, bool wanted) {
  named set = {.value = OCT_NO_VALUE};
  for (int i = 0; i < from->count; i++)
    if (has(other, from->name[i]) == wanted) set.name[set.count++] = from->name[i];
  return set;
}

static oct_status too_many(const oct_onnx_node *node) {
  const oct_status status = oct_last_error()->status;
  return status == OCT_OK ? oct_onnx_refuse(node, "needs more than 8 dimensions at once") : status;
}

static named failed(void) { return (named){.value = OCT_NO_VALUE}; }

// --- the equation ----------------------------------------------------------------------------------------------------

static bool is_within(oct_bytes text) { return text.count && *text.at != ',' && *text.at != '-'; }

/// Reads the names up to a comma, an arrow or the end; false where they are none of an einsum.
static bool read_names(oct_bytes *text, int ellipsis, named *to) {
  for (; is_within(*text); text->at++, text->count--) {
    const char c = (char)*text->at;
    if (c == ' ') continue;
    if (c == '.') {
      if (text->count < 3 || text->at[1] != '.' || text->at[2] != '.' || ellipsis < 0) return false;
      text->at += 2, text->count -= 2;
      for (int i = ellipsis; i-- > 0;)
        if (!add(to, (char)(LAST_OF_ELLIPSIS - i))) return false;
    } else if (((c | 32) < 'a') | ((c | 32) > 'z') || has(to, c) || !add(to, c)) {
      return false;
    }
  }
  return true;
}

/// How many names are written out, and whether there is an ellipsis among them.
static int count_letters(oct_bytes text, bool *has_dots) {
  int count = 0;
  for (*has_dots = false; is_within(text); text.at++, text.count--) {
    count += *text.at != ' ' && *text.at != '.';
    *has_dots |= *text.at == '.';
  }
  return count;
}

/// Without an arrow the output has the ellipsis, and the letters that stand once, by the alphabet.
static bool default_output(einsum *self, int operands) {
  for (int c = '0'; c <= 'z'; c++) {
    int seen = 0;
    for (int i = 0; i < operands; i++) seen += has(&self->operand[i], (char)c);
    if ((c <= '9' ? seen > 0 : seen == 1) && !add(&self->output, (char)c)) return false;
  }
  return true;
}

static bool read_equation(einsum *self) {
  const oct_onnx_node *node = self->compose.node;
  oct_bytes text = oct_onnx_text(node, "equation");
  int longest = 0;
  for (int i = 0; i < node->input_count; i++) {
    named *operand = &self->operand[i];
    bool has_dots;
    const int rank = oct_onnx_input(self->compose.reader, node, i)->shape.rank;
    const int ellipsis = rank - count_letters(text, &has_dots);
    *operand = (named){.value = node->inputs[i]};
    if (has_dots && ellipsis > longest) longest = ellipsis;
    if ((i > 0 && !text.count) || !read_names(&text, has_dots ? ellipsis : 0, operand)) return false;
    if (rank >= 0 && rank != operand->count) return false;
    if (i + 1 < node->input_count && text.count && *text.at == ',') text.at++, text.count--;
  }
  if (!text.count) return default_output(self, node->input_count);
  if (text.count < 2 || text.at[0] != '-' || text.at[1] != '>') return false;
  text.at += 2, text.count -= 2;
  return read_names(&text, longest, &self->output) && !text.count;
}

// --- its graph -------------------------------------------------------------------------------------------------------

/// Sums over the dimensions that are not wanted.
static named sum_out(oct_compose c, named x, const named *wanted) {
  oct_reduce_attr attr = {.kind = OCT_REDUCE_SUM};
  for (int i = 0; i < x.count; i++)
    if (!has(wanted, x.name[i])) attr.axes.axis[attr.axes.count++] = i;
  if (attr.axes.count == 0) return x;
  named left = pick(&x, wanted, true);
  left.value = oct_compose_reduce(c, attr, x.value, OCT_NO_VALUE);
  return left;
}

/// Puts the dimensions of x into the order of `to`; those that x lacks become 1.
static oct_value_id arrange(oct_compose c, const named *x, const named *to) {
  oct_transpose_attr turn = {0};
  oct_axes lacking = {0};
  bool turned = false;
  for (int i = 0; i < to->count; i++) {
    const char *at = memchr(x->name, to->name[i], (size_t)x->count);
    if (!at) {
      lacking.axis[lacking.count++] = i;
      continue;
    }
    turned |= at - x->name != turn.count;
    turn.perm[turn.count++] = (int32_t)(at - x->name);
  }
  oct_value_id value = x->value;
  if (turned && value != OCT_NO_VALUE) {
    oct_node *made = oct_compose_node(c, OCT_OP_TRANSPOSE, 1, &value);
    if (!made) return OCT_NO_VALUE;
    made->attr.transpose = turn;
    value = made->outputs[0];
  }
  return lacking.count ? oct_compose_reshape(c, OCT_UNSQUEEZE_AXES, value, lacking) : value;
}

/// a [batch..., row, inner] times b [batch..., inner, column]; batches broadcast.
static named matrix_product(oct_compose c, const named *a, const named *b, const named *batch, char row, char inner,
                            char column) {
  named left = *batch, right = *batch, out = *batch;
  if (!add(&left, row) || !add(&left, inner) || !add(&right, inner) || !add(&right, column)) return failed();
  oct_value_id inputs[2] = {arrange(c, a, &left), arrange(c, b, &right)};
  if (inputs[0] == OCT_NO_VALUE || inputs[1] == OCT_NO_VALUE) return failed();
  oct_node *made = oct_compose_node(c, OCT_OP_MATMUL, 2, inputs);
  if (!made) return failed();
  made->attr.matmul = (oct_matmul_attr){.alpha = 1, .beta = 1};
  oct_axes put_in = {0};
  if (row == NOTHING) put_in.axis[put_in.count++] = batch->count;
  else add(&out, row);
  if (column == NOTHING) put_in.axis[put_in.count++] = batch->count + 1;
  else add(&out, column);
  out.value = made->outputs[0];
  if (put_in.count) out.value = oct_compose_reshape(c, OCT_SQUEEZE_AXES, out.value, put_in);
  return out;
}

/// Adds the names of `more`, in their order, but for the last `without`.
static bool join(named *to, const named *more, int without) {
  for (int i = 0; i + without < more->count; i++)
    if (!has(to, more->name[i]) && !add(to, more->name[i])) return false;
  return true;
}

static char last_of(const named *set) { return set->count ? set->name[set->count - 1] : NOTHING; }

/// The product of a and b, summed over what is not wanted.
static named contract(oct_compose c, named a, named b, const named *wanted) {
  named kept = *wanted;
  if (!join(&kept, &b, 0)) return failed();
  a = sum_out(c, a, &kept);
  kept = *wanted;
  if (!join(&kept, &a, 0)) return failed();
  b = sum_out(c, b, &kept);

  const named both = pick(&a, &b, true), inner = pick(&both, wanted, false);
  const named rows = pick(&a, &b, false), columns = pick(&b, &a, false);
  named batch = pick(&both, wanted, true);
  const int last = inner.count > 0; // of each kind is what a matrix has; the others are batches
  if (!join(&batch, &inner, last) || !join(&batch, &rows, last) || !join(&batch, &columns, last)) return failed();
  if (inner.count) {
    batch = matrix_product(c, &a, &b, &batch, last_of(&rows), last_of(&inner), last_of(&columns));
  } else {
    batch.value = oct_compose_binary(c, OCT_MUL, arrange(c, &a, &batch), arrange(c, &b, &batch));
  }
  return sum_out(c, batch, wanted);
}

OCT_ONNX_TRANSLATE(einsum) {
  OCT_TRY(oct_onnx_needs(node, 1));
  einsum self = {.compose = {reader, node}};
  if (node->input_count > MOST_OPERANDS || !read_equation(&self))
    return oct_onnx_refuse(node, "has an equation that does not fit its inputs, or that takes a diagonal");
  named sum = self.operand[0];
  for (int i = 1; i < node->input_count; i++) {
    named wanted = self.output;
    for (int k = i + 1; k < node->input_count; k++)
      if (!join(&wanted, &self.operand[k], 0)) return too_many(node);
    sum = contract(self.compose, sum, self.operand[i], &wanted);
    if (sum.value == OCT_NO_VALUE) return too_many(node);
  }
  sum = sum_out(self.compose, sum, &self.output);
  if (sum.count < self.output.count) return oct_onnx_refuse(node, "names a dimension of the output that no input has");
  return oct_compose_done(self.compose, 0, arrange(self.compose, &sum, &self.output));
}
