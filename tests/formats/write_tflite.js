// SPDX-License-Identifier: MIT
//
// Writes TFLite models for tests: a flatbuffer writer (forward, nothing shared), and the few tables it takes by slot.
// The models are small, whole and right; tests then damage them.

/** @typedef {(out: number[]) => number} Reference writes something at the end and answers where it is */
/** @typedef {{ inline: number[] } | { reference: Reference } | undefined} Slot */

/** @param {ArrayBufferView} array */
const bytesOf = (array) => [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)];

/** @param {number} value @returns {Slot} */
export const u8 = (value) => ({ inline: [value & 255] });
/** @param {number} value @returns {Slot} */
export const i32 = (value) => ({ inline: bytesOf(Int32Array.of(value)) });
/** @param {number} value @returns {Slot} */
export const f32 = (value) => ({ inline: bytesOf(Float32Array.of(value)) });

/** @param {number[]} out @param {number} at @param {number} value */
function patch(out, at, value) {
  bytesOf(Int32Array.of(value)).forEach((byte, i) => { out[at + i] = byte; });
}

/** @param {number[]} out @param {number} alignment */
function align(out, alignment) {
  while (out.length % alignment) out.push(0);
}

/**
 * A vector of numbers.
 * @param {ArrayBufferView & { length: number }} array
 * @returns {Slot}
 */
export const vector = (array) => ({
  reference(out) {
    while ((out.length + 4) % 16) out.push(0);
    const at = out.length;
    out.push(...bytesOf(Int32Array.of(array.length)), ...bytesOf(array));
    return at;
  },
});

/** @param {number[]} values */
export const ints = (values) => vector(Int32Array.from(values));

/** @param {string} value @returns {Slot} */
export const text = (value) => ({
  reference(out) {
    const at = /** @type {any} */ (vector(new TextEncoder().encode(value))).reference(out);
    out.push(0);
    return at;
  },
});

/**
 * @param {Slot[]} elements
 * @returns {Slot}
 */
export const tables = (elements) => ({
  reference(out) {
    align(out, 4);
    const at = out.length;
    out.push(...bytesOf(Int32Array.of(elements.length)), ...elements.flatMap(() => [0, 0, 0, 0]));
    elements.forEach((element, i) => {
      const field = at + 4 + 4 * i;
      patch(out, field, /** @type {any} */ (element).reference(out) - field);
    });
    return at;
  },
});

/**
 * A table of slots in order, undefined where absent.
 * @param {Slot[]} slots
 * @returns {Slot}
 */
export const table = (...slots) => ({
  reference(out) {
    align(out, 4);
    const vtable = out.length, places = [];
    let size = 4;
    for (const slot of slots) {
      const width = !slot ? 0 : 'inline' in slot ? slot.inline.length : 4;
      if (width === 4) size = (size + 3) & ~3;
      places.push(width ? size : 0);
      size += width;
    }
    out.push(...bytesOf(Uint16Array.of(4 + 2 * slots.length, size, ...places)));
    align(out, 4);
    const at = out.length;
    out.push(...bytesOf(Int32Array.of(at - vtable)), ...Array(size - 4).fill(0));
    slots.forEach((slot, i) => {
      if (!slot) return;
      const field = at + places[i];
      if ('inline' in slot) slot.inline.forEach((byte, k) => { out[field + k] = byte; });
      else patch(out, field, slot.reference(out) - field);
    });
    return at;
  },
});

const TYPES = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, bool: 6, int16: 7, int8: 9, resource: 13 };

/**
 * @typedef {object} TensorSpec
 * @property {string} name
 * @property {keyof typeof TYPES} [dtype]
 * @property {number[]} shape
 * @property {number[]} [signature]
 * @property {ArrayBufferView} [data] of a constant
 * @property {boolean} [variable] keeps what it holds between runs
 * @property {{ scale: number[], zero: number[], axis?: number }} [quant]
 */

/** @param {TensorSpec} spec @param {number} buffer */
function tensor({ name, dtype = 'float32', shape, signature, quant, variable }, buffer) {
  const quantization = quant && table(undefined, undefined, vector(Float32Array.from(quant.scale)),
    vector(BigInt64Array.from(quant.zero, BigInt)), undefined, undefined, i32(quant.axis ?? 0));
  return table(ints(shape), u8(TYPES[dtype]), i32(buffer), text(name), quantization, variable && u8(1), undefined,
    signature && ints(signature));
}

/**
 * @typedef {object} OperatorSpec
 * @property {number} code the BuiltinOperator
 * @property {string} [custom]
 * @property {number[]} in tensor indices, -1 = absent
 * @property {number[]} out
 * @property {Slot} [options]
 * @property {Uint8Array} [customOptions]
 */

/**
 * @typedef {object} SubgraphSpec
 * @property {TensorSpec[]} tensors
 * @property {OperatorSpec[]} operators
 * @property {number[]} inputs
 * @property {number[]} outputs
 */

/**
 * @param {SubgraphSpec & { others?: SubgraphSpec[] }} model the main subgraph, and those after it
 * @returns {Uint8Array}
 */
export function tfliteModel({ others = [], ...main }) {
  const subgraphs = [main, ...others];
  const constants = subgraphs.flatMap(({ tensors }) => tensors.filter(({ data }) => data));
  const contents = constants.map(({ data }) => Uint8Array.from(bytesOf(/** @type {ArrayBufferView} */ (data))));
  const buffers = [table(), ...contents.map((content) => table(vector(content)))];
  const all = subgraphs.flatMap(({ operators }) => operators);
  const codes = all.map(({ code, custom }) => table(u8(Math.min(code, 127)), custom ? text(custom) : undefined,
    i32(1), i32(code)));
  const node = (/** @type {OperatorSpec} */ operator) => table(i32(all.indexOf(operator)), ints(operator.in),
    ints(operator.out), u8(0), operator.options, operator.customOptions && vector(operator.customOptions));
  const graphs = subgraphs.map(({ tensors, operators, inputs, outputs }) =>
    table(tables(tensors.map((spec) => tensor(spec, constants.indexOf(spec) + 1))), ints(inputs), ints(outputs),
      tables(operators.map(node)), text('main')));
  const out = [0, 0, 0, 0, ...new TextEncoder().encode('TFL3')];
  const root = table(i32(3), tables(codes), tables(graphs), text('test'), tables(buffers));
  patch(out, 0, /** @type {any} */ (root).reference(out));
  return Uint8Array.from(out);
}
