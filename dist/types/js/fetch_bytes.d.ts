export type Source = string | URL | Request | Response | Blob | ArrayBufferLike | ArrayBufferView | ReadableStream;
export type OpenedSource = {
    chunks: AsyncIterable<Uint8Array>;
    /**
     * the promised number of bytes
     */
    total: number | undefined;
    url: string | undefined;
};
export type OnProgress = (progress: {
    loaded: number;
    total: number | undefined;
}) => void;
/**
 * @param {Source} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<OpenedSource>}
 */
export declare function openBytes(source: Source, signal?: AbortSignal): Promise<OpenedSource>;
/**
 * What a source is: the class of an object that web platforms know, 'bytes', or 'place' for a URL or a path. By tag, so
 * that objects of another realm (a frame, a test environment) are known too.
 * @param {unknown} source
 */
export declare function kindOf(source: unknown): string;
/**
 * A URL to fetch, or a path to open, where there are files.
 * @param {string | URL} source
 * @returns {URL | { path: string | URL }}
 */
export declare function locate(source: string | URL): URL | {
    path: string | URL;
};
/**
 * Fetches, and throws a typed error unless the answer is a 200.
 * @param {URL | Request} resource
 * @param {RequestInit} init
 */
export declare function fetchOk(resource: URL | Request, init: RequestInit): Promise<Response>;
export type Room = Pick<import('./engine.js').Engine, 'alloc' | 'write' | 'copy' | 'free' | 'peek'>;
/** @typedef {Pick<import('./engine.js').Engine, 'alloc' | 'write' | 'copy' | 'free' | 'peek'>} Room */
/**
 * Reads the opened source to its end, into memory that is allocated as it comes.
 * @param {Room} engine
 * @param {OpenedSource} source
 * @param {{ onProgress?: OnProgress, signal?: AbortSignal, isData?: boolean }} [options] isData: no model, but bare bytes
 * @returns {Promise<{ address: import('./engine.js').Address, length: number }>} memory to be freed
 */
export declare function receive(engine: Room, { chunks, total, url }: OpenedSource, { onProgress, signal, isData }?: {
    onProgress?: OnProgress;
    signal?: AbortSignal;
    isData?: boolean;
}): Promise<{
    address: import('./engine.js').Address;
    length: number;
}>;
/**
 * The beginning of an answer, as one line to be shown.
 * @param {Uint8Array} head
 */
export declare function quoteAnswer(head: Uint8Array): string;
/** @param {ArrayBufferLike | ArrayBufferView} source */
export declare const bytesOf: (source: ArrayBufferLike | ArrayBufferView) => Uint8Array<ArrayBufferLike>;
