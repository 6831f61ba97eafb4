// SPDX-License-Identifier: MIT
//
// One test of ONNX's conformance suite: a folder with a model.onnx and, a folder a case, tensors that go in and tensors
// that must come out. Loaded and run like anybody's model, through the public API.
//
// What passes is the suite's own rule: the same types and shapes, integers equal, floats within 1e-3 of the value or
// 1e-7 of zero. A refusal with a typed error is `unsupported`; wrong values, a crash and any other error are `failed`.
// float16 stands as float32 at the API, so such tensors are widened on the way in and compared as floats.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadModel, OctavoError, Tensor } from '../../js/index.js';
import { Reader } from '../models/protobuf.js';

const RELATIVE = 1e-3, ABSOLUTE = 1e-7;

/** Types in scope by ONNX's number: name at the API, array, field of the typed list. */
const TYPES = /** @type {Record<number, [import('../../js/index.js').DType, any, number]>} */ ({
  1: ['float32', Float32Array, 4],
  2: ['uint8', Uint8Array, 5],
  3: ['int8', Int8Array, 5],
  6: ['int32', Int32Array, 5],
  7: ['int64', BigInt64Array, 7],
  9: ['bool', Uint8Array, 5],
  10: ['float32', Uint16Array, 5], // float16
});
const NAMES = ['?', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64',
  'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2',
  'float8e5m2fnuz', 'uint4', 'int4'];

/** Operators that are out of scope, with the reason: each is for what an inference engine of tensors does not hold. */
const OUT_OF_SCOPE = [
  [/^ai\.onnx\.ml\./, 'ai.onnx.ml'],
  [/training|^Gradient$|^Momentum$|^Adam$|^Adagrad$/, 'training'],
  [/^String|^Regex|^TfIdf/, 'strings'],
  [/Sequence(?!$)|^ConcatFromSequence|^SplitToSequence/, 'sequences'],
  [/^Optional/, 'optional'],
];

/** @param {Uint8Array} bytes */
const fieldsOf = (bytes) => [...new Reader(bytes).fields()];
/** @param {Uint8Array} bytes @param {number} wanted */
const messages = (bytes, wanted) => fieldsOf(bytes).filter(({ field }) => field === wanted).map((found) => found.bytes);
/** @param {Uint8Array} bytes @param {number} field */
const text = (bytes, field) => new TextDecoder().decode(messages(bytes, field)[0]);

/** @param {number} bits of a float16 */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** The name and element type (or kind) of a ValueInfoProto. @param {Uint8Array} info */
function readInfo(info) {
  const [type] = messages(info, 2);
  const [tensor] = type ? messages(type, 1) : [];
  const element = tensor && fieldsOf(tensor).find(({ field }) => field === 1)?.number;
  return { name: text(info, 1), element: element ?? 0 };
}

/** Every operator of a GraphProto, those of its subgraphs too. @param {Uint8Array} graph @returns {string[]} */
function operatorsOf(graph) {
  return messages(graph, 1).flatMap((node) => {
    const domain = text(node, 7);
    const inner = messages(node, 5).flatMap((attribute) => messages(attribute, 6)).flatMap(operatorsOf);
    return [`${domain && domain !== 'ai.onnx' ? `${domain}.` : ''}${text(node, 4)}`, ...inner];
  });
}

/** Why a model is not in the table's scope, or undefined. @param {ReturnType<typeof readModel>} model */
function outOfScope({ inputs, outputs, operators }) {
  for (const { element } of [...inputs, ...outputs]) {
    if (element === 0) return 'sequences and optionals';
    if (!TYPES[element]) return `type ${NAMES[element] ?? element}`;
  }
  for (const [pattern, reason] of OUT_OF_SCOPE)
    if (operators.some((name) => /** @type {RegExp} */ (pattern).test(name))) return `operators: ${reason}`;
  return undefined;
}

/** @param {Uint8Array} bytes */
function readModel(bytes) {
  const [graph] = messages(bytes, 7);
  const constants = new Set(messages(graph, 5).map((tensor) => text(tensor, 8)));
  return {
    inputs: messages(graph, 11).map(readInfo).filter(({ name }) => !constants.has(name)),
    outputs: messages(graph, 12).map(readInfo),
    operators: operatorsOf(graph),
  };
}

