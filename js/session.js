// SPDX-License-Identifier: MIT
//
// A model inside an engine: reads it, plans it for the shapes that come, runs it. Lives where the engine lives, on the
// page or in a worker, and trusts what the Model class has checked.
//
// A run is a loop over the plan's steps that gives the event loop a turn every few milliseconds, so that a page stays
// alive and an abort gets through. Calls take turns: the next begins when the one before it has ended.
import { Engine } from './engine.js';
import { OctavoError } from './errors.js';
import { toTensor } from './image.js';
import { batchOfOne, copyFeed, isStatic } from './inputs.js';
import { ModelFiles } from './model_files.js';
import { arrayOf, elementCount } from './tensor.js';
import { mayWait, Threads } from './threads.js';

/** @typedef {import('./tensor.js').DType} DType */
/** @typedef {import('./tensor.js').TypedArray} TypedArray */
/** @typedef {import('./engine.js').Address} Address */

/** @typedef {{ scale: number, zeroPoint: number }} Quantization */

/**
 * An input or output of a model.
 * @typedef {object} IO
 * @property {string} name
 * @property {DType} dtype
 * @property {(number | null)[] | null} shape null where the model leaves a dimension open, or all of them
 * @property {Quantization | null} quantization real = scale * (value - zeroPoint)
 * @property {boolean} [byValue] of an input: shapes depend on its elements, so that each run plans for them
 */

/** @typedef {{ name: string, dtype: string, shape: number[] }} Variable */

/** @typedef {Omit<IO, 'dtype'> & { dtype: DType | null }} Output its dtype is null where only a plan can tell */

/** @typedef {{ name: string, dtype: DType, shape: number[], bytes: number }} TensorInfo */

/**
 * Its dtype is null, its shape open or null where only a run can tell.
 * @typedef {{ name: string, dtype: DType | null, shape: (number | null)[] | null, bytes: number }} OutputInfo
 */

/**
 * @typedef {object} StepInfo
 * @property {string} name of the model's node
 * @property {string} type its operator's name in the file; 'bands' of a step that stands for several
 * @property {string} op the operator it became
 * @property {string} kernel what computes it
 * @property {number} macs multiplications it does
 * @property {boolean} q8 whether it computes in int8
 * @property {number} parts how many it is cut into, to be computed by as many threads
 * @property {TensorInfo[]} inputs
 * @property {TensorInfo[]} outputs
 * @property {StepInfo[]} [joins] steps that run together, a band of rows at a time, so that no image between them is whole
 * @property {StepInfo[][]} [bodies] of control flow: the steps of the graphs that it runs
 */

/**
 * `rest`: nodes whose shapes depend on data, so that each run plans them when it comes to them. `used`: of each list of
 * the engine's the names that the model needs, for builds that have nothing else (`met`: operators whose nodes there
 * were, if only to be fused into others).
 * @typedef {{ inputs: TensorInfo[], outputs: OutputInfo[], macs: number, steps: StepInfo[],
 *   rest: { name: string, type: string }[],
 *   used: { operators: string[], met: string[], kernels: string[], formats: string[], onnx?: string[], tflite?: string[] } }} PlanInfo
 */

/**
 * Bytes by arena.
 * @typedef {{ model: number, weights: number, activations: number, variables: number, plan: number }} Memory
 */

/**
 * @typedef {object} Description
 * @property {'onnx' | 'tflite' | 'octavo'} format
 * @property {IO[]} inputs
 * @property {Output[]} outputs
 * @property {Record<string, number>} operators how many of each the file has
 * @property {Variable[]} variables what it keeps from one run to the next
 * @property {import('./features.js').Variant} variant
 * @property {import('./store.js').CacheStatus} cache whether the model was kept
 */

/** @typedef {{ shape: readonly number[], data: TypedArray }} Filled what an input gets */
/** @typedef {Filled | { image: import('./image.js').ImageLike }} Feed the same, or an image that becomes it */
/** @typedef {{ dtype: DType, shape: number[], data: TypedArray }} Result */
/** @typedef {{ plan: PlanInfo, memory: Memory }} Planned */

/**
 * What a Model stands on: a Session, or the client of one in a worker.
 * @typedef {object} Backend
 * @property {Description} description
 * @property {Planned | undefined} planned the latest plan
 * @property {number} memoryBytes what the engine has taken from the system
 * @property {number} threads how many it runs on by now
 * @property {(shapes: (readonly number[])[]) => Promise<void>} prepare plans for these shapes
 * @property {(feeds: Feed[], options: { signal?: AbortSignal, transfer?: boolean }) => Promise<Result[]>} run
 * @property {(feeds: Feed[], options: { signal?: AbortSignal, runs: number }) => Promise<number[][]>} profile for each
 *   run, the milliseconds of each step, and in the end those of what it planned itself
 * @property {() => Promise<void>} reset makes the variables what they were at first
 * @property {() => Promise<void>} dispose
 */

