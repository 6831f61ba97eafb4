// SPDX-License-Identifier: MIT
//
// The page's side of the worker: calls become messages, answers become promises. Everything heavy is over there.

export class Scanner {
  #worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
  #calls = new Map();
  #count = 0;
  #listener;
  /** @type {Error | undefined} why there is no worker */
  #broken;

  /** @param {(event: any) => void} listener hears what the worker tells unasked: stages, tiles, facts */
  constructor(listener) {
    this.#listener = listener;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = ({ message }) =>
      this.#fail(new Error(message || 'The scanner could not be started. Reload the page to try again.'));
  }

  open(file) {
    return this.#call('open', [file]);
  }

  find() {
    return this.#call('find', []);
  }

  clean(corners) {
    return this.#call('clean', [corners]);
  }

  turn(quarters) {
    return this.#call('turn', [quarters]);
  }

  save(type) {
    return this.#call('save', [type]);
  }

  /** Whatever is under way rejects with an AbortError. */
  cancel() {
    this.#worker.postMessage({ method: 'cancel' });
  }

  #call(method, args) {
    const id = ++this.#count;
    const transfer = args.filter((value) => value instanceof ImageBitmap);
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args }, transfer);
    });
  }

  #receive({ id, result, error, event }) {
    if (event) return this.#listener(event);
    const { resolve, reject } = this.#calls.get(id);
    this.#calls.delete(id);
    if (error) reject(Object.assign(new Error(error.message), error));
    else resolve(result);
  }

  #fail(error) {
    this.#broken = error;
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }
}
