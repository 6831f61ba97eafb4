// SPDX-License-Identifier: MIT
//
// A document that one runtime has for itself, so that runtimes cannot meet each other's globals or memories. The
// benchmark's page holds one such frame a runtime, `npm run bench` one such page; both call `globalThis.bench`.
import { feedsFor, makeFeeds } from './feeds.js';
import { peers } from './peers/index.js';
import { wasmBytes } from './wasm_memory.js';

/** What is shorter is timed several times in a row: clocks are coarse, more so where a page is not isolated. */
const SHORTEST_MS = globalThis.crossOriginIsolated ? 0.2 : 5;

/** @type {import('./peers/index.js').Opened} */
let opened;
/** @type {import('./peers/index.js').Feed[]} */
let feeds;
let repeats = 1;

const fetchedBytes = () =>
  performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.decodedBodySize, 0);

/**
 * From nothing to the first result. The input is made in between, and its making not counted.
 * @param {{ runtime: string, url: string, given?: import('./feeds.js').Given[] } &
 *   import('./peers/index.js').OpenOptions} options
 */
async function start({ runtime, url, given, ...options }) {
  const peer = peers.find(({ name }) => name === runtime);
  const begin = performance.now();
  opened = await peer.open(url, options);
  const loadMs = performance.now() - begin;
  const made = makeFeeds(opened.inputs, given);
  feeds = feedsFor(opened.inputs, made);
  const loaded = performance.now();
  const outputs = await opened.run(feeds);
  const firstMs = performance.now() - loaded;
  const running = opened.threads?.() ?? options.threads;
  if (running !== options.threads) throw new Error(`asked for ${options.threads} threads, it runs on ${running}`);
  const used = made.map(({ name, dtype, shape, values }) => ({ name, dtype, shape, values }));
  return { build: opened.build, given: used, startMs: loadMs + firstMs, firstMs, bytes: fetchedBytes(), outputs };
}

/** Runs for about so long, at least once; answers how many milliseconds each run took. */
async function turn(ms) {
  const times = [];
  const end = performance.now() + ms;
  do {
    const begin = performance.now();
    for (let i = 0; i < repeats; i++) await opened.run(feeds);
    times.push((performance.now() - begin) / repeats);
  } while (performance.now() < end);
  return times;
}

/** Lets the engine of the browser compile what it will, and finds out how often a short run must be repeated. */
async function warmUp(ms) {
  const { length } = await turn(ms);
  repeats = Math.ceil((SHORTEST_MS * length) / ms);
}

globalThis.bench = { start, turn, warmUp, wasmBytes };
