// SPDX-License-Identifier: MIT
//
// The files of a model: its own, and those that its constants lie in (ONNX's external data). The model's own is on its
// way before the engine is there; the engine then tells which others there are. Each is verified, and kept, by itself.
//
// Where another file is, the model says with a path relative to its own. That is followed only downwards: a model must
// not make a page, or a program, read what it pleases.
import { invalidArgument, OctavoError } from './errors.js';
import { kindOf, locate, openBytes, receive } from './fetch_bytes.js';
import { pathBeside } from './files.js';
import { checkIntegrity, parseIntegrity } from './integrity.js';
import { Shelf } from './store.js';

/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./engine.js').Address} Address */

/** @typedef {Source | { source?: Source, integrity?: string }} ExternalFile without a source, it is beside the model */

/** @typedef {{ name: string, source?: Source, digest?: string }} External the same, looked at */

/**
 * @typedef {object} Reading
 * @property {string} [digest] what the model's SHA-256 must be
 * @property {External[]} [externals] what is known of its other files
 * @property {boolean} [cache] keep them, and look for them there first
 * @property {import('./store.js').Store} [store] where models are kept
 * @property {AbortSignal} [signal]
 * @property {import('./fetch_bytes.js').OnProgress} [onProgress]
 */

/**
 * @param {Record<string, ExternalFile>} [externalData] by the names that the model has for them
 * @returns {External[]}
 */
export function parseExternals(externalData = {}) {
  return Object.entries(externalData).map(([name, given]) => {
    const isEntry = Object.prototype.toString.call(given) === '[object Object]';
    const { source, integrity } = /** @type {{ source?: Source, integrity?: string }} */ (
      isEntry ? given : { source: given }
    );
    if (source !== undefined || !isEntry) kindOf(source);
    return { name, source, digest: integrity === undefined ? undefined : parseIntegrity(integrity) };
  });
}

/** What a load reads into an engine. When it fails, the engine is of no use any more. */
export class ModelFiles {
  #source;
  #reading;
  /** @type {ModelFile[]} the model's own first */
  #files;

  /**
   * @param {Source} source
   * @param {Reading} reading
   */
  constructor(source, reading) {
    this.#source = source;
    this.#reading = reading;
    this.#files = [new ModelFile(source, reading)];
  }

  /** The model's own. */
  get own() {
    return this.#files[0];
  }