/**
 * How a session is opened, besides what it reads.
 * @typedef {object} SessionOptions
 * @property {boolean} [warmup] run it on zeros, where its shapes are known
 * @property {import('./threads.js').ThreadsWanted} [threads] one if left away
 * @property {() => import('./threads.js').AnyWorker} [startWorker] how a thread is had
 */

/** How long a run computes before the event loop gets a turn. */
const SLICE_MS = 8;

/**
 * Steps that took no more than a slice together, as stretches of a plan: to look at the clock after each step would cost
 * small models a tenth of their time. The first run is the slowest, so that later stretches are shorter.
 * @param {number[]} times of each step
 */
function stretches(times) {
  const ends = [];
  let sum = 0;
  for (const [step, ms] of times.entries()) {
    if (sum > 0 && sum + ms > SLICE_MS) {
      ends.push(step);
      sum = 0;
    }
    sum += ms;
  }
  return [...ends, times.length];
}

/** The engine keeps as many plans; descriptions of more would be waste. */
const PLANS_KEPT = 4;

/** @implements {Backend} */
export class Session {
  /** @type {Engine | undefined} */
  #engine;
  /** @type {Address} */
  #model;
  /** @type {Promise<unknown> | undefined} settles when the last call in the queue has ended */
  #last;
  /** @type {Map<string, Planned>} by shapes, oldest first */
  #plans = new Map();
  /** @type {Planned | undefined} */
  planned;
  /** @type {Threads | undefined} */
  #threads;
  /** @type {Address} the plan whose memory was told since it was committed */
  #told = 0;
  /** @type {WeakMap<PlanInfo, number[]>} the steps that a run looks at the clock after, each the end of a stretch */
  #ends = new WeakMap();

  /**
   * @param {Engine} engine
   * @param {Address} model
   * @param {Threads} [threads]
   */
  constructor(engine, model, threads) {
    this.#engine = engine;
    this.#model = model;
    this.#threads = threads;
    /** @type {Description} */
    this.description = { ...engine.json('oct_model_describe', model), variant: engine.variant };
    for (const output of this.description.outputs) {
      if (/** @type {string | null} */ (output.dtype) === 'none') output.dtype = null;
    }
    this.#planAhead();
  }

  /**
   * Reads a model into an engine of its own. The model is on its way while the engine still is.
   * @param {Promise<WebAssembly.Module>} wasm
   * @param {import('./fetch_bytes.js').Source} source
   * @param {import('./model_files.js').Reading & SessionOptions} options
   */
  static async open(wasm, source, { warmup, threads: wanted, startWorker, ...reading }) {
    reading.signal?.throwIfAborted();
    const files = new ModelFiles(source, reading);
    const { most, lazy } = wanted ?? { most: 1, lazy: true };
    const module = await wasm;
    const engine = await Engine.create(module, { threads: startWorker ? most : 1, mayWait: mayWait() });
    await files.read(engine);
    const model = files.create(engine);
    const threads = startWorker && new Threads(engine, module, startWorker);
    const session = new Session(engine, model, threads);
    if (!lazy) await threads?.start(most);
    session.description.cache = await files.keep();
    if (warmup && session.planned) {
      await session.run(zerosFor(session.planned.plan), { signal: reading.signal });
      await session.reset();
    }
    return session;
  }

