// SPDX-License-Identifier: MIT
//
// Model files are hostile. Whatever is done to one, loading it, planning and running it either works or fails with an
// error that has a code and a message; the engine never crashes, and the next model works as if nothing had been.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, OctavoError, Tensor } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { constant } from './constant.js';
import { samples } from './samples.js';
import { tfliteModel } from './write_tflite.js';

const EXPECTED = new Set(['invalid_model', 'unsupported_model', 'invalid_shape', 'invalid_argument', 'out_of_memory',
  'not_a_model']);
const LARGEST_ELEMENTS = 1 << 20;

/** @param {import('../../js/model.js').Model} model */
function feeds(model) {
  return Object.fromEntries(model.inputs.map(({ name, dtype, shape }) => {
    const dims = (shape ?? [1]).map((dim) => dim ?? 2);
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (count > LARGEST_ELEMENTS) throw new OctavoError('invalid_shape', 'too large for a test');
    const fill = dtype.endsWith('64') && dtype !== 'float64' ? 1n : 1;
    return [name, new Tensor(dtype, dims, Array(count).fill(fill))];
  }));
}

/**
 * Loads and runs; answers the error's code, or 'ok'. Anything but a typed error is a failure of the test.
 * @param {Uint8Array} bytes
 * @param {Record<string, Uint8Array<ArrayBuffer>>} [externalData]
 */
async function attempt(bytes, externalData) {
  let model;
  try {
    model = await loadModel(bytes, { externalData, worker: false });
    await model.run(feeds(model));
    return 'ok';
  } catch (error) {
    if (!(error instanceof OctavoError)) throw error;
    assert(EXPECTED.has(error.code), `${error.code}: ${error.message}`);
    assert(error.message.length > 0);
    return error.code;
  } finally {
    await model?.dispose();
  }
}

/**
 * Numbers that are the same in every run.
 * @param {number} seed
 */
function* random(seed) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

for (const { name, bytes, externalData } of samples()) {
  test(`${name} works as it is`, async () => {
    assert.equal(await attempt(bytes, externalData), 'ok');
  });

  test(`${name} cut off anywhere is refused, and a whole one works after it`, async () => {
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 150)) {
      await attempt(bytes.slice(0, length), externalData);
    }
    assert.equal(await attempt(bytes.slice(0, bytes.length >> 1), externalData), 'invalid_model');
    assert.equal(await attempt(bytes, externalData), 'ok');
  });

  test(`${name} with bits flipped is read or refused, and a whole one works after it`, async () => {
    const numbers = random(bytes.length);
    const next = () => /** @type {number} */ (numbers.next().value);
    for (let round = 0; round < 250; round++) {
      const damaged = bytes.slice();
      for (let flips = 1 + Math.floor(next() * 4); flips > 0; flips--) {
        damaged[Math.floor(next() * bytes.length)] ^= 1 << Math.floor(next() * 8);
      }
      await attempt(damaged, externalData);
    }
    assert.equal(await attempt(bytes, externalData), 'ok');
  });
}

const row = { dtype: 'float32', shape: [1, 4] };

/**
 * A model from x to y, both float32 [1, 4].
 * @param {import('../helpers/onnx_model.js').Node[]} nodes
 * @param {Record<string, import('../helpers/onnx_model.js').Constant>} [constants]
 * @param {number} [opset]
 */
const rowModel = (nodes, constants, opset) =>
  onnxModel({ inputs: { x: row }, outputs: { y: row }, nodes, constants, opset });

const one = { name: 'x', shape: [1] }, other = { name: 'y', shape: [1] };

test('dimensions that overflow when multiplied are refused', async () => {
  const huge = [65536, 65536, 65536, 65536];
  assert.equal(await attempt(rowModel([{ op: 'Add', inputs: ['x', 'c'], outputs: ['y'] }],
    { c: constant('float32', huge, [1]) })), 'invalid_model');
  assert.equal(await attempt(rowModel([{ op: 'Expand', inputs: ['x', 'c'], outputs: ['y'] }],
    { c: constant('int64', [4], huge) })), 'invalid_shape');
  assert.equal(await attempt(tfliteModel({ inputs: [0], outputs: [1], operators: [{ code: 0, in: [0, 2], out: [1] }],
    tensors: [one, other, { name: 'c', shape: huge, data: Float32Array.of(1) }] })), 'invalid_model');
});