  /** @param {Engine} engine */
  async read(engine) {
    const { externals = [], signal, onProgress } = this.#reading;
    let before = 0;
    const read = async (/** @type {ModelFile} */ file, /** @type {boolean} */ isLast) => {
      await file.read(engine, signal, ({ loaded, total }) => {
        onProgress?.({ loaded: before + loaded, total: isLast && total !== undefined ? before + total : undefined });
      });
      before += file.length;
    };
    await read(this.own, externals.length === 0);
    /** @type {string[]} */
    const names = engine.json('oct_model_files', this.own.address, this.own.length);
    const unknown = externals.find(({ name }) => !names.includes(name));
    if (unknown) {
      throw invalidArgument(
        `The model has no file '${unknown.name}'`,
        names.length > 0 ? `Its files are '${names.join("', '")}'.` : 'Leave externalData away: it is all in one file.',
      );
    }
    const others = names.map((name) => this.#locate(name, externals.find((known) => known.name === name)));
    for (const [index, { name, source, digest }] of others.entries()) {
      const file = new ModelFile(source, { ...this.#reading, digest }, name);
      this.#files.push(file);
      await read(file, index === others.length - 1);
    }
  }

  /**
   * Makes the model of them, which owns them then.
   * @param {Engine} engine
   * @returns {Address}
   */
  create(engine) {
    const table = this.#files.flatMap(({ address, length }) => [address, length]);
    const files = engine.keep(Uint32Array.from(table));
    const model = engine.pointer('oct_model_create', files, this.#files.length);
    engine.free(files);
    return model;
  }

  /**
   * The files as Blobs, which workers are given without a copy; the model's own is without a name.
   * @param {Engine} engine
   */
  toBlobs(engine) {
    return this.#files.map(({ name, address, length }) => {
      const bytes = /** @type {BlobPart} */ (engine.peek(address, length));
      return { name, blob: new Blob([bytes]) };
    });
  }

  /** Keeps what is to be kept. Answers what became of it, the worst of all files. */
  async keep() {
    for (const file of this.#files) await file.keep();
    const statuses = this.#files.map(({ cache }) => cache);
    const ranks = ['failed', 'unavailable', 'off', 'stored', 'hit'];
    return statuses.sort((a, b) => ranks.indexOf(a.status) - ranks.indexOf(b.status))[0];
  }

  /**
   * @param {string} name
   * @param {External} [given]
   */
  #locate(name, { source = beside(this.#source, name), digest } = { name }) {
    if (this.#reading.digest && !digest) {
      throw new OctavoError('integrity', `The model's integrity does not protect its other file '${name}'`, {
        hint: `Give that its own: externalData: { '${name}': { integrity: 'sha256-...' } }.`,
      });
    }
    return { name, source, digest };
  }
}

/** One file, on its way as soon as it is made. */
class ModelFile {
  #source;
  #digest;
  #shelf;
  #opening;
  /** @type {Uint8Array | undefined} to be kept */
  #copy;
  /** @type {Address} */
  address = 0;
  length = 0;

  /**
   * @param {Source} source
   * @param {Reading} reading
   * @param {string} [name] of one that is not the model's own
   */
  constructor(source, { digest, cache, store, signal }, name) {
    this.name = name;
    this.#source = source;
    this.#digest = digest;
    this.#shelf = new Shelf(source, { cache, digest, store });
    this.#opening = this.#shelf.find().then((kept) => openBytes(kept ?? source, signal));
    this.#opening.catch(() => {}); // told when it is read, unless something else fails first
  }

  get cache() {
    return this.#shelf.status;
  }

  /**
   * Reads it into the engine's memory and verifies it: from where it was kept, or if that is damaged from its source.
   * @param {Engine} engine
   * @param {AbortSignal | undefined} signal
   * @param {import('./fetch_bytes.js').OnProgress} onProgress
   */
  async read(engine, signal, onProgress) {
    const reading = { digest: this.#digest, isData: this.name !== undefined, signal, onProgress };
    try {
      Object.assign(this, await readVerified(engine, await this.#opening, reading));
    } catch (cause) {
      if (this.cache.status !== 'hit' || signal?.aborted) throw cause;
      await this.#shelf.clear();
      Object.assign(this, await readVerified(engine, await openBytes(this.#source, signal), reading));
    }
    if (this.#shelf.isOpen) this.#copy = engine.read(Uint8Array, this.address, this.length);
  }

  async keep() {
    if (this.#copy) await this.#shelf.keep(this.#copy);
    this.#copy = undefined;
  }
}

/**
 * Reads an opened source into the engine's memory and verifies it.
 * @param {Engine} engine
 * @param {import('./fetch_bytes.js').OpenedSource} opened
 * @param {{ digest?: string } & Parameters<typeof receive>[2]} options
 */
async function readVerified(engine, opened, { digest, ...options }) {
  const block = await receive(engine, opened, options);
  try {
    if (digest) await checkIntegrity(engine.peek(block.address, block.length), digest, opened.url);
    options?.signal?.throwIfAborted();
    return block;
  } catch (cause) {
    engine.free(block.address);
    throw cause;
  }
}

/**
 * Where another file of the model is, unless the caller says so.
 * @param {Source} source of the model
 * @param {string} name
 * @returns {Source}
 */
function beside(source, name) {
  const steps = name.split('/').filter((step) => step !== '.');
  if (/^[a-z][a-z0-9+.-]*:|\\/i.test(name) || steps.some((step) => step === '' || step === '..')) {
    throw new OctavoError('invalid_model', `The model keeps constants in '${name}', which is no file beside it`, {
      hint: `If you trust it, say where that is: externalData: { '${name}': source }.`,
    });
  }
  const kind = kindOf(source);
  const request = kind === 'Request' ? /** @type {Request} */ (source) : undefined;
  const place = request ? new URL(request.url) : kind === 'place' && locate(/** @type {string | URL} */ (source));
  if (place && 'path' in place) return pathBeside(place.path, steps);
  if (place && /^https?:$/.test(place.protocol) && (request?.method ?? 'GET') === 'GET') {
    const url = new URL(steps.map(encodeURIComponent).join('/'), place);
    return request ? new Request(url, request) : url;
  }
  throw invalidArgument(
    `The model keeps constants in another file, '${name}', and it is not known where that is`,
    `Say so: externalData: { '${name}': source }; or load the model from its URL or path, with the file beside it.`,
  );
}
