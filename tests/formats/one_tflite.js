// SPDX-License-Identifier: MIT
//
// Runs a TFLite model of one operator: the counterpart of tests/ops/one_node.js for what only TFLite files say.
import { loadModel, Tensor } from '../../js/index.js';
import { tfliteModel } from './write_tflite.js';

/** @typedef {import('./write_tflite.js').TensorSpec} TensorSpec */

/**
 * Runs one operator. Inputs with `data` that are `given` are fed, others with data are constants; null is absent.
 * @param {number} code
 * @param {(Omit<TensorSpec, 'name'> & { given?: boolean } | null)[]} inputs
 * @param {Omit<TensorSpec, 'name'>[]} outputs
 * @param {{ options?: import('./write_tflite.js').Slot, custom?: string, customOptions?: Uint8Array }} [rest]
 * @returns {Promise<(Tensor & { numbers: number[], steps: any[] })[]>}
 */
export async function runTflite(code, inputs, outputs, rest = {}) {
  /** @type {TensorSpec[]} */
  const tensors = [];
  const place = (/** @type {any} */ spec, /** @type {string} */ name) => tensors.push({ ...spec, name }) - 1;
  const places = inputs.map((spec, i) => {
    if (!spec) return -1;
    return place(spec.given ? { ...spec, data: undefined } : spec, `i${i}`);
  });
  const out = outputs.map((spec, i) => place(spec, `o${i}`));
  const fed = inputs.flatMap((spec, i) => (spec?.given ? [{ spec, i }] : []));
  const bytes = tfliteModel({
    tensors, inputs: fed.map(({ i }) => places[i]), outputs: out, operators: [{ code, in: places, out, ...rest }],
  });
  const model = await loadModel(bytes);
  const results = await model.run(Object.fromEntries(fed.map(({ spec, i }) =>
    [`i${i}`, new Tensor(spec.dtype ?? 'float32', spec.shape, /** @type {any} */ (spec.data))])));
  const { steps } = /** @type {any} */ (model.plan);
  await model.dispose();
  return outputs.map((_, i) => {
    const tensor = results[`o${i}`];
    return Object.assign(tensor, { steps, numbers: Array.from(/** @type {any} */ (tensor.data), Number) });
  });
}

/** @param {number[]} shape @param {number[]} values */
export const given = (shape, values) => ({ shape, data: Float32Array.from(values), given: true });
/** @param {number[]} shape @param {number[]} values */
export const constant = (shape, values) => ({ shape, data: Float32Array.from(values) });
/** @param {number[]} values */
export const list = (...values) =>
  ({ dtype: /** @type {const} */ ('int32'), shape: [values.length], data: Int32Array.from(values) });
