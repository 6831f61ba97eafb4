// SPDX-License-Identifier: MIT
//
// Any source of a model, opened: a URL, a path (Node), a Request, a Response, a Blob, bytes, a stream. What comes out
// is always the same, pieces of bytes in order, and `receive` puts them straight into the engine's memory. A source's
// promised length is a hint and never trusted; what a server sends instead of a model (an error page, the start page
// of a single-page app, a pointer of Git LFS) is named as what it is.
import { OctavoError, invalidArgument } from './errors.js';
import { openFile } from './files.js';
import { describe } from './tensor.js';

/** @typedef {string | URL | Request | Response | Blob | ArrayBufferLike | ArrayBufferView | ReadableStream} Source */

/**
 * @typedef {object} OpenedSource
 * @property {AsyncIterable<Uint8Array>} chunks
 * @property {number | undefined} total the promised number of bytes
 * @property {string | undefined} url
 */

/** @typedef {(progress: { loaded: number, total: number | undefined }) => void} OnProgress */

/** No promise makes us allocate more than this before the bytes are there. */
const TRUSTED_BYTES = 256 << 20;
const UNKNOWN_BYTES = 1 << 20;
const BUFFER_BYTES = 1 << 17;

/**
 * @param {Source} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<OpenedSource>}
 */
export async function openBytes(source, signal) {
  signal?.throwIfAborted();
  const kind = kindOf(source);
  if (kind === 'ReadableStream') {
    return { chunks: chunksOf(/** @type {ReadableStream} */ (source), signal), total: undefined, url: undefined };
  }
  if (kind === 'Response') return openResponse(/** @type {Response} */ (source), undefined, signal);
  if (kind === 'Blob' || kind === 'File') {
    const blob = /** @type {Blob} */ (source);
    return { chunks: chunksOf(blob.stream(), signal), total: blob.size, url: undefined };
  }
  if (kind === 'bytes') {
    const bytes = bytesOf(/** @type {ArrayBufferLike | ArrayBufferView} */ (source));
    return { chunks: oneChunk(bytes), total: bytes.length, url: undefined };
  }
  if (kind === 'Request') {
    const request = /** @type {Request} */ (source);
    return openResponse(await fetchOk(request, { signal }), request.url, signal);
  }
  const place = locate(/** @type {string | URL} */ (source));
  if (place instanceof URL) return openResponse(await fetchOk(place, { signal }), place.href, signal);
  const { chunks, size } = await openFile(place.path);
  return { chunks, total: size, url: String(place.path) };
}

/**
 * What a source is: the class of an object that web platforms know, 'bytes', or 'place' for a URL or a path. By tag, so
 * that objects of another realm (a frame, a test environment) are known too.
 * @param {unknown} source
 */
export function kindOf(source) {
  if (typeof source === 'string' || source instanceof URL) return 'place';
  if (ArrayBuffer.isView(source)) return 'bytes';
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') return 'bytes';
  if (['Request', 'Response', 'Blob', 'File', 'ReadableStream'].includes(tag)) return tag;
  throw invalidArgument(
    `A model cannot be read from ${describe(source)}`,
    'Pass a URL, a path (Node), a Request, Response, Blob, ArrayBuffer, typed array or ReadableStream.',
  );
}

/**
 * A URL to fetch, or a path to open, where there are files.
 * @param {string | URL} source
 * @returns {URL | { path: string | URL }}
 */
export function locate(source) {
  const base = globalThis.location?.href;
  const hasFiles = !base && Boolean(globalThis.process);
  const text = String(source);
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(text); // one letter and a colon is a drive
  if (hasFiles && !isUrl) return { path: text };
  try {
    const url = new URL(text, base);
    return hasFiles && url.protocol === 'file:' ? { path: url } : url;
  } catch (cause) {
    throw new OctavoError('invalid_argument', `'${text}' is not a URL`, { cause });
  }
}

/**
 * Fetches, and throws a typed error unless the answer is a 200.
 * @param {URL | Request} resource
 * @param {RequestInit} init
 */