/** @param {Uint8Array} bytes of a TensorProto */
function readTensor(bytes) {
  const fields = fieldsOf(bytes);
  const element = /** @type {number} */ (fields.find(({ field }) => field === 2)?.number);
  const [dtype, Type, list] = TYPES[element];
  const packed = (/** @type {number} */ wanted) => fields.filter(({ field }) => field === wanted)
    .flatMap(({ number, bytes: inner }) => (inner.length ? [...new Reader(inner).varints()] : [number]));
  const shape = packed(1);
  const raw = (fields.find(({ field }) => field === 9) ?? fields.find(({ field }) => field === 4 && list === 4))?.bytes;
  const stored = raw ? new Type(raw.slice().buffer)
    : Type.from(packed(list).slice(0, shape.reduce((size, dim) => size * dim, 1)), Type === BigInt64Array ? BigInt : Number);
  const data = element === 10 ? Float32Array.from(stored, half) : stored;
  return new Tensor(dtype, shape, data);
}

/** What is wrong with an output, or undefined. @param {Tensor} got @param {Tensor} wanted */
function difference(got, wanted) {
  if (got.dtype !== wanted.dtype) return `${got.dtype} instead of ${wanted.dtype}`;
  if (`${got.shape}` !== `${wanted.shape}`) return `shape [${got.shape}] instead of [${wanted.shape}]`;
  const a = Array.from(/** @type {any} */ (got.data), Number), b = Array.from(/** @type {any} */ (wanted.data), Number);
  const isFloat = got.dtype === 'float32';
  const far = (/** @type {number} */ x, /** @type {number} */ y) =>
    !Object.is(x, y) && x !== y && !(isFloat && Math.abs(x - y) <= ABSOLUTE + RELATIVE * Math.abs(y));
  const at = a.findIndex((x, i) => far(x, b[i]));
  return at < 0 ? undefined : `element ${at} is ${a[at]} instead of ${b[at]}`;
}

/** The tensors of a case. @param {string} folder @param {string} which */
function tensorsIn(folder, which) {
  const count = readdirSync(folder).filter((name) => name.startsWith(which)).length;
  return Array.from({ length: count }, (_, i) => readTensor(readFileSync(join(folder, `${which}_${i}.pb`))));
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {ReturnType<typeof readModel>} model @param {string[]} cases */
async function runCases(bytes, { inputs, outputs }, cases) {
  const model = await loadModel(bytes);
  try {
    for (const folder of cases) {
      const given = tensorsIn(folder, 'input'), wanted = tensorsIn(folder, 'output');
      const results = await model.run(Object.fromEntries(given.map((tensor, i) => [inputs[i].name, tensor])));
      for (const [i, tensor] of wanted.entries()) {
        const wrong = difference(results[outputs[i].name], tensor);
        if (wrong) return `${outputs[i].name}: ${wrong}`;
      }
    }
    return undefined;
  } finally {
    await model.dispose();
  }
}

/**
 * @param {string} folder of one test
 * @returns {Promise<{ result: 'passed' | 'failed' | 'unsupported' | 'out of scope', reason: string }>}
 */
export async function runConformance(folder) {
  const bytes = new Uint8Array(readFileSync(join(folder, 'model.onnx')));
  const model = readModel(bytes);
  const why = outOfScope(model);
  if (why) return { result: 'out of scope', reason: why };
  const cases = readdirSync(folder).filter((name) => name.startsWith('test_data_set')).map((name) => join(folder, name));
  try {
    const wrong = await runCases(bytes, model, cases.filter(existsSync));
    return wrong ? { result: 'failed', reason: wrong } : { result: 'passed', reason: '' };
  } catch (cause) {
    const { code, message } = /** @type {OctavoError} */ (cause);
    const typed = cause instanceof OctavoError && !['crashed', 'internal'].includes(code);
    return { result: typed ? 'unsupported' : 'failed', reason: message };
  }
}
