// SPDX-License-Identifier: MIT
//
// A model's worker: a Session behind messages. Messages are handled as they come, so that an abort overtakes the run it
// is for; the session itself keeps the calls in order.
import { packError, transferables, unpackError } from '../js/protocol.js';
import { Session } from '../js/session.js';
import { giveWasm } from '../js/wasm.js';
import { cacheStore } from './store_cache.js';

/** @typedef {import('../js/protocol.js').Request} Request */
/** @typedef {import('../js/protocol.js').PostedSource} PostedSource */

/** @typedef {import('../js/protocol.js').FromWorker} FromWorker */

/** @type {Session} */
let session;
/** @type {(module: WebAssembly.Module) => void} */
let engineCame;
/** @type {Promise<WebAssembly.Module>} */
const wasm = new Promise((resolve) => (engineCame = resolve));
/** @type {import('../js/session.js').Planned | undefined} the plan that the page knows */
let told;
/** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
let stream;
/** @type {Map<number, AbortController>} */
const running = new Map();

globalThis.addEventListener('message', ({ data }) => {
  const message = /** @type {import('../js/protocol.js').ToWorker} */ (data);
  if (message.type === 'abort') running.get(message.id)?.abort();
  else if (message.type === 'wasm') takeEngine(message.module);
  else if (message.type === 'chunk') stream?.enqueue(message.bytes);
  else if (message.type === 'end') endStream(message.error);
  else answer(message);
});

/** @param {WebAssembly.Module} module */
function takeEngine(module) {
  giveWasm(module);
  engineCame(module);
}

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function tell(message, transfer = []) {
  /** @type {any} */ (globalThis).postMessage(message, transfer);
}

/** @param {Request} message */
async function answer(message) {
  const { id } = message;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const value = await perform(message, controller.signal);
    const { planned, memoryBytes } = session;
    const results = message.type === 'run' ? /** @type {import('../js/session.js').Result[]} */ (value) : [];
    const news = planned === told ? undefined : planned;
    told = planned;
    tell({ type: 'reply', id, value, planned: news, memoryBytes }, transferables(results.map(({ data }) => data)));
  } catch (error) {
    tell({ type: 'failure', id, error: packError(error) });
  } finally {
    running.delete(id);
  }
}

/**
 * @param {Request} message
 * @param {AbortSignal} signal
 */
async function perform(message, signal) {
  if (message.type === 'prepare') return session.prepare(message.shapes);
  if (message.type === 'run') return session.run(message.feeds, { signal, transfer: true });
  if (message.type === 'profile') return session.profile(message.feeds, { signal, runs: message.runs });

  const { id, source, digest, cache, warmup } = message;
  const onProgress = message.wantsProgress
    ? (/** @type {any} */ { loaded, total }) => tell({ type: 'progress', id, loaded, total })
    : undefined;
  session = await Session.open(wasm, unpackSource(source), {
    digest,
    cache,
    warmup,
    store: cacheStore(),
    signal,
    onProgress,
  });
  return session.description;
}

/** @param {PostedSource} source */
function unpackSource(source) {
  if (source.kind === 'value') return source.value;
  if (source.kind === 'request') return new Request(source.url, source.init);
  const body = new ReadableStream({
    start(controller) {
      stream = controller;
    },
    cancel() {
      stream = undefined;
    },
  });
  return new Response(body, { headers: source.total ? { 'content-length': String(source.total) } : {} });
}

/** @param {import('../js/protocol.js').PackedError} [error] */
function endStream(error) {
  if (error) stream?.error(unpackError(error));
  else stream?.close();
  stream = undefined;
}
