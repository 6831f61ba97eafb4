// SPDX-License-Identifier: MIT
//
// Packs integer depthwise weights into blocks of 16 channels; the sister of gemm_qs8/pack.c. A dot product's lane adds
// kernel rows of one column and one channel: 4 rows of bytes, or 2 of 16-bit words, and 2 columns in a last odd row.
//
// A weight less its zero point that is no signed byte (old uint8 models have one or two a layer, mostly in the
// kernel's middle row) is packed in two bytes, and 255 in three: its kernel row stands again in its block. A kernel of 3
// rows has the room for one.
#include <string.h>

#include "kernels/kernels.h"

enum { CHANNELS = 16 };

/// The shape of a kernel, and whether it is packed in words.
typedef struct block_layout {
  int32_t kh, kw;
  bool words;
} block_layout;

static block_layout layout_of(const oct_weights *weights, int32_t kh, oct_machine machine) {
  return (block_layout){kh, weights->taps / kh, machine == OCT_MACHINE_simd128};
}

static int32_t weight_at(const oct_weights *weights, int32_t tap, int32_t c) {
  const uint8_t byte = ((const uint8_t *)weights->data)[weights->tap_offset[tap] + c * weights->n_stride];
  return (int8_t)(byte ^ weights->flip) - (weights->zero_point ? weights->zero_point[c] : 0);
}

static int32_t as_byte(int32_t weight) { return weight < -128 ? -128 : weight > 127 ? 127 : weight; }

/// How many bytes the weights of kernel row `ky` take in the block of channels that begins at c.
OCT_APART int32_t count_parts(const oct_weights *weights, const block_layout *layout, int32_t ky,
                              int32_t c) {
  const int32_t end = c + CHANNELS < weights->n ? c + CHANNELS : weights->n;
  int32_t least = 0, most = 0;
  if (!weights->zero_point || layout->words) return 1;
  for (int32_t kx = 0; kx < layout->kw; kx++) {
    for (int32_t at = c; at < end; at++) {
      const int32_t weight = weight_at(weights, ky * layout->kw + kx, at);
      least = weight < least ? weight : least;
      most = weight > most ? weight : most;
    }
  }
  return 1 + (least < -128 || most > 127) + (most > 254);
}

/// Groups of kernel rows in the block that begins at c.
static int32_t count_groups(const oct_weights *weights, const block_layout *layout, int32_t c) {
  int32_t slots = layout->kh;
  for (int32_t ky = 0; ky < layout->kh; ky++) slots += count_parts(weights, layout, ky, c) - 1;
  return layout->words ? (slots + 1) / 2 : (slots + 3) / 4;
}

/// Dot products that an output takes.
static size_t count_dots(const block_layout *layout, int32_t groups) {
  return layout->words ? (size_t)(layout->kh / 2 * layout->kw + layout->kh % 2 * (layout->kw + 1) / 2)
                       : (size_t)groups * layout->kw;
}

/// Bytes before the weights, and of a whole block.
static size_t head_bytes(const block_layout *layout, int32_t groups) {
  return 4 * CHANNELS + (layout->words ? 0 : 16 * ((size_t)groups + 1));
}
static size_t block_bytes(const block_layout *layout, int32_t groups) {
  return head_bytes(layout, groups) + 4 * CHANNELS * (count_dots(layout, groups) + 1);
}

size_t oct_dwconv_qs8_packed_bytes(const oct_weights *weights, int32_t kh, oct_machine machine) {
  const block_layout layout = layout_of(weights, kh, machine);
  size_t bytes = 0;
  for (int32_t c = 0; c < weights->n; c += CHANNELS) {
    bytes += block_bytes(&layout, count_groups(weights, &layout, c));
  }
  return bytes;
}

int32_t oct_dwconv_qs8_groups(const oct_weights *weights, int32_t kh, oct_machine machine) {
  const block_layout layout = layout_of(weights, kh, machine);
  int32_t most = 0;
  for (int32_t c = 0; c < weights->n; c += CHANNELS) {
    const int32_t groups = count_groups(weights, &layout, c);
    if (groups > most) most = groups;
  }
  return most;
}

