// SPDX-License-Identifier: MIT
//
// Threads and pools in a page: with isolation, without it, under the strictest content security policy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { noBrowser } from '../helpers/browser.js';
import { addOneModel } from '../helpers/onnx_model.js';
import { openSite } from './site.js';

const pageClean = readFileSync(new URL('../../models/page_clean.onnx', import.meta.url));

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;

if (!noBrowser) {
  before(async () => {
    site = await openSite({
      '/made/add_one': { body: addOneModel() },
      '/made/page_clean': { body: pageClean },
      '/open': { body: '<!doctype html>', type: 'text/html', open: true },
    });
  });
  after(() => site.close());
}

/**
 * @param {string} name
 * @param {(page: import('playwright-core').Page, said: string[]) => Promise<void>} body
 * @param {string} [path]
 */
const inPage = (name, body, path = '/page') =>
  test(name, { skip: noBrowser }, async () => {
    const page = await site.openPage(path);
    /** @type {string[]} */
    const said = [];
    page.on('console', (message) => message.type() === 'info' && said.push(message.text()));
    await page.evaluate(async () => {
      const all = /** @type {any} */ (globalThis);
      all.octavo = await import(/** @type {any} */ ('/web/index.js'));
      all.picture = () => ({ shape: [1, 3, 128, 128], data: Float32Array.from({ length: 49152 }, (_, i) => (i % 251) / 251) });
      all.digest = async (/** @type {any} */ model) => {
        const { data } = Object.values(await model.run({ [model.inputs[0].name]: all.picture() }))[0];
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
        return [...hash].join();
      };
    });
    await body(page, said);
    assert.deepEqual(await page.evaluate('violations'), []);
    await page.context().close();
  });

/** In the page. */
const { octavo, digest, picture } = /** @type {any} */ (globalThis);

inPage('an isolated page gets threads: in a worker and inline, the same bits, and they end with the model', async (page, said) => {
  const results = await page.evaluate(async () => {
    const found = [];
    for (const worker of [true, false])
      for (const threads of [1, 2, 4]) {
        const model = await octavo.loadModel('/made/page_clean', { worker, threads });
        found.push({ worker, threads, got: model.threads, hash: await digest(model) });
        await model.dispose();
      }
    return found;
  });
  for (const { threads, got, hash } of results) {
    assert.equal(got, threads);
    assert.equal(hash, results[0].hash);
  }
  for (let i = 0; i < 50 && page.workers().length > 0; i++) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 0);
  assert.deepEqual(said, []);
});

inPage('auto starts threads once a model is heavy enough, and none before', async (page) => {
  const counts = await page.evaluate(async () => {
    const small = await octavo.loadModel('/made/add_one');
    await small.run({ x: Float32Array.of(1, 2) });
    const large = await octavo.loadModel('/made/page_clean');
    const most = Math.min(4, navigator.hardwareConcurrency);
    for (let i = 0; i < 200 && large.threads < most; i++) await digest(large);
    return { small: small.threads, large: large.threads, most };
  });
  assert.deepEqual(counts, { small: 1, large: counts.most, most: counts.most });
});

inPage('200 runs on two threads end, a run is aborted, and the next one is right', async (page) => {
  const isSame = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/page_clean', { threads: 2 });
    const first = await digest(model);
    for (let i = 0; i < 200; i++) await model.run({ [model.inputs[0].name]: picture() });
    const controller = new AbortController();
    const large = { shape: [1, 3, 512, 512], data: new Float32Array(3 * 512 * 512) };
    const aborted = model.run({ [model.inputs[0].name]: large }, { signal: controller.signal }).catch(() => 'aborted');
    setTimeout(() => controller.abort(), 5);
    await aborted;
    return first === (await digest(model));
  });
  assert.ok(isSame);
});

inPage('a page that is not isolated runs on one thread, and says why, once', async (page, said) => {
  const threads = await page.evaluate(async () => {
    const models = [await octavo.loadModel('/made/add_one'), await octavo.loadModel('/made/page_clean', { threads: 4 })];
    await digest(models[1]);
    return models.map((model) => model.threads);
  });
  assert.deepEqual(threads, [1, 1]);
  assert.equal(said.length, 1);
  assert.match(said[0], /one thread.*not cross-origin isolated.*Cross-Origin-Opener-Policy: same-origin/);
}, '/open');

inPage('a pool needs no isolation, fetches the model once, and gives what a model gives', async (page, said) => {
  const before = site.requests.get('/made/page_clean') ?? 0;
  const answers = await page.evaluate(async () => {
    const pool = await octavo.createPool('/made/page_clean', { size: 3 });
    const hashes = await Promise.all(Array.from({ length: 7 }, () => digest(pool)));
    const { size } = pool;
    await pool.dispose();
    return { size, hashes, disposed: await digest(pool).catch((/** @type {any} */ { code }) => code) };
  });
  assert.equal(site.requests.get('/made/page_clean'), before + 1);
  assert.equal(answers.size, 3);
  assert.equal(new Set(answers.hashes).size, 1);
  assert.equal(answers.disposed, 'disposed');
  for (let i = 0; i < 50 && page.workers().length > 0; i++) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 0);
  assert.deepEqual(said, []);
}, '/open');
