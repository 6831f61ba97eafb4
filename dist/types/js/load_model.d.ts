import { Model } from './model.js';
export type Source = import('./fetch_bytes.js').Source;
export type ExternalFile = import('./model_files.js').ExternalFile;
export type Backend = import('./session.js').Backend;
export type AnyWorker = import('./threads.js').AnyWorker;
export type LoadOptions = {
    /**
     * 'sha256-<base64>', or hex: anything else than this very file is refused
     */
    integrity?: string;
    /**
     * other files that the model's constants lie in, by the names it
     * has for them: their sources, where they are not beside the model, and what `integrity` is to it
     */
    externalData?: Record<string, ExternalFile>;
    /**
     * keep the model in the browser once it is verified, and take it from there
     */
    cache?: boolean;
    /**
     * stops the download
     */
    signal?: AbortSignal;
    /**
     * called as bytes come
     */
    onProgress?: import('./fetch_bytes.js').OnProgress;
    /**
     * run on zeros before the model is given out, so that the first run is as fast as the next
     */
    warmup?: boolean;
    /**
     * run in a worker, as is usual where there are any; or how to make one
     */
    worker?: boolean | (() => Worker);
    /**
     * how many at most; 'auto', which is usual, is up to 4 where a plan is heavy enough.
     * A page needs to be cross-origin isolated for more than one. `model.threads` tells how many it got
     */
    threads?: number | 'auto';
    /**
     * one build of the engine and no other
     */
    variant?: import('./features.js').Variant;
    /**
     * where the engine comes from
     */
    wasm?: import('./wasm.js').WasmOptions;
};
export type OpenOptions = {
    /**
     * what the SHA-256 must be, in hex
     */
    digest?: string;
    externals?: import('./model_files.js').External[];
    cache?: boolean;
    warmup?: boolean;
    threads?: import('./threads.js').ThreadsWanted;
    signal?: AbortSignal;
    onProgress?: import('./fetch_bytes.js').OnProgress;
};
export type Platform = {
    /**
     * where models are kept
     */
    store?: import('./store.js').Store;
    /**
     * a worker that serves (serve.js): a model, or a thread
     */
    startWorker?: () => AnyWorker;
    /**
     * whether models run in a worker unless told otherwise
     */
    inWorker?: boolean;
};
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
export declare function loaderFor(platform: Platform): (source: Source, options?: LoadOptions) => Promise<Model>;
/**
 * @param {Platform} platform
 * @param {Source} source
 * @param {LoadOptions} options
 * @returns {Promise<Backend>}
 */
export declare function openBackend({ store, startWorker, inWorker }: Platform, source: Source, options: LoadOptions): Promise<Backend>;
