// SPDX-License-Identifier: MIT
//
// What convolutions and their transposes mean, product by product, in doubles: [N, C, H, W] and ONNX's weights.

/**
 * @typedef {object} Window
 * @property {number[]} [strides]
 * @property {number[]} [dilations]
 * @property {number[]} [pads]
 * @property {number} [group]
 * @property {number[]} [output_padding]
 */
/** @typedef {{ shape: readonly number[], numbers: number[] }} Image */

/** @param {Window} window */
const complete = ({ strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], group = 1, output_padding = [0, 0] }) =>
  ({ strides, dilations, pads, group, outputPadding: output_padding });

/**
 * Calls `visit` with every index within `shape`.
 * @param {readonly number[]} shape
 * @param {(...at: number[]) => void} visit
 */
function each([size, ...inner], visit) {
  for (let i = 0; i < size; i++) {
    if (inner.length) each(inner, (...at) => visit(i, ...at));
    else visit(i);
  }
}

/** The flat index, or -1 outside. @param {readonly number[]} shape @param {number[]} at */
const flat = (shape, at) =>
  at.reduce((index, i, d) => (index < 0 || i < 0 || i >= shape[d] ? -1 : index * shape[d] + i), 0);

/**
 * Weights [O, C / group, H, W].
 * @param {Image} x @param {Image} w @param {number[] | null} bias @param {Window} window
 */
export function conv(x, w, bias, window) {
  const { strides, dilations, pads, group } = complete(window);
  const [outputs, perGroup, ...kernel] = w.shape;
  const size = kernel.map((k, d) =>
    Math.floor((x.shape[d + 2] + pads[d] + pads[d + 2] - (k - 1) * dilations[d] - 1) / strides[d]) + 1);
  const shape = [x.shape[0], outputs, ...size];
  const numbers = /** @type {number[]} */ ([]);
  each(shape, (b, o, oy, ox) => {
    let sum = bias ? bias[o] : 0;
    each(w.shape.slice(1), (c, ky, kx) => {
      const channel = Math.floor(o / (outputs / group)) * perGroup + c;
      const y = oy * strides[0] - pads[0] + ky * dilations[0], column = ox * strides[1] - pads[1] + kx * dilations[1];
      const from = flat(x.shape, [b, channel, y, column]);
      if (from >= 0) sum += x.numbers[from] * w.numbers[flat(w.shape, [o, c, ky, kx])];
    });
    numbers.push(sum);
  });
  return { shape, numbers };
}

/**
 * Weights [C, O / group, H, W].
 * @param {Image} x @param {Image} w @param {number[] | null} bias @param {Window} window
 */
export function convTranspose(x, w, bias, window) {
  const { strides, dilations, pads, group, outputPadding } = complete(window);
  const [channels, perGroup, ...kernel] = w.shape;
  const size = kernel.map((k, d) =>
    (x.shape[d + 2] - 1) * strides[d] + outputPadding[d] + (k - 1) * dilations[d] + 1 - pads[d] - pads[d + 2]);
  const shape = [x.shape[0], perGroup * group, ...size];
  const numbers = /** @type {number[]} */ ([]);
  each(shape, (b, o) => numbers.push(bias ? bias[o] : 0));
  each(x.shape, (b, c, y, column) => each(w.shape.slice(1), (o, ky, kx) => {
    const output = Math.floor(c / (channels / group)) * perGroup + o;
    const oy = y * strides[0] - pads[0] + ky * dilations[0], ox = column * strides[1] - pads[1] + kx * dilations[1];
    const to = flat(shape, [b, output, oy, ox]);
    if (to < 0) return;
    numbers[to] += x.numbers[flat(x.shape, [b, c, y, column])] * w.numbers[flat(w.shape, [c, o, ky, kx])];
  }));
  return { shape, numbers };
}
