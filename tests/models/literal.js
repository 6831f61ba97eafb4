// SPDX-License-Identifier: MIT
//
// What a QDQ model means: every operator as written, in float64, nothing fused. An evaluation in float32, onnxruntime's
// unfused one included, rounds its sums, and where a sum lies next to the middle between two steps that changes a byte,
// and what follows from the byte. This one has no such noise. It is slow, and knows only the operators of the models
// that need it (expected.js); `null` is the answer for any other.
import { Reader } from './protobuf.js';

/**
 * @typedef {{ dims: number[], data: Float64Array, low?: number, high?: number }} Value low and high: of a byte type
 */
/** @typedef {{ op: string, inputs: string[], output: string, attributes: Map<string, any> }} Node */

/** @param {number[]} dims */
const sizeOf = (dims) => dims.reduce((size, dim) => size * dim, 1);
/** @param {number[]} dims @param {ArrayLike<number>} [data] @returns {Value} */
const value = (dims, data) => ({ dims, data: data ? Float64Array.from(data) : new Float64Array(sizeOf(dims)) });
/** @param {Value} x @param {(x: number, i: number) => number} f @returns {Value} */
const map = (x, f) => ({ dims: x.dims, data: x.data.map(f) });

/**
 * Which element of a per-axis list (or of a scalar) belongs to element i of x.
 * @param {Value} x @param {number} count @param {number} axis
 */
function alongAxis(x, count, axis) {
  if (count === 1) return () => 0;
  const inner = sizeOf(x.dims.slice((axis + x.dims.length) % x.dims.length + 1));
  return (/** @type {number} */ i) => Math.floor(i / inner) % count;
}

/** @param {number} x half to even */
function round(x) {
  const floor = Math.floor(x), rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** @param {Value} a @param {Value} b @param {(a: number, b: number) => number} f NumPy broadcasting */
function binary(a, b, f) {
  const rank = Math.max(a.dims.length, b.dims.length);
  const [ad, bd] = [a, b].map(({ dims }) => [...Array(rank - dims.length).fill(1), ...dims]);
  const out = value(ad.map((dim, i) => Math.max(dim, bd[i])));
  /** @param {number[]} dims @param {number} i */
  const index = (dims, i) => {
    let at = 0, stride = 1;
    for (let d = rank - 1; d >= 0; d--) {
      if (dims[d] > 1) at += i % out.dims[d] * stride;
      stride *= dims[d];
      i = Math.floor(i / out.dims[d]);
    }
    return at;
  };
  return map(out, (_, i) => f(a.data[index(ad, i)], b.data[index(bd, i)]));
}

/** @param {Value} x @param {Value} w @param {Value | undefined} b @param {Map<string, any>} attributes */
function conv(x, w, b, attributes) {
  const [n, c, height, width] = x.dims, [outputs, each, kh, kw] = w.dims;
  const [top, left, bottom, right] = attributes.get('pads') ?? [0, 0, 0, 0];
  const [sh, sw] = attributes.get('strides') ?? [1, 1], [dh, dw] = attributes.get('dilations') ?? [1, 1];
  const oh = Math.floor((height + top + bottom - (kh - 1) * dh - 1) / sh) + 1;
  const ow = Math.floor((width + left + right - (kw - 1) * dw - 1) / sw) + 1;
  const perGroup = outputs / (c / each), out = value([n, outputs, oh, ow]);
  for (let plane = 0; plane < n * outputs; plane++) {
    const o = plane % outputs, first = Math.floor(plane / outputs) * c + Math.floor(o / perGroup) * each;
    const sums = out.data.subarray(plane * oh * ow, (plane + 1) * oh * ow).fill(b ? b.data[o] : 0);
    for (let k = 0; k < each * kh * kw; k++) {
      const weight = w.data[o * each * kh * kw + k], source = (first + Math.floor(k / kh / kw)) * height * width;
      const dy = Math.floor(k / kw) % kh * dh - top, dx = k % kw * dw - left;
      for (let y = 0; y < oh; y++) {
        const row = y * sh + dy;
        if (row < 0 || row >= height) continue;
        for (let i = 0, col = dx; i < ow; i++, col += sw) {
          if (col >= 0 && col < width) sums[y * ow + i] += weight * x.data[source + row * width + col];
        }
      }
    }
  }
  return out;
}

/**
 * Without padding, in one group.
 * @param {Value} x @param {Value} w @param {Value | undefined} b @param {number[]} strides
 */
function convTranspose(x, w, b, [sh, sw]) {
  const [n, c, height, width] = x.dims, [, outputs, kh, kw] = w.dims;
  const oh = (height - 1) * sh + kh, ow = (width - 1) * sw + kw, out = value([n, outputs, oh, ow]);
  if (b) out.data.forEach((_, i) => { out.data[i] = b.data[Math.floor(i / oh / ow) % outputs]; });
  for (let i = 0; i < x.data.length; i++) {
    const image = Math.floor(i / c / height / width), from = Math.floor(i / height / width) % c;
    const y = Math.floor(i / width) % height * sh, col = i % width * sw;
    for (let k = 0; k < outputs * kh * kw; k++) {
      const plane = image * outputs + Math.floor(k / kh / kw), row = y + Math.floor(k / kw) % kh;
      out.data[(plane * oh + row) * ow + col + k % kw] += x.data[i] * w.data[from * outputs * kh * kw + k];
    }
  }
  return out;
}

/** Along channels, of one image. @param {Value[]} list */
const concat = (list) => value([1, list.reduce((sum, { dims }) => sum + dims[1], 0), ...list[0].dims.slice(2)],
  list.flatMap(({ data }) => [...data]));

/** Whole factors, nearest. @param {Value} x @param {Value} scales */
function resize({ dims, data }, scales) {
  const [, , fy, fx] = scales.data, [n, c, height, width] = dims, out = value([n, c, height * fy, width * fx]);
  return map(out, (_, i) => {
    const col = Math.floor(i % (width * fx) / fx), y = Math.floor(Math.floor(i / width / fx) % (height * fy) / fy);
    return data[(Math.floor(i / width / fx / height / fy) * height + y) * width + col];
  });
}

/** @param {Value} x */
function globalAverage({ dims, data }) {
  const [n, c, height, width] = dims, size = height * width;
  return map(value([n, c, 1, 1]), (_, i) => data.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b) / size);
}

