// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { locate, openBytes, receive } from '../../js/fetch_bytes.js';

/** As much of an Engine as receiving takes: a memory that only grows, and what is allocated in it. */
class FakeEngine {
  bytes = new Uint8Array(0);
  /** @type {Map<number, number>} */
  blocks = new Map();
  /** @type {number[]} */
  asked = [];

  /** @param {number} size */
  alloc(size) {
    const address = this.bytes.length;
    const roomier = new Uint8Array(address + size);
    roomier.set(this.bytes);
    this.bytes = roomier;
    this.blocks.set(address, size);
    this.asked.push(size);
    return address;
  }

  /** @param {number} address */
  free(address) {
    assert.ok(this.blocks.delete(address));
  }

  /** @param {number} address @param {Uint8Array} data */
  write(address, data) {
    const [block, size] = [...this.blocks].find(([start, length]) => address >= start && address < start + length) ?? [
      0, 0,
    ];
    assert.ok(address + data.length <= block + size, 'written past the block');
    this.bytes.set(data, address);
  }

  /** @param {number} to @param {number} from @param {number} count */
  copy(to, from, count) {
    this.bytes.copyWithin(to, from, from + count);
  }

  /** @param {number} address @param {number} count */
  peek(address, count) {
    return this.bytes.subarray(address, address + count);
  }
}

const MODEL = Uint8Array.from({ length: 3 << 20 }, (_, i) => (i * 31) >> 3);

/** @param {any} source @param {any} [options] */
async function read(source, options) {
  const engine = /** @type {any} */ (new FakeEngine());
  try {
    const { address, length } = await receive(engine, await openBytes(source, options?.signal), options);
    assert.equal(engine.blocks.size, 1);
    return { bytes: engine.peek(address, length), asked: engine.asked };
  } catch (error) {
    assert.equal(engine.blocks.size, 0, 'a failure leaves nothing allocated');
    throw error;
  }
}

/** @type {import('node:http').Server} */
let server;
let base = '';
let folder = '';

/** @type {Record<string, (response: import('node:http').ServerResponse) => void>} */
const routes = {
  '/model': (response) => response.writeHead(200, { 'content-length': MODEL.length }).end(MODEL),
  '/chunked': (response) => response.writeHead(200).end(MODEL),
  '/html': (response) =>
    response
      .writeHead(200, { 'content-type': 'application/octet-stream' })
      .end('\ufeff\n <!doctype html>\n<title>Shop</title>'),
  '/json': (response) => response.writeHead(200).end('{"error": "quota"}'),
  '/lfs': (response) => response.writeHead(200).end('version https://git-lfs.github.com/spec/v1\noid sha256:0'),
  '/empty': (response) => response.writeHead(200).end(),
  '/missing': (response) => response.writeHead(404).end('nothing here'),
  '/partial': (response) => response.writeHead(206).end(MODEL.subarray(0, 10)),
  '/cut': (response) => {
    response.writeHead(200, { 'content-length': MODEL.length });
    response.write(MODEL.subarray(0, 1000), () => response.destroy());
  },
  '/slow': (response) => {
    response.writeHead(200, { 'content-length': MODEL.length });
    response.write(MODEL.subarray(0, 1000));
  },
};

