import { OctavoError } from './errors.js';
export type PostedSource = {
    kind: 'value';
    value: string | Blob | ArrayBufferLike | ArrayBufferView;
} | {
    kind: 'request';
    url: string;
    init: RequestInit;
} | {
    kind: 'stream';
    stream: number;
    total: number | undefined;
};
export type PostedExternal = {
    name: string;
    source?: PostedSource;
    digest?: string;
};
export type OpenRequest = {
    type: 'open';
    id: number;
    source: PostedSource;
    digest?: string;
    externals: PostedExternal[];
    cache?: boolean;
    warmup?: boolean;
    threads: import('./threads.js').ThreadsWanted;
    wantsProgress: boolean;
};
export type PrepareRequest = {
    type: 'prepare';
    id: number;
    shapes: (readonly number[])[];
};
export type RunRequest = {
    type: 'run';
    id: number;
    feeds: import('./session.js').Feed[];
};
export type ProfileRequest = {
    type: 'profile';
    id: number;
    feeds: import('./session.js').Feed[];
    runs: number;
};
export type ResetRequest = {
    type: 'reset';
    id: number;
};
export type Abort = {
    type: 'abort';
    id: number;
};
export type Wasm = {
    type: 'wasm';
    module: WebAssembly.Module;
};
export type Chunk = {
    type: 'chunk';
    stream: number;
    bytes: Uint8Array;
};
export type End = {
    type: 'end';
    stream: number;
    error?: PackedError;
};
export type ThreadRequest = {
    type: 'thread';
    module: WebAssembly.Module;
    lent: import('./engine.js').Lent;
};
export type Request = OpenRequest | PrepareRequest | RunRequest | ProfileRequest | ResetRequest;
export type ToWorker = Request | Abort | Wasm | Chunk | End | ThreadRequest;
export type Reply = {
    type: 'reply';
    id: number;
    value: any;
    planned?: import('./session.js').Planned;
    memoryBytes: number;
    threads: number;
};
export type Failure = {
    type: 'failure';
    id: number;
    error: PackedError;
};
export type Progress = {
    type: 'progress';
    id: number;
    loaded: number;
    total: number | undefined;
};
export type ThreadCame = {
    type: 'thread_came';
};
export type FromWorker = Reply | Failure | Progress;
export type PackedError = {
    code: import('./errors.js').ErrorCode;
    message: string;
    hint?: string;
    node?: string;
    url?: string;
    /**
     * the worker's
     */
    stack?: string;
};
/**
 * The model's source, as it can be posted. A stream has a number, and its chunks follow as messages of their own.
 * @typedef {{ kind: 'value', value: string | Blob | ArrayBufferLike | ArrayBufferView }
 *   | { kind: 'request', url: string, init: RequestInit }
 *   | { kind: 'stream', stream: number, total: number | undefined }} PostedSource
 * @typedef {{ name: string, source?: PostedSource, digest?: string }} PostedExternal
 */
/**
 * @typedef {{ type: 'open', id: number, source: PostedSource, digest?: string, externals: PostedExternal[], cache?: boolean, warmup?: boolean,
 *   threads: import('./threads.js').ThreadsWanted, wantsProgress: boolean }} OpenRequest
 * @typedef {{ type: 'prepare', id: number, shapes: (readonly number[])[] }} PrepareRequest
 * @typedef {{ type: 'run', id: number, feeds: import('./session.js').Feed[] }} RunRequest
 * @typedef {{ type: 'profile', id: number, feeds: import('./session.js').Feed[], runs: number }} ProfileRequest
 * @typedef {{ type: 'reset', id: number }} ResetRequest
 *
 * @typedef {{ type: 'abort', id: number }} Abort the request of this id is no longer wanted
 * @typedef {{ type: 'wasm', module: WebAssembly.Module }} Wasm the engine, compiled
 * @typedef {{ type: 'chunk', stream: number, bytes: Uint8Array }} Chunk of a source that 'open' announced as a stream
 * @typedef {{ type: 'end', stream: number, error?: PackedError }} End of that stream
 *
 * @typedef {{ type: 'thread', module: WebAssembly.Module, lent: import('./engine.js').Lent }} ThreadRequest to be a
 *   thread of another worker's model, and nothing else. The answer is `ThreadCame`; after that the worker hears nothing
 *
 * @typedef {OpenRequest | PrepareRequest | RunRequest | ProfileRequest | ResetRequest} Request
 * @typedef {Request | Abort | Wasm | Chunk | End | ThreadRequest} ToWorker
 */
/**
 * `planned` comes with a reply after which the latest plan is another one.
 * @typedef {{ type: 'reply', id: number, value: any, planned?: import('./session.js').Planned,
 *   memoryBytes: number, threads: number }} Reply
 * @typedef {{ type: 'failure', id: number, error: PackedError }} Failure
 * @typedef {{ type: 'progress', id: number, loaded: number, total: number | undefined }} Progress
 * @typedef {{ type: 'thread_came' }} ThreadCame
 * @typedef {Reply | Failure | Progress} FromWorker
 */
/**
 * An error as it can be posted.
 * @typedef {object} PackedError
 * @property {import('./errors.js').ErrorCode} code
 * @property {string} message
 * @property {string} [hint]
 * @property {string} [node]
 * @property {string} [url]
 * @property {string} [stack] the worker's
 */
/**
 * @param {any} error
 * @returns {PackedError}
 */
export declare function packError(error: any): PackedError;
/** @param {PackedError} packed */
export declare function unpackError({ code, message, hint, node, url, stack }: PackedError): OctavoError;
/**
 * The buffers of arrays, each once, to be transferred with them. Shared memory needs no transfer.
 * @param {ArrayBufferView[]} arrays
 * @returns {ArrayBuffer[]}
 */
export declare function transferables(arrays: ArrayBufferView[]): ArrayBuffer[];
