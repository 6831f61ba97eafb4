// SPDX-License-Identifier: MIT
//
// A contest of runtimes: a frame for each, started one after the other, warmed up, and then run in turns. It tells what
// it finds as it finds it, in rows; a runtime that refuses the model stays in its row with the reason.
import { differenceOf, quantile } from './compare.js';
import { peers } from './peers/index.js';

const WARM_UP_MS = 400;
const TURN_MS = 40;

/**
 * @typedef {object} Row
 * @property {string} runtime
 * @property {string} version
 * @property {string} [refusal]
 * @property {string} [build]
 * @property {number} [startMs] from nothing to the first result
 * @property {number} [firstMs] the first run alone
 * @property {number[]} [times]
 * @property {number} [p50]
 * @property {number} [p95]
 * @property {number} [wasmBytes]
 * @property {number} [bytes] fetched
 * @property {number} [difference] from what Octavo computes, as a part of its range
 */

/** Runtimes for a format: those that are installed, with their versions, and the names of those that are not. */
export async function findRuntimes(format) {
  const able = peers.filter(({ reads }) => reads.includes(format));
  const versions = await Promise.all(able.map(({ name }) => versionOf(name)));
  const found = able.map(({ name }, i) => ({ runtime: name, version: versions[i] }));
  return { here: found.filter(({ version }) => version), absent: found.filter(({ version }) => !version) };
}

async function versionOf(name) {
  const url = name === 'octavo' ? new URL('../../package.json', import.meta.url) : `/node_modules/${name}/package.json`;
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? (await response.json()).version : undefined;
}

/** A fresh document; a frame without a size is laid out nowhere but runs. */
function openFrame() {
  const frame = document.createElement('iframe');
  frame.src = new URL('frame.html', import.meta.url).href;
  frame.className = 'frame';
  frame.title = 'A runtime';
  return new Promise((resolve) => {
    frame.addEventListener('load', () => resolve({ frame, bench: frame.contentWindow.bench }));
    document.body.append(frame);
  });
}

/** Lets the page be drawn, and the person press Stop. */
const breathe = () => new Promise((resolve) => {
  setTimeout(resolve, 4);
});

export class Contest {
  #signal;
  #onNews;
  #running = [];

  /**
   * @param {{ signal: AbortSignal, onNews: (rows: Row[], doing: string, part: number) => void }} options
   */
  constructor({ signal, onNews }) {
    this.#signal = signal;
    this.#onNews = onNews;
  }

  /**
   * @param {{ runtime: string, version: string }[]} runtimes
   * @param {{ url: string, given?: import('./feeds.js').Given[], threads: number, runs: number }} options
   * @returns {Promise<Row[]>}
   */
  async hold(runtimes, { runs, ...options }) {
    const rows = runtimes.map(({ runtime, version }) => ({ runtime, version }));
    try {
      await this.#start(rows, options);
      await this.#warmUp(rows);
      await this.#takeTurns(rows, runs);
    } finally {
      for (const { frame } of this.#running) frame.remove();
    }
    return rows;
  }

  async #start(rows, { given, ...options }) {
    let known = given;
    let expected;
    for (const [i, row] of rows.entries()) {
      await this.#tell(rows, `Starting ${row.runtime}`, (0.3 * i) / rows.length);
      const { frame, bench } = await openFrame();
      try {
        const started = await bench.start({ runtime: row.runtime, given: known, ...options });
        const { outputs, given: used, ...facts } = started;
        known ??= used;
        expected ??= outputs;
        const difference = differenceOf(expected, outputs);
        Object.assign(row, facts, { times: [], difference, wasmBytes: bench.wasmBytes() });
        this.#running.push({ frame, bench, row });
      } catch (error) {
        row.refusal = String(error?.message ?? error).split('\n')[0];
        frame.remove();
      }
    }
  }

  async #warmUp(rows) {
    for (const { bench, row } of this.#running) {
      await this.#tell(rows, `Warming up ${row.runtime}`, 0.3);
      await bench.warmUp(WARM_UP_MS);
    }
  }

  async #takeTurns(rows, runs) {
    const waiting = () => this.#running.filter(({ row }) => row.times.length < runs);
    while (waiting().length > 0) {
      for (const { bench, row } of waiting()) {
        row.times.push(...await bench.turn(TURN_MS));
        row.times.length = Math.min(row.times.length, runs);
        Object.assign(row, { p50: quantile(row.times, 0.5), p95: quantile(row.times, 0.95) });
        row.wasmBytes = bench.wasmBytes();
      }
      const done = this.#running.reduce((sum, { row }) => sum + row.times.length, 0);
      await this.#tell(rows, 'Taking turns', 0.35 + (0.65 * done) / (runs * this.#running.length));
    }
  }

  async #tell(rows, doing, part) {
    this.#onNews(rows, doing, part);
    await breathe();
    this.#signal.throwIfAborted();
  }
}
