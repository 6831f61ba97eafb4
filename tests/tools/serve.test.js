// SPDX-License-Identifier: MIT
//
// `npm start`: what is served, with which headers, and what is not.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startServer } from '../helpers/server.js';
import { read, root } from '../helpers/tree.js';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.close());

/** A request whose path is sent exactly as it stands: fetch would tidy it up first. */
const get = (path, headers = {}, method = 'GET') =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, headers, method }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ ...response, status: response.statusCode, headers: response.headers,
        text: Buffer.concat(chunks).toString() }));
    }).on('error', reject).end();
  });

test('the root leads to the scanner', async () => {
  const { status, headers } = await get('/');
  assert.equal(status, 302);
  assert.equal(headers.location, '/demos/scanner/');
  assert.equal((await get('/demos/scanner/')).headers['content-type'], 'text/html; charset=utf-8');
});

test('pages are isolated, and may run WebAssembly and our own workers but no eval', async () => {
  const { headers } = await get('/demos/scanner/');
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
  assert.match(headers['content-security-policy'], /script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'/);
});

test('the frame for other people’s runtimes, and it alone, may run code made from text', async () => {
  const policyOf = async (path) => (await get(path)).headers['content-security-policy'];
  assert.match(await policyOf('/demos/benchmark/frame.html'), /'unsafe-eval'/);
  assert.doesNotMatch(await policyOf('/demos/benchmark/'), /'unsafe-/);
});

test('files from elsewhere are served under the paths they are given, and only those', async () => {
  const own = await startServer({ files: { '/extra.json': join(root, 'package.json') } });
  assert.equal((await (await fetch(`${own.url}/extra.json`)).json()).name, 'octavo');
  assert.equal((await fetch(`${own.url}/other.json`)).status, 404);
  await own.close();
});

test('wasm and modules have the types that browsers insist on', async () => {
  assert.equal((await get('/dist/octavo_simd128.wasm')).headers['content-type'], 'application/wasm');
  assert.equal((await get('/js/index.js')).headers['content-type'], 'text/javascript; charset=utf-8');
});

test('nothing outside the project is served, and nothing hidden', async () => {
  const paths = ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/js/..%5c..%5cx', '/.git/config',
    '/js/%00', '/%', '//etc/passwd', '/nothing'];
  for (const path of paths) assert.equal((await get(path)).status, 404, path);
});

test('only GET and HEAD are answered', async () => {
  assert.equal((await get('/js/index.js', {}, 'POST')).status, 405);
  const head = await get('/js/index.js', {}, 'HEAD');
  assert.equal(Number(head.headers['content-length']), Buffer.byteLength(read('js/index.js')));
  assert.equal(head.text, '');
});

test('a range is a part of the file, its end too, and one past the end is refused', async () => {
  const whole = read('js/index.js');
  const part = await get('/js/index.js', { range: 'bytes=3-9' });
  assert.equal(part.status, 206);
  assert.equal(part.text, whole.slice(3, 10));
  assert.equal(part.headers['content-range'], `bytes 3-9/${Buffer.byteLength(whole)}`);
  assert.equal((await get('/js/index.js', { range: 'bytes=-5' })).text, whole.slice(-5));
  assert.equal((await get('/js/index.js', { range: 'bytes=99999999-' })).status, 416);
});
