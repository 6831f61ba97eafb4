// SPDX-License-Identifier: MIT
//
// Where the other files of a model come from, in Node. (In a page, its worker and its cache: tests/web/model_files.test.js.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { compileModel } from '../../js/compile.js';
import { createPool, loadModel } from '../../js/index.js';
import { externalModel, FILES, X, Y } from '../formats/external.js';
import { addOneModel, onnxModel } from '../helpers/onnx_model.js';

const MODEL = externalModel();
const FIRST = 'a model.bin';
const sha256 = (/** @type {Uint8Array} */ bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
const allBytes = MODEL.length + Object.values(FILES).reduce((sum, { length }) => sum + length, 0);

const folder = mkdtempSync(join(tmpdir(), 'octavo-'));
const path = join(folder, 'a #model.onnx');
/** @type {string[]} */
let requests = [];
/** @type {import('node:http').Server} */
let server;
let url = '';

before(async () => {
  writeFileSync(path, MODEL);
  mkdirSync(join(folder, 'deep'));
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
  server = createServer((request, response) => {
    const asked = decodeURIComponent(request.url ?? '');
    requests.push(asked);
    if (asked === '/models/moved.onnx?v=1') return response.writeHead(302, { location: '/elsewhere/model.onnx' }).end();
    if (asked === '/endless/deep/scale.bin') return response.writeHead(200, { 'content-length': '16' }).write('1');
    const body = asked.endsWith('.onnx') ? MODEL : FILES[asked.replace(/^\/(models|endless)\//, '')];
    return body ? response.end(body) : response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
});

after(() => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

/** @param {Promise<import('../../js/index.js').Model>} loading */
async function works(loading) {
  const model = await loading;
  assert.deepEqual((await model.run({ x: X })).y.data, Y);
  await model.dispose();
}

test('files lie beside the model, whether it comes from a path, a URL or a Request', async () => {
  await works(loadModel(path));
  await works(loadModel(pathToFileURL(path)));
  await works(loadModel(`${url}/models/model.onnx`));
  await works(loadModel(new Request(`${url}/models/model.onnx`)));
});

test('beside the model is where it was asked for, wherever a redirect led to', async () => {
  requests = [];
  await works(loadModel(`${url}/models/moved.onnx?v=1`));
  assert.deepEqual(requests.slice(2).sort(), ['/models/a model.bin', '/models/deep/scale.bin']);
});

test('any other source needs to be told where they are, and takes whatever a model can come from', async () => {
  await assert.rejects(loadModel(MODEL), {
    code: 'invalid_argument', message: /another file, 'a model\.bin', .* externalData: \{ 'a model\.bin': source \}/,
  });
  const [one, two] = Object.values(FILES);
  for (const source of [one, one.buffer, new Blob([one]), new Response(one), `${url}/models/a model.bin`]) {
    await works(loadModel(MODEL, { externalData: { [FIRST]: source, 'deep/scale.bin': two } }));
  }
  await works(loadModel(path, { externalData: { [FIRST]: { source: one } } }));
});

test('a name that the model does not have is an error that names those it has', async () => {
  await assert.rejects(loadModel(path, { externalData: { 'model.bin': FILES[FIRST] } }), {
    code: 'invalid_argument', message: /no file 'model\.bin'. Its files are 'a model\.bin', 'deep\/scale\.bin'/,
  });
  await assert.rejects(loadModel(addOneModel(), { externalData: { a: FILES[FIRST] } }), { code: 'invalid_argument' });
  await assert.rejects(loadModel(path, { externalData: { a: /** @type {any} */ (1) } }), { code: 'invalid_argument' });
});

test('a place that is not below the model is refused, unless the caller names it', async () => {
  const places = ['/etc/hosts', '../a.bin', 'deep/../../a.bin', 'http://a.b/c', 'file:///etc/hosts', '//a.b/c', 'c:a.bin',
    '\\\\a.b\\c', 'deep\\..\\..\\a.bin', 'deep/', '..'];
  for (const location of places) {
    const bytes = externalModel({ scale: { location } });
    writeFileSync(join(folder, 'bad.onnx'), bytes);
    await assert.rejects(loadModel(join(folder, 'bad.onnx')), { code: 'invalid_model', message: /no file beside it/ });
    await works(loadModel(bytes, { externalData: { [FIRST]: FILES[FIRST], [location]: FILES['deep/scale.bin'] } }));
  }
});

test('a file that is missing or short is an error that names it', async () => {
  await assert.rejects(loadModel(`${url}/elsewhere/model.onnx`), { code: 'http', message: /404 .*\/elsewhere\/a%20model\.bin/ });
  writeFileSync(join(folder, 'deep', 'alone.onnx'), MODEL);
  await assert.rejects(loadModel(join(folder, 'deep', 'alone.onnx')), { code: 'network', message: /a model\.bin.*no such file/ });
  const short = { [FIRST]: FILES[FIRST].slice(0, 100), 'deep/scale.bin': FILES['deep/scale.bin'] };
  await assert.rejects(loadModel(MODEL, { externalData: short }), { code: 'invalid_model', message: /'w' is not within the 100 bytes/ });
});

test('bytes that begin like a page or like JSON are data; a page is none', async () => {
  for (const first of '<{') {
    const file = FILES[FIRST].slice();
    file[0] = first.charCodeAt(0); // before the first constant
    await works(loadModel(path, { externalData: { [FIRST]: file } }));
  }
  const page = new TextEncoder().encode('<!DOCTYPE html><title>not found</title>');
  await assert.rejects(loadModel(path, { externalData: { [FIRST]: page } }), { code: 'not_a_model' });
});

test('integrity protects every file, or the model is refused', async () => {
  const integrity = sha256(MODEL);
  await assert.rejects(loadModel(path, { integrity }), {
    code: 'integrity', message: /does not protect its other file 'a model\.bin'.*externalData: .*integrity/,
  });
  const externalData = Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [name, { integrity: sha256(bytes) }]));
  await works(loadModel(path, { integrity, externalData }));
  const wrong = { ...externalData, 'deep/scale.bin': { integrity: sha256(MODEL) } };
  await assert.rejects(loadModel(path, { integrity, externalData: wrong }), { code: 'integrity' });
  await assert.rejects(loadModel(path, { externalData: wrong }), { code: 'integrity' });
});

test('progress counts all files; the sum is known with the last', async () => {
  /** @type {{ loaded: number, total: number | undefined }[]} */
  const seen = [];
  await works(loadModel(path, { externalData: { [FIRST]: FILES[FIRST] }, onProgress: (progress) => seen.push(progress) }));
  assert.deepEqual(seen.at(-1), { loaded: allBytes, total: allBytes });
  assert(seen.every(({ loaded, total }, i) => (i === 0 || loaded >= seen[i - 1].loaded) && (total ?? allBytes) === allBytes));
});

test('an abort stops whichever file is on its way', { timeout: 10000 }, async () => {
  const controller = new AbortController();
  const loading = loadModel(`${url}/endless/model.onnx`, {
    signal: controller.signal,
    onProgress: ({ loaded }) => loaded > MODEL.length + FILES[FIRST].length && controller.abort(),
  });
  await assert.rejects(loading, { name: 'AbortError' });
});

test('weights in another file are not copied, and given back when they are packed', async () => {
  const weights = new Uint8Array(256 * 256 * 4);
  const info = { dtype: 'float32', shape: [1, 256] };
  const bytes = onnxModel({
    inputs: { x: info }, outputs: { y: info },
    constants: { w: { dtype: 'float32', shape: [256, 256], external: { location: 'w' } } },
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  });
  const model = await loadModel(bytes, { externalData: { w: weights } });
  const held = () => (model.memory?.model ?? NaN) + (model.memory?.plan ?? NaN);
  assert(held() >= weights.length && held() < 1.2 * weights.length, `${held()} bytes`);
  await model.run({ x: new Float32Array(256) });
  assert(held() < 0.2 * weights.length, `${held()} bytes`);
  await model.dispose();
});

test('a pool reads each file once', async () => {
  requests = [];
  const pool = await createPool(`${url}/models/model.onnx`, { size: 2 });
  const results = await Promise.all([1, 2, 3, 4].map(() => pool.run({ x: X })));
  for (const { y } of results) assert.deepEqual(y.data, Y);
  assert.equal(requests.length, 3);
  await pool.dispose();
});

test('the command line finds them beside the model', () => {
  const octavo = fileURLToPath(new URL('../../cli/octavo.js', import.meta.url));
  for (const command of ['check', 'inspect']) {
    assert.match(execFileSync(process.execPath, [octavo, command, path], { encoding: 'utf8' }), /onnx/);
  }
});

test('a compiled model has everything in its one file', async () => {
  await works(loadModel(await compileModel(path)));
  await works(loadModel(await compileModel(MODEL, { externalData: FILES })));
});
