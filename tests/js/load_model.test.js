// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { loadModel, OctavoError } from '../../js/index.js';
import { loaderFor } from '../../js/load_model.js';
import { addOneModel, onnxModel } from '../helpers/onnx_model.js';

const MODEL = addOneModel();
const INTEGRITY = `sha256-${createHash('sha256').update(MODEL).digest('base64')}`;
const simd128 = new URL('../../dist/octavo_simd128.wasm', import.meta.url);

/** @param {import('../../js/index.js').Model} model */
async function works(model) {
  const { y } = await model.run({ x: Float32Array.of(1, 2) });
  assert.deepEqual(y.data, Float32Array.of(2, 3));
  await model.dispose();
}

test('worker and cache are no error where there is neither: the model tells what it got', async () => {
  const model = await loadModel(MODEL, { worker: true, cache: true, integrity: INTEGRITY });
  assert.deepEqual(model.cache, { status: 'unavailable', reason: 'there is no Cache API here' });
  await works(model);
});

test('integrity lets the model through, and nothing else', async () => {
  await works(await loadModel(MODEL, { integrity: INTEGRITY }));
  const other = Uint8Array.from(MODEL);
  other[other.length - 1] ^= 1;
  await assert.rejects(loadModel(other, { integrity: INTEGRITY }), { code: 'integrity' });
  await assert.rejects(loadModel(MODEL, { integrity: 'sha256-abc' }), { code: 'invalid_argument' });
});

test('the engine can be given as a file, a folder, bytes and a module', async () => {
  const binary = readFileSync(simd128);
  const module = await WebAssembly.compile(binary);
  const path = fileURLToPath(simd128);
  for (const wasm of [{ url: simd128 }, { url: new URL('.', simd128) }, { url: path }, { binary }, { module }]) {
    const model = await loadModel(MODEL, { wasm });
    assert.match(model.variant, /^(simd128|relaxed(_[us]8)?)$/);
    await works(model);
  }
});

test('the engine and the model are fetched side by side', async () => {
  /** @type {() => void} */
  let modelWasAsked = () => {};
  const asked = new Promise((resolve) => (modelWasAsked = () => resolve(undefined)));
  const server = createServer(async (request, response) => {
    if (request.url === '/model') {
      modelWasAsked();
      response.end(MODEL);
      return;
    }
    await asked;
    response.writeHead(200, { 'content-type': 'application/wasm' }).end(readFileSync(simd128));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  await works(await loadModel(`${url}/model`, { wasm: { url: `${url}/octavo.wasm` } }));
  server.close();
});

test('an engine that fails is the error, whatever becomes of the model', async () => {
  const binary = Uint8Array.of(1, 2, 3);
  await assert.rejects(loadModel('no such file.onnx', { wasm: { binary } }), { code: 'wasm' });
  await assert.rejects(loadModel(fileURLToPath(import.meta.url), { wasm: { binary } }), { code: 'wasm' });
});

test('warmup runs the model before it is given out, and changes no result', async () => {
  const fixed = onnxModel({
    inputs: { x: { dtype: 'float32', shape: [2] } },
    outputs: { y: { dtype: 'float32', shape: [2] } },
    nodes: [{ op: 'Neg', inputs: ['x'], outputs: ['y'] }],
  });
  const model = await loadModel(fixed, { warmup: true });
  const { y } = await model.run({ x: Float32Array.of(1, 2) });
  assert.deepEqual(y.data, Float32Array.of(-1, -2));
  await model.dispose();
  await works(await loadModel(MODEL, { warmup: true })); // its shape is open: there is nothing to run yet
});

test('one variant can be asked for; one that is wrong here, or none, is refused', async () => {
  const model = await loadModel(MODEL, { variant: 'simd128' });
  assert.equal(model.variant, 'simd128');
  await works(model);
  const outcomes = await Promise.allSettled(
    /** @type {const} */ (['relaxed_u8', 'relaxed_s8']).map((variant) => loadModel(MODEL, { variant })),
  );
  const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'ok' : outcome.reason.code));
  assert.ok(codes.filter((code) => code === 'ok').length <= 1);
  assert.ok(codes.every((code) => code === 'ok' || code === 'unsupported_platform'));
  await assert.rejects(loadModel(MODEL, { variant: /** @type {any} */ ('avx') }), {
    code: 'invalid_argument',
    message: /'avx'/,
  });
});

