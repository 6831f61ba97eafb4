// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Shelf } from '../../js/store.js';

const URL_TEXT = 'https://example.test/model.onnx';
const BYTES = Uint8Array.of(1, 2, 3);

/** @param {Partial<import('../../js/store.js').Store>} [broken] */
function memoryStore(broken) {
  /** @type {Map<string, Uint8Array>} */
  const kept = new Map();
  return {
    kept,
    get: async (/** @type {string} */ url, /** @type {string} */ digest) => {
      const bytes = kept.get(url + digest);
      return bytes && new Response(/** @type {BodyInit} */ (bytes));
    },
    put: async (/** @type {string} */ url, /** @type {string} */ digest, /** @type {Uint8Array} */ bytes) =>
      void kept.set(url + digest, bytes),
    remove: async (/** @type {string} */ url, /** @type {string} */ digest) => void kept.delete(url + digest),
    ...broken,
  };
}

test('a verified model is stored, and found the next time', async () => {
  const store = memoryStore();
  const first = new Shelf(URL_TEXT, { cache: true, digest: 'd', store });
  assert.equal(await first.find(), undefined);
  assert.ok(first.isOpen);
  await first.keep(BYTES);
  assert.deepEqual(first.status, { status: 'stored', reason: '' });

  const second = new Shelf(URL_TEXT, { cache: true, digest: 'd', store });
  assert.deepEqual(new Uint8Array(await /** @type {Response} */ (await second.find()).arrayBuffer()), BYTES);
  assert.equal(second.status.status, 'hit');
  assert.ok(!second.isOpen);
  assert.equal(await new Shelf(URL_TEXT, { cache: true, digest: 'other', store }).find(), undefined);
});

test('a damaged model is forgotten, and its place is open again', async () => {
  const store = memoryStore();
  await store.put(URL_TEXT, 'd', BYTES);
  const shelf = new Shelf(URL_TEXT, { cache: true, digest: 'd', store });
  await shelf.find();
  await shelf.clear();
  assert.equal(store.kept.size, 0);
  await shelf.keep(BYTES);
  assert.equal(shelf.status.status, 'stored');
});

test('no wish, no store, no integrity and no URL each say so', () => {
  const store = memoryStore();
  const status = (/** @type {any} */ source, /** @type {any} */ options) => new Shelf(source, options).status;
  assert.deepEqual(status(URL_TEXT, { digest: 'd', store }), { status: 'off', reason: '' });
  assert.match(status(URL_TEXT, { cache: true, digest: 'd' }).reason, /no Cache API/);
  assert.match(status(URL_TEXT, { cache: true, store }).reason, /integrity/);
  assert.match(status(BYTES, { cache: true, digest: 'd', store }).reason, /URL/);
  assert.match(status('model.onnx', { cache: true, digest: 'd', store }).reason, /URL/);
  const post = new Request(URL_TEXT, { method: 'POST', body: 'x' });
  assert.match(status(post, { cache: true, digest: 'd', store }).reason, /URL/);
});

test('a store that refuses costs the cache and nothing else', async () => {
  const refuse = async () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  const full = new Shelf(URL_TEXT, { cache: true, digest: 'd', store: memoryStore({ put: refuse }) });
  await full.find();
  await full.keep(BYTES);
  assert.equal(full.status.status, 'failed');
  assert.match(full.status.reason, /no room/);

  const shut = new Shelf(URL_TEXT, { cache: true, digest: 'd', store: memoryStore({ get: refuse }) });
  assert.equal(await shut.find(), undefined);
  assert.equal(shut.status.status, 'failed');
  assert.ok(!shut.isOpen);
});