/** @type {Record<string, (inputs: Value[], attributes: Map<string, any>) => Value>} */
const operators = {
  QuantizeLinear([x, scale, zero], attributes) {
    const at = alongAxis(x, scale.data.length, attributes.get('axis') ?? 1);
    const { low = 0, high = 255 } = zero;
    const bytes = map(x, (real, i) =>
      Math.min(high, Math.max(low, round(real / scale.data[at(i)]) + zero.data[at(i)])));
    return { ...bytes, low, high };
  },
  DequantizeLinear([x, scale, zero], attributes) {
    const at = alongAxis(x, scale.data.length, attributes.get('axis') ?? 1);
    return map(x, (stored, i) => (stored - (zero?.data[at(i)] ?? 0)) * scale.data[at(i)]);
  },
  Conv: ([x, w, b], attributes) => conv(x, w, b, attributes),
  ConvTranspose: ([x, w, b], attributes) => convTranspose(x, w, b, attributes.get('strides')),
  BatchNormalization: ([x, scale, bias, mean, variance], attributes) => map(x, (real, i) => {
    const c = Math.floor(i / x.dims[2] / x.dims[3]) % x.dims[1];
    const factor = scale.data[c] / Math.sqrt(variance.data[c] + (attributes.get('epsilon') ?? 1e-5));
    return (real - mean.data[c]) * factor + bias.data[c];
  }),
  PRelu: ([x, slope]) => binary(x, slope, (a, b) => (a < 0 ? a * b : a)),
  Add: ([a, b]) => binary(a, b, (x, y) => x + y),
  Mul: ([a, b]) => binary(a, b, (x, y) => x * y),
  Sigmoid: ([x]) => map(x, (real) => 1 / (1 + Math.exp(-real))),
  HardSwish: ([x]) => map(x, (real) => real * Math.min(1, Math.max(0, real / 6 + 0.5))),
  HardSigmoid: ([x], attributes) => map(x, (real) =>
    Math.min(1, Math.max(0, real * (attributes.get('alpha') ?? 0.2) + (attributes.get('beta') ?? 0.5)))),
  GlobalAveragePool: ([x]) => globalAverage(x),
  Resize: ([x, , scales]) => resize(x, scales),
  Concat: (list) => (list[0].dims.length > 1 ? concat(list) : value([list.length], list.map(({ data }) => data[0]))),
  Shape: ([x]) => value([x.dims.length], x.dims),
  Gather: ([x, indices]) => map(indices, (index) => x.data[index]),
  Unsqueeze: ([x]) => ({ ...x, dims: [1, ...x.dims] }),
  Reshape: ([x, shape]) => {
    const dims = [...shape.data], known = dims.reduce((size, dim) => (dim > 0 ? size * dim : size), 1);
    return { ...x, dims: dims.map((dim) => (dim > 0 ? dim : x.data.length / known)) };
  },
};

/**
 * The outputs of an ONNX model, or null if it has an operator that is not here.
 * @param {Uint8Array} bytes
 * @param {import('../../js/index.js').Tensor[]} inputs
 */
export function evaluateLiterally(bytes, inputs) {
  const { nodes, constants, inputNames, outputNames } = new Reader(bytes).model();
  if (nodes.some(({ op }) => !operators[op])) return null;
  const values = new Map(constants);
  const fed = inputNames.filter((name) => !constants.has(name));
  fed.forEach((name, i) => values.set(name, value([...inputs[i].shape], Array.from(inputs[i].data, Number))));
  for (const { op, inputs: names, output, attributes } of nodes) {
    values.set(output, operators[op](names.map((name) => /** @type {Value} */ (values.get(name))), attributes));
  }
  return outputNames.map((name) => /** @type {Value} */ (values.get(name)).data);
}
