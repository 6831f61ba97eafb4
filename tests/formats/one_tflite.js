// SPDX-License-Identifier: MIT
//
// Runs a TFLite model of one operator: the counterpart of tests/ops/one_node.js for what only TFLite files say.
import { loadModel, Tensor } from '../../js/index.js';
import { tfliteModel } from './write_tflite.js';

/** @typedef {import('./write_tflite.js').TensorSpec} TensorSpec */

/**
 * Loads one operator, with what to feed it. Inputs with `data` that are `given` are fed, others with data are
 * constants; null is absent.
 * @param {number} code
 * @param {(Omit<TensorSpec, 'name'> & { given?: boolean } | null)[]} inputs
 * @param {Omit<TensorSpec, 'name'>[]} outputs
 * @param {{ options?: import('./write_tflite.js').Slot, custom?: string, customOptions?: Uint8Array }} [rest]
 */
export async function loadTflite(code, inputs, outputs, rest = {}) {
  /** @type {TensorSpec[]} */
  const tensors = [];
  const place = (/** @type {any} */ spec, /** @type {string} */ name) => tensors.push({ ...spec, name }) - 1;
  const places = inputs.map((spec, i) => {
    if (!spec) return -1;
    return place(spec.given ? { ...spec, data: undefined } : spec, `i${i}`);
  });
  const out = outputs.map((spec, i) => place(spec, `o${i}`));
  const fed = inputs.flatMap((spec, i) => (spec?.given ? [{ spec, i }] : []));
  const model = await loadModel(tfliteModel({
    tensors, inputs: fed.map(({ i }) => places[i]), outputs: out, operators: [{ code, in: places, out, ...rest }],
  }));
  const feeds = Object.fromEntries(fed.map(({ spec, i }) =>
    [`i${i}`, new Tensor(spec.dtype ?? 'float32', spec.shape, /** @type {any} */ (spec.data))]));
  return { model, feeds };
}

/**
 * Loads and runs one operator.
 * @param {Parameters<typeof loadTflite>} how
 * @returns {Promise<(Tensor & { numbers: number[], steps: any[] })[]>}
 */
export async function runTflite(...how) {
  const { model, feeds } = await loadTflite(...how);
  const results = await model.run(feeds);
  const { steps } = /** @type {any} */ (model.plan);
  await model.dispose();
  return how[2].map((_, i) => {
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
/**
 * @param {'int8' | 'uint8'} dtype
 * @param {number[]} shape
 * @param {number[]} values
 * @param {number} scale
 * @param {number} zero
 */
export const quantized = (dtype, shape, values, scale, zero) => ({
  dtype, shape, quant: { scale: [scale], zero: [zero] },
  data: dtype === 'int8' ? Int8Array.from(values) : Uint8Array.from(values),
});

/**
 * A whole number times a real factor as TFLite's integer kernels have it: 31 bits of factor, rounded twice.
 * @param {number} x
 * @param {number} real
 */
export function fixedTimes(x, real) {
  let shift = Math.floor(Math.log2(real)) + 1;
  let factor = BigInt(Math.round(real / 2 ** shift * 2 ** 31));
  if (factor === 2n ** 31n) [factor, shift] = [factor / 2n, shift + 1];
  const product = BigInt(x) * 2n ** BigInt(Math.max(shift, 0)) * factor;
  const high = Number((product + (product >= 0n ? 2n ** 30n : 1n - 2n ** 30n)) / 2n ** 31n);
  const scaled = high / 2 ** Math.max(-shift, 0);
  return Math.sign(scaled) * Math.round(Math.abs(scaled));
}

/** @param {number} q */
export const int8 = (q) => Math.max(-128, Math.min(127, q));
/** Every int8. */
export const everyInt8 = Array.from({ length: 256 }, (_, i) => i - 128);
