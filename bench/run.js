// SPDX-License-Identifier: MIT
//
// `npm run bench`: Octavo beside published runtimes, in headless Chromium, on the same files in the same run. Prints a
// table and writes bench/results.json. `npm run bench -- PATH...` measures other models.
//
// Everything runs on one thread of one page. The runtimes take turns, so that a noisy machine is noisy for all of them;
// medians are compared. A cold start is a new browser context each time: load the runtime, load the model, one run.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launchBrowser } from '../tests/helpers/browser.js';
import { startServer } from '../tests/helpers/server.js';
import { models } from './models.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const WARMUP = 20;
const ROUNDS = 200;
const BUDGET_MS = 60_000;
const STARTS = 5;

const sorted = (values) => [...values].sort((a, b) => a - b);
const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(q * values.length))];
const median = (values) => quantile(values, 0.5);

const versionOf = (name) => {
  const path = name === 'octavo' ? 'package.json' : `node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(join(root, path), 'utf8')).version;
};

/** A page of a new context, with the model at /bench/model.<ext>. The peers' scripts need more than our own policy. */
async function openPage(browser, server, model) {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const url = `/bench/model${extname(model.path)}`;
  await page.route(`**${url}`, (route) => route.fulfill({ path: join(root, model.path) }));
  await page.goto(`${server.url}/bench/index.html`);
  await page.waitForFunction(() => 'compare' in globalThis);
  return { page, url, close: () => context.close() };
}

async function coldStart(browser, server, model, name) {
  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    const { page, url, close } = await openPage(browser, server, model);
    const call = ([peer, path, shapes]) => globalThis.start(peer, path, shapes);
    starts.push(await page.evaluate(call, [name, url, model.shapes ?? {}]));
    await close();
  }
  return { startMs: median(starts.map(({ ms }) => ms)), bytes: starts[0].bytes };
}

async function measure(browser, server, model) {
  const { page, url, close } = await openPage(browser, server, model);
  const call = ([path, shapes, options]) => globalThis.compare(path, shapes, options);
  const options = { warmup: WARMUP, rounds: ROUNDS, budgetMs: BUDGET_MS };
  const results = await page.evaluate(call, [url, model.shapes ?? {}, options]);
  await close();
  const rows = [];
  for (const { name, detail, times, difference, refusal } of results) {
    const row = { model: model.name, runtime: name, version: versionOf(name) };
    if (refusal) rows.push({ ...row, refusal });
    else {
      const timing = { rounds: times.length, p50: median(times), p95: quantile(times, 0.95), min: Math.min(...times) };
      rows.push({ ...row, detail, ...timing, difference, ...(await coldStart(browser, server, model, name)) });
    }
  }
  return rows;
}

const COLUMNS = ['runtime', 'build', 'p50 ms', 'p95 ms', 'of octavo', 'first result ms', 'fetched MB', 'difference'];

function cells(row, own) {
  const name = `${row.runtime} ${row.version}`;
  if (row.refusal) return [name, `refused: ${row.refusal}`];
  const ratio = own?.p50 ? `${(row.p50 / own.p50).toFixed(2)}x` : '';
  const times = [row.p50.toFixed(2), row.p95.toFixed(2), ratio, row.startMs.toFixed(0)];
  return [name, row.detail, ...times, (row.bytes / 1e6).toFixed(2), row.difference.toExponential(1)];
}

function print(rows) {
  const own = rows.find(({ runtime }) => runtime === 'octavo');
  const table = [COLUMNS, ...rows.map((row) => cells(row, own))];
  const full = table.filter((line) => line.length === COLUMNS.length);
  const widths = COLUMNS.map((_, i) => Math.max(...full.map((line) => line[i].length)));
  console.log(`\n${rows[0].model}`);
  for (const line of table) console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()}`);
}

const named = process.argv.slice(2).map((path) => ({ name: basename(path), path }));
const chosen = named.length > 0 ? named : models;
const server = await startServer();
const browser = await launchBrowser();
const rows = [];
try {
  for (const model of chosen) {
    if (!existsSync(join(root, model.path))) {
      console.log(`\n${model.name}: no file ${model.path}, left out`);
      continue;
    }
    const measured = await measure(browser, server, model);
    print(measured);
    rows.push(...measured);
  }
} finally {
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), browser: browser.version() };
  await browser.close();
  await server.close();
  const results = { date: new Date().toISOString(), machine, warmup: WARMUP, rows };
  writeFileSync(join(root, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`);
}