export async function fetchOk(resource, init) {
  const url = resource instanceof URL ? resource.href : resource.url;
  try {
    return checkStatus(await fetch(resource, init), url);
  } catch (cause) {
    if (init.signal?.aborted) throw init.signal.reason;
    if (cause instanceof OctavoError || !(cause instanceof TypeError)) throw cause;
    throw new OctavoError('network', `Cannot fetch ${url} (${causeOf(cause)})`, {
      url,
      cause,
      hint: 'Check the address and the connection; a server on another origin must allow this page (CORS).',
    });
  }
}

/**
 * @param {Response} response
 * @param {string} [url]
 */
function checkStatus(response, url) {
  if (response.status === 200) return response;
  const hint =
    response.type === 'opaque'
      ? "The request's mode hides the answer: fetch with mode 'cors'."
      : 'Check the address, and that the file was deployed.';
  throw new OctavoError(
    'http',
    `The server answered ${response.status} ${response.statusText}`.trimEnd() + `${url ? ` for ${url}` : ''}`,
    { url, hint },
  );
}

/**
 * @param {Response} response
 * @param {string | undefined} requested
 * @param {AbortSignal} [signal]
 * @returns {OpenedSource}
 */
function openResponse(response, requested, signal) {
  const url = response.url || requested;
  checkStatus(response, url);
  if (response.bodyUsed || !response.body) {
    throw invalidArgument("The response's body was read before, or there is none", 'Pass a fresh Response.');
  }
  const isEncoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  const length = Number(response.headers.get('content-length') ?? NaN);
  const total = !isEncoded && Number.isSafeInteger(length) && length > 0 ? length : undefined;
  const isKept = response.type === 'basic' || response.type === 'cors'; // the promise: who makes a Response may break it
  return { chunks: chunksOf(response.body, signal, isKept ? total : undefined), total, url };
}

/** @typedef {Pick<import('./engine.js').Engine, 'alloc' | 'write' | 'copy' | 'free' | 'peek'>} Room */

/**
 * Reads the opened source to its end, into memory that is allocated as it comes.
 * @param {Room} engine
 * @param {OpenedSource} source
 * @param {{ onProgress?: OnProgress, signal?: AbortSignal, isData?: boolean }} [options] isData: no model, but bare bytes
 * @returns {Promise<{ address: import('./engine.js').Address, length: number }>} memory to be freed
 */
export async function receive(engine, { chunks, total, url }, { onProgress, signal, isData = false } = {}) {
  let capacity = total ? Math.min(total, TRUSTED_BYTES) : UNKNOWN_BYTES;
  let address = engine.alloc(capacity);
  let length = 0;
  try {
    onProgress?.({ loaded: 0, total });
    for await (const chunk of orBrokenOff(chunks, () => `${length} ${total ? `of ${total} ` : ''}bytes`, url)) {
      signal?.throwIfAborted();
      if (length + chunk.length > capacity) {
        const roomier = Math.max(length + chunk.length, Math.min(total ?? Infinity, capacity * 2));
        address = grow(engine, address, length, roomier);
        capacity = roomier;
      }
      engine.write(address + length, chunk);
      length += chunk.length;
      onProgress?.({ loaded: length, total: total && total >= length ? total : undefined });
    }
    checkArrived(engine.peek(address, Math.min(length, 512)), length, { total, url, isData });
    return { address, length };
  } catch (cause) {
    engine.free(address);
    throw signal?.aborted ? signal.reason : cause;
  }
}

/**
 * The same pieces; a source that fails in between says how far it came.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {() => string} arrived
 * @param {string} [url]
 */
async function* orBrokenOff(chunks, arrived, url) {
  try {
    yield* chunks;
  } catch (cause) {
    if (cause instanceof OctavoError) throw cause;
    throw new OctavoError('network', `The model broke off after ${arrived()} (${causeOf(cause)})`, {
      url,
      hint: 'Try again; if it happens again, look at the server.',
      cause,
    });
  }
}

/**
 * @param {Room} engine
 * @param {number} address
 * @param {number} length bytes to keep
 * @param {number} capacity
 */
function grow(engine, address, length, capacity) {
  const roomier = engine.alloc(capacity);
  engine.copy(roomier, address, length);
  engine.free(address);
  return roomier;
}

