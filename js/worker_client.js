// SPDX-License-Identifier: MIT
//
// The other side of a model's worker: starts it, sends requests, matches replies. To a Model it looks like a session.
import { OctavoError } from './errors.js';
import { bytesOf, kindOf, locate, openBytes } from './fetch_bytes.js';
import { copyFeed } from './inputs.js';
import { packError, transferables, unpackError } from './protocol.js';

/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./session.js').Backend} Backend */
/** @typedef {import('./session.js').Feed} Feed */
/** @typedef {import('./protocol.js').ToWorker} ToWorker */
/** @typedef {import('./threads.js').AnyWorker} AnyWorker */
/** @typedef {{ resolve: (value: any) => void, reject: (reason: unknown) => void }} Waiting */

/** @implements {Backend} */
export class WorkerClient {
  /** @type {AnyWorker} */
  #worker;
  #lastId = 0;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** @type {OctavoError | undefined} why the worker answers no more */
  #ended;
  /** @type {import('./fetch_bytes.js').OnProgress | undefined} */
  #onProgress;
  /** @type {import('./session.js').Planned | undefined} */
  planned;
  memoryBytes = 0;
  threads = 1;
  description = /** @type {import('./session.js').Description} */ ({});

  /** @param {AnyWorker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }) => this.#receive(data));
    worker.addEventListener('messageerror', () => this.#end('worker', 'A message of the worker cannot be read'));
    worker.addEventListener('error', (event) => {
      event.preventDefault?.();
      this.#end(
        'worker',
        `The worker failed (${event.message || 'it could not be loaded'})`,
        "Serve the package's worker.js from the page's own origin, allow it in the page's Content-Security-Policy " +
          "(worker-src 'self'), or load with worker: false.",
      );
    });
  }

  /**
   * Starts a worker and has it read a model, while the engine is still on its way.
   * @param {Promise<WebAssembly.Module>} wasm
   * @param {Source} source
   * @param {import('./load_model.js').OpenOptions} options
   * @param {() => AnyWorker} makeWorker
   */
  static async open(wasm, source, { externals = [], signal, onProgress, ...options }, makeWorker) {
    const sources = [source, ...externals.map((file) => file.source)];
    const packed = await Promise.all(sources.map((one, index) => packSource(one, index, signal)));
    const [posted, ...others] = packed.map((one) => one.posted);
    const transfer = packed.flatMap((one) => one.transfer ?? []);
    const client = new WorkerClient(construct(makeWorker));
    client.#onProgress = onProgress;
    try {
      const wantsProgress = Boolean(onProgress);
      const postedExternals = externals.map((file, index) => ({ ...file, source: others[index] }));
      const message = { type: 'open', ...options, source: posted, externals: postedExternals, wantsProgress };
      const opening = client.#request(message, { signal, transfer });
      for (const { pump } of packed) {
        pump?.((chunk) => client.#post(chunk, chunk.type === 'chunk' ? transferables([chunk.bytes]) : []));
      }
      const giving = wasm.then((module) => client.#post({ type: 'wasm', module }));
      [client.description] = await Promise.all([opening, giving]);
      return client;
    } catch (cause) {
      client.dispose();
      throw cause;
    }
  }

  /** @param {(readonly number[])[]} shapes */
  prepare(shapes) {
    return this.#request({ type: 'prepare', shapes });
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, transfer?: boolean }} options
   */
  run(feeds, { signal, transfer }) {
    const given = transfer ? feeds : feeds.map(copyFeed);
    return this.#request({ type: 'run', feeds: given }, { signal, transfer: buffersOf(given) });
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, runs: number }} options
   */
  profile(feeds, { signal, runs }) {
    return this.#request({ type: 'profile', feeds, runs }, { signal });
  }

  reset() {
    return this.#request({ type: 'reset' });
  }

  /** Ends the worker at once, whatever it does, and gives back all it had. */
  async dispose() {
    this.#end('disposed', 'The model was disposed of', 'Load it again.');
  }

