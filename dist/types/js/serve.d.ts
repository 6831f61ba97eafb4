export type Request = import('./protocol.js').Request;
export type PostedSource = import('./protocol.js').PostedSource;
export type FromWorker = import('./protocol.js').FromWorker;
export type Host = {
    post: (message: FromWorker | import('./protocol.js').ThreadCame, transfer?: Transferable[]) => void;
    /**
     * where models are kept
     */
    store?: import('./store.js').Store;
    /**
     * another worker that serves
     */
    startWorker: () => import('./threads.js').AnyWorker;
};
/**
 * @param {Host} platform
 * @returns {(message: import('./protocol.js').ToWorker) => void} to be called with each message
 */
export declare function serve(platform: Host): (message: import('./protocol.js').ToWorker) => void;
