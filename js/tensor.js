// SPDX-License-Identifier: MIT
//
// A tensor: an element type, a shape, and a typed array in row-major order. It owns nothing but ordinary memory.
import { invalidArgument, OctavoError } from './errors.js';

/** The array that holds each element type; a bool is a byte, 0 or 1. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** @typedef {keyof typeof ARRAYS} DType */
/** @typedef {InstanceType<typeof ARRAYS[DType]> | Uint8ClampedArray} TypedArray */

export class Tensor {
  /**
   * @param {DType} dtype
   * @param {readonly number[]} shape
   * @param {TypedArray | readonly (number | bigint | boolean)[]} data kept, if it is the array that the type is held in
   */
  constructor(dtype, shape, data) {
    const Type = arrayOf(dtype);
    if (!Array.isArray(shape) || !shape.every((dim) => Number.isInteger(dim) && dim >= 0)) {
      throw invalidArgument(`A tensor's shape is an array of whole numbers, not ${describe(shape)}`);
    }
    /** @type {DType} */
    this.dtype = dtype;
    /** @type {readonly number[]} */
    this.shape = Object.freeze([...shape]);
    /** @type {TypedArray} */
    this.data = data instanceof Type ? data : convert(dtype, data);
    if (this.data.length !== this.size) {
      throw new OctavoError(
        'invalid_shape',
        `A tensor of shape [${shape}] has ${this.size} elements, but the data has ` + `${this.data.length}`,
      );
    }
  }

  /** How many elements it has. */
  get size() {
    return elementCount(this.shape);
  }
}

/**
 * The array class that holds an element type.
 * @param {DType} dtype
 */
export function arrayOf(dtype) {
  if (!Object.hasOwn(ARRAYS, dtype)) {
    throw invalidArgument(
      `There is no element type ${describe(dtype)}`,
      `Types are ${Object.keys(ARRAYS).join(', ')}.`,
    );
  }
  return ARRAYS[dtype];
}

/**
 * Its name, for an error.
 * @param {DType} dtype
 */
export const named = (dtype) => withArticle(arrayOf(dtype).name);

/** @param {string} name */
const withArticle = (name) => `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;

/**
 * The element types that an array may hold: one, except that bytes are uint8 or bool. Empty for anything else.
 * @param {unknown} data
 * @returns {DType[]}
 */
export function dtypesOf(data) {
  if (!ArrayBuffer.isView(data)) return [];
  if (data instanceof Uint8ClampedArray) return ['uint8'];
  const dtypes = /** @type {DType[]} */ (Object.keys(ARRAYS));
  return dtypes.filter((dtype) => data instanceof ARRAYS[dtype]);
}

/** @param {readonly number[]} shape */
export const elementCount = (shape) => shape.reduce((count, dim) => count * dim, 1);

/**
 * What somebody passed, in a few words, for an error.
 * @param {unknown} value
 */
export function describe(value) {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return withArticle(value.constructor?.name ?? 'object');
}

/**
 * @param {DType} dtype
 * @param {unknown} data
 * @returns {TypedArray}
 */
function convert(dtype, data) {
  if (dtype === 'uint8' && data instanceof Uint8ClampedArray) {
    return /** @type {Uint8Array<ArrayBuffer>} */ (new Uint8Array(data.buffer, data.byteOffset, data.length));
  }
  if (!Array.isArray(data)) {
    throw invalidArgument(
      `A tensor of ${dtype} is held in ${named(dtype)}, not in ${describe(data)}`,
      `Pass ${named(dtype)} or a plain array of numbers.`,
    );
  }
  const Type = /** @type {any} */ (arrayOf(dtype));
  return Type.from(data, dtype.endsWith('64') && dtype !== 'float64' ? BigInt : Number);
}
