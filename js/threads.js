// SPDX-License-Identifier: MIT
//
// Threads of one engine: how many a model may have, and the workers that are they.
//
// A thread is a worker with an instance of the engine's module over the engine's own, shared memory. Once it runs in there it
// hears no message any more; it ends by being terminated. The engine does not wait for threads: one that comes late, or
// never, is only missed. So whatever is refused on the way (shared memory, a worker) leaves fewer threads, and one always.
import { invalidArgument } from './errors.js';

/** @typedef {import('./engine.js').Engine} Engine */

/**
 * What of a Worker is used here, and what Node's is made to look like.
 * @typedef {object} AnyWorker
 * @property {(message: any, transfer: any[]) => void} postMessage
 * @property {() => unknown} terminate
 * @property {(type: any, listener: (event: any) => void) => void} addEventListener
 * @property {() => void} [ref] in Node: the program waits for the worker
 * @property {() => void} [unref] in Node: it does not
 */

/** @typedef {{ most: number, lazy: boolean }} ThreadsWanted lazy: started only once a plan is heavy enough to gain */

/** More rarely pay: the memory is one for all, and phones have no more fast cores. */
const MOST_BY_DEFAULT = 4;
const MOST = 16;

let isExplained = false;

/** How many cores the machine owns up to. */
export const coreCount = () =>
  globalThis.navigator?.hardwareConcurrency ??
  globalThis.process?.getBuiltinModule?.('node:os').availableParallelism() ??
  1;

/** Can workers be given this program's memory? Pages must be cross-origin isolated for it. */
export function canShare() {
  const isNode = Boolean(globalThis.process?.getBuiltinModule?.('node:worker_threads'));
  if (!isNode && !globalThis.crossOriginIsolated) return false;
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

/**
 * How many threads a model may have. A page that cannot have more than one is told why, once.
 * @param {number | 'auto'} asked
 * @returns {ThreadsWanted}
 */
export function threadsFor(asked) {
  if (asked !== 'auto' && !(Number.isInteger(asked) && asked >= 1 && asked <= MOST)) {
    throw invalidArgument(`threads is 'auto' or a number from 1 to ${MOST}, not ${asked}`);
  }
  const most = asked === 'auto' ? Math.min(coreCount(), MOST_BY_DEFAULT) : asked;
  if (most === 1 || canShare()) return { most, lazy: asked === 'auto' };
  if (!isExplained) {
    isExplained = true;
    console.info(
      'Octavo runs on one thread, because this page is not cross-origin isolated. For more, send the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with it.',
    );
  }
  return { most: 1, lazy: true };
}

/** May this thread sleep? The main thread of a page may not. */
export function mayWait() {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

export class Threads {
  /** @type {() => import('./protocol.js').ThreadRequest} */
  #request;
  /** @type {() => AnyWorker} */
  #startWorker;
  /** @type {AnyWorker[]} */
  #workers = [];
  #arrived = 0;
  #isOver;

  /**
   * @param {Engine} engine
   * @param {WebAssembly.Module} module it was made from
   * @param {() => AnyWorker} startWorker
   */
  constructor(engine, module, startWorker) {
    this.#request = () => ({ type: 'thread', module, lent: engine.lend() });
    this.#startWorker = startWorker;
    this.#isOver = !engine.isShared;
  }

  /** How many there are, the engine's own included. */
  get count() {
    return 1 + this.#arrived;
  }

  /**
   * Has the engine run in `count` threads, unless it has as many already. Settles when each has come or has failed.
   * @param {number} count
   */
  async start(count) {
    const starting = [];
    while (!this.#isOver && this.#workers.length + 1 < count) {
      try {
        starting.push(this.#startOne());
      } catch {
        this.#isOver = true;
      }
    }
    await Promise.all(starting);
  }

  #startOne() {
    const worker = this.#startWorker();
    this.#workers.push(worker);
    const started = new Promise((resolve) => {
      worker.addEventListener('message', () => resolve(this.#arrived++));
      worker.addEventListener('error', (event) => resolve(event.preventDefault?.()));
    });
    worker.postMessage(this.#request(), []);
    return started.then(() => worker.unref?.());
  }

  /** Ends them, wherever they are. */
  end() {
    this.#isOver = true;
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#arrived = 0;
  }
}
