// SPDX-License-Identifier: MIT
//
// Real models and what published runtimes made of them. The collection lies beside the project and is never part of it:
// `models/<file>`, and `expected/<file>/<case>/` with meta.json, input_k.bin and output_k.bin.
//
// What is right depends on the arithmetic that a model asks for:
//   exact   .tflite, int8 or uint8: the same bytes
//   float   everything in float32: within 1e-4 of the output's range (of its largest value, where it is constant), or
//           within float32's own step at 1: onnxruntime's sigmoid rounds there, however small its result is
//   qdq     .onnx with QuantizeLinear: output_k.bin is the literal meaning of the file (every operator in float, as
//           written), output_k.opt.bin what onnxruntime makes of it with its own integer operators. Octavo has to come
//           at least as near to the meaning as that, in mean and in maximum. Where it does not, output_k.bin is weighed
//           too: it is evaluated in float32, and where its own rounding has turned a byte it is no measure. The meaning
//           computed in float64 (literal.js) decides: Octavo has to be nearer to it than output_k.bin is.
//   hybrid  .tflite, int8 weights beside float activations: the published runtimes disagree with each other (they round
//           activations differently); Octavo rounds as LiteRT does and has to stay within that disagreement.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { arrayOf, loadModel, Tensor } from '../../js/index.js';
import { evaluateLiterally } from './literal.js';

/** @typedef {'exact' | 'float' | 'qdq' | 'hybrid' | 'refused'} Kind */

/**
 * @typedef {object} Row one output of one case of one model
 * @property {string} model
 * @property {string} case
 * @property {string} variant
 * @property {number} output
 * @property {Kind} kind
 * @property {boolean} ok
 * @property {string} text what was found, in words and numbers
 */

const FLOAT_TOLERANCE = 1e-4;
const FLOAT_STEP = 2 ** -23;
const HYBRID = new Set(['mlperf_toycar_dynquant.tflite']);

/** The collection's folder; it may be elsewhere. */
export const dataFolder = process.env.OCTAVO_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Why there is nothing to compare with, or false. */
export const noData = existsSync(join(dataFolder, 'models')) ? false : `no models to compare with in ${dataFolder}`;

export const modelFiles = () => (noData ? [] : readdirSync(join(dataFolder, 'models')).sort());

/**
 * @param {string} model
 * @param {string} name
 */
function readCase(model, name) {
  const folder = join(dataFolder, 'expected', model, name);
  const { inputs, outputs } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  /** @param {string} file */
  const bytes = (file) => readFileSync(join(folder, file));
  /** @param {string} file */
  const optional = (file) => (existsSync(join(folder, file)) ? bytes(file) : undefined);
  return {
    name,
    inputs: inputs.map((/** @type {any} */ { type, shape, dims = shape, file }) => tensor(type, dims, bytes(file))),
    outputs: outputs.map((/** @type {any} */ { type, dims }, /** @type {number} */ k) => ({
      type,
      dims: typeof dims === 'string' ? dims.split(',').map(Number) : dims,
      literal: elements(type, bytes(`output_${k}.bin`)),
      other: elementsIfAny(type, optional(`output_${k}.opt.bin`) ?? optional(`output_${k}.tfjs.bin`)),
    })),
  };
}

/**
 * @param {import('../../js/tensor.js').DType} type
 * @param {Buffer} bytes
 */
