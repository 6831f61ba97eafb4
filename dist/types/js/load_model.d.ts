import { Model } from './model.js';
export type Source = import('./fetch_bytes.js').Source;
export type Backend = import('./session.js').Backend;
export type LoadOptions = {
    /**
     * 'sha256-<base64>', or hex: anything else than this very file is refused
     */
    integrity?: string;
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
     * run in a worker, as is usual where there are any; or how to make one
     */
    worker?: boolean | (() => Worker);
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
    cache?: boolean;
    signal?: AbortSignal;
    onProgress?: import('./fetch_bytes.js').OnProgress;
};
export type Platform = {
    /**
     * where models are kept
     */
    store?: import('./store.js').Store;
    openInWorker?: (module: WebAssembly.Module, source: Source, options: OpenOptions, makeWorker?: () => Worker) => Promise<Backend>;
};
/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./session.js').Backend} Backend */
/**
 * @typedef {object} LoadOptions
 * @property {string} [integrity] 'sha256-<base64>', or hex: anything else than this very file is refused
 * @property {boolean} [cache] keep the model in the browser once it is verified, and take it from there
 * @property {AbortSignal} [signal] stops the download
 * @property {import('./fetch_bytes.js').OnProgress} [onProgress] called as bytes come
 * @property {boolean | (() => Worker)} [worker] run in a worker, as is usual where there are any; or how to make one
 * @property {import('./features.js').Variant} [variant] one build of the engine and no other
 * @property {import('./wasm.js').WasmOptions} [wasm] where the engine comes from
 */
/**
 * What reaches the session, on this page or in a worker.
 * @typedef {object} OpenOptions
 * @property {string} [digest] what the SHA-256 must be, in hex
 * @property {boolean} [cache]
 * @property {AbortSignal} [signal]
 * @property {import('./fetch_bytes.js').OnProgress} [onProgress]
 */
/**
 * @typedef {object} Platform
 * @property {import('./store.js').Store} [store] where models are kept
 * @property {(module: WebAssembly.Module, source: Source, options: OpenOptions, makeWorker?: () => Worker) =>
 *   Promise<Backend>} [openInWorker]
 */
/** @param {Platform} platform */
export declare function loaderFor({ store, openInWorker }: Platform): (source: Source, options?: LoadOptions) => Promise<Model>;
