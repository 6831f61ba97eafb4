// SPDX-License-Identifier: MIT
//
// Writes ONNX models for tests: a protobuf writer for the few messages it takes, no schema. The models are small, whole
// and right; tests then damage them.

/** @typedef {number[]} Bytes */

/** @param {number | bigint} value @returns {Bytes} */
export function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** @param {number} field @param {number | bigint} value @returns {Bytes} */
export const int = (field, value) => [...varint(field << 3), ...varint(value)];

/** @param {number} field @param {Bytes} bytes @returns {Bytes} */
export const bytes = (field, bytes) => [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes];

/** @param {number} field @param {string} text @returns {Bytes} */
export const text = (field, text) => bytes(field, [...new TextEncoder().encode(text)]);

/** @param {number} field @param {number} value @returns {Bytes} */
export const float = (field, value) => [...varint(field << 3 | 5), ...new Uint8Array(new Float32Array([value]).buffer)];

const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 };
const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int32: Int32Array, int64: BigInt64Array };

/** @typedef {keyof typeof TYPES} DType */

/**
 * A TensorProto with raw data.
 * @param {string} name
 * @param {DType} dtype
 * @param {number[]} dims
 * @param {number[]} values
 * @returns {Bytes}
 */
export function tensor(name, dtype, dims, values) {
  const list = dtype === 'int64' ? BigInt64Array.from(values, BigInt) : /** @type {any} */ (ARRAYS[dtype]).from(values);
  return [...dims.flatMap((dim) => int(1, dim)), ...int(2, TYPES[dtype]), ...text(8, name),
    ...bytes(9, [...new Uint8Array(list.buffer)])];
}

/** @param {string} name @param {number | number[] | string | { tensor: Bytes } | { float: number }} value */
function attribute(name, value) {
  const head = text(1, name);
  if (typeof value === 'number') return [...head, ...int(3, value), ...int(20, 2)];
  if (typeof value === 'string') return [...head, ...text(4, value), ...int(20, 3)];
  if (Array.isArray(value)) return [...head, ...value.flatMap((element) => int(8, element)), ...int(20, 7)];
  if ('tensor' in value) return [...head, ...bytes(5, value.tensor), ...int(20, 4)];
  return [...head, ...float(2, value.float), ...int(20, 1)];
}

/**
 * @typedef {object} Node
 * @property {string} op
 * @property {string[]} in
 * @property {string[]} out
 * @property {Record<string, Parameters<typeof attribute>[1]>} [attributes]
 * @property {string} [domain]
 * @property {string} [name]
 */

/** @param {Node} node @returns {Bytes} */
const node = ({ op, in: inputs, out, attributes = {}, domain = '', name = '' }) => [
  ...inputs.flatMap((input) => text(1, input)), ...out.flatMap((output) => text(2, output)),
  ...(name ? text(3, name) : []), ...text(4, op),
  ...Object.entries(attributes).flatMap(([key, value]) => bytes(5, attribute(key, value))),
  ...(domain ? text(7, domain) : []),
];

/** @typedef {{ name: string, dtype?: DType, shape: (number | string)[] }} Info */

/** @param {Info} info @returns {Bytes} */
function valueInfo({ name, dtype = 'float32', shape }) {
  const dims = shape.flatMap((dim) => bytes(1, typeof dim === 'number' ? int(1, dim) : text(2, dim)));
  return [...text(1, name), ...bytes(2, bytes(1, [...int(1, TYPES[dtype]), ...bytes(2, dims)]))];
}

/**
 * A ModelProto.
 * @param {object} graph
 * @param {Info[]} graph.inputs
 * @param {Info[]} graph.outputs
 * @param {Node[]} graph.nodes
 * @param {Bytes[]} [graph.constants]
 * @param {number} [graph.opset]
 * @returns {Uint8Array}
 */
export function onnxModel({ inputs, outputs, nodes, constants = [], opset = 17 }) {
  const graph = [
    ...nodes.flatMap((each) => bytes(1, node(each))), ...text(2, 'test'),
    ...constants.flatMap((each) => bytes(5, each)), ...inputs.flatMap((each) => bytes(11, valueInfo(each))),
    ...outputs.flatMap((each) => bytes(12, valueInfo(each))),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, int(2, opset))]);
}