before(async () => {
  server = createServer(({ url }, response) => routes[/** @type {string} */ (url)](response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  folder = await mkdtemp(join(tmpdir(), 'octavo-'));
  await writeFile(join(folder, 'model'), MODEL);
});

after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

test('every kind of source gives the same bytes', async () => {
  const path = join(folder, 'model');
  const shifted = new Uint8Array(MODEL.length + 5);
  shifted.set(MODEL, 5);
  const sources = {
    url: `${base}/model`,
    URL: new URL(`${base}/model`),
    path,
    'file URL': pathToFileURL(path),
    'file URL text': pathToFileURL(path).href,
    Request: new Request(`${base}/model`),
    Response: await fetch(`${base}/chunked`),
    'made Response': new Response(MODEL),
    Blob: new Blob([MODEL]),
    ArrayBuffer: MODEL.buffer,
    array: MODEL,
    'part of a buffer': shifted.subarray(5),
    'other array': new Uint32Array(MODEL.buffer),
    stream: new Blob([MODEL]).stream(),
  };
  for (const [name, source] of Object.entries(sources)) {
    assert.ok(Buffer.compare((await read(source)).bytes, MODEL) === 0, name);
  }
});

test('progress goes from nothing to all, with the total where it is known', async () => {
  for (const [path, total] of /** @type {const} */ ([
    ['/model', MODEL.length],
    ['/chunked', undefined],
  ])) {
    /** @type {any[]} */
    const seen = [];
    await read(`${base}${path}`, { onProgress: (/** @type {any} */ progress) => seen.push(progress) });
    assert.deepEqual(seen[0], { loaded: 0, total });
    assert.deepEqual(seen.at(-1), { loaded: MODEL.length, total });
    assert.ok(seen.every(({ loaded }, i) => i === 0 || loaded > seen[i - 1].loaded));
  }
});

test('an unknown length is met by doubling, a known one by one block', async () => {
  assert.deepEqual((await read(`${base}/model`)).asked, [MODEL.length]);
  assert.deepEqual((await read(`${base}/chunked`)).asked, [1 << 20, 2 << 20, 4 << 20]);
});

test('a promised length is not trusted: neither one too small nor one of terabytes', async () => {
  const small = await read(new Response(MODEL, { headers: { 'content-length': '10' } }));
  assert.equal(Buffer.compare(small.bytes, MODEL), 0);
  const huge = new Response(MODEL, { headers: { 'content-length': String(2 ** 42) } });
  await assert.rejects(read(huge), { code: 'truncated' });
});

test('what is no model is named as what it is', async () => {
  await assert.rejects(read(`${base}/html`), {
    code: 'not_a_model',
    url: `${base}/html`,
    message: /HTML page came from .*\/html: '<!doctype html> <title>Shop/,
  });
  await assert.rejects(read(`${base}/json`), { code: 'not_a_model', message: /JSON.*quota/ });
  await assert.rejects(read(`${base}/lfs`), { code: 'not_a_model', message: /Git LFS.*git lfs pull/ });
  await assert.rejects(read(`${base}/empty`), { code: 'not_a_model', message: /0 bytes/ });
  await assert.rejects(read(new Uint8Array(0)), { code: 'not_a_model' });
});

test('an answer that is not 200 is an error, also a partial one', async () => {
  await assert.rejects(read(`${base}/missing`), { code: 'http', url: `${base}/missing`, message: /404 Not Found/ });
  await assert.rejects(read(`${base}/partial`), { code: 'http', message: /206/ });
  await assert.rejects(read(new Response('', { status: 500 })), { code: 'http', message: /500/ });
});

test('a connection that breaks off is an error with the bytes that came', async () => {
  await assert.rejects(read(`${base}/cut`), { code: 'network', message: /broke off after 1000 of 3145728 bytes/ });
});

test('a server that is not there is an error with its address', async () => {
  const closed = createServer();
  await new Promise((resolve) => closed.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (closed.address());
  await new Promise((resolve) => closed.close(resolve));
  await assert.rejects(read(`http://127.0.0.1:${port}/m`), {
    code: 'network',
    message: new RegExp(`fetch.*${port}/m`),
  });
});

test('a file that is not there is an error with its path', async () => {
  await assert.rejects(read(join(folder, 'nothing')), { code: 'network', message: /no such file/ });
  await assert.rejects(read(folder), { code: 'network' });
});

test('of as many bytes as the network promised, the end is not waited for', async () => {
  const body = new ReadableStream({ type: 'bytes', start: (queue) => queue.enqueue(MODEL.slice()) }); // never closed
  const response = new Response(body, { headers: { 'content-length': String(MODEL.length) } });
  Object.defineProperty(response, 'type', { value: 'basic' }); // as a browser's own fetch gives it
  assert.deepEqual((await read(response)).bytes, MODEL);
});

test('pieces of a byte stream that somebody keeps are not overwritten by the next', async () => {
  const { chunks } = await openBytes(await fetch(`${base}/model`));
  const kept = [];
  for await (const { buffer, length } of chunks) kept.push(structuredClone(buffer, { transfer: [buffer] }).slice(0, length));
  assert.deepEqual(new Uint8Array(await new Blob(kept).arrayBuffer()), MODEL);
});

test('an abort stops a download with the signal’s own reason', async () => {
  const reason = new Error('enough');
  for (const source of [`${base}/slow`, await fetch(`${base}/slow`), (await fetch(`${base}/slow`)).body]) {
    const controller = new AbortController();
    const reading = read(source, { signal: controller.signal, onProgress: () => controller.abort(reason) });
    await assert.rejects(reading, reason);
  }
  await assert.rejects(read(`${base}/model`, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('an abort cancels the caller’s stream', async () => {
  const controller = new AbortController();
  let cancelled;
  const stream = new ReadableStream({
    pull: (queue) => queue.enqueue(new Uint8Array(10)),
    cancel: (why) => (cancelled = why),
  });
  const reading = read(stream, { signal: controller.signal, onProgress: () => controller.abort('stop') });
  await assert.rejects(reading, (why) => why === 'stop');
  assert.equal(cancelled, 'stop');
});

test('an error of the caller’s own onProgress is passed on as it is', async () => {
  const mine = new Error('mine');
  const onProgress = () => {
    throw mine;
  };
  await assert.rejects(read(MODEL, { onProgress }), mine);
});

test('a stream of anything but bytes, a used response and an unknown source are misuse', async () => {
  const words = new ReadableStream({ start: (queue) => queue.enqueue('model') });
  await assert.rejects(read(words), { code: 'invalid_argument', message: /stream gave 'model'/ });
  const used = new Response(MODEL);
  await used.arrayBuffer();
  await assert.rejects(read(used), { code: 'invalid_argument', message: /read before/ });
  const locked = new Blob([MODEL]).stream();
  locked.getReader();
  await assert.rejects(read(locked), { code: 'invalid_argument', message: /somebody else/ });
  for (const source of [undefined, null, 7, {}, [1]]) {
    await assert.rejects(read(source), { code: 'invalid_argument', message: /Pass a URL, a path/ });
  }
});

test('a Windows path is a path, and a relative name too', () => {
  assert.deepEqual(locate('C:\\models\\a.onnx'), { path: 'C:\\models\\a.onnx' });
  assert.deepEqual(locate('models/a.onnx'), { path: 'models/a.onnx' });
  assert.ok(locate('https://example.test/a.onnx') instanceof URL);
});