function elements(type, bytes) {
  const Type = arrayOf(type);
  return new Type(/** @type {ArrayBuffer} */ (bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

/**
 * @param {import('../../js/tensor.js').DType} type
 * @param {Buffer | undefined} bytes
 */
const elementsIfAny = (type, bytes) => bytes && elements(type, bytes);

/**
 * @param {import('../../js/tensor.js').DType} type
 * @param {number[]} dims
 * @param {Buffer} bytes
 */
const tensor = (type, dims, bytes) => new Tensor(type, dims, elements(type, bytes));

/**
 * @param {ArrayLike<number | bigint>} got
 * @param {ArrayLike<number | bigint>} wanted
 */
function difference(got, wanted) {
  let low = Infinity, high = -Infinity, sum = 0, largest = 0, count = 0, size = 0;
  for (let i = 0; i < wanted.length; i++) {
    const value = Number(wanted[i]), error = Math.abs(Number(got[i]) - value);
    low = Math.min(low, value);
    high = Math.max(high, value);
    size = Math.max(size, Math.abs(value));
    sum += error;
    if (error > 0) count++;
    largest = error <= largest ? largest : error; // NaN is the largest
  }
  return { range: high - low || size || 1, mean: sum / wanted.length, largest, count };
}

/** @param {number} value */
const short = (value) => value.toPrecision(3);

/** @type {Record<Exclude<Kind, 'refused'>, (got: any, wanted: any, other: any) => { ok: boolean, text: string }>} */
const judges = {
  exact(got, wanted) {
    const { count, largest } = difference(got, wanted);
    if (!count) return { ok: true, text: 'the same bytes' };
    return { ok: false, text: `${count} of ${wanted.length} differ, by up to ${short(largest)}` };
  },
  float(got, wanted) {
    const { range, largest } = difference(got, wanted);
    const ok = largest <= Math.max(FLOAT_TOLERANCE * range, FLOAT_STEP);
    return { ok, text: `off by ${short(largest / range)} of the range ${short(range)}` };
  },
  qdq(got, wanted, other) {
    const ours = difference(got, wanted), theirs = difference(other ?? wanted, wanted);
    const ok = (ours.mean <= theirs.mean && ours.largest <= theirs.largest) ||
      ours.largest <= FLOAT_TOLERANCE * ours.range;
    const text = `mean ${short(ours.mean)} max ${short(ours.largest)}; onnxruntime ${short(theirs.mean)} ` +
      `${short(theirs.largest)}; range ${short(ours.range)}`;
    return { ok, text };
  },
  hybrid(got, wanted, other) {
    const ours = difference(got, wanted), theirs = difference(other, wanted);
    const text = `mean ${short(ours.mean)} max ${short(ours.largest)}; between runtimes ${short(theirs.mean)} ` +
      `${short(theirs.largest)}; range ${short(ours.range)}`;
    return { ok: ours.mean <= theirs.mean && ours.largest <= theirs.largest, text };
  },
};

/**
 * @param {string} file
 * @param {import('../../js/model.js').Model} model
 * @returns {Exclude<Kind, 'refused'>}
 */
function kindOf(file, model) {
  if (HYBRID.has(file)) return 'hybrid';
  if (!model.plan?.steps.some(({ q8 }) => q8)) return 'float';
  return model.format === 'tflite' ? 'exact' : 'qdq';
}

/**
 * Runs every case of a model in one build.
 * @param {string} file
 * @param {import('../../js/features.js').Variant} variant
 * @returns {Promise<Row[]>}
 */
export async function judgeModel(file, variant) {
  let model;
  try {
    model = await loadModel(join(dataFolder, 'models', file), { variant, worker: false });
  } catch (error) {
    const { message, node = '' } = /** @type {any} */ (error);
    return [{ model: file, case: '-', variant, output: 0, kind: 'refused', ok: false, text: `${node}: ${message}` }];
  }
  const rows = [];
  for (const name of readdirSync(join(dataFolder, 'expected', file)).sort()) {
    try {
      rows.push(...await judgeCase(file, model, name));
    } catch (error) {
      const text = `${/** @type {any} */ (error).node ?? ''}: ${error}`;
      rows.push({ model: file, case: name, variant, output: 0, kind: /** @type {const} */ ('float'), ok: false, text });
    }
  }
  await model.dispose();
  return rows.map((row) => ({ ...row, variant }));
}

/**
 * @param {string} file
 * @param {import('../../js/model.js').Model} model
 * @param {string} name
 */
async function judgeCase(file, model, name) {
  const { inputs, outputs } = readCase(file, name);
  const named = await model.run(Object.fromEntries(model.inputs.map((input, i) => [input.name, inputs[i]])));
  const kind = kindOf(file, model);
  const rows = outputs.map((/** @type {any} */ expected, /** @type {number} */ output) => {
    const got = named[model.outputs[output].name];
    const same = got.dtype === expected.type && String(got.shape) === String(expected.dims);
    const verdict = same
      ? judges[kind](got.data, expected.literal, expected.other)
      : { ok: false, text: `${got.dtype} [${got.shape}] instead of ${expected.type} [${expected.dims}]` };
    return { model: file, case: name, output, kind, ...verdict };
  });
  if (kind !== 'qdq' || rows.every((/** @type {Row} */ { ok }) => ok)) return rows;
  const meaning = evaluateLiterally(readFileSync(join(dataFolder, 'models', file)), inputs);
  if (!meaning) return rows;
  return rows.map((/** @type {Row} */ row, /** @type {number} */ k) => (row.ok ? row : {
    ...row, ...judgeByMeaning(row.text, named[model.outputs[k].name].data, outputs[k].literal, meaning[k]),
  }));
}

/**
 * @param {string} before what was found before
 * @param {any} got
 * @param {any} reference
 * @param {Float64Array} meaning
 */
function judgeByMeaning(before, got, reference, meaning) {
  const ours = difference(got, meaning), theirs = difference(reference, meaning);
  const text = `${before}; to float64 mean ${short(ours.mean)} max ${short(ours.largest)}, from output_k.bin ` +
    `${short(theirs.mean)} ${short(theirs.largest)}`;
  return { ok: ours.mean <= theirs.mean && ours.largest <= theirs.largest, text };
}
