import { Engine } from './engine.js';
import { Threads } from './threads.js';
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
    /**
     * of an input: shapes depend on its elements, so that each run plans for them
     */
    byValue?: boolean;
};
export type Variable = {
    name: string;
    dtype: string;
    shape: number[];
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
export type OutputInfo = {
    name: string;
    dtype: DType | null;
    shape: (number | null)[] | null;
    bytes: number;
};
export type StepInfo = {
    /**
     * of the model's node
     */
    name: string;
    /**
     * its operator's name in the file; 'bands' of a step that stands for several
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
    /**
     * how many it is cut into, to be computed by as many threads
     */
    parts: number;
    inputs: TensorInfo[];
    outputs: TensorInfo[];
    /**
     * steps that run together, a band of rows at a time, so that no image between them is whole
     */
    joins?: StepInfo[];
    /**
     * of control flow: the steps of the graphs that it runs
     */
    bodies?: StepInfo[][];
};
export type PlanInfo = {
    inputs: TensorInfo[];
    outputs: OutputInfo[];
    macs: number;
    steps: StepInfo[];
    rest: {
        name: string;
        type: string;
    }[];
    used: {
        operators: string[];
        met: string[];
        kernels: string[];
        formats: string[];
        onnx?: string[];
        tflite?: string[];
    };
};
export type Memory = {
    model: number;
    weights: number;
    activations: number;
    variables: number;
    plan: number;
};
export type Description = {
    format: 'onnx' | 'tflite' | 'octavo';
    inputs: IO[];
    outputs: Output[];
    /**
     * how many of each the file has
     */
    operators: Record<string, number>;
    /**
     * what it keeps from one run to the next
     */
    variables: Variable[];
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
     * how many it runs on by now
     */
    threads: number;
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
     * run, the milliseconds of each step, and in the end those of what it planned itself
     */
    profile: (feeds: Feed[], options: {
        signal?: AbortSignal;
        runs: number;
    }) => Promise<number[][]>;
    /**
     * makes the variables what they were at first
     */
    reset: () => Promise<void>;
    dispose: () => Promise<void>;
};
export type SessionOptions = {
    /**
     * run it on zeros, where its shapes are known
     */
    warmup?: boolean;
    /**
     * one if left away
     */
    threads?: import('./threads.js').ThreadsWanted;
    /**
     * how a thread is had
     */
    startWorker?: () => import('./threads.js').AnyWorker;
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
     * @param {Threads} [threads]
     */
    constructor(engine: Engine, model: Address, threads?: Threads);
    /**
     * Reads a model into an engine of its own. The model is on its way while the engine still is.
     * @param {Promise<WebAssembly.Module>} wasm
     * @param {import('./fetch_bytes.js').Source} source
     * @param {import('./model_files.js').Reading & SessionOptions} options
     */
    static open(wasm: Promise<WebAssembly.Module>, source: import('./fetch_bytes.js').Source, { warmup, threads: wanted, startWorker, ...reading }: import('./model_files.js').Reading & SessionOptions): Promise<Session>;
    get memoryBytes(): number;
    get threads(): number;
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
    reset(): Promise<undefined>;
    /** Drops the engine, and with it all memory and threads; a run under way ends at its next turn. */
    dispose(): Promise<void>;
}
