// SPDX-License-Identifier: MIT
//
// Times a model. The same file runs in Node and in the page that `bench --browser` opens, and so does what it imports.
import { peaks } from './roofline.js';

/** @typedef {import('../js/index.js').Model} Model */
/** @typedef {(source: string, options: any) => Promise<Model>} Loader */

const WARM_UP_SHARE = 0.2;
const FEWEST_RUNS = 10;
const MOST_RUNS = 2000;
const PROFILE_RUNS = 15;

/**
 * @param {Loader} loadModel
 * @param {string} source
 * @param {{ variant?: string, threads: number, shape?: string[], seconds: number, roofline?: boolean }} options
 */
export async function measure(loadModel, source, { variant, threads, shape = [], seconds, roofline }) {
  const begin = performance.now();
  const model = await loadModel(source, { variant, threads });
  const loadMs = performance.now() - begin;
  const inputs = randomInputs(model, Object.fromEntries(shape.map((pair) => pair.split(/=(?=[^=]*$)/))));
  await repeat(() => model.run(inputs), seconds * WARM_UP_SHARE * 1000, 2);
  const times = (await repeat(() => model.run(inputs), seconds * 1000, FEWEST_RUNS)).sort((a, b) => a - b);
  const profile = await model.profile(inputs, { runs: PROFILE_RUNS });
  const percentile = (/** @type {number} */ part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  const where = globalThis.process ? `Node ${process.version}` : /\w*Chrome\/[\d.]+/.exec(navigator.userAgent)?.[0];
  const result = {
    variant: model.variant,
    threads: model.threads,
    where,
    runs: times.length,
    loadMs,
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    memory: model.memory,
    profile,
    peaks: roofline ? await peaks(model.variant, model.threads) : undefined,
  };
  await model.dispose();
  return result;
}

/**
 * Runs for about so long, and at least so often; answers how long each run took.
 * @param {() => Promise<unknown>} work
 * @param {number} ms
 * @param {number} fewest
 */
async function repeat(work, ms, fewest) {
  const times = [];
  const end = performance.now() + ms;
  while (times.length < fewest || (performance.now() < end && times.length < MOST_RUNS)) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return times;
}

/**
 * @param {Model} model
 * @param {Record<string, string>} shapes as text, by name
 */
function randomInputs(model, shapes) {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Object.fromEntries(
    model.inputs.map(({ name, dtype, shape }) => {
      const dims = shapes[name]?.split(/[,x]/).map(Number) ?? shape?.map((dim) => dim ?? 1) ?? [];
      const length = dims.reduce((product, dim) => product * dim, 1);
      return [name, { data: randomData(dtype, length, next), shape: dims }];
    }),
  );
}

/**
 * @param {string} dtype
 * @param {number} length
 * @param {() => number} next from 0 to 1
 */
function randomData(dtype, length, next) {
  if (dtype === 'int8') return Int8Array.from({ length }, () => next() * 256 - 128);
  if (dtype === 'uint8') return Uint8Array.from({ length }, () => next() * 256);
  if (dtype === 'bool') return Uint8Array.from({ length }, () => next() * 2);
  if (dtype === 'int32') return new Int32Array(length);
  if (dtype === 'int64') return new BigInt64Array(length);
  return Float32Array.from({ length }, next);
}