  /**
   * Plans for the model's own shapes, where it leaves nothing but a batch open: then the plan is known before the first
   * run, and the outputs are known better than the file may say. A batch of one that cannot be planned may well be one
   * of many; a shape without alternative is an error.
   */
  #planAhead() {
    const { inputs, outputs } = this.description;
    const isFixed = inputs.every(({ shape }) => isStatic(shape));
    const shapes = inputs.map(({ shape }) => batchOfOne(shape)).filter((shape) => shape !== undefined);
    if (shapes.length < inputs.length || inputs.some(({ byValue }) => byValue)) return;
    try {
      this.#plan(shapes);
    } catch (cause) {
      if (isFixed) throw cause;
      return;
    }
    const { plan } = /** @type {Planned} */ (this.planned);
    for (const [index, { dtype, shape }] of plan.outputs.entries()) {
      const batched = shape?.[0] === 1 ? [null, ...shape.slice(1)] : shape;
      const known = isFixed || !isStatic(shape) ? shape : (outputs[index].shape ?? batched);
      Object.assign(outputs[index], { dtype, shape: known });
    }
  }

  get memoryBytes() {
    return this.#engine?.memoryBytes ?? 0;
  }

  get threads() {
    return this.#threads?.count ?? 1;
  }

  /** @param {(readonly number[])[]} shapes */
  prepare(shapes) {
    return this.#inTurn(async () => void this.#plan(shapes));
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, transfer?: boolean }} options
   */
  run(feeds, { signal, transfer }) {
    const mine = this.#last && !transfer ? feeds.map(copyFeed) : feeds;
    return this.#inTurn(async () => {
      signal?.throwIfAborted();
      const plan = this.#load(mine.every(isFilled) ? mine : await this.#filled(mine));
      const { plan: info } = /** @type {Planned} */ (this.planned);
      const times = await this.#steps(plan, signal, this.#ends.get(info));
      if (!this.#ends.has(info)) this.#ends.set(info, stretches(times));
      return this.#results(await this.#rest(plan, signal));
    });
  }

  /**
   * @param {Feed[]} feeds
   * @param {{ signal?: AbortSignal, runs: number }} options
   */
  profile(feeds, { signal, runs }) {
    const mine = feeds.map(copyFeed);
    return this.#inTurn(async () => {
      const filled = await this.#filled(mine);
      /** @type {number[][]} */
      const times = [];
      for (let run = 0; run < runs; run++) {
        signal?.throwIfAborted();
        const plan = this.#load(filled);
        const steps = await this.#steps(plan, signal);
        const begin = performance.now();
        const whole = await this.#rest(plan, signal);
        times.push([...steps, whole === plan ? 0 : performance.now() - begin]);
      }
      return times;
    });
  }

  reset() {
    return this.#inTurn(async () => void this.#alive().call('oct_model_reset', this.#model));
  }

  /** Drops the engine, and with it all memory and threads; a run under way ends at its next turn. */
  async dispose() {
    this.#engine = undefined;
    this.#threads?.end();
    this.#plans.clear();
  }

  #alive() {
    if (this.#engine) return this.#engine;
    throw new OctavoError('disposed', 'The model was disposed of', { hint: 'Load it again.' });
  }

  /**
   * One call after the other. The first starts at once, before this returns.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const mine = this.#last ? this.#last.then(work) : work();
    const end = () => {
      if (this.#last === ended) this.#last = undefined;
    };
    const ended = mine.then(end, end);
    this.#last = ended;
    return mine;
  }

  /**
   * The plan for these shapes, one an input; none means the model's own.
   * @param {(readonly number[])[]} shapes
   * @param {TypedArray[]} [values] what the inputs hold
   * @returns {Address}
   */
  #plan(shapes, values = []) {
    const engine = this.#alive();
    const dims = Int32Array.from(shapes.flatMap((shape) => [shape.length, ...shape]));
    const deciding = this.description.inputs.flatMap(({ byValue }, index) => (byValue ? [index] : []));
    for (const index of deciding) if (values[index]) this.#setValue(index, values[index]);
    const place = dims.length > 0 ? engine.keep(dims) : 0;
    try {
      const plan = engine.pointer('oct_model_plan', this.#model, place, dims.length);
      this.planned = this.#describe(plan, [dims, ...deciding.map((index) => values[index])].join(';'));
      return plan;
    } finally {
      if (place) engine.free(place);
    }
  }

  /**
   * @param {number} index
   * @param {TypedArray} data
   */
  #setValue(index, data) {
    const engine = this.#alive();
    const place = engine.keep(data);
    try {
      engine.status('oct_model_set_value', this.#model, index, place, data.byteLength);
    } finally {
      engine.free(place);
    }
  }

  /**
   * Committing a plan packs weights and gives back what they were packed from.
   * @param {Address} plan the one that was planned last
   */
  #tellMemory(plan) {
    const before = /** @type {Planned} */ (this.planned);
    this.planned = { plan: before.plan, memory: this.#alive().json('oct_plan_held', plan) };
    for (const [key, known] of this.#plans) if (known === before) this.#plans.set(key, this.planned);
    this.#told = plan;
  }

  /**
   * @param {Address} plan
   * @param {string} key
   * @returns {Planned}
   */
  #describe(plan, key) {
    const engine = this.#alive();
    const known = this.#plans.get(key);
    if (known) return known;
    const { memory, ...info } = engine.json('oct_plan_describe', plan);
    for (const output of info.outputs) if (output.dtype === 'none') output.dtype = null;
    const planned = { plan: info, memory };
    this.#plans.set(key, planned);
    if (this.#plans.size > PLANS_KEPT) this.#plans.delete(/** @type {string} */ (this.#plans.keys().next().value));
    return planned;
  }

  /**
   * Feeds with their images turned into tensors.
   * @param {Feed[]} feeds
   * @returns {Promise<Filled[]>}
   */
  #filled(feeds) {
    return Promise.all(
      feeds.map((feed, index) => (isFilled(feed) ? feed : imageToFeed(feed.image, this.description.inputs[index]))),
    );
  }

  /**
   * A committed plan with its inputs filled.
   * @param {Filled[]} filled
   */
  #load(filled) {
    const engine = this.#alive();
    const plan = this.#plan(
      filled.map(({ shape }) => shape),
      filled.map(({ data }) => data),
    );
    engine.status('oct_plan_commit', plan);
    this.#threads?.start(engine.call('oct_plan_threads', plan));
    if (plan !== this.#told) this.#tellMemory(plan);
    filled.forEach(({ data }, index) => engine.write(engine.pointer('oct_plan_input', plan, index), data));
    return plan;
  }

  /**
   * Runs every step; answers how long each took, or each of the stretches that end before the steps in `ends`.
   * @param {Address} plan
   * @param {AbortSignal} [signal]
   * @param {number[]} [ends]
   */
  async #steps(plan, signal, ends) {
    const engine = this.#alive();
    const count = ends?.length ?? engine.call('oct_plan_step_count', plan);
    /** @type {number[]} */
    const times = [];
    let begin = performance.now();
    let sliceEnd = begin + SLICE_MS;
    for (let i = 0, step = 0; i < count; i++) {
      const end = ends?.[i] ?? step + 1;
      engine.call('oct_plan_run', plan, step, end);
      step = end;
      const now = performance.now();
      times.push(now - begin);
      begin = now;
      if (now < sliceEnd) continue;
      await this.#giveTurn(signal);
      begin = performance.now();
      sliceEnd = begin + SLICE_MS;
    }
    return times;
  }

  /** @param {AbortSignal} [signal] */
  async #giveTurn(signal) {
    await nextTurn();
    signal?.throwIfAborted();
    this.#alive();
  }

  /**
   * Plans and runs what only the data computed so far tell how to; answers the plan that has the outputs.
   * @param {Address} plan whose steps have run
   * @param {AbortSignal} [signal]
   */
  async #rest(plan, signal) {
    const engine = this.#alive();
    while (engine.call('oct_plan_is_cut', plan)) {
      const begin = performance.now();
      plan = engine.pointer('oct_plan_go_on', plan);
      if (performance.now() - begin > SLICE_MS) await this.#giveTurn(signal);
      await this.#steps(plan, signal);
    }
    return plan;
  }

  /**
   * @param {Address} plan
   * @returns {Result[]}
   */
  #results(plan) {
    const engine = this.#alive();
    const { rest, outputs: known } = /** @type {Planned} */ (this.planned).plan;
    /** @type {TensorInfo[]} */
    const outputs = rest.length > 0 ? engine.json('oct_plan_outputs', plan) : known;
    return outputs.map(({ dtype, shape }, index) => {
      const address = engine.pointer('oct_plan_output', plan, index);
      return { dtype, shape, data: engine.read(/** @type {any} */ (arrayOf(dtype)), address, elementCount(shape)) };
    });
  }
}