test('a constant with fewer or more bytes than its shape says is refused', async () => {
  for (const values of [[], [1, 2, 3], [1, 2, 3, 4, 5]]) {
    assert.equal(await attempt(rowModel([{ op: 'Add', inputs: ['x', 'c'], outputs: ['y'] }],
      { c: constant('float32', [4], values) })), 'invalid_model');
  }
});

test('nodes that read what no node before them makes are refused: a cycle cannot be built', async () => {
  assert.equal(await attempt(rowModel([{ op: 'Add', inputs: ['x', 'b'], outputs: ['a'] },
    { op: 'Relu', inputs: ['a'], outputs: ['b'] }, { op: 'Relu', inputs: ['b'], outputs: ['y'] }])), 'invalid_model');
  assert.equal(await attempt(tfliteModel({ inputs: [0], outputs: [1], tensors: [one, other],
    operators: [{ code: 0, in: [0, 1], out: [1] }] })), 'invalid_model');
});

test('a name that is made twice is refused', async () => {
  assert.equal(await attempt(rowModel([{ op: 'Relu', inputs: ['x'], outputs: ['y'] },
    { op: 'Exp', inputs: ['x'], outputs: ['y'] }])), 'invalid_model');
});

test('a missing operator is refused with every missing name, how often, and the first node', async () => {
  const bytes = rowModel([
    { op: 'Relu', inputs: ['x'], outputs: ['a'] },
    { op: 'FancyAttention', name: 'first', inputs: ['a'], outputs: ['b'] },
    { op: 'FancyAttention', inputs: ['b'], outputs: ['c'] },
    { op: 'Plain', domain: 'com.example', inputs: ['c'], outputs: ['y'] },
  ]);
  await assert.rejects(loadModel(bytes, { worker: false }), (error) => {
    assert(error instanceof OctavoError);
    assert.equal(error.code, 'unsupported_model');
    assert.equal(error.node, 'first');
    assert.match(error.message, /FancyAttention \(2, first 'first'\), com\.example\.Plain \(1, first 'y'\)/);
    return true;
  });
});

test('an opset out of range, no graph at all, and bytes of no format are refused', async () => {
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }];
  for (const opset of [0, 24, 2 ** 40]) {
    assert.equal(await attempt(rowModel(nodes, {}, opset)), 'unsupported_model');
  }
  assert.equal(await attempt(Uint8Array.of(8, 8)), 'invalid_model');
  assert.equal(await attempt(new Uint8Array(0)), 'not_a_model');
  assert.equal(await attempt(Uint8Array.from({ length: 100 }, (_, i) => 255 - i)), 'invalid_model');
});

test('scales that are zero, negative or not numbers are refused', async () => {
  for (const scale of [0, -1, NaN, Infinity]) {
    assert.equal(await attempt(rowModel([{ op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'] },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] }],
    { s: constant('float32', [], [scale]), z: constant('uint8', [], [0]) })), 'invalid_model');
  }
});

test('constants that old exporters list among the inputs are no inputs, however many', async () => {
  const names = Array.from({ length: 1100 }, (_, i) => `c${i}`);
  const bytes = onnxModel({
    inputs: { x: row, ...Object.fromEntries(names.map((name) => [name, row])) },
    outputs: { y: row },
    constants: Object.fromEntries(names.map((name) => [name, constant('float32', [1, 4], [1, 2, 3, 4])])),
    nodes: [{ op: 'Add', inputs: ['x', 'c1099'], outputs: ['y'] }],
  });
  const model = await loadModel(bytes, { worker: false });
  assert.deepEqual(model.inputs.map(({ name }) => name), ['x']);
  await model.dispose();
});

test('names come out as they are, except for bytes that are no text', async () => {
  const name = 'quote " slash \\ bell \u0007 naïve 漢字 😀';
  const [x, y] = [name, 'y'].map((each) => [each, { dtype: 'float32', shape: [1] }]);
  const bytes = onnxModel({
    nodes: [{ op: 'Relu', inputs: [name], outputs: ['y'] }],
    inputs: Object.fromEntries([x]),
    outputs: Object.fromEntries([y]),
  });
  const intact = await loadModel(bytes, { worker: false });
  assert.equal(intact.inputs[0].name, name);
  await intact.dispose();

  const second = new TextEncoder().encode('ï')[1];
  const broken = await loadModel(bytes.map((byte) => (byte === second ? 0xff : byte)), { worker: false });
  assert.equal(broken.inputs[0].name, name.replace('ï', '??'));
  await broken.dispose();
});
