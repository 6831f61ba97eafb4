// SPDX-License-Identifier: MIT
//
// What a worker does: it serves a model, a Session behind messages, or is a thread of another worker's. Messages are
// handled as they come, so that an abort overtakes the run it is for; the session itself keeps the calls in order.
import { runThread } from './engine.js';
import { packError, transferables, unpackError } from './protocol.js';
import { Session } from './session.js';
import { giveWasm } from './wasm.js';

/** @typedef {import('./protocol.js').Request} Request */
/** @typedef {import('./protocol.js').PostedSource} PostedSource */
/** @typedef {import('./protocol.js').FromWorker} FromWorker */

/**
 * The platform's side of it.
 * @typedef {object} Host
 * @property {(message: FromWorker | import('./protocol.js').ThreadCame, transfer?: Transferable[]) => void} post
 * @property {import('./store.js').Store} [store] where models are kept
 * @property {() => import('./threads.js').AnyWorker} startWorker another worker that serves
 */

/** @type {Host} */
let host;
/** @type {Session} */
let session;
/** @type {(module: WebAssembly.Module) => void} */
let engineCame;
/** @type {Promise<WebAssembly.Module>} */
const wasm = new Promise((resolve) => (engineCame = resolve));
/** @type {import('./session.js').Planned | undefined} the plan that the page knows */
let told;
/** @type {Map<number, ReadableStreamDefaultController<Uint8Array>>} */
const streams = new Map();
/** @type {Map<number, AbortController>} */
const running = new Map();

/**
 * @param {Host} platform
 * @returns {(message: import('./protocol.js').ToWorker) => void} to be called with each message
 */
export function serve(platform) {
  host = platform;
  return receive;
}

/** @param {import('./protocol.js').ToWorker} message */
function receive(message) {
  if (message.type === 'abort') running.get(message.id)?.abort();
  else if (message.type === 'wasm') takeEngine(message.module);
  else if (message.type === 'chunk') streams.get(message.stream)?.enqueue(message.bytes);
  else if (message.type === 'end') endStream(message);
  else if (message.type === 'thread') {
    host.post({ type: 'thread_came' });
    runThread(message.module, message.lent);
  } else answer(message);
}

/** @param {WebAssembly.Module} module */
function takeEngine(module) {
  giveWasm(module);
  engineCame(module);
}

/** @param {Request} message */
async function answer(message) {
  const { id } = message;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const value = await perform(message, controller.signal);
    const { planned, memoryBytes, threads } = session;
    const results = message.type === 'run' ? /** @type {import('./session.js').Result[]} */ (value) : [];
    const news = planned === told ? undefined : planned;
    told = planned;
    const reply = /** @type {const} */ ({ type: 'reply', id, value, planned: news, memoryBytes, threads });
    host.post(reply, transferables(results.map(({ data }) => data)));
  } catch (error) {
    host.post({ type: 'failure', id, error: packError(error) });
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
  if (message.type === 'reset') return session.reset();
  if (message.type === 'profile') return session.profile(message.feeds, { signal, runs: message.runs });

  const { id, source, digest, cache, warmup, threads } = message;
  const externals = message.externals.map((file) => ({ ...file, source: file.source && unpackSource(file.source) }));
  const onProgress = message.wantsProgress
    ? (/** @type {any} */ { loaded, total }) => host.post({ type: 'progress', id, loaded, total })
    : undefined;
  session = await Session.open(wasm, unpackSource(source), {
    digest,
    externals,
    cache,
    warmup,
    threads,
    store: host.store,
    startWorker: host.startWorker,
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
      streams.set(source.stream, controller);
    },
    cancel() {
      streams.delete(source.stream);
    },
  });
  return new Response(body, { headers: source.total ? { 'content-length': String(source.total) } : {} });
}

/** @param {import('./protocol.js').End} message */
function endStream({ stream, error }) {
  if (error) streams.get(stream)?.error(unpackError(error));
  else streams.get(stream)?.close();
  streams.delete(stream);
}
