// SPDX-License-Identifier: MIT
//
// loadModel, for whatever platform it is given: a browser has workers and a store (web/index.js), everything else runs
// inline (js/index.js). The options mean the same everywhere; one that a platform has nothing for is no error, and the
// model tells what it got. The engine, the model and the worker are fetched side by side.
import { invalidArgument } from './errors.js';
import { parseIntegrity } from './integrity.js';
import { Model } from './model.js';
import { parseExternals } from './model_files.js';
import { Session } from './session.js';
import { threadsFor } from './threads.js';
import { loadWasm } from './wasm.js';
import { WorkerClient } from './worker_client.js';

/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./model_files.js').ExternalFile} ExternalFile */
/** @typedef {import('./session.js').Backend} Backend */
/** @typedef {import('./threads.js').AnyWorker} AnyWorker */

/**
 * @typedef {object} LoadOptions
 * @property {string} [integrity] 'sha256-<base64>', or hex: anything else than this very file is refused
 * @property {Record<string, ExternalFile>} [externalData] other files that the model's constants lie in, by the names it
 *   has for them: their sources, where they are not beside the model, and what `integrity` is to it
 * @property {boolean} [cache] keep the model in the browser once it is verified, and take it from there
 * @property {AbortSignal} [signal] stops the download
 * @property {import('./fetch_bytes.js').OnProgress} [onProgress] called as bytes come
 * @property {boolean} [warmup] run on zeros before the model is given out, so that the first run is as fast as the next
 * @property {boolean | (() => Worker)} [worker] run in a worker, as is usual where there are any; or how to make one
 * @property {number | 'auto'} [threads] how many at most; 'auto', which is usual, is up to 4 where a plan is heavy enough.
 *   A page needs to be cross-origin isolated for more than one. `model.threads` tells how many it got
 * @property {import('./features.js').Variant} [variant] one build of the engine and no other
 * @property {import('./wasm.js').WasmOptions} [wasm] where the engine comes from
 */

/**
 * What reaches the session, on this page or in a worker.
 * @typedef {object} OpenOptions
 * @property {string} [digest] what the SHA-256 must be, in hex
 * @property {import('./model_files.js').External[]} [externals]
 * @property {boolean} [cache]
 * @property {boolean} [warmup]
 * @property {import('./threads.js').ThreadsWanted} [threads]
 * @property {AbortSignal} [signal]
 * @property {import('./fetch_bytes.js').OnProgress} [onProgress]
 */

/**
 * @typedef {object} Platform
 * @property {import('./store.js').Store} [store] where models are kept
 * @property {() => AnyWorker} [startWorker] a worker that serves (serve.js): a model, or a thread
 * @property {boolean} [inWorker] whether models run in a worker unless told otherwise
 */

/** @param {Platform} platform */
export function loaderFor(platform) {
  /**
   * Reads a model, ONNX, TFLite or prepared, and makes it ready to run.
   * @param {Source} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Model>}
   */
  return async function loadModel(source, options = {}) {
    return new Model(await openBackend(platform, source, options));
  };
}

/**
 * @param {Platform} platform
 * @param {Source} source
 * @param {LoadOptions} options
 * @returns {Promise<Backend>}
 */
export async function openBackend({ store, startWorker, inWorker = false }, source, options) {
  const { integrity, externalData, cache = false, warmup = false, signal, onProgress, worker = inWorker, variant, wasm } = options;
  signal?.throwIfAborted();
  if (typeof worker !== 'boolean' && typeof worker !== 'function') {
    throw invalidArgument('worker is true, false, or a function that makes a Worker');
  }
  const digest = integrity === undefined ? undefined : parseIntegrity(integrity);
  const externals = parseExternals(externalData);
  const threads = startWorker ? threadsFor(options.threads ?? 'auto') : { most: 1, lazy: true };
  const module = loadWasm({ variant, wasm, threads: threads.most > 1 });
  module.catch(() => {}); // whoever opens the model tells
  const opening = { digest, externals, cache, warmup, threads, signal, onProgress };
  const makeWorker = typeof worker === 'function' ? worker : worker && inWorker && startWorker;
  return makeWorker
    ? WorkerClient.open(module, source, opening, makeWorker)
    : Session.open(module, source, { ...opening, store, startWorker });
}
