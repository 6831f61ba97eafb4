// SPDX-License-Identifier: MIT
//
// The model that a program holds. It is the same whether the engine is on this page or in a worker: it checks what it
// is given, hands it to its backend, and tells what the backend found out.
import { invalidArgument, OctavoError } from './errors.js';
import { toFeeds, toShapes } from './inputs.js';
import { Tensor } from './tensor.js';

/** @typedef {import('./session.js').Backend} Backend */
/** @typedef {import('./session.js').StepInfo} StepInfo */
/** @typedef {import('./inputs.js').InputValue} InputValue */

/**
 * @typedef {object} RunOptions
 * @property {AbortSignal} [signal] stops the run, between two of its steps at the latest
 * @property {boolean} [transfer] gives the inputs' buffers away instead of copying them: they are empty afterwards
 */

/**
 * Milliseconds of a whole run and of each of its steps, each the median over `runs`. `restMs`: of what the runs planned
 * themselves (`plan.rest`), planning included.
 * @typedef {object} Profile
 * @property {number} runs
 * @property {number} ms
 * @property {number} restMs
 * @property {number} macs
 * @property {(StepInfo & { ms: number })[]} steps
 * @property {{ op: string, count: number, ms: number, macs: number }[]} operators sums, the slowest first
 */

const PROFILE_RUNS = 15;

export class Model {
  /** @type {Backend} */
  #backend;
  #isDisposed = false;
  /** @type {import('./session.js').Output[]} */
  #outputs;

  /** @param {Backend} backend */
  constructor(backend) {
    this.#backend = backend;
    const { format, inputs, outputs, operators, variables, variant, cache } = backend.description;
    this.format = format;
    this.inputs = inputs;
    this.#outputs = outputs;
    /** How many of each operator the file has. */
    this.operators = operators;
    /** What it keeps from one run to the next, until `reset`. */
    this.variables = variables;
    /** The build of the engine that runs it. */
    this.variant = variant;
    /** Whether the model was kept, or why not. */
    this.cache = cache;
  }

  /**
   * What it gives. A type that the file does not say is null until there is a plan; a dimension that depends on data, or
   * a shape that does as a whole, is null before and after it: each result has its own.
   */
  get outputs() {
    const planned = this.plan?.outputs;
    return this.#outputs.map((output, index) => ({ ...output, dtype: output.dtype ?? planned?.[index].dtype ?? null }));
  }

  /** The latest plan; null until shapes are known, where the model leaves some open. */
  get plan() {
    return this.#backend.planned?.plan ?? null;
  }

  /**
   * Bytes by arena, of the latest plan, known before they are allocated; null where `plan` is. `total` is their sum,
   * `wasm` what the engine has taken from the system so far. The first run packs the weights, and gives back what they
   * were packed from where no other plan can need it: `model` and `plan` are less then.
   */
  get memory() {
    const { planned, memoryBytes } = this.#backend;
    if (!planned) return null;
    const { model, weights, activations, variables, plan } = planned.memory;
    const total = model + weights + activations + variables + plan;
    return { model, weights, activations, variables, plan, total, wasm: memoryBytes };
  }

  /** How many threads it runs on by now; `threads: 'auto'` starts more only for a plan that is heavy enough. */
  get threads() {
    return this.#backend.threads;
  }

  /**
   * Plans for inputs of these shapes, without running: `plan` and `memory` tell the result.
   * @param {Record<string, readonly number[]>} [shapes] by name; may leave away inputs that have but one shape
   */
  async prepare(shapes = {}) {
    this.#check();
    await this.#backend.prepare(toShapes(this.inputs, shapes));
  }

  /**
   * Calls that come while another runs wait for their turn.
   * @param {Record<string, InputValue>} inputs by name
   * @param {RunOptions} [options]
   * @returns {Promise<Record<string, Tensor>>} outputs by name
   */
  async run(inputs, { signal, transfer = false } = {}) {
    this.#check();
    signal?.throwIfAborted();
    const feeds = toFeeds(this.inputs, inputs);
    const results = await orAbort(this.#backend.run(feeds, { signal, transfer }), signal);
    const named = results.map(({ dtype, shape, data }, index) => [
      this.#outputs[index].name,
      new Tensor(dtype, shape, data),
    ]);
    return Object.fromEntries(named);
  }

  /**
   * Runs several times and tells where the time goes.
   * @param {Record<string, InputValue>} inputs by name
   * @param {{ signal?: AbortSignal, runs?: number }} [options]
   * @returns {Promise<Profile>}
   */
  async profile(inputs, { signal, runs = PROFILE_RUNS } = {}) {
    this.#check();
    if (!Number.isInteger(runs) || runs < 1) throw invalidArgument(`A profile takes 1 run or more, not ${runs}`);
    signal?.throwIfAborted();
    const feeds = toFeeds(this.inputs, inputs);
    const times = await orAbort(this.#backend.profile(feeds, { signal, runs }), signal);
    const { steps, macs } = /** @type {NonNullable<typeof this.plan>} */ (this.plan);
    const timed = steps.map((step, index) => ({ ...step, ms: median(times.map((run) => run[index])) }));
    const restMs = median(times.map((run) => run[steps.length]));
    return { runs, ms: median(times.map(sum)), restMs, macs, steps: timed, operators: byOperator(timed) };
  }

  /** Forgets what the model keeps from one run to the next: the next run is like the first. */
  async reset() {
    this.#check();
    await this.#backend.reset();
  }

  /** Gives all memory back. What still runs rejects; a second call does nothing. */
  async dispose() {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#backend.dispose();
  }

  async [Symbol.asyncDispose]() {
    await this.dispose();
  }

  #check() {
    if (!this.#isDisposed) return;
    throw new OctavoError('disposed', 'The model was disposed of', { hint: 'Load it again.' });
  }
}

/**
 * The promise, or a rejection as soon as the signal aborts: nobody waits for a step that is no longer wanted.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function orAbort(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** @param {(StepInfo & { ms: number })[]} steps */
function byOperator(steps) {
  /** @type {Map<string, { op: string, count: number, ms: number, macs: number }>} */
  const sums = new Map();
  for (const { op, ms, macs } of steps) {
    const entry = sums.get(op) ?? { op, count: 0, ms: 0, macs: 0 };
    sums.set(op, { op, count: entry.count + 1, ms: entry.ms + ms, macs: entry.macs + macs });
  }
  return [...sums.values()].sort((a, b) => b.ms - a.ms);
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