/**
 * @param {PlanInfo} plan
 * @returns {Filled[]}
 */
const zerosFor = ({ inputs }) =>
  inputs.map(({ dtype, shape }) => ({ shape, data: new (arrayOf(dtype))(elementCount(shape)) }));

/**
 * @param {Feed} feed
 * @returns {feed is Filled}
 */
const isFilled = (feed) => 'data' in feed;

/**
 * An image as image models share it: an input of floats gets 0 to 1, one of bytes the pixels' own (int8: less 128),
 * whatever range its quantization gives them. Who wants another mean, range or crop uses octavo/image.
 * @param {import('./image.js').ImageLike} image
 * @param {IO} input
 * @returns {Promise<Filled>}
 */
async function imageToFeed(image, input) {
  const rank = input.shape?.length ?? 0;
  const { scale, zeroPoint } = input.quantization ?? { scale: 1 / 255, zeroPoint: 0 };
  const lowest = input.dtype === 'int8' ? -128 : 0;
  const isBytes = input.dtype === 'int8' || input.dtype === 'uint8';
  const std = isBytes ? 1 / (255 * scale) : 1;
  const mean = isBytes ? (zeroPoint - lowest) / 255 : 0;
  const { shape, data } = await toTensor(image, input, { mean, std });
  return { shape: shape.slice(-rank), data };
}

/** Lets the event loop do what waits. A message comes sooner than a timer, which browsers hold back. */
function nextTurn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(undefined);
  });
}
