// SPDX-License-Identifier: MIT
//
// A pool: the same model several times, each in a worker of its own, for what comes in numbers: tiles, pages, batches. It
// needs no shared memory, and so no isolation of the page. The model is fetched and verified once, the engine compiled
// once; each worker has its own memory. The pool looks like one model: a call goes to the next worker that is free, in
// the order of the calls.
import { invalidArgument } from './errors.js';
import { Engine } from './engine.js';
import { copyFeed } from './inputs.js';
import { parseIntegrity } from './integrity.js';
import { openBackend } from './load_model.js';
import { Model } from './model.js';
import { ModelFiles, parseExternals } from './model_files.js';
import { coreCount, threadsFor } from './threads.js';
import { loadWasm } from './wasm.js';

/** @typedef {import('./session.js').Backend} Backend */
/** @typedef {import('./session.js').Feed} Feed */
/** @typedef {import('./load_model.js').Platform} Platform */

/**
 * @typedef {Omit<import('./load_model.js').LoadOptions, 'worker'> & { size?: number, worker?: () => Worker }} PoolOptions
 * size: how many workers, as many as there are cores (4 at most) if left away; 1, inline, where there are no workers.
 * `threads` is for each of them, and 1 if left away
 */

const MOST_BY_DEFAULT = 4;
const MOST = 64;

export class Pool extends Model {
  /** How many inputs are computed at the same time. */
  size;

  /** @param {PoolBackend} backend */
  constructor(backend) {
    super(backend);
    this.size = backend.size;
  }
}

/** @param {Platform} platform */
export function poolMaker(platform) {
  /**
   * Reads a model into several workers. What comes is a model whose `run` may be called `size` times at once.
   * @param {import('./fetch_bytes.js').Source} source
   * @param {PoolOptions} [options]
   * @returns {Promise<Pool>}
   */
  return async function createPool(source, options = {}) {
    const { size = Math.min(coreCount(), MOST_BY_DEFAULT), signal, threads = 1, worker, warmup, variant, wasm } = options;
    if (!(Number.isInteger(size) && size >= 1 && size <= MOST)) {
      throw invalidArgument(`The size of a pool is a number from 1 to ${MOST}, not ${size}`);
    }
    signal?.throwIfAborted();
    const { integrity, externalData: given, cache: wantsCache, onProgress } = options;
    const digest = integrity === undefined ? undefined : parseIntegrity(integrity);
    const reading = { digest, externals: parseExternals(given), cache: wantsCache, store: platform.store, signal, onProgress };
    const module = loadWasm({ variant, wasm, threads: threadsFor(threads).most > 1 });
    module.catch(() => {}); // readOnce tells
    const { bytes, externalData, cache } = await readOnce(module, source, reading);
    const lanes = worker || platform.startWorker ? size : 1;
    const opening = { threads, warmup, variant, wasm: { module: await module }, externalData, worker: worker ?? platform.startWorker ?? false };
    const open = () => openBackend(platform, bytes, /** @type {any} */ (opening));
    const opened = await Promise.allSettled(Array.from({ length: lanes }, open));
    const backends = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed || signal?.aborted) {
      for (const backend of backends) backend.dispose();
      throw signal?.aborted ? signal.reason : /** @type {PromiseRejectedResult} */ (failed).reason;
    }
    if (backends[0].description.variables.length > 0) {
      for (const backend of backends) backend.dispose();
      throw invalidArgument('The model keeps state between runs, and the workers of a pool do not share it', 'Use loadModel.');
    }
    return new Pool(new PoolBackend(backends, open, cache));
  };
}

/**
 * The model's files, verified; as Blobs, which workers are given without a copy.
 * @param {Promise<WebAssembly.Module>} module
 * @param {import('./fetch_bytes.js').Source} source
 * @param {import('./model_files.js').Reading} reading
 */
async function readOnce(module, source, reading) {
  const files = new ModelFiles(source, reading);
  const engine = await Engine.create(await module);
  await files.read(engine);
  const [model, ...others] = files.toBlobs(engine);
  const externalData = Object.fromEntries(others.map(({ name, blob }) => [name, blob]));
  return { bytes: model.blob, externalData, cache: await files.keep() };
}

