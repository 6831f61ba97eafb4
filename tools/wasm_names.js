// SPDX-License-Identifier: MIT
//
// What a wasm module imports and exports, read from its bytes: the Node that builds and tests may be too old to compile
// relaxed SIMD, and has to check those modules too.

/** Reads the binary format's numbers and names from `at` on. */
class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  name() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  limits() {
    const flags = this.number();
    this.number();
    if (flags & 1) this.number();
  }

  /** Passes over what an import entry says about the thing it imports. */
  importType() {
    const kind = this.byte();
    if (kind === 0) this.number();
    else if (kind === 2) this.limits();
    else {
      this.byte(); // a table's or a global's type
      if (kind === 1) this.limits();
      else this.byte();
    }
  }
}

const IMPORT = 2;
const EXPORT = 7;

/** A reader at the entries of the section, or at a count of 0. */
function section(bytes, wanted) {
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    if (id === wanted) return reader;
    reader.at += length;
  }
  return new Reader(new Uint8Array(1), 0);
}

/**
 * @param {Uint8Array} bytes
 * @returns {string[]} "module.name"
 */
export function wasmImports(bytes) {
  const reader = section(bytes, IMPORT);
  return Array.from({ length: reader.number() }, () => {
    const name = `${reader.name()}.${reader.name()}`;
    reader.importType();
    return name;
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {string[]}
 */
export function wasmExports(bytes) {
  const reader = section(bytes, EXPORT);
  return Array.from({ length: reader.number() }, () => {
    const name = reader.name();
    reader.byte(); // kind
    reader.number(); // index
    return name;
  });
}
