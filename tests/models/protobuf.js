// SPDX-License-Identifier: MIT
//
// The other reader of ONNX files, independent of the engine's: trusting, in JavaScript, as little as literal.js needs.

/** Element types by ONNX number: the array that holds them and, for bytes, their range. */
const TYPES = /** @type {Record<number, any>} */ ({
  1: { Type: Float32Array },
  2: { Type: Uint8Array, low: 0, high: 255 },
  3: { Type: Int8Array, low: -128, high: 127 },
  6: { Type: Int32Array },
  7: { Type: BigInt64Array },
});
const FLOAT = 1;

/** @typedef {{ field: number, number: number, bytes: Uint8Array }} Field */

const decoder = new TextDecoder();

export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length); // a Buffer's slices would share memory
    this.at = 0;
  }

  varint() {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++];
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, result));
    }
  }

  /** A packed list. */
  *varints() {
    while (this.at < this.bytes.length) yield this.varint();
  }

  /** @returns {Generator<Field>} */
  *fields() {
    while (this.at < this.bytes.length) {
      const tag = this.varint(), field = tag >> 3, wire = tag & 7;
      const count = wire === 2 ? this.varint() : wire === 5 ? 4 : wire === 1 ? 8 : 0;
      const number = wire === 0 ? this.varint() : 0;
      yield { field, number, bytes: this.bytes.subarray(this.at, this.at += count) };
    }
  }

  model() {
    const graph = [...this.fields()].find(({ field }) => field === 7);
    const parts = [...new Reader(/** @type {Field} */ (graph).bytes).fields()];
    /** @param {number} field */
    const messages = (field) => parts.filter((part) => part.field === field).map(({ bytes }) => new Reader(bytes));
    return {
      nodes: messages(1).map((reader) => reader.node()),
      constants: new Map(messages(5).map((reader) => reader.tensor())),
      inputNames: messages(11).map((reader) => reader.name()),
      outputNames: messages(12).map((reader) => reader.name()),
    };
  }

  name() {
    return decoder.decode([...this.fields()].find(({ field }) => field === 1)?.bytes);
  }

  node() {
    const fields = [...this.fields()];
    /** @param {number} wanted */
    const texts = (wanted) => fields.filter(({ field }) => field === wanted).map(({ bytes }) => decoder.decode(bytes));
    const attributes = fields.filter(({ field }) => field === 5).map(({ bytes }) => new Reader(bytes).attribute());
    return { op: texts(4)[0], inputs: texts(1), output: texts(2)[0], attributes: new Map(attributes) };
  }

  /** @returns {[string, number | number[]]} */
  attribute() {
    let name = '', single = 0;
    const list = [];
    for (const { field, number, bytes } of this.fields()) {
      if (field === 1) name = decoder.decode(bytes);
      if (field === 2) single = new Float32Array(bytes.slice().buffer)[0];
      if (field === 3) single = number;
      if (field === 8) list.push(...(bytes.length ? new Reader(bytes).varints() : [number]));
    }
    return [name, list.length ? list : single];
  }

  /** @returns {[string, import('./literal.js').Value]} */
  tensor() {
    /** @type {number[]} */
    const dims = [];
    const list = [];
    let name = '', type = FLOAT, raw = new Uint8Array(0);
    for (const { field, number, bytes } of this.fields()) {
      if (field === 1) dims.push(number);
      if (field === 2) type = number;
      if (field === 8) name = decoder.decode(bytes);
      if (field === 9) raw = bytes;
      if (field === 4) list.push(...new Float32Array(bytes.slice().buffer));
      if (field === 5 || field === 7) list.push(...(bytes.length ? new Reader(bytes).varints() : [number]));
    }
    const { Type, low, high } = TYPES[type];
    const data = raw.length ? Float64Array.from(new Type(raw.slice().buffer), Number) : Float64Array.from(list);
    return [name, { dims, data, low, high }];
  }
}
