import { Engine } from './engine.js';
export type DType = import('./tensor.js').DType;
export type TypedArray = import('./tensor.js').TypedArray;
export type Address = import('./engine.js').Address;
export type Quantization = {
    scale: number;
    zeroPoint: number;
};
export type IO = {
    name: string;
    dtype: DType;
    /**
     * null where the model leaves a dimension open, or all of them
     */
    shape: (number | null)[] | null;
    /**
     * real = scale * (value - zeroPoint)
     */
    quantization: Quantization | null;
};
export type Output = Omit<IO, 'dtype'> & {
    dtype: DType | null;
};
export type TensorInfo = {
    name: string;
    dtype: DType;
    shape: number[];
    bytes: number;
};
export type StepInfo = {
    /**
     * of the model's node
     */
    name: string;
    /**
     * its operator's name in the file
     */
    type: string;
    /**
     * the operator it became
     */
    op: string;
    /**
     * what computes it
     */
    kernel: string;
    /**
     * multiplications it does
     */
    macs: number;
    /**
     * whether it computes in int8
     */
    q8: boolean;
    inputs: TensorInfo[];
    outputs: TensorInfo[];
};
export type PlanInfo = {
    inputs: TensorInfo[];
    outputs: TensorInfo[];
    macs: number;
    steps: StepInfo[];
};
export type Memory = {
    model: number;
    weights: number;
    activations: number;
    plan: number;
};
export type Description = {
    format: 'onnx' | 'tflite';
    inputs: IO[];
    outputs: Output[];
    /**
     * how many of each the file has
     */
    operators: Record<string, number>;
    variant: import('./features.js').Variant;
    /**
     * whether the model was kept
     */
    cache: import('./store.js').CacheStatus;
};
export type Filled = {
    shape: readonly number[];
    data: TypedArray;
};
export type Feed = Filled | {
    image: import('./image.js').ImageLike;
};
export type Result = {
    dtype: DType;
    shape: number[];
    data: TypedArray;
};
export type Planned = {
    plan: PlanInfo;
    memory: Memory;
};
export type Backend = {
    description: Description;
    /**
     * the latest plan
     */
    planned: Planned | undefined;
    /**
     * what the engine has taken from the system
     */
    memoryBytes: number;
    /**
     * plans for these shapes
     */
    prepare: (shapes: (readonly number[])[]) => Promise<void>;
    run: (feeds: Feed[], options: {
        signal?: AbortSignal;
        transfer?: boolean;
    }) => Promise<Result[]>;
    /**
     * for each
     * run, the milliseconds of each step
     */
    profile: (feeds: Feed[], options: {
        signal?: AbortSignal;
        runs: number;
    }) => Promise<number[][]>;
    dispose: () => Promise<void>;
};
/** @implements {Backend} */
export declare class Session implements Backend {
    #private;
    /** @type {Description} */
    description: Description;
    /** @type {Planned | undefined} */
    planned: Planned | undefined;
    /**
     * @param {Engine} engine
     * @param {Address} model
     */
    constructor(engine: Engine, model: Address);
    /**
     * Reads a model into an engine of its own.
     * @param {WebAssembly.Module} module
     * @param {import('./fetch_bytes.js').Source} source
     * @param {object} options
     * @param {string} [options.digest] what its SHA-256 must be
     * @param {boolean} [options.cache] keep it, and look for it there first
     * @param {import('./store.js').Store} [options.store] where models are kept
     * @param {AbortSignal} [options.signal]
     * @param {import('./fetch_bytes.js').OnProgress} [options.onProgress]
     */
    static open(module: WebAssembly.Module, source: import('./fetch_bytes.js').Source, { digest, cache, store, signal, onProgress }: {
        digest?: string;
        cache?: boolean;
        store?: import('./store.js').Store;
        signal?: AbortSignal;
        onProgress?: import('./fetch_bytes.js').OnProgress;
    }): Promise<Session>;
    get memoryBytes(): number;
    /** @param {(readonly number[])[]} shapes */
    prepare(shapes: (readonly number[])[]): Promise<undefined>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, transfer?: boolean }} options
     */
    run(feeds: Feed[], { signal, transfer }: {
        signal?: AbortSignal;
        transfer?: boolean;
    }): Promise<Result[]>;
    /**
     * @param {Feed[]} feeds
     * @param {{ signal?: AbortSignal, runs: number }} options
     */
    profile(feeds: Feed[], { signal, runs }: {
        signal?: AbortSignal;
        runs: number;
    }): Promise<number[][]>;
    /** Drops the engine, and with it all memory; a run under way ends at its next turn. */
    dispose(): Promise<void>;
}
