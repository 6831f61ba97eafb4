// SPDX-License-Identifier: MIT
//
// Threads in Node: the same bits, whatever their number, and a program that ends by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadModel } from '../../js/index.js';
import { threadsFor } from '../../js/threads.js';
import { addOneModel } from '../helpers/onnx_model.js';

/** @typedef {import('../../js/index.js').Model} Model */

const VARIANT = 'simd128'; // what every machine has
const data = new URL('../../../shared/data/models/', import.meta.url);
const shipped = new URL('../../models/page_clean.onnx', import.meta.url);
const NAMES = [
  'coral_mnv2_100_224_quant.tflite',
  'mobilefacenet_perchannel_qdq.onnx',
  'ppocrv4_det_160_qdq_int8.onnx',
  'mobilefacenet_fp32.onnx',
  'ultraface_rfb320.onnx',
];
const MODELS = [
  { name: 'page_clean', url: shipped, shape: [1, 3, 256, 256] },
  ...NAMES.map((name) => ({ name, url: new URL(name, data), shape: undefined })),
];

/** @param {Model} model @param {number[]} [shape] */
function inputsFor(model, shape) {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  const feeds = model.inputs.map(({ name, dtype, shape: own }) => {
    const dims = shape ?? (own ?? []).map((dim) => dim ?? 1);
    const Type = dtype === 'float32' ? Float32Array : dtype === 'int8' ? Int8Array : Uint8Array;
    const scale = dtype === 'float32' ? 1 / 255 : 1;
    return [name, { shape: dims, data: Type.from({ length: dims.reduce((a, b) => a * b, 1) }, () => next() * scale) }];
  });
  return Object.fromEntries(feeds);
}

/** @param {URL} url @param {number | 'auto'} threads @param {number[]} [shape] */
async function bits(url, threads, shape) {
  const model = await loadModel(url, { threads, variant: VARIANT });
  try {
    const outputs = Object.values(await model.run(inputsFor(model, shape)));
    const bytes = outputs.map(({ data: { buffer, byteOffset, byteLength } }) => Buffer.from(buffer, byteOffset, byteLength));
    return { threads: model.threads, parts: Math.max(...(model.plan?.steps ?? []).map(({ parts }) => parts)), bytes };
  } finally {
    await model.dispose();
  }
}

for (const { name, url, shape } of MODELS) {
  test(`${name} gives the same bits on 1, 2, 3 and 4 threads`, { skip: !existsSync(url) && 'not here' }, async () => {
    const alone = await bits(url, 1, shape);
    assert.equal(alone.threads, 1);
    assert.equal(alone.parts, 1);
    for (const threads of [2, 3, 4]) {
      const together = await bits(url, threads, shape);
      assert.equal(together.threads, threads);
      assert.equal(together.parts, threads);
      together.bytes.forEach((bytes, i) => assert.ok(bytes.equals(alone.bytes[i]), `output ${i} on ${threads} threads`));
    }
  });
}

test('1000 runs on two threads end, with the same bits each time', async () => {
  const model = await loadModel(shipped, { threads: 2, variant: VARIANT });
  const inputs = inputsFor(model, [1, 3, 64, 64]);
  const [first] = Object.values(await model.run(inputs));
  for (let i = 0; i < 1000; i++) {
    const [next] = Object.values(await model.run(inputs));
    assert.deepEqual(next.data, first.data);
  }
  await model.dispose();
  assert.equal(model.threads, 1);
});

test('auto starts no thread for a model that is over before it would help, and some for one that is not', async () => {
  const small = await loadModel(addOneModel(), { variant: VARIANT });
  await small.run({ x: Float32Array.of(1, 2) });
  assert.equal(small.threads, 1);
  await small.dispose();

  const large = await loadModel(shipped, { variant: VARIANT });
  const inputs = inputsFor(large, [1, 3, 256, 256]);
  const { most } = threadsFor('auto');
  for (const end = Date.now() + 30_000; Date.now() < end && large.threads < most;) await large.run(inputs);
  assert.equal(large.threads, most);
  await large.dispose();
});

test('a program with threads ends by itself, disposed of or not', () => {
  const script = `
    import { loadModel } from '${new URL('../../js/index.js', import.meta.url)}';
    const model = await loadModel('${fileURLToPath(shipped)}', { threads: 3, variant: '${VARIANT}' });
    const x = { shape: [1, 3, 128, 128], data: new Float32Array(3 * 128 * 128) };
    await model.run({ [model.inputs[0].name]: x });
    console.log(model.threads);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  assert.equal(String(said).trim(), '3');
});

test('where workers cannot be started there is one thread, and no error', async () => {
  const { Threads } = await import('../../js/threads.js');
  const { Engine } = await import('../../js/engine.js');
  const { loadWasm } = await import('../../js/wasm.js');
  const module = await loadWasm({ variant: VARIANT, threads: true });
  const engine = await Engine.create(module, { threads: 4 });
  assert.ok(engine.isShared);
  const threads = new Threads(engine, module, () => {
    throw new Error('no workers today');
  });
  await threads.start(4);
  assert.equal(threads.count, 1);
});

test('an engine linked for threads runs alone, and one that is not does not share', async () => {
  const { Engine } = await import('../../js/engine.js');
  const { loadWasm } = await import('../../js/wasm.js');
  for (const threads of [true, false]) {
    const module = await loadWasm({ variant: VARIANT, threads });
    assert.equal((await Engine.create(module)).isShared, threads);
    assert.equal((await Engine.create(module, { threads: 2 })).isShared, threads);
  }
});

test('a number of threads that is none is refused', async () => {
  for (const threads of [0, 1.5, 17, NaN, '2']) {
    const loading = loadModel(addOneModel(), /** @type {any} */ ({ threads }));
    await assert.rejects(loading, { code: 'invalid_argument', message: /threads is 'auto' or a number from 1 to 16/ });
  }
});
