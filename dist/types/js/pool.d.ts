import { Model } from './model.js';
export type Backend = import('./session.js').Backend;
export type Feed = import('./session.js').Feed;
export type Platform = import('./load_model.js').Platform;
export type PoolOptions = Omit<import('./load_model.js').LoadOptions, 'worker'> & {
    size?: number;
    worker?: () => Worker;
};
export declare class Pool extends Model {
    /** How many inputs are computed at the same time. */
    size: number;
    /** @param {PoolBackend} backend */
    constructor(backend: PoolBackend);
}
/** @param {Platform} platform */
export declare function poolMaker(platform: Platform): (source: import('./fetch_bytes.js').Source, options?: PoolOptions) => Promise<Pool>;
export type Waiting = {
    take: (lane: Backend) => void;
    reject: (reason: unknown) => void;
};
/** @typedef {{ take: (lane: Backend) => void, reject: (reason: unknown) => void }} Waiting a call without a lane yet */
/** @implements {Backend} */
declare class PoolBackend implements Backend {
    #private;
    size: number;
    description: {
        format: 'onnx' | 'tflite' | 'octavo';
        inputs: import("./session.js").IO[];
        outputs: import("./session.js").Output[];
        operators: Record<string, number>;
        variables: import("./session.js").Variable[];
        variant: import('./features.js').Variant;
        cache: import("./store.js").CacheStatus;
    };
    /** @type {import('./session.js').Planned | undefined} */
    planned: import('./session.js').Planned | undefined;
    /**
     * @param {Backend[]} lanes
     * @param {() => Promise<Backend>} open another one
     * @param {import('./store.js').CacheStatus} cache
     */
    constructor(lanes: Backend[], open: () => Promise<Backend>, cache: import('./store.js').CacheStatus);
    get memoryBytes(): number;
    get threads(): number;
    /** @param {(readonly number[])[]} shapes */
    prepare(shapes: (readonly number[])[]): Promise<void>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, transfer?: boolean }} options
     */
    run(feeds: Feed[], { signal, transfer }: {
        signal?: AbortSignal;
        transfer?: boolean;
    }): Promise<import("./session.js").Result[]>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, runs: number }} options
     */
    profile(feeds: Feed[], options: {
        signal?: AbortSignal;
        runs: number;
    }): Promise<number[][]>;
    reset(): Promise<void>;
    dispose(): Promise<void>;
}
export {};