/** @typedef {{ take: (lane: Backend) => void, reject: (reason: unknown) => void }} Waiting a call without a lane yet */

/** @implements {Backend} */
class PoolBackend {
  /** @type {Set<Backend>} */
  #lanes;
  /** @type {Backend[]} */
  #free;
  /** @type {Waiting[]} */
  #queue = [];
  #open;
  #isDisposed = false;
  /** @type {import('./session.js').Planned | undefined} */
  planned;

  /**
   * @param {Backend[]} lanes
   * @param {() => Promise<Backend>} open another one
   * @param {import('./store.js').CacheStatus} cache
   */
  constructor(lanes, open, cache) {
    this.#lanes = new Set(lanes);
    this.#free = [...lanes];
    this.#open = open;
    this.size = lanes.length;
    this.description = { ...lanes[0].description, cache };
    this.#note(lanes[0]);
  }

  get memoryBytes() {
    return [...this.#lanes].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  get threads() {
    return Math.max(1, ...[...this.#lanes].map(({ threads }) => threads));
  }

  /** @param {(readonly number[])[]} shapes */
  async prepare(shapes) {
    const lanes = [...this.#lanes];
    await Promise.all(lanes.map((lane) => lane.prepare(shapes)));
    this.#note(lanes[0]);
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, transfer?: boolean }} options
   */
  run(feeds, { signal, transfer }) {
    const mine = transfer ? feeds : feeds.map(copyFeed);
    return this.#withLane((lane) => lane.run(mine, { signal, transfer: true }), signal);
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, runs: number }} options
   */
  profile(feeds, options) {
    const mine = feeds.map(copyFeed);
    return this.#withLane((lane) => lane.profile(mine, options), options.signal);
  }

  async reset() {
    await Promise.all([...this.#lanes].map((lane) => lane.reset()));
  }

  async dispose() {
    this.#isDisposed = true;
    const lanes = [...this.#lanes];
    this.#free = [];
    const queued = this.#queue.splice(0);
    await Promise.all(lanes.map((lane) => lane.dispose()));
    // A lane that was disposed of says so itself.
    for (const { take } of queued) take(lanes[0]);
  }

  /**
   * Does the work on the next free lane. A lane that died in it is replaced.
   * @template T
   * @param {(lane: Backend) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #withLane(work, signal) {
    const lane = this.#free.shift() ?? (await this.#nextFree(signal));
    try {
      signal?.throwIfAborted();
      const result = await work(lane);
      this.#note(lane);
      this.#release(lane);
      return result;
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error ?? {});
      if (code === 'trap' || code === 'worker') this.#replace(lane);
      else this.#release(lane);
      throw error;
    }
  }

  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<Backend>}
   */
  #nextFree(signal) {
    return new Promise((resolve, reject) => {
      const waiting = { take: resolve, reject };
      this.#queue.push(waiting);
      const leave = () => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** @param {Backend} lane */
  #release(lane) {
    const next = this.#queue.shift();
    if (next) next.take(lane);
    else if (!this.#isDisposed) this.#free.push(lane);
  }

  /** @param {Backend} dead */
  async #replace(dead) {
    this.#lanes.delete(dead);
    dead.dispose();
    if (this.#isDisposed) return;
    try {
      const lane = await this.#open();
      this.#lanes.add(lane);
      if (this.#isDisposed) lane.dispose();
      this.#release(lane);
    } catch (error) {
      if (this.#lanes.size === 0) for (const { reject } of this.#queue.splice(0)) reject(error);
    }
  }

  /**
   * What a lane planned is the pool's plan, and each lane has memory for it.
   * @param {Backend} lane
   */
  #note({ planned }) {
    if (!planned || planned.plan === this.planned?.plan) return;
    const memory = Object.entries(planned.memory).map(([arena, bytes]) => [arena, bytes * this.size]);
    this.planned = { plan: planned.plan, memory: Object.fromEntries(memory) };
  }
}
