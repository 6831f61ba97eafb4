// SPDX-License-Identifier: MIT
//
// Constants of ONNX test models, by plain numbers.
const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int32: Int32Array };

/**
 * @param {keyof typeof ARRAYS | 'int64'} dtype
 * @param {number[]} shape
 * @param {number[]} values
 */
export const constant = (dtype, shape, values) => ({
  dtype,
  shape,
  data: dtype === 'int64' ? BigInt64Array.from(values, BigInt) : ARRAYS[dtype].from(values),
});
