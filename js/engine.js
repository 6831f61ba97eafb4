// SPDX-License-Identifier: MIT
//
// One instance of the engine, and the only file that reads wasm memory. It speaks in bytes and addresses: who asks for
// memory gets an address, writes and reads through this class, and never holds a view, because memory may move when it
// grows. Every call into the engine goes through `call`: an instance that crashed once is never called again.
import { ABI_VERSION, DTYPES, MEMORY_INITIAL_PAGES, MEMORY_MAXIMUM_PAGES, STACK_BYTES, STATUSES } from './abi.js';
import { OctavoError } from './errors.js';
import { usableVariants } from './features.js';

/** @typedef {typeof import('./abi.js').FUNCTIONS[number]} FunctionName */
/** @typedef {import('./features.js').Variant} Variant */
/** @typedef {number} Address a byte offset in the engine's memory */
/** @typedef {{ memory: WebAssembly.Memory, stack: Address }} Lent an engine, as a thread gets it; stacks grow down */

/** Browsers on small machines refuse to reserve all of 4 GiB; fewer pages only lower what a model may grow to. */
const SMALLEST_MAXIMUM_PAGES = 4096;

const decoder = new TextDecoder();

export class Engine {
  /** @type {WebAssembly.Memory} */
  #memory;
  /** Shared memory is seen by other threads, and platform functions refuse views of it. */
  #isShared = false;
  /** @type {Record<string, (...args: number[]) => number>} */
  #exports;
  /** @type {OctavoError | undefined} */
  #dead;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {WebAssembly.Instance} instance
   */
  constructor(memory, instance) {
    this.#memory = memory;
    this.#exports = /** @type {any} */ (instance.exports);
  }

  /**
   * A fresh instance with a memory of its own, which threads can share if there shall be more than one and the module is
   * linked for it. (A module says in no way that can be asked for which kind of memory it wants: it refuses the other.)
   * @param {WebAssembly.Module} module
   * @param {{ threads?: number, mayWait?: boolean }} [options]
   */
  static async create(module, { threads = 1, mayWait = false } = {}) {
    let failure;
    for (const shared of threads > 1 ? [true, false] : [false, true]) {
      try {
        const memory = makeMemory(shared);
        const engine = new Engine(memory, await WebAssembly.instantiate(module, { env: { memory } }));
        engine.#isShared = shared;
        engine.#begin();
        if (shared && threads > 1) engine.call('oct_threads_allow', threads, Number(mayWait));
        return engine;
      } catch (cause) {
        if (cause instanceof OctavoError && cause.code !== 'out_of_memory') throw cause;
        failure ??= cause;
      }
    }
    if (failure instanceof OctavoError) throw failure;
    throw new OctavoError('wasm', `The engine does not start (${failure})`, {
      hint: "Serve the wasm files of this package's own version, unchanged.",
      cause: failure,
    });
  }

  /** Whether other threads can be given this engine. */
  get isShared() {
    return this.#isShared;
  }

  /**
   * What a thread needs to run in this engine, stack included: to be posted to its worker.
   * @returns {Lent}
   */
  lend() {
    return { memory: this.#memory, stack: this.alloc(STACK_BYTES) + STACK_BYTES };
  }

  #begin() {
    const found = this.#exports.oct_abi_version?.();
    if (found !== ABI_VERSION) {
      throw new OctavoError(
        'wasm',
        `The wasm file has ABI ${found ?? 'none'}, but this JavaScript wants ${ABI_VERSION}`,
        { hint: 'Deploy the wasm files and the JavaScript of one and the same version of Octavo.' },
      );
    }
    this.#exports.__wasm_call_ctors?.();
    if (!usableVariants().includes(this.variant)) {
      throw new OctavoError(
        'unsupported_platform',
        `Build ${this.variant} would compute wrong results on this machine`,
        { hint: `Usable here: ${usableVariants().join(', ')}.` },
      );
    }
  }

  /** Which build this is. */
  get variant() {
    return /** @type {Variant} */ (this.text(this.call('oct_build_name')));
  }

  /** How much memory the instance has taken from the system. */
  get memoryBytes() {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Calls a function of octavo.h and answers what it answers.
   * @param {FunctionName} name
   * @param {number[]} args
   */
  call(name, ...args) {
    if (this.#dead) throw this.#dead;
    try {
      return this.#exports[name](...args);
    } catch (cause) {
      this.#dead = new OctavoError('trap', `The engine crashed in ${name} (${cause}), and its model with it`, {
        hint: 'Load the model again; and please report this: a crash is always a bug of Octavo.',
        cause,
      });
      throw this.#dead;
    }
  }

