import { Tensor } from './tensor.js';
export type Backend = import('./session.js').Backend;
export type StepInfo = import('./session.js').StepInfo;
export type InputValue = import('./inputs.js').InputValue;
export type RunOptions = {
    /**
     * stops the run, between two of its steps at the latest
     */
    signal?: AbortSignal;
    /**
     * gives the inputs' buffers away instead of copying them: they are empty afterwards
     */
    transfer?: boolean;
};
export type Profile = {
    runs: number;
    ms: number;
    restMs: number;
    macs: number;
    steps: (StepInfo & {
        ms: number;
    })[];
    /**
     * sums, the slowest first
     */
    operators: {
        op: string;
        count: number;
        ms: number;
        macs: number;
    }[];
};
export declare class Model {
    #private;
    format: "octavo" | "onnx" | "tflite";
    inputs: import("./session.js").IO[];
    /** How many of each operator the file has. */
    operators: Record<string, number>;
    /** What it keeps from one run to the next, until `reset`. */
    variables: import("./session.js").Variable[];
    /** The build of the engine that runs it. */
    variant: import("./features.js").Variant;
    /** Whether the model was kept, or why not. */
    cache: import("./store.js").CacheStatus;
    /** @param {Backend} backend */
    constructor(backend: Backend);
    /**
     * What it gives. A type that the file does not say is null until there is a plan; a dimension that depends on data, or
     * a shape that does as a whole, is null before and after it: each result has its own.
     */
    get outputs(): {
        name: string;
        shape: (number | null)[] | null;
        quantization: import("./session.js").Quantization | null;
        byValue?: boolean;
        dtype: "bool" | "float32" | "float64" | "int16" | "int32" | "int64" | "int8" | "uint16" | "uint32" | "uint64" | "uint8" | null;
    }[];
    /** The latest plan; null until shapes are known, where the model leaves some open. */
    get plan(): import("./session.js").PlanInfo | null;
    /**
     * Bytes by arena, of the latest plan, known before they are allocated; null where `plan` is. `total` is their sum,
     * `wasm` what the engine has taken from the system so far. The first run packs the weights, and gives back what they
     * were packed from where no other plan can need it: `model` and `plan` are less then.
     */
    get memory(): {
        model: number;
        weights: number;
        activations: number;
        variables: number;
        plan: number;
        total: number;
        wasm: number;
    } | null;
    /** How many threads it runs on by now; `threads: 'auto'` starts more only for a plan that is heavy enough. */
    get threads(): number;
    /**
     * Plans for inputs of these shapes, without running: `plan` and `memory` tell the result.
     * @param {Record<string, readonly number[]>} [shapes] by name; may leave away inputs that have but one shape
     */
    prepare(shapes?: Record<string, readonly number[]>): Promise<void>;
    /**
     * Calls that come while another runs wait for their turn.
     * @param {Record<string, InputValue>} inputs by name
     * @param {RunOptions} [options]
     * @returns {Promise<Record<string, Tensor>>} outputs by name
     */
    run(inputs: Record<string, InputValue>, { signal, transfer }?: RunOptions): Promise<Record<string, Tensor>>;
    /**
     * Runs several times and tells where the time goes.
     * @param {Record<string, InputValue>} inputs by name
     * @param {{ signal?: AbortSignal, runs?: number }} [options]
     * @returns {Promise<Profile>}
     */
    profile(inputs: Record<string, InputValue>, { signal, runs }?: {
        signal?: AbortSignal;
        runs?: number;
    }): Promise<Profile>;
    /** Forgets what the model keeps from one run to the next: the next run is like the first. */
    reset(): Promise<void>;
    /** Gives all memory back. What still runs rejects; a second call does nothing. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
/**
 * The promise, or a rejection as soon as the signal aborts: nobody waits for a step that is no longer wanted.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export declare function orAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T>;
