export type Variant = import('./features.js').Variant;
export type Link = 'alone' | 'threads';
export type WasmOptions = {
    url?: string | URL;
    binary?: BufferSource;
    module?: WebAssembly.Module;
};
/**
 * Makes `module` the one that loadWasm answers with unless told otherwise: a worker compiles nothing.
 * @param {WebAssembly.Module} module
 */
export declare function giveWasm(module: WebAssembly.Module): void;
/**
 * @param {object} [options]
 * @param {Variant} [options.variant] one build and no other
 * @param {WasmOptions} [options.wasm]
 * @param {boolean} [options.threads] one that threads can share, if it can be had
 * @returns {Promise<WebAssembly.Module>}
 */
export declare function loadWasm({ variant, wasm, threads }?: {
    variant?: Variant;
    wasm?: WasmOptions;
    threads?: boolean;
}): Promise<WebAssembly.Module>;