  /**
   * Calls a function that returns a pointer, and throws if it returns NULL.
   * @param {FunctionName} name
   * @param {number[]} args
   * @returns {Address}
   */
  pointer(name, ...args) {
    const address = this.call(name, ...args) >>> 0;
    if (address === 0) throw this.#failure();
    return address;
  }

  /**
   * Calls a function that returns a status, and throws unless it is 0.
   * @param {FunctionName} name
   * @param {number[]} args
   */
  status(name, ...args) {
    if (this.call(name, ...args) !== 0) throw this.#failure();
  }

  /**
   * Calls a function that returns JSON, and throws if it returns NULL.
   * @param {FunctionName} name
   * @param {number[]} args
   * @returns {any}
   */
  json(name, ...args) {
    return JSON.parse(this.text(this.pointer(name, ...args)));
  }

  /** What oct_error tells of the call that just failed. */
  #failure() {
    const { code, message, node, hint } = JSON.parse(this.text(this.call('oct_error') >>> 0));
    const known = STATUSES.includes(code) ? code : 'internal';
    return new OctavoError(known, capitalized(message), { node, hint: hint && `${capitalized(hint)}.` });
  }

  /**
   * @param {number} byteCount
   * @returns {Address} 64-byte aligned, to be freed
   */
  alloc(byteCount) {
    return this.pointer('oct_alloc', byteCount);
  }

  /** @param {Address} address */
  free(address) {
    this.call('oct_free', address);
  }

  /**
   * Copies an array's bytes into the engine's memory.
   * @param {Address} address
   * @param {ArrayBufferView} data
   */
  write(address, data) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes);
  }

  /**
   * Allocates room for an array and copies its bytes there.
   * @param {ArrayBufferView} data
   * @returns {Address} to be freed
   */
  keep(data) {
    const address = this.alloc(data.byteLength);
    this.write(address, data);
    return address;
  }

  /**
   * Copies elements out of the engine's memory.
   * @template {{ slice(): unknown }} T
   * @param {new (buffer: ArrayBuffer, byteOffset: number, length: number) => T} Type the array class to get
   * @param {Address} address
   * @param {number} count elements
   */
  read(Type, address, count) {
    return /** @type {T} */ (new Type(/** @type {ArrayBuffer} */ (this.#memory.buffer), address, count).slice());
  }

  /**
   * Bytes where they are (a copy, if the memory is shared), for a reader that is done before the next call into the
   * engine.
   * @param {Address} address
   * @param {number} byteCount
   */
  peek(address, byteCount) {
    const bytes = new Uint8Array(this.#memory.buffer, address, byteCount);
    return this.#isShared ? bytes.slice() : bytes;
  }

  /**
   * @param {Address} to
   * @param {Address} from
   * @param {number} byteCount
   */
  copy(to, from, byteCount) {
    new Uint8Array(this.#memory.buffer).copyWithin(to, from, from + byteCount);
  }

  /**
   * A zero-terminated string.
   * @param {Address} address
   */
  text(address) {
    const bytes = new Uint8Array(this.#memory.buffer, address >>> 0);
    return decoder.decode(this.peek(address >>> 0, bytes.indexOf(0)));
  }
}

/**
 * The number that the engine knows an element type by.
 * @param {string} name
 */
export const dtypeNumber = (name) => DTYPES.findIndex((dtype) => dtype.name === name);

/**
 * C writes phrases; JavaScript shows sentences. A first word that is a name or a path stays as it is.
 * @param {string} phrase
 */
const capitalized = (phrase) =>
  phrase.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase()).replace(/\.$/, '');

/**
 * Runs a thread in an engine that another worker has lent. Does not return, unless it crashes: then the engine is told,
 * so that nobody waits.
 * @param {WebAssembly.Module} module
 * @param {Lent} lent
 */
export function runThread(module, { memory, stack }) {
  const exports = /** @type {any} */ (new WebAssembly.Instance(module, { env: { memory } }).exports);
  exports.__stack_pointer.value = stack;
  try {
    exports.oct_thread_run();
  } catch (cause) {
    exports.oct_thread_fail();
    throw cause;
  }
}

/** @param {boolean} shared */
function makeMemory(shared) {
  for (let maximum = MEMORY_MAXIMUM_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: MEMORY_INITIAL_PAGES, maximum, shared });
    } catch (cause) {
      if (maximum > SMALLEST_MAXIMUM_PAGES) continue;
      throw new OctavoError('out_of_memory', 'The browser refuses memory for the engine', {
        hint: 'Dispose of models that are no longer used, or close other tabs.',
        cause,
      });
    }
  }
}
