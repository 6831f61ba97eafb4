export type AnyWorker = import('./threads.js').AnyWorker;
/**
 * A worker with the face of a browser's.
 * @returns {AnyWorker}
 */
declare function startWorker(): AnyWorker;
/** For a Platform; nothing where there are none. */
export declare const nodeWorkers: {
    startWorker: typeof startWorker;
};
export {};
