// SPDX-License-Identifier: MIT
//
// What the operators' tests share: a model of one node, run whole (reader, passes, plan, kernels), in float or between
// DequantizeLinear and QuantizeLinear; and the numbers that such a model means.
import { loadModel, Tensor } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';

/** @typedef {import('../../js/tensor.js').DType} DType */
/** @typedef {{ scale: number, zero: number }} Quantization */
/** @typedef {{ scale: number | number[], zero: number, axis?: number }} InputQuantization with an axis: a scale a channel */
/** @typedef {Tensor & { constant?: boolean }} Input a constant becomes an initializer */

/** @param {number[]} shape @param {number[]} data */
export const f32 = (shape, data) => new Tensor('float32', shape, Float32Array.from(data));
/** @param {number[]} data */
export const i64 = (...data) => constant(new Tensor('int64', [data.length], BigInt64Array.from(data, BigInt)));
/** @param {Tensor} tensor @returns {Input} */
export const constant = (tensor) => Object.assign(tensor, { constant: true });

/** Numbers that look random and are the same every time. @param {number} count @param {number} [seed] */
export function noise(count, seed = 1) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  });
}

/** @param {readonly number[]} shape @param {number} [seed] */
export const noiseTensor = (shape, seed) => f32([...shape], noise(count(shape), seed));
/** @param {readonly number[]} shape */
export const count = (shape) => shape.reduce((product, dim) => product * dim, 1);

/**
 * Runs one node. An input of null is absent; a name is `i0`, `i1`, ...
 * @param {string} op with its domain, if it has one: 'com.microsoft.QGemm'
 * @param {(Input | null)[]} inputs
 * @param {{ attributes?: Record<string, any>, outputs?: number, opset?: number }} [options]
 */
export async function runNode(op, inputs, { attributes = {}, outputs = 1, opset = 17 } = {}) {
  const names = inputs.map((input, i) => (input ? `i${i}` : ''));
  const [name, ...domain] = op.split('.').reverse();
  const node = { op: name, domain: domain.reverse().join('.'), inputs: names, outputs: outputNames(outputs), attributes };
  return runGraph([node], inputs, outputs, opset);
}

/**
 * Runs DequantizeLinear -> node -> QuantizeLinear on int8 or uint8 tensors, with the quantizations given; an input
 * without one is passed as it is.
 * @param {string} op
 * @param {(Input | null)[]} inputs
 * @param {(InputQuantization | null)[]} quantizations of the inputs
 * @param {Quantization & { dtype: 'int8' | 'uint8' }} to of the output
 * @param {{ attributes?: Record<string, any>, opset?: number }} [options]
 */
export async function runQuantized(op, inputs, quantizations, to, { attributes = {}, opset = 17 } = {}) {
  /** @type {Record<string, Tensor>} */
  const extra = {};
  const add = (/** @type {string} */ name, /** @type {InputQuantization} */ q, /** @type {DType} */ dtype) => {
    const scales = [q.scale].flat(), shape = q.axis === undefined ? [] : [scales.length];
    extra[`${name}_scale`] = f32(shape, scales);
    extra[`${name}_zero`] = new Tensor(dtype, shape, scales.map(() => q.zero));
    return [`${name}_scale`, `${name}_zero`];
  };
  const nodes = [];
  const names = inputs.map((input, i) => {
    const quantization = quantizations[i];
    if (!input || !quantization) return input ? `i${i}` : '';
    const parameters = add(`i${i}`, quantization, input.dtype);
    nodes.push({ op: 'DequantizeLinear', inputs: [`i${i}`, ...parameters], outputs: [`f${i}`],
      attributes: quantization.axis === undefined ? {} : { axis: quantization.axis } });
    return `f${i}`;
  });
  nodes.push({ op, inputs: names, outputs: ['real'], attributes });
  nodes.push({ op: 'QuantizeLinear', inputs: ['real', ...add('o0', to, to.dtype)], outputs: ['o0'] });
  const [result] = await runGraph(nodes, inputs, 1, opset, extra);
  return result;
}

const outputNames = (/** @type {number} */ length) => Array.from({ length }, (_, i) => `o${i}`);

/**
 * @param {import('../helpers/onnx_model.js').Node[]} nodes
 * @param {(Input | null)[]} inputs
 * @param {number} outputs
 * @param {number} opset
 * @param {Record<string, Tensor>} constants
 */
async function runGraph(nodes, inputs, outputs, opset, constants = {}) {
  const given = inputs.flatMap((input, i) => (input ? [/** @type {const} */ ([`i${i}`, input])] : []));
  const fed = given.filter(([, input]) => !input.constant);
  const model = await loadModel(onnxModel({
    inputs: Object.fromEntries(fed.map(([name, { dtype, shape }]) => [name, { dtype, shape: [...shape] }])),
    outputs: Object.fromEntries(outputNames(outputs).map((name) => [name, undefined])),
    constants: /** @type {any} */ ({ ...constants, ...Object.fromEntries(given.filter(([, input]) => input.constant)) }),
    nodes, opset,
  }));
  const results = await model.run(Object.fromEntries(fed));
  const { steps } = /** @type {any} */ (model.plan);
  await model.dispose();
  return outputNames(outputs).map((name) => Object.assign(results[name], { steps, numbers: numbers(results[name]) }));
}

/** @param {Tensor} tensor @returns {number[]} */
export const numbers = ({ data }) => Array.from(/** @type {any} */ (data), Number);

/** The largest difference. @param {Tensor} tensor @param {number[]} wanted */
export const distance = (tensor, wanted) =>
  Math.max(0, ...numbers(tensor).map((value, i) => (Object.is(value, wanted[i]) ? 0 : Math.abs(value - wanted[i]))));

// --- what quantized models mean -------------------------------------------------------------------------------------

/** Half to even. @param {number} x */
export function roundEven(x) {
  const floor = Math.floor(x), rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** @param {number} q @param {Quantization} by */
export const real = (q, { scale, zero }) => Math.fround(Math.fround(scale) * (q - zero));

/** @param {number} x @param {Quantization & { dtype: 'int8' | 'uint8' }} to */
export function quantized(x, { scale, zero, dtype }) {
  const [low, high] = dtype === 'int8' ? [-128, 127] : [0, 255];
  return Math.min(high, Math.max(low, roundEven(Math.fround(x / Math.fround(scale))) + zero));
}

/** Every byte, as a tensor. @param {'int8' | 'uint8'} dtype @param {number[]} [shape] */
export const everyByte = (dtype, shape = [256]) =>
  new Tensor(dtype, shape, Array.from({ length: 256 }, (_, i) => (dtype === 'int8' ? i - 128 : i)));

/** Bytes that look random. @param {'int8' | 'uint8'} dtype @param {number[]} shape @param {number} [seed] */
export const noiseBytes = (dtype, shape, seed) =>
  new Tensor(dtype, shape, noise(count(shape), seed).map((x) => Math.floor(x * 127.99) + (dtype === 'uint8' ? 128 : 0)));