size_t oct_dwconv_qs8_scratch_bytes(const oct_dwconv_row *row, int32_t groups, oct_machine machine) {
  const size_t columns = (size_t)(row->out_width - 1) * row->stride + (size_t)(row->kw - 1) * row->dilation + 1;
  if (machine == OCT_MACHINE_ref) return 0;
  // Outputs are computed in pairs, also the one past an odd row's end, which reads columns of its own.
  return ((size_t)groups * columns + row->stride) * CHANNELS * (machine == OCT_MACHINE_simd128 ? 2 : 4);
}

/// Where a weight of kernel row `slot` stands among the words or bytes of its block.
static int32_t place_of(const block_layout *layout, int32_t slot, int32_t kx, int32_t lane) {
  if (!layout->words) return ((slot / 4 * layout->kw + kx) * CHANNELS + lane) * 4 + slot % 4;
  const bool alone = slot % 2 == 0 && slot == layout->kh - 1;
  const int32_t dot = slot / 2 * layout->kw + (alone ? kx / 2 : kx);
  return (dot * CHANNELS + lane) * 2 + (alone ? kx : slot) % 2;
}

/// Writes one slot of a block, a part of a kernel row's weights; adds them to the channels' sums with the first.
OCT_APART void pack_slot(const oct_weights *weights, const block_layout *layout, int32_t c,
                         int32_t ky, int32_t part, int32_t slot, void *values,
                         uint32_t *sums) {
  for (int32_t lane = 0; lane < CHANNELS && c + lane < weights->n; lane++) {
    for (int32_t kx = 0; kx < layout->kw; kx++) {
      const int32_t at = place_of(layout, slot, kx, lane);
      int32_t weight = weight_at(weights, ky * layout->kw + kx, c + lane);
      if (part == 0) sums[lane] += (uint32_t)weight;
      for (int32_t i = 0; i < part; i++) weight -= as_byte(weight);
      if (layout->words) ((int16_t *)values)[at] = (int16_t)weight;
      else ((int8_t *)values)[at] = (int8_t)as_byte(weight);
    }
  }
}

/// Writes the block that begins at channel c; returns its end.
static uint8_t *pack_block(const oct_weights *weights, const block_layout *layout, int32_t c, uint8_t *block) {
  const int32_t groups = count_groups(weights, layout, c), *biases = weights->bias;
  uint8_t *values = block + head_bytes(layout, groups), *end = block + block_bytes(layout, groups);
  memset(block, 0, block_bytes(layout, groups));
  int32_t *bias = (int32_t *)block, *head = bias + CHANNELS;
  float *scale = (float *)end - CHANNELS;
  uint32_t sums[CHANNELS] = {0};
  int32_t slot = layout->kh;
  for (int32_t ky = 0; ky < layout->kh; ky++) {
    const int32_t parts = count_parts(weights, layout, ky, c);
    pack_slot(weights, layout, c, ky, 0, ky, values, sums);
    if (!layout->words) head[4 + ky] = ky;
    for (int32_t part = 1; part < parts; part++) {
      pack_slot(weights, layout, c, ky, part, slot, values, sums);
      head[4 + slot++] = ky;
    }
  }
  if (!layout->words) {
    head[0] = groups, head[1] = slot;
    for (; slot < 4 * groups; slot++) head[4 + slot] = layout->kh - 1;
  }
  for (int32_t lane = 0; lane < CHANNELS && c + lane < weights->n; lane++) {
    const uint32_t own = biases ? (uint32_t)biases[c + lane] : 0;
    bias[lane] = (int32_t)(own - (uint32_t)weights->x_zero_point * sums[lane]);
    scale[lane] = weights->scale[c + lane];
  }
  return end;
}

void oct_dwconv_qs8_pack(const oct_weights *weights, int32_t kh, oct_machine machine, void *panels) {
  const block_layout layout = layout_of(weights, kh, machine);
  uint8_t *block = panels;
  for (int32_t c = 0; c < weights->n; c += CHANNELS) block = pack_block(weights, &layout, c, block);
}
