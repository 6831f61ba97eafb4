export type Source = import('./fetch_bytes.js').Source;
export type Store = {
    get: (url: string, digest: string) => Promise<Response | undefined>;
    put: (url: string, digest: string, bytes: Uint8Array) => Promise<void>;
    remove: (url: string, digest: string) => Promise<void>;
};
export type CacheStatus = {
    status: 'hit' | 'stored' | 'off' | 'unavailable' | 'failed';
    reason: string;
};
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
export declare class Shelf {
    #private;
    /** @type {CacheStatus} */
    status: CacheStatus;
    /**
     * @param {Source} source
     * @param {{ cache?: boolean, digest?: string, store?: Store }} options
     */
    constructor(source: Source, { cache, digest, store }: {
        cache?: boolean;
        digest?: string;
        store?: Store;
    });
    /** Would a verified model be kept? */
    get isOpen(): boolean;
    /** The kept model, if there is one. */
    find(): Promise<Response | undefined>;
    /** @param {Uint8Array} bytes verified */
    keep(bytes: Uint8Array): Promise<void>;
    /** Forgets the kept model: it was found damaged. */
    clear(): Promise<void>;
}
