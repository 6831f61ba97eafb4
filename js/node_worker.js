// SPDX-License-Identifier: MIT
//
// Node's workers: how one is started, and what this file does when it is started as one. It serves a model of a pool, or
// is a thread.
import { serve } from './serve.js';

/** @typedef {import('./threads.js').AnyWorker} AnyWorker */

const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
const self = new URL(import.meta.url);

/**
 * A worker with the face of a browser's.
 * @returns {AnyWorker}
 */
function startWorker() {
  const { Worker } = /** @type {NonNullable<typeof threads>} */ (threads);
  const worker = new Worker(self, { workerData: self.href, execArgv: [] });
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    addEventListener: (type, listener) =>
      worker.on(type, (value) => listener(type === 'error' ? { message: value?.message ?? value } : { data: value })),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

/** For a Platform; nothing where there are none. */
export const nodeWorkers = threads && { startWorker };

if (threads?.workerData === self.href) {
  const port = /** @type {import('node:worker_threads').MessagePort} */ (threads.parentPort);
  const post = (/** @type {any} */ message, /** @type {any} */ transfer) => port.postMessage(message, transfer);
  port.on('message', serve({ post, startWorker }));
}
