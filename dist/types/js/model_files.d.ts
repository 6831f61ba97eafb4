export type Source = import('./fetch_bytes.js').Source;
export type Engine = import('./engine.js').Engine;
export type Address = import('./engine.js').Address;
export type ExternalFile = Source | {
    source?: Source;
    integrity?: string;
};
export type External = {
    name: string;
    source?: Source;
    digest?: string;
};
export type Reading = {
    /**
     * what the model's SHA-256 must be
     */
    digest?: string;
    /**
     * what is known of its other files
     */
    externals?: External[];
    /**
     * keep them, and look for them there first
     */
    cache?: boolean;
    /**
     * where models are kept
     */
    store?: import('./store.js').Store;
    signal?: AbortSignal;
    onProgress?: import('./fetch_bytes.js').OnProgress;
};
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
export declare function parseExternals(externalData?: Record<string, ExternalFile>): External[];
/** What a load reads into an engine. When it fails, the engine is of no use any more. */
export declare class ModelFiles {
    #private;
    /**
     * @param {Source} source
     * @param {Reading} reading
     */
    constructor(source: Source, reading: Reading);
    /** The model's own. */
    get own(): ModelFile;
    /** @param {Engine} engine */
    read(engine: Engine): Promise<void>;
    /**
     * Makes the model of them, which owns them then.
     * @param {Engine} engine
     * @returns {Address}
     */
    create(engine: Engine): Address;
    /**
     * The files as Blobs, which workers are given without a copy; the model's own is without a name.
     * @param {Engine} engine
     */
    toBlobs(engine: Engine): {
        name: string | undefined;
        blob: Blob;
    }[];
    /** Keeps what is to be kept. Answers what became of it, the worst of all files. */
    keep(): Promise<import("./store.js").CacheStatus>;
}
/** One file, on its way as soon as it is made. */
declare class ModelFile {
    #private;
    name: string | undefined;
    /** @type {Address} */
    address: Address;
    length: number;
    /**
     * @param {Source} source
     * @param {Reading} reading
     * @param {string} [name] of one that is not the model's own
     */
    constructor(source: Source, { digest, cache, store, signal }: Reading, name?: string);
    get cache(): import("./store.js").CacheStatus;
    /**
     * Reads it into the engine's memory and verifies it: from where it was kept, or if that is damaged from its source.
     * @param {Engine} engine
     * @param {AbortSignal | undefined} signal
     * @param {import('./fetch_bytes.js').OnProgress} onProgress
     */
    read(engine: Engine, signal: AbortSignal | undefined, onProgress: import('./fetch_bytes.js').OnProgress): Promise<void>;
    keep(): Promise<void>;
}
export {};
