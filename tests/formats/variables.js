// SPDX-License-Identifier: MIT
//
// A streaming model: what it got is added up from run to run.
import { i32, table, text, tfliteModel } from './write_tflite.js';

/** @typedef {import('./write_tflite.js').TensorSpec} TensorSpec */

export const ADD = 0, CALL_ONCE = 129, VAR_HANDLE = 142, READ_VARIABLE = 143, ASSIGN_VARIABLE = 144;

/** @param {string} name @returns {TensorSpec} */
export const handle = (name) => ({ name, dtype: 'resource', shape: [] });
/** @param {number} tensor @param {string} name */
export const varHandle = (tensor, name) => ({ code: VAR_HANDLE, in: [], out: [tensor], options: table(text(''), text(name)) });

/**
 * y = the sum of all x so far; `old` = what it was before, read first.
 * @param {{ start?: Float32Array, quant?: { scale: number[], zero: number[] }, shape?: number[] }} [options] what it
 *   starts as
 */
export function sumModel({ start, quant, shape = [2] } = {}) {
  const like = quant ? { dtype: /** @type {const} */ ('int8'), shape, quant } : { shape };
  const data = start && (quant ? Int8Array.from(start) : start);
  return tfliteModel({
    tensors: [{ name: 'x', ...like }, handle('h'), { name: 'old', ...like }, { name: 'y', ...like }],
    inputs: [0],
    outputs: [3, 2],
    operators: [
      ...(start ? [{ code: CALL_ONCE, in: [], out: [], options: table(i32(1)) }] : []),
      varHandle(1, 'sum'),
      { code: READ_VARIABLE, in: [1], out: [2] },
      { code: ADD, in: [2, 0], out: [3] },
      { code: ASSIGN_VARIABLE, in: [1, 3], out: [] },
    ],
    others: [{
      tensors: [handle('h1'), { name: 'start', ...like, data }],
      inputs: [],
      outputs: [],
      operators: start ? [varHandle(0, 'sum'), { code: ASSIGN_VARIABLE, in: [0, 1], out: [] }] : [],
    }],
  });
}
