export type Engine = import('./engine.js').Engine;
export type AnyWorker = {
    postMessage: (message: any, transfer: any[]) => void;
    terminate: () => unknown;
    addEventListener: (type: any, listener: (event: any) => void) => void;
    /**
     * in Node: the program waits for the worker
     */
    ref?: () => void;
    /**
     * in Node: it does not
     */
    unref?: () => void;
};
export type ThreadsWanted = {
    most: number;
    lazy: boolean;
};
/** How many cores the machine owns up to. */
export declare const coreCount: () => number;
/** Can workers be given this program's memory? Pages must be cross-origin isolated for it. */
export declare function canShare(): boolean;
/**
 * How many threads a model may have. A page that cannot have more than one is told why, once.
 * @param {number | 'auto'} asked
 * @returns {ThreadsWanted}
 */
export declare function threadsFor(asked: number | 'auto'): ThreadsWanted;
/** May this thread sleep? The main thread of a page may not. */
export declare function mayWait(): boolean;
export declare class Threads {
    #private;
    /**
     * @param {Engine} engine
     * @param {WebAssembly.Module} module it was made from
     * @param {() => AnyWorker} startWorker
     */
    constructor(engine: Engine, module: WebAssembly.Module, startWorker: () => AnyWorker);
    /** How many there are, the engine's own included. */
    get count(): number;
    /**
     * Has the engine run in `count` threads, unless it has as many already. Settles when each has come or has failed.
     * @param {number} count
     */
    start(count: number): Promise<void>;
    /** Ends them, wherever they are. */
    end(): void;
}
