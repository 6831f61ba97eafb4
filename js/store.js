// SPDX-License-Identifier: MIT
//
// When a model is kept, and when a kept one is used. Only what was verified is kept, under its URL and its digest, so
// that a kept model can never be stale; and a kept model is verified again, because storage is not trusted either. A
// store that refuses (no room, private browsing) costs the cache and never the model.
import { kindOf, locate } from './fetch_bytes.js';

/** @typedef {import('./fetch_bytes.js').Source} Source */

/**
 * Where models are kept. The browser's is web/store_cache.js.
 * @typedef {object} Store
 * @property {(url: string, digest: string) => Promise<Response | undefined>} get
 * @property {(url: string, digest: string, bytes: Uint8Array) => Promise<void>} put
 * @property {(url: string, digest: string) => Promise<void>} remove
 */

/**
 * `hit`: read from the cache. `stored`: fetched, and kept for the next time. `off`: not asked for. `unavailable`:
 * cannot be, `reason` says why. `failed`: the store refused, with this reason.
 * @typedef {{ status: 'hit' | 'stored' | 'off' | 'unavailable' | 'failed', reason: string }} CacheStatus
 */

/** One model's place in a store, or the reason why it has none. */
export class Shelf {
  /** @type {CacheStatus} */
  status = { status: 'off', reason: '' };
  #url = '';
  #digest = '';
  /** @type {Store | undefined} */
  #store;

  /**
   * @param {Source} source
   * @param {{ cache?: boolean, digest?: string, store?: Store }} options
   */
  constructor(source, { cache, digest, store }) {
    if (!cache) return;
    const url = urlOf(source);
    if (!store) this.#note('unavailable', 'there is no Cache API here');
    else if (!digest) this.#note('unavailable', 'only a model with an integrity is kept');
    else if (!url) this.#note('unavailable', 'only a model with an http(s) URL is kept');
    else [this.#store, this.#url, this.#digest] = [store, url, digest];
  }

  /** Would a verified model be kept? */
  get isOpen() {
    return this.#store !== undefined && this.status.status === 'off';
  }

  /** The kept model, if there is one. */
  async find() {
    const response = await this.#attempt((store) => store.get(this.#url, this.#digest));
    if (response) this.#note('hit', '');
    return response;
  }

  /** @param {Uint8Array} bytes verified */
  async keep(bytes) {
    await this.#attempt((store) => store.put(this.#url, this.#digest, bytes));
    if (this.isOpen) this.#note('stored', '');
  }

  /** Forgets the kept model: it was found damaged. */
  async clear() {
    this.#note('off', '');
    await this.#attempt((store) => store.remove(this.#url, this.#digest));
  }

  /**
   * @template T
   * @param {(store: Store) => Promise<T>} work
   */
  async #attempt(work) {
    if (!this.#store || !this.isOpen) return undefined;
    try {
      return await work(this.#store);
    } catch (cause) {
      this.#note('failed', String(cause));
      return undefined;
    }
  }

  /**
   * @param {CacheStatus['status']} status
   * @param {string} reason
   */
  #note(status, reason) {
    this.status = { status, reason };
  }
}

/** @param {Source} source */
function urlOf(source) {
  const kind = kindOf(source);
  if (kind === 'Request') {
    const { method, url } = /** @type {Request} */ (source);
    return method === 'GET' ? url : undefined;
  }
  if (kind !== 'place') return undefined;
  const place = locate(/** @type {string | URL} */ (source));
  return place instanceof URL && /^https?:$/.test(place.protocol) ? place.href : undefined;
}