test('a page in place of the wasm file is named as what it is', async () => {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Shop</html>'),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}/octavo.wasm`;
  await assert.rejects(loadModel(MODEL, { wasm: { url } }), {
    code: 'wasm',
    url,
    message: /<html>Shop.*wasm: \{ url \}/,
  });
  server.close();
  await assert.rejects(loadModel(MODEL, { wasm: { binary: Uint8Array.of(1, 2, 3) } }), { code: 'wasm' });
  await assert.rejects(loadModel(MODEL, { wasm: { url: new URL('nothing.wasm', simd128) } }), { code: 'network' });
});

test('bytes that are no model are an error with what to do, and not a crash', async () => {
  const cases = {
    text: new TextEncoder().encode('This is a text file, and a longer one than a header is.'),
    zeros: new Uint8Array(1000),
    half: MODEL.subarray(0, MODEL.length >> 1),
    tail: MODEL.subarray(7),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    await assert.rejects(loadModel(bytes), (/** @type {any} */ error) => {
      assert.ok(error instanceof OctavoError, name);
      assert.ok(
        ['invalid_model', 'unsupported_model'].includes(error.code),
        `${name}: ${error.code}: ${error.message}`,
      );
      return true;
    });
  }
});

test('no flipped bit of a model crashes the engine', async () => {
  for (let bit = 0; bit < MODEL.length * 8; bit += 5) {
    const bytes = Uint8Array.from(MODEL);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    try {
      const model = await loadModel(bytes);
      await model.run({ x: Float32Array.of(1, 2) }).catch((error) => {
        assert.ok(error instanceof OctavoError && error.code !== 'trap', `bit ${bit}: ${error}`);
      });
    } catch (error) {
      assert.ok(error instanceof OctavoError && !['trap', 'internal'].includes(error.code), `bit ${bit}: ${error}`);
    }
  }
});

test('an operator that Octavo lacks is named with its node', async () => {
  const bytes = onnxModel({
    inputs: { x: { dtype: 'float32', shape: [1] } },
    outputs: { y: { dtype: 'float32', shape: [1] } },
    nodes: [{ op: 'Frobnicate', inputs: ['x'], outputs: ['y'], name: 'frob_7' }],
  });
  await assert.rejects(loadModel(bytes), { code: 'unsupported_model', node: 'frob_7', message: /Frobnicate/ });
});

test('an abort before the call, and a worker that is none, are refused at once', async () => {
  await assert.rejects(loadModel(MODEL, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(loadModel(MODEL, { worker: /** @type {any} */ ('yes') }), { code: 'invalid_argument' });
});

test('a kept model that was damaged is fetched again', async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.end(MODEL);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {Uint8Array | undefined} */
  let kept = Uint8Array.from(MODEL).fill(7, 9, 20);
  const store = {
    get: async () => kept && new Response(/** @type {BodyInit} */ (kept)),
    put: async (/** @type {string} */ _url, /** @type {string} */ _digest, /** @type {Uint8Array} */ bytes) =>
      void (kept = bytes),
    remove: async () => void (kept = undefined),
  };
  const load = loaderFor({ store });
  const options = { cache: true, integrity: INTEGRITY };
  const first = await load(`http://127.0.0.1:${port}/m`, options);
  assert.equal(first.cache.status, 'stored');
  const second = await load(`http://127.0.0.1:${port}/m`, options);
  assert.equal(second.cache.status, 'hit');
  assert.equal(requests, 1);
  await works(first);
  await works(second);
  server.close();
});

test('a path reaches a worker as what it is', async () => {
  const { nodeWorkers } = await import('../../js/node_worker.js');
  const folder = await mkdtemp(join(tmpdir(), 'octavo-'));
  const path = join(folder, 'model.onnx');
  await writeFile(path, MODEL);
  const worker = /** @type {any} */ (nodeWorkers?.startWorker);
  for (const source of [path, pathToFileURL(path)]) await works(await loadModel(source, { worker }));
  await rm(folder, { recursive: true });
});
