// SPDX-License-Identifier: MIT
//
// Small ONNX models written by tests, so that a test says in its own lines what the model is that it runs. Only as much
// of protobuf and ONNX as that takes; field numbers are those of onnx.proto.

const TYPES = /** @type {Record<string, number>} */ ({
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
});

/** @param {number | bigint} value */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** @param {number} field @param {number | bigint} value */
const number = (field, value) => [...varint(field << 3), ...varint(value)];

/** @param {number} field @param {Iterable<number>} body */
const block = (field, body) => {
  const bytes = [...body];
  return [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
};

/** @param {number} field @param {string} text */
const string = (field, text) => block(field, new TextEncoder().encode(text));

/**
 * A dimension that is a string is dynamic.
 * @typedef {{ dtype: string, shape: (number | string)[] }} Info
 * A constant with `external` lies in another file: what the model says of it, such as { location: 'a.bin', offset: '0' }.
 * @typedef {{ dtype: string, shape: number[], data?: ArrayBufferView, external?: Record<string, string> }} Constant
 * @typedef {number | number[] | string | { float: number } | { floats: number[] } | { strings: string[] } | Graph} Attribute
 *   whole numbers, unless it says float
 * @typedef {{ op: string, inputs: string[], outputs: string[], name?: string, domain?: string,
 *   attributes?: Record<string, Attribute> }} Node
 */

/**
 * @typedef {object} Graph
 * @property {Record<string, Info | undefined>} [inputs]
 * @property {Record<string, Info | undefined>} outputs
 * @property {Node[]} nodes
 * @property {Record<string, Constant>} [constants]
 */

/** @param {[string, Info | undefined]} entry of an output, the type may be left to the reader */
function valueInfo([name, info]) {
  if (!info) return string(1, name);
  const { dtype, shape } = info;
  const dims = shape.flatMap((dim) => block(1, typeof dim === 'string' ? string(2, dim) : number(1, dim)));
  return [...string(1, name), ...block(2, block(1, [...number(1, TYPES[dtype]), ...block(2, dims)]))];
}

/** @param {[string, Constant]} entry */
function initializer([name, { dtype, shape, data, external }]) {
  const raw = data ? block(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) : [];
  const entries = Object.entries(external ?? {}).flatMap(([key, value]) => block(13, [...string(1, key), ...string(2, value)]));
  const place = external ? [...entries, ...number(14, 1)] : [];
  return [...shape.flatMap((dim) => number(1, dim)), ...number(2, TYPES[dtype]), ...string(8, name), ...raw, ...place];
}

/** @param {[string, Attribute]} entry @returns {number[]} */
function attribute([name, value]) {
  const FLOAT = 1,
    INT = 2,
    STRING = 3,
    GRAPH = 5,
    FLOATS = 6,
    INTS = 7,
    STRINGS = 8;
  if (typeof value === 'string') return [...string(1, name), ...string(4, value), ...number(20, STRING)];
  if (typeof value === 'object' && 'nodes' in value)
    return [...string(1, name), ...block(6, graphProto(value)), ...number(20, GRAPH)];
  if (typeof value === 'object' && 'float' in value) {
    const bytes = new Uint8Array(Float32Array.of(value.float).buffer);
    return [...string(1, name), ...varint((2 << 3) | 5), ...bytes, ...number(20, FLOAT)];
  }
  if (typeof value === 'object' && 'floats' in value) {
    const bytes = new Uint8Array(Float32Array.from(value.floats).buffer);
    return [...string(1, name), ...block(7, bytes), ...number(20, FLOATS)];
  }
  if (typeof value === 'object' && 'strings' in value)
    return [...string(1, name), ...value.strings.flatMap((text) => string(9, text)), ...number(20, STRINGS)];
  if (!Array.isArray(value)) return [...string(1, name), ...number(3, value), ...number(20, INT)];
  return [...string(1, name), ...value.flatMap((item) => number(8, item)), ...number(20, INTS)];
}

/** @param {Node} node */
const nodeProto = ({ op, inputs, outputs, name = outputs[0], domain = '', attributes = {} }) => [
  ...inputs.flatMap((input) => string(1, input)),
  ...outputs.flatMap((output) => string(2, output)),
  ...string(3, name),
  ...string(4, op),
  ...string(7, domain),
  ...Object.entries(attributes).flatMap((entry) => block(5, attribute(entry))),
];

/** @param {Graph} graph @returns {number[]} */
const graphProto = ({ inputs = {}, outputs, nodes, constants = {} }) => [
  ...nodes.flatMap((node) => block(1, nodeProto(node))),
  ...string(2, 'test'),
  ...Object.entries(constants).flatMap((entry) => block(5, initializer(entry))),
  ...Object.entries(inputs).flatMap((entry) => block(11, valueInfo(entry))),
  ...Object.entries(outputs).flatMap((entry) => block(12, valueInfo(entry))),
];

/**
 * @param {Graph & { opset?: number }} model
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const onnxModel = ({ opset = 17, ...graph }) =>
  Uint8Array.from([...number(1, 8), ...block(7, graphProto(graph)), ...block(8, number(2, opset))]);

/** y = relu(x + 1), of any number of columns. */
export const addOneModel = () =>
  onnxModel({
    inputs: { x: { dtype: 'float32', shape: [2, 'columns'] } },
    outputs: { y: { dtype: 'float32', shape: [2, 'columns'] } },
    constants: { one: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } },
    nodes: [
      { op: 'Add', inputs: ['x', 'one'], outputs: ['sum'] },
      { op: 'Relu', inputs: ['sum'], outputs: ['y'] },
    ],
  });

/**
 * A chain of multiplications of square matrices, long enough to be aborted: about a millisecond each.
 * @param {number} [length]
 */
export function slowModel(length = 200) {
  const SIZE = 256;
  const name = (/** @type {number} */ i) => (i === 0 ? 'x' : i === length ? 'y' : `m${i}`);
  return onnxModel({
    inputs: { x: { dtype: 'float32', shape: [SIZE, SIZE] } },
    outputs: { y: { dtype: 'float32', shape: [SIZE, SIZE] } },
    constants: { w: { dtype: 'float32', shape: [SIZE, SIZE], data: new Float32Array(SIZE * SIZE).fill(1 / SIZE) } },
    nodes: Array.from({ length }, (_, i) => ({ op: 'MatMul', inputs: [name(i), 'w'], outputs: [name(i + 1)] })),
  });
}
