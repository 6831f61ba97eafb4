// SPDX-License-Identifier: MIT
//
// The benchmark's page in a real browser: what it measures, what it says of runtimes that are missing or refuse, and
// what becomes of it when it is stopped.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launchBrowser, noBrowser } from '../helpers/browser.js';
import { addOneModel } from '../helpers/onnx_model.js';
import { startServer } from '../helpers/server.js';
import { root } from '../helpers/tree.js';

const skip = noBrowser;
const PEER = 'onnxruntime-web';
const noPeer = skip || (existsSync(join(root, 'node_modules', PEER)) ? false : `${PEER} is not installed`);

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

if (!skip) {
  before(async () => {
    browser = await launchBrowser();
    server = await startServer();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
}

/** The page in a context of its own; `isAlone` hides what is installed. */
async function open({ isAlone = false } = {}) {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  if (isAlone) await page.route('**/node_modules/**', (route) => route.fulfill({ status: 404 }));
  await page.goto(`${server.url}/demos/benchmark/`);
  await page.check('[name=runs][value="30"]', { force: true });
  return { page, context, errors };
}

const state = (page, name) => page.waitForSelector(`body[data-state=${name}]`, { timeout: 120_000 });

async function measure(page) {
  await page.click('#measure');
  await state(page, 'done');
  await page.click('#copy');
  return JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
}

/** Drops a file that is made of these bytes. */
const drop = (page, name, bytes) => page.evaluate(([name, bytes]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
  dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
}, [name, [...bytes]]);

const barNames = (page) => page.locator('figure:first-child .name').allTextContents();

test('a model is measured in every runtime that is here, and the numbers can be taken along', { skip: noPeer }, async () => {
  const { page, context, errors } = await open();
  const { model, threads, rows } = await measure(page);
  assert.deepEqual([model, threads], ['page_corners', 1]);
  assert.deepEqual(rows.map(({ runtime }) => runtime), ['octavo', PEER]);
  for (const { times, p50, p95, startMs, firstMs, wasmBytes, bytes } of rows) {
    assert.equal(times.length, 30);
    assert.ok(p50 > 0 && p50 <= p95 && firstMs < startMs && wasmBytes > 1e6 && bytes > 1e5);
  }
  assert.deepEqual((await barNames(page)).map((text) => text.split(/simd|relaxed/)[0]), ['Octavo', PEER]);
  assert.equal(await page.isHidden('#absent'), true);
  assert.equal(await page.locator('iframe').count(), 0, 'frames are removed');
  assert.deepEqual(errors, []);
  await context.close();
});

test('where nothing is installed, Octavo is measured alone, and the page says so', { skip }, async () => {
  const { page, context, errors } = await open({ isAlone: true });
  await page.waitForSelector('#absent:not([hidden])');
  assert.match(await page.textContent('#absent'), /left out: onnxruntime-web/);
  const { rows } = await measure(page);
  assert.deepEqual(rows.map(({ runtime }) => runtime), ['octavo']);
  assert.deepEqual(errors, []);
  await context.close();
});

test('a dropped model is measured; a file of another kind is turned away in words', { skip }, async () => {
  const { page, context } = await open({ isAlone: true });
  await drop(page, 'photo.jpg', [1, 2, 3]);
  assert.equal(await page.textContent('#notice p'), 'photo.jpg is neither .onnx nor .tflite.');
  await drop(page, 'add_one.onnx', addOneModel());
  const { model, rows } = await measure(page);
  assert.equal(model, 'add_one.onnx');
  assert.equal(rows[0].difference, 0);
  await context.close();
});

test('a model that is refused stays in the table, with the reason', { skip }, async () => {
  const { page, context } = await open({ isAlone: true });
  await drop(page, 'broken.onnx', [1, 2, 3]);
  const { rows } = await measure(page);
  assert.equal(typeof rows[0].refusal, 'string');
  assert.match(await page.textContent('#table'), /refuses this model/);
  assert.equal(await page.isHidden('#charts'), true);
  await context.close();
});

test('stopped, it can measure again', { skip }, async () => {
  const { page, context, errors } = await open({ isAlone: true });
  await page.check('[name=runs][value="500"]', { force: true });
  await page.click('#measure');
  await state(page, 'measuring');
  await page.click('#stop');
  await state(page, 'idle');
  assert.equal(await page.locator('iframe').count(), 0);
  await page.check('[name=runs][value="30"]', { force: true });
  assert.equal((await measure(page)).rows[0].times.length, 30);
  assert.deepEqual(errors, []);
  await context.close();
});
