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
import { claimedBuilds, claimedModels, judgeClaims, ownContests } from './claims.js';
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
const urlOf = (model) => `/models/${model.name}${extname(model.path)}`;

const versionOf = (name) => {
  const path = name === 'octavo' ? 'package.json' : `node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(join(root, path), 'utf8')).version;
};

function chosenModels() {
  for (const path of positionals) {
    const isRead = peers.some(({ reads }) => reads.includes(extname(path).slice(1)));
    const why = !existsSync(path) ? 'there is no such file' : isRead ? '' : 'models end with .onnx or .tflite';
    if (!why) continue;
    console.error(`Cannot measure ${path}: ${why}.\n\n${HELP}`);
    process.exit(2);
  }
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
      const chosen = { model, runtime, threads, build: runtime === 'octavo' ? values.variant : undefined, isChosen: true };
      const besides = threads === 1 && !chosen.build ? claimedBuilds(model.name, runtime) : [];
      return [chosen, ...besides.map((build) => ({ ...chosen, build, isChosen: false }))];
    });
}

/** One cold start in a context of its own. */
async function startOnce(browser, server, contestant, given) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/demos/benchmark/frame.html`);
    await page.waitForFunction(() => 'bench' in globalThis);
    await sleep(SETTLE_MS);
    const { model, runtime, threads, build } = contestant;
    const options = { runtime, threads, build, url: urlOf(model), given, from: '/dist/octavo.js' };
    const started = await page.evaluate((all) => globalThis.bench.start(all), options);
    return { page, context, started };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Cold starts; the last one's page is kept. */
async function start(browser, server, contestant, given) {
  const { model, runtime, threads, isChosen, contest } = contestant;
  const row = { model: model.name, runtime, version: versionOf(runtime), threads, isChosen, contest };
  const seen = [];
  let last;
  try {
    for (let i = 0; i < (contest ? 1 : starts); i++) {
      await last?.context.close();
      last = await startOnce(browser, server, contestant, given);
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

/** The rows of those that run in turns. `known` is what runtimes before have told of a model: inputs and results. */
async function measure(browser, server, entries, known) {
  const started = [];
  for (const contestant of entries) {
    const { model, runtime, build, isChosen } = contestant;
    const isTwice = started.some(({ row }) => row.runtime === runtime && row.build === build);
    if (isTwice && !isChosen) continue;
    const of = known.get(model.name) ?? { given: model.inputs };
    known.set(model.name, of);
    const one = await start(browser, server, contestant, of.given);
    started.push(one);
    of.given ??= one.started?.given;
    if (runtime === 'octavo') of.outputs ??= one.outputs;
    if (of.outputs && one.outputs) one.row.difference = differenceOf(of.outputs, one.outputs);
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
  const models = chosenModels();
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
  const counts = values.threads.split(',').map(Number);
  const known = new Map();
  try {
    for (const model of models) {
      files[urlOf(model)] = model.path;
      const own = [];
      for (const threads of counts) own.push(...await measure(browser, server, contestants(model, threads), known));
      rows.push(...own);
      console.log(modelReport(own));
      save();
    }
    const named = new Map(models.map((model) => [model.name, model]));
    for (const { contest, sides } of ownContests(new Set(named.keys()), counts)) {
      const entries = sides.map((side) => ({ ...side, runtime: 'octavo', build: side.build ?? values.variant,
        model: named.get(side.model), isChosen: true, contest }));
      rows.push(...await measure(browser, server, entries, known));
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
