// SPDX-License-Identifier: MIT
//
// What convolutions and their transposes mean, pixel by pixel, in doubles: [N, C, H, W] and ONNX's weights.

/**
 * @typedef {{ strides?: number[], dilations?: number[], pads?: number[], group?: number, output_padding?: number[] }} Window
 * @typedef {{ shape: readonly number[], numbers: number[] }} Image
 */

/** @param {Window} window */
const complete = ({ strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], group = 1, output_padding = [0, 0] }) =>
  ({ strides, dilations, pads, group, outputPadding: output_padding });

/** Weights [O, C / group, H, W]. @param {Image} x @param {Image} w @param {number[] | null} bias @param {Window} window */
export function conv(x, w, bias, window) {
  const { strides, dilations, pads, group } = complete(window);
  const [batch, channels, height, width] = x.shape, [outputs, perGroup, kh, kw] = w.shape;
  const outHeight = Math.floor((height + pads[0] + pads[2] - (kh - 1) * dilations[0] - 1) / strides[0]) + 1;
  const outWidth = Math.floor((width + pads[1] + pads[3] - (kw - 1) * dilations[1] - 1) / strides[1]) + 1;
  const numbers = [];
  for (let b = 0; b < batch; b++) for (let o = 0; o < outputs; o++) for (let oy = 0; oy < outHeight; oy++) for (let ox = 0; ox < outWidth; ox++) {
    let sum = bias ? bias[o] : 0;
    for (let c = 0; c < perGroup; c++) for (let ky = 0; ky < kh; ky++) for (let kx = 0; kx < kw; kx++) {
      const y = oy * strides[0] - pads[0] + ky * dilations[0], xx = ox * strides[1] - pads[1] + kx * dilations[1];
      if (y < 0 || y >= height || xx < 0 || xx >= width) continue;
      const channel = Math.floor(o / (outputs / group)) * perGroup + c;
      sum += x.numbers[((b * channels + channel) * height + y) * width + xx] * w.numbers[((o * perGroup + c) * kh + ky) * kw + kx];
    }
    numbers.push(sum);
  }
  return { shape: [batch, outputs, outHeight, outWidth], numbers };
}

/** Weights [C, O / group, H, W]. @param {Image} x @param {Image} w @param {number[] | null} bias @param {Window} window */
export function convTranspose(x, w, bias, window) {
  const { strides, dilations, pads, group, outputPadding } = complete(window);
  const [batch, channels, height, width] = x.shape, [, perGroup, kh, kw] = w.shape, outputs = perGroup * group;
  const outHeight = (height - 1) * strides[0] + outputPadding[0] + (kh - 1) * dilations[0] + 1 - pads[0] - pads[2];
  const outWidth = (width - 1) * strides[1] + outputPadding[1] + (kw - 1) * dilations[1] + 1 - pads[1] - pads[3];
  const shape = [batch, outputs, outHeight, outWidth], size = outHeight * outWidth;
  const numbers = Array.from({ length: batch * outputs * size }, (_, i) => (bias ? bias[Math.floor(i / size) % outputs] : 0));
  for (let b = 0; b < batch; b++) for (let c = 0; c < channels; c++) for (let y = 0; y < height; y++) for (let xx = 0; xx < width; xx++) {
    const value = x.numbers[((b * channels + c) * height + y) * width + xx];
    for (let o = 0; o < perGroup; o++) for (let ky = 0; ky < kh; ky++) for (let kx = 0; kx < kw; kx++) {
      const oy = y * strides[0] - pads[0] + ky * dilations[0], ox = xx * strides[1] - pads[1] + kx * dilations[1];
      if (oy < 0 || oy >= outHeight || ox < 0 || ox >= outWidth) continue;
      const output = Math.floor(c / (channels / group)) * perGroup + o;
      numbers[((b * outputs + output) * outHeight + oy) * outWidth + ox] += value * w.numbers[((c * perGroup + o) * kh + ky) * kw + kx];
    }
  }
  return { shape, numbers };
}
