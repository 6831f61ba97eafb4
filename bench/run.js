// SPDX-License-Identifier: MIT
//
// `npm run bench`: Octavo beside published runtimes, in headless Chromium, on the same files in the same run. Prints a
// table a model and what became of the claims (claims.js), and writes bench/results.json. `npm run bench -- --help`.
//
// Each runtime has a page of its own, in one browser: nobody's globals or memory are another's. A cold start is a new
// browser context each time: load the runtime, load the model, one run. The last one's page stays; when all of them are
// warm, the pages take turns, so that a noisy machine is noisy for all of them. Everything runs on the pages' own
// threads.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { differenceOf, quantile } from '../demos/benchmark/compare.js';
import { peers } from '../demos/benchmark/peers/index.js';
import { launchBrowser } from '../tests/helpers/browser.js';
import { startServer } from '../tests/helpers/server.js';
import { claimedBuilds, claimedModels, judgeClaims } from './claims.js';
import { allModels, modelAt } from './models.js';
import { claimsReport, modelReport } from './report.js';

const HELP = `Usage: npm run bench -- [MODEL...] [options]

Measures the MODELs (paths); else the demos' own and all of ../shared/data/models.

  --claims        only the models that a claim is about
  --rest          only the others
  --threads 1,2   with how many threads (1,2)
  --seconds N     how long the runtimes take turns, a model and number of threads (5)
  --starts N      how many cold starts, of which the median is told (3)
  --variant NAME  one build of Octavo and no other
  --out FILE      where results go (bench/results.json)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    claims: { type: 'boolean' },
    rest: { type: 'boolean' },
    threads: { type: 'string', default: '1,2' },
    seconds: { type: 'string', default: '5' },
    starts: { type: 'string', default: '3' },
    variant: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const seconds = Number(values.seconds);
const starts = Number(values.starts);
const WARM_UP_MS = Math.min(1000, seconds * 100);
const TURN_MS = 50;
const SETTLE_MS = 150; // the last page is still being taken down by the browser
const PAUSE_MS = 4; // thread pools spin for a while before they sleep, which would cost the next in turn
const FEWEST_TURNS = 5;

/** Where the server has the model: its ending says the format. */
const urlOf = (model) => `/model${extname(model.path)}`;

const versionOf = (name) => {
  const path = name === 'octavo' ? 'package.json' : `node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(join(root, path), 'utf8')).version;
};

function chosenModels() {
  if (positionals.length > 0) return positionals.map((path) => modelAt(resolve(path)));
  const isClaimed = ({ name }) => claimedModels.has(name);
  return allModels().filter((model) => (values.claims ? isClaimed(model) : values.rest ? !isClaimed(model) : true));
}

/** Every way to run a model: its runtimes, each in the build of its own choice first. */
function contestants(model, threads) {
  const format = extname(model.path).slice(1);
  const isHere = (name) => name === 'octavo' || existsSync(join(root, 'node_modules', name));
  return peers
    .filter(({ name, reads }) => reads.includes(format) && isHere(name))
    .flatMap(({ name: runtime }) => {
      if (runtime === 'octavo' && values.variant) return [{ runtime, threads, build: values.variant, isChosen: true }];
      const besides = threads === 1 ? claimedBuilds(model.name, runtime) : [];
      const more = besides.map((build) => ({ runtime, threads, build, isChosen: false }));
      return [{ runtime, threads, isChosen: true }, ...more];
    });
}

/** One cold start in a context of its own. */
async function startOnce(browser, server, model, contestant, given) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/demos/benchmark/frame.html`);
    await page.waitForFunction(() => 'bench' in globalThis);
    await sleep(SETTLE_MS);
    const { runtime, threads, build } = contestant;
    const options = { runtime, threads, build, url: urlOf(model), given, from: '/dist/octavo.js' };
    const started = await page.evaluate((all) => globalThis.bench.start(all), options);
    return { page, context, started };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Cold starts; the last one's page is kept. */
async function start(browser, server, model, contestant, given) {
  const { runtime, threads, isChosen } = contestant;
  const row = { model: model.name, runtime, version: versionOf(runtime), threads, isChosen };
  const seen = [];
  let last;
  try {
    for (let i = 0; i < starts; i++) {
      await last?.context.close();
      last = await startOnce(browser, server, model, contestant, given);
      seen.push(last.started);
    }
  } catch (error) {
    const refusal = String(error?.message ?? error).split('\n')[0].replace('page.evaluate: ', '');
    return { row: { ...row, refusal } };
  }
  const of = (name) => quantile(seen.map((started) => started[name]), 0.5);
  const { build, outputs, bytes } = last.started;
  Object.assign(row, { build, startMs: of('startMs'), firstMs: of('firstMs'), bytes });
  return { row, ...last, outputs, times: [] };
}

/** Warms all pages up, then lets them take turns until the time is over. */
async function takeTurns(running) {
  for (const { page } of running) await page.evaluate((ms) => globalThis.bench.warmUp(ms), WARM_UP_MS);
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < FEWEST_TURNS || performance.now() < end; round++) {
    for (const { page, times } of running) {
      await sleep(PAUSE_MS);
      times.push(...await page.evaluate((ms) => globalThis.bench.turn(ms), TURN_MS));
    }
  }
}

/** All of one model's rows with so many threads. `known` is what the runtimes before have told: inputs and results. */
async function measure(browser, server, model, threads, known) {
  const started = [];
  for (const contestant of contestants(model, threads)) {
    const isKnown = started.some(({ row }) => row.runtime === contestant.runtime && row.build === contestant.build);
    if (isKnown) continue;
    const one = await start(browser, server, model, contestant, known.given);
    started.push(one);
    known.given ??= one.started?.given;
    if (contestant.runtime === 'octavo') known.outputs ??= one.outputs;
    if (known.outputs && one.outputs) one.row.difference = differenceOf(known.outputs, one.outputs);
  }
  const running = started.filter(({ page }) => page);
  await takeTurns(running);
  for (const { row, page, context, times } of running) {
    const wasmBytes = await page.evaluate(() => globalThis.bench.wasmBytes());
    const timing = { runs: times.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95), min: Math.min(...times) };
    Object.assign(row, timing, { wasmBytes });
    await context.close();
  }
  return started.map(({ row }) => row);
}

async function main() {
  const files = {};
  const server = await startServer({ files });
  const browser = await launchBrowser();
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), browser: browser.version() };
  const out = values.out ?? join(root, 'bench/results.json');
  const rows = [];
  const save = () => {
    const results = { date: new Date().toISOString(), machine, seconds, starts, claims: judgeClaims(rows), rows };
    writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
  };
  console.log(`${machine.cpu}, ${machine.cores} cores, Chromium ${machine.browser}`);
  try {
    for (const model of chosenModels()) {
      files[urlOf(model)] = model.path;
      const known = { given: model.inputs };
      const own = [];
      for (const threads of values.threads.split(',').map(Number)) {
        own.push(...await measure(browser, server, model, threads, known));
      }
      rows.push(...own);
      console.log(modelReport(own));
      save();
    }
  } finally {
    await browser.close();
    await server.close();
  }
  console.log(claimsReport(judgeClaims(rows)));
}

if (values.help) console.log(HELP);
else await main();
