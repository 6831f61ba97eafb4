// SPDX-License-Identifier: MIT
//
// A model of several files in a page: in its worker, and kept in the browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { externalModel, FILES, X, Y } from '../formats/external.js';
import { noBrowser } from '../helpers/browser.js';
import { openSite } from './site.js';

const MODEL = externalModel();
const sha256 = (/** @type {Uint8Array} */ bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
const [first, second] = Object.keys(FILES);
const PATHS = ['/made/model', `/made/${encodeURIComponent(first)}`, `/made/${second}`];

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;

if (!noBrowser) {
  before(async () => {
    const bodies = [MODEL, ...Object.values(FILES)];
    site = await openSite(Object.fromEntries(PATHS.map((path, i) => [path, { body: bodies[i] }])));
  });
  after(() => site.close());
}

/**
 * Loads and runs; answers the result and the cache's status, or the error's code. `streams`: all sources are streams.
 * @param {import('playwright-core').Page} page
 * @param {Record<string, unknown> & { streams?: boolean, pool?: boolean }} options
 */
const load = (page, options) =>
  page.evaluate(async ([paths, names, x, { streams, pool, ...options }]) => {
    const { loadModel, createPool } = await import(/** @type {any} */ ('/web/index.js'));
    const bodies = streams ? await Promise.all(paths.map(async (path) => (await fetch(path)).body)) : [];
    const externalData = streams ? { [names[0]]: bodies[1], [names[1]]: bodies[2] } : undefined;
    try {
      const model = await (pool ? createPool : loadModel)(bodies[0] ?? paths[0], { externalData, ...options });
      const { y } = await model.run({ x: Float32Array.from(x) });
      await model.dispose();
      return { y: [...y.data], cache: model.cache.status };
    } catch (error) {
      return { code: /** @type {any} */ (error).code, message: String(error) };
    }
  }, /** @type {const} */ ([PATHS, [first, second], [...X], options]));

for (const worker of [true, false]) {
  test(`files beside the model, and files as streams (worker: ${worker})`, { skip: noBrowser }, async () => {
    const page = await site.openPage();
    assert.deepEqual(await load(page, { worker }), { y: [...Y], cache: 'off' });
    assert.deepEqual(await load(page, { worker, streams: true }), { y: [...Y], cache: 'off' });
  });

  test(`verified files are all kept: the second load makes no request (worker: ${worker})`, { skip: noBrowser }, async () => {
    const page = await site.openPage();
    const externalData = Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [name, { integrity: sha256(bytes) }]));
    const options = { worker, cache: true, integrity: sha256(MODEL), externalData };
    assert.deepEqual(await load(page, options), { y: [...Y], cache: 'stored' });
    site.requests.clear();
    assert.deepEqual(await load(page, options), { y: [...Y], cache: 'hit' });
    assert.deepEqual(PATHS.filter((path) => site.requests.has(path)), []);
  });
}

test('a pool of workers gets all files', { skip: noBrowser }, async () => {
  const page = await site.openPage();
  assert.deepEqual(await load(page, { pool: true, size: 2 }), { y: [...Y], cache: 'off' });
});