  /**
   * @param {any} message a request without its id
   * @param {{ signal?: AbortSignal, transfer?: Transferable[] }} [options]
   * @returns {Promise<any>}
   */
  #request(message, { signal, transfer = [] } = {}) {
    const id = ++this.#lastId;
    /** @type {() => void} */
    let abort;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#ended) throw this.#ended;
      abort = () => {
        this.#waiting.delete(id);
        this.#post({ type: 'abort', id });
        reject(signal?.reason);
      };
      this.#post({ ...message, id }, transfer);
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref?.();
      signal?.addEventListener('abort', abort, { once: true });
    }).finally(() => {
      signal?.removeEventListener('abort', abort);
      if (this.#waiting.size === 0) this.#worker.unref?.();
    });
  }

  /**
   * @param {ToWorker} message
   * @param {Transferable[]} [transfer]
   */
  #post(message, transfer = []) {
    this.#worker.postMessage(message, transfer);
  }

  /** @param {import('./protocol.js').FromWorker} message */
  #receive(message) {
    if (message.type === 'progress') {
      const { loaded, total } = message;
      this.#onProgress?.({ loaded, total });
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'failure') {
      waiting?.reject(unpackError(message.error));
      return;
    }
    this.planned = message.planned ?? this.planned;
    this.memoryBytes = message.memoryBytes;
    this.threads = message.threads;
    waiting?.resolve(message.value);
  }

  /**
   * @param {import('./errors.js').ErrorCode} code
   * @param {string} message
   * @param {string} [hint]
   */
  #end(code, message, hint) {
    if (this.#ended) return;
    this.#ended = new OctavoError(code, message, { hint });
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** @param {() => AnyWorker} makeWorker */
function construct(makeWorker) {
  try {
    return makeWorker();
  } catch (cause) {
    throw new OctavoError('worker', `The worker cannot be started (${cause})`, {
      cause,
      hint: "Serve the package's worker.js from the page's own origin, or pass worker: false or worker: () => Worker.",
    });
  }
}

/**
 * A source as it can be posted. What cannot travel as it is, is read here and pumped over piece by piece.
 * @param {Source | undefined} source
 * @param {number} stream its number, if it becomes one
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ posted?: import('./protocol.js').PostedSource, transfer?: Transferable[],
 *   pump?: (post: (message: import('./protocol.js').Chunk | import('./protocol.js').End) => void) => void }>}
 */
async function packSource(source, stream, signal) {
  if (source === undefined) return {};
  const kind = kindOf(source);
  if (kind === 'place') {
    const place = locate(/** @type {string | URL} */ (source)); // a URL against this page's own
    return { posted: { kind: 'value', value: String(place instanceof URL ? place : place.path) } };
  }
  if (kind === 'Request') return { posted: await packRequest(/** @type {Request} */ (source)) };
  if (kind === 'Blob' || kind === 'File') return { posted: { kind: 'value', value: /** @type {Blob} */ (source) } };
  if (kind === 'bytes') {
    const value = bytesOf(/** @type {ArrayBufferLike | ArrayBufferView} */ (source)).slice();
    return { posted: { kind: 'value', value }, transfer: [value.buffer] };
  }
  const { chunks, total } = await openBytes(source, signal);
  return {
    posted: { kind: 'stream', stream, total },
    async pump(post) {
      try {
        for await (const bytes of chunks) post({ type: 'chunk', stream, bytes: bytes.slice() });
        post({ type: 'end', stream });
      } catch (cause) {
        const error =
          cause instanceof OctavoError
            ? cause
            : new OctavoError('network', `The model broke off (${cause})`, { cause });
        post({ type: 'end', stream, error: packError(error) });
      }
    },
  };
}

/**
 * @param {Request} request
 * @returns {Promise<import('./protocol.js').PostedSource>}
 */
async function packRequest(request) {
  const { url, method, mode, credentials, cache, redirect, referrer, referrerPolicy } = request;
  const headers = [...request.headers];
  const body = request.body ? await request.clone().arrayBuffer() : undefined;
  const init = { method, headers, body, mode, credentials, cache, redirect, referrer, referrerPolicy };
  return { kind: 'request', url, init: /** @type {RequestInit} */ (init) };
}

/** @param {Feed[]} feeds */
const buffersOf = (feeds) => transferables(feeds.map((feed) => ('data' in feed ? feed.data : feed.image.data)));
