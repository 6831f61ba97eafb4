export type Source = import('./fetch_bytes.js').Source;
export type Backend = import('./session.js').Backend;
export type Feed = import('./session.js').Feed;
export type ToWorker = import('./protocol.js').ToWorker;
export type AnyWorker = import('./threads.js').AnyWorker;
export type Waiting = {
    resolve: (value: any) => void;
    reject: (reason: unknown) => void;
};
/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./session.js').Backend} Backend */
/** @typedef {import('./session.js').Feed} Feed */
/** @typedef {import('./protocol.js').ToWorker} ToWorker */
/** @typedef {import('./threads.js').AnyWorker} AnyWorker */
/** @typedef {{ resolve: (value: any) => void, reject: (reason: unknown) => void }} Waiting */
/** @implements {Backend} */
export declare class WorkerClient implements Backend {
    #private;
    /** @type {import('./session.js').Planned | undefined} */
    planned: import('./session.js').Planned | undefined;
    memoryBytes: number;
    threads: number;
    description: import('./session.js').Description;
    /** @param {AnyWorker} worker */
    constructor(worker: AnyWorker);
    /**
     * Starts a worker and has it read a model, while the engine is still on its way.
     * @param {Promise<WebAssembly.Module>} wasm
     * @param {Source} source
     * @param {import('./load_model.js').OpenOptions} options
     * @param {() => AnyWorker} makeWorker
     */
    static open(wasm: Promise<WebAssembly.Module>, source: Source, { externals, signal, onProgress, ...options }: import('./load_model.js').OpenOptions, makeWorker: () => AnyWorker): Promise<WorkerClient>;
    /** @param {(readonly number[])[]} shapes */
    prepare(shapes: (readonly number[])[]): Promise<any>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, transfer?: boolean }} options
     */
    run(feeds: Feed[], { signal, transfer }: {
        signal?: AbortSignal;
        transfer?: boolean;
    }): Promise<any>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, runs: number }} options
     */
    profile(feeds: Feed[], { signal, runs }: {
        signal?: AbortSignal;
        runs: number;
    }): Promise<any>;
    reset(): Promise<any>;
    /** Ends the worker at once, whatever it does, and gives back all it had. */
    dispose(): Promise<void>;
}
