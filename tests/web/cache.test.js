// SPDX-License-Identifier: MIT
//
// Verified models are kept in the browser's Cache API: the second load asks the server for nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { noBrowser } from '../helpers/browser.js';
import { addOneModel } from '../helpers/onnx_model.js';
import { openSite } from './site.js';

const MODEL = addOneModel();
const INTEGRITY = `sha256-${createHash('sha256').update(MODEL).digest('base64')}`;

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;

if (!noBrowser) {
  before(async () => {
    site = await openSite({
      '/made/model': { body: MODEL },
      '/made/model?v=1': { body: MODEL },
      '/made/other': { body: MODEL },
      '/made/html': { body: '<html>', type: 'text/html' },
    });
  });
  after(() => site.close());
}

/**
 * Loads and runs; answers the cache's status, or the error's code.
 * @param {import('playwright-core').Page} page
 * @param {string} path
 * @param {Record<string, unknown>} options
 */
const load = (page, path, options) =>
  page.evaluate(async ([path, options]) => {
    const { loadModel } = await import(/** @type {any} */ ('/web/index.js'));
    try {
      const model = await loadModel(path, options);
      const { y } = await model.run({ x: Float32Array.of(1, 2) });
      await model.dispose();
      return y.data[1] === 3 ? model.cache.status : 'wrong result';
    } catch (error) {
      return /** @type {any} */ (error).code;
    }
  }, /** @type {const} */ ([path, options]));

for (const worker of [true, false]) {
  test(`the second load of a verified model makes no request (worker: ${worker})`, { skip: noBrowser }, async () => {
    const page = await site.openPage();
    site.requests.clear();
    const options = { cache: true, integrity: INTEGRITY, worker };
    assert.equal(await load(page, '/made/model', options), 'stored');
    assert.equal(await load(page, '/made/model', options), 'hit');
    await page.reload();
    assert.equal(await load(page, '/made/model', options), 'hit');
    assert.equal(site.requests.get('/made/model'), 1);
  });
}

test('a kept model that somebody changed is fetched again', { skip: noBrowser }, async () => {
  const page = await site.openPage();
  site.requests.clear();
  const options = { cache: true, integrity: INTEGRITY };
  assert.equal(await load(page, '/made/model', options), 'stored');
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const key of await cache.keys()) await cache.put(key, new Response('changed'));
    }
  });
  assert.equal(await load(page, '/made/model', options), 'stored');
  assert.equal(await load(page, '/made/model', options), 'hit');
  assert.equal(site.requests.get('/made/model'), 2);
});

test('a new version takes the place of the old one, and of no other model', { skip: noBrowser }, async () => {
  const page = await site.openPage();
  assert.equal(await load(page, '/made/other', { cache: true, integrity: INTEGRITY }), 'stored');
  await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0]);
    await cache.put('/made/model?v=1&octavo-sha256=old', new Response('old'));
  });
  assert.equal(await load(page, '/made/model?v=1', { cache: true, integrity: INTEGRITY }), 'stored');
  const kept = await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0]);
    return (await cache.keys()).map(({ url }) => url.replace(/=[0-9a-f]{64}$/, '').replace(/^.*\/made/, ''));
  });
  assert.deepEqual(kept.sort(), ['/model?v=1&octavo-sha256', '/other?octavo-sha256']);
});

test('nothing is kept that is not verified, or not asked for', { skip: noBrowser }, async () => {
  const page = await site.openPage();
  assert.equal(await load(page, '/made/other', { cache: true }), 'unavailable');
  assert.equal(await load(page, '/made/other', { integrity: INTEGRITY }), 'off');
  assert.equal(await load(page, '/made/other', { cache: true, integrity: '0'.repeat(64) }), 'integrity');
  assert.equal(await load(page, '/made/html', { cache: true, integrity: INTEGRITY }), 'not_a_model');
  assert.equal(await load(page, '/made/nothing', { cache: true, integrity: INTEGRITY }), 'http');
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return keys.flat().length;
  });
  assert.equal(kept, 0);
});
