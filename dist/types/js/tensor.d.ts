/** The array that holds each element type; a bool is a byte, 0 or 1. */
declare const ARRAYS: {
    float32: Float32ArrayConstructor;
    float64: Float64ArrayConstructor;
    int8: Int8ArrayConstructor;
    uint8: Uint8ArrayConstructor;
    int16: Int16ArrayConstructor;
    uint16: Uint16ArrayConstructor;
    int32: Int32ArrayConstructor;
    uint32: Uint32ArrayConstructor;
    int64: BigInt64ArrayConstructor;
    uint64: BigUint64ArrayConstructor;
    bool: Uint8ArrayConstructor;
};
export type DType = keyof typeof ARRAYS;
export type TypedArray = InstanceType<typeof ARRAYS[DType]> | Uint8ClampedArray;
/** @typedef {keyof typeof ARRAYS} DType */
/** @typedef {InstanceType<typeof ARRAYS[DType]> | Uint8ClampedArray} TypedArray */
export declare class Tensor {
    /** @type {DType} */
    dtype: DType;
    /** @type {readonly number[]} */
    shape: readonly number[];
    /** @type {TypedArray} */
    data: TypedArray;
    /**
     * @param {DType} dtype
     * @param {readonly number[]} shape
     * @param {TypedArray | readonly (number | bigint | boolean)[]} data kept, if it is the array that the type is held in
     */
    constructor(dtype: DType, shape: readonly number[], data: TypedArray | readonly (number | bigint | boolean)[]);
    /** How many elements it has. */
    get size(): number;
}
/**
 * The array class that holds an element type.
 * @param {DType} dtype
 */
export declare function arrayOf(dtype: DType): BigInt64ArrayConstructor | BigUint64ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor | Int16ArrayConstructor | Int32ArrayConstructor | Int8ArrayConstructor | Uint16ArrayConstructor | Uint32ArrayConstructor | Uint8ArrayConstructor;
/**
 * Its name, for an error.
 * @param {DType} dtype
 */
export declare const named: (dtype: DType) => string;
/**
 * The element types that an array may hold: one, except that bytes are uint8 or bool. Empty for anything else.
 * @param {unknown} data
 * @returns {DType[]}
 */
export declare function dtypesOf(data: unknown): DType[];
/** @param {readonly number[]} shape */
export declare const elementCount: (shape: readonly number[]) => number;
/**
 * What somebody passed, in a few words, for an error.
 * @param {unknown} value
 */
export declare function describe(value: unknown): string;
export {};