/**
 * @param {Uint8Array} head the first bytes
 * @param {number} length
 * @param {{ total?: number, url?: string, isData: boolean }} source data may begin with any byte
 */
function checkArrived(head, length, { total, url, isData }) {
  const from = url ? ` from ${url}` : '';
  if (length === 0) {
    throw new OctavoError('not_a_model', `The model is empty: 0 bytes came${from}`, { url, hint: 'Check the source.' });
  }
  const text = textOf(head);
  const answer = quoteAnswer(head);
  if (isData ? /^<(!doctype|html)/i.test(text) : text.startsWith('<')) {
    throw new OctavoError('not_a_model', `Instead of a model, an HTML page came${from}: ${answer}`, {
      url,
      hint: 'Check the address: many servers answer an unknown path with their start page.',
    });
  }
  if (text.startsWith('version https://git-lfs')) {
    throw new OctavoError('not_a_model', `Instead of a model, a pointer of Git LFS came${from}: ${answer}`, {
      url,
      hint: 'Fetch the file itself: git lfs pull, or the address of the raw media.',
    });
  }
  if (text.startsWith('{') && !isData) {
    throw new OctavoError('not_a_model', `Instead of a model, JSON came${from}: ${answer}`, {
      url,
      hint: 'Check the address.',
    });
  }
  if (total !== undefined && length < total) {
    throw new OctavoError('truncated', `The model broke off after ${length} of ${total} bytes${from}`, {
      url,
      hint: 'Try again; if it happens again, look at the server.',
    });
  }
}

/** @param {Uint8Array} head */
const textOf = (head) => new TextDecoder().decode(head.slice(0, 512)).trimStart();

/**
 * The beginning of an answer, as one line to be shown.
 * @param {Uint8Array} head
 */
export function quoteAnswer(head) {
  const line = textOf(head)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return `'${line.length > 80 ? `${line.slice(0, 80)}…` : line}'`;
}

/**
 * A stream's pieces, each there until the next is asked for. Aborting, and leaving the loop early, cancel the stream.
 * A browser says that the network is done some milliseconds after the last byte: who knows how many come does not wait.
 * @param {ReadableStream} stream
 * @param {AbortSignal} [signal]
 * @param {number} [total] bytes, where that is certain
 * @returns {AsyncGenerator<Uint8Array>}
 */
function chunksOf(stream, signal, total) {
  if (stream.locked) throw invalidArgument('The stream is being read by somebody else', 'Pass one that is not locked.');
  return readChunks(readerOf(stream), signal, total); // locked at once: Node 20 cancels a body whose Response nobody holds
}

/**
 * A stream of bytes, as a response's body is, fills a buffer that is used again and again: fresh memory for each piece
 * costs more than copying it does.
 * @param {ReadableStream} stream
 * @returns {Pick<ReadableStreamDefaultReader, 'read' | 'cancel'>}
 */
function readerOf(stream) {
  /** @type {ReadableStreamBYOBReader} */
  let reader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    return stream.getReader();
  }
  let buffer = new ArrayBuffer(0);
  return {
    async read() {
      if (buffer.byteLength === 0) buffer = new ArrayBuffer(BUFFER_BYTES); // at first, and where a piece was handed on
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value) ({ buffer } = value);
      return { done, value };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/**
 * @param {Pick<ReadableStreamDefaultReader, 'read' | 'cancel'>} reader
 * @param {AbortSignal} [signal]
 * @param {number} [total]
 */
async function* readChunks(reader, signal, total) {
  const cancel = () => reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  let arrived = 0;
  try {
    while (arrived !== total) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      if (!ArrayBuffer.isView(value)) {
        throw invalidArgument(`The stream gave ${describe(value)}`, "A model's stream gives Uint8Arrays.");
      }
      arrived += value.byteLength;
      yield bytesOf(value);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (arrived === total) reader.read().catch(() => {}); // lets it end; cancelled, it might not be cached
    else cancel();
  }
}

/** @param {Uint8Array} bytes */
async function* oneChunk(bytes) {
  yield bytes;
}

/** @param {ArrayBufferLike | ArrayBufferView} source */
export const bytesOf = (source) =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** @param {any} error */
const causeOf = (error) => error?.cause?.message ?? error?.message ?? String(error);
