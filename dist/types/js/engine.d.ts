export type FunctionName = typeof import('./abi.js').FUNCTIONS[number];
export type Variant = import('./features.js').Variant;
export type Address = number;
export type Lent = {
    memory: WebAssembly.Memory;
    stack: Address;
};
export declare class Engine {
    #private;
    /**
     * @param {WebAssembly.Memory} memory
     * @param {WebAssembly.Instance} instance
     */
    constructor(memory: WebAssembly.Memory, instance: WebAssembly.Instance);
    /**
     * A fresh instance with a memory of its own, which threads can share if there shall be more than one and the module is
     * linked for it. (A module says in no way that can be asked for which kind of memory it wants: it refuses the other.)
     * @param {WebAssembly.Module} module
     * @param {{ threads?: number, mayWait?: boolean }} [options]
     */
    static create(module: WebAssembly.Module, { threads, mayWait }?: {
        threads?: number;
        mayWait?: boolean;
    }): Promise<Engine>;
    /** Whether other threads can be given this engine. */
    get isShared(): boolean;
    /**
     * What a thread needs to run in this engine, stack included: to be posted to its worker.
     * @returns {Lent}
     */
    lend(): Lent;
    /** Which build this is. */
    get variant(): Variant;
    /** How much memory the instance has taken from the system. */
    get memoryBytes(): number;
    /**
     * Calls a function of octavo.h and answers what it answers.
     * @param {FunctionName} name
     * @param {number[]} args
     */
    call(name: FunctionName, ...args: number[]): number;
    /**
     * Calls a function that returns a pointer, and throws if it returns NULL.
     * @param {FunctionName} name
     * @param {number[]} args
     * @returns {Address}
     */
    pointer(name: FunctionName, ...args: number[]): Address;
    /**
     * Calls a function that returns a status, and throws unless it is 0.
     * @param {FunctionName} name
     * @param {number[]} args
     */
    status(name: FunctionName, ...args: number[]): void;
    /**
     * Calls a function that returns JSON, and throws if it returns NULL.
     * @param {FunctionName} name
     * @param {number[]} args
     * @returns {any}
     */
    json(name: FunctionName, ...args: number[]): any;
    /**
     * @param {number} byteCount
     * @returns {Address} 64-byte aligned, to be freed
     */
    alloc(byteCount: number): Address;
    /** @param {Address} address */
    free(address: Address): void;
    /**
     * Copies an array's bytes into the engine's memory.
     * @param {Address} address
     * @param {ArrayBufferView} data
     */
    write(address: Address, data: ArrayBufferView): void;
    /**
     * Allocates room for an array and copies its bytes there.
     * @param {ArrayBufferView} data
     * @returns {Address} to be freed
     */
    keep(data: ArrayBufferView): Address;
    /**
     * Copies elements out of the engine's memory.
     * @template {{ slice(): unknown }} T
     * @param {new (buffer: ArrayBuffer, byteOffset: number, length: number) => T} Type the array class to get
     * @param {Address} address
     * @param {number} count elements
     */
    read<T extends {
        slice(): unknown;
    }>(Type: new (buffer: ArrayBuffer, byteOffset: number, length: number) => T, address: Address, count: number): T;
    /**
     * Bytes where they are (a copy, if the memory is shared), for a reader that is done before the next call into the
     * engine.
     * @param {Address} address
     * @param {number} byteCount
     */
    peek(address: Address, byteCount: number): Uint8Array<ArrayBuffer>;
    /**
     * @param {Address} to
     * @param {Address} from
     * @param {number} byteCount
     */
    copy(to: Address, from: Address, byteCount: number): void;
    /**
     * A zero-terminated string.
     * @param {Address} address
     */
    text(address: Address): string;
}
/**
 * The number that the engine knows an element type by.
 * @param {string} name
 */
export declare const dtypeNumber: (name: string) => number;
/**
 * Runs a thread in an engine that another worker has lent. Does not return, unless it crashes: then the engine is told,
 * so that nobody waits.
 * @param {WebAssembly.Module} module
 * @param {Lent} lent
 */
export declare function runThread(module: WebAssembly.Module, { memory, stack }: Lent): void;
