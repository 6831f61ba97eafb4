// SPDX-License-Identifier: MIT
//
// A model with constants in other files: y = (x * scale + shift) W, of float32 [1, 4]. W and the shift share a file, one
// of them where no float is aligned; a body of control flow and a Constant node read theirs from other files.
import { onnxModel } from '../helpers/onnx_model.js';

/** @param {ArrayBufferView} array */
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const SCALE = Float32Array.of(1, 2, 3, 4);
const SHIFT = Float32Array.of(0, 1, 0, -1);
const W = Float32Array.from({ length: 4 * 4 }, (_, i) => (i % 5) - 2);
const SHIFT_OFFSET = 3;
const W_OFFSET = 64;

const shared = new Uint8Array(W_OFFSET + W.byteLength);
shared.set(bytesOf(SHIFT), SHIFT_OFFSET);
shared.set(bytesOf(W), W_OFFSET);

/** The files' bytes, by the names that the model has for them. @type {Record<string, Uint8Array<ArrayBuffer>>} */
export const FILES = { 'a model.bin': shared, 'deep/scale.bin': bytesOf(SCALE) };

/**
 * Entries given replace those of a constant's external data.
 * @param {Partial<Record<'w' | 'shift' | 'scale', Record<string, string>>>} [entries]
 */
export function externalModel({ w, shift, scale } = {}) {
  const info = { dtype: 'float32', shape: [1, 4] };
  const shiftAt = { location: 'a model.bin', offset: String(SHIFT_OFFSET), length: '16', ...shift };
  const scaleAt = { location: 'deep/scale.bin', ...scale };
  return onnxModel({
    inputs: { x: info },
    outputs: { y: info },
    constants: {
      w: { dtype: 'float32', shape: [4, 4], external: { location: 'a model.bin', offset: String(W_OFFSET), ...w } },
      always: { dtype: 'bool', shape: [], data: Uint8Array.of(1) },
      shift: { dtype: 'float32', shape: [4], external: shiftAt },
    },
    nodes: [
      {
        op: 'If', inputs: ['always'], outputs: ['scaled'],
        attributes: {
          then_branch: {
            outputs: { product: info }, constants: { scale: { dtype: 'float32', shape: [4], external: scaleAt } },
            nodes: [{ op: 'Mul', inputs: ['x', 'scale'], outputs: ['product'] }],
          },
          else_branch: { outputs: { same: info }, nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['same'] }] },
        },
      },
      { op: 'Add', inputs: ['scaled', 'shift'], outputs: ['sum'] },
      { op: 'MatMul', inputs: ['sum', 'w'], outputs: ['y'] },
    ],
  });
}

export const X = Float32Array.of(1, -1, 2, 0.5);

/** What the model makes of X. */
export const Y = Float32Array.from({ length: 4 }, (_, n) =>
  X.reduce((sum, x, k) => sum + (x * SCALE[k] + SHIFT[k]) * W[k * 4 + n], 0),
);
