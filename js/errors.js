// SPDX-License-Identifier: MIT
//
// The one error class. Whatever fails in Octavo throws an OctavoError whose `code` says which kind of failure it is and
// whose `hint` says what to do; the hint is also the end of the message, because the message is what people see.
// Aborting is not a failure: an aborted call rejects with its signal's reason, as fetch does.

/**
 * The codes of src/base/status.inc, and those of failures that only JavaScript can see.
 *
 * - `network`, `http`, `truncated`, `not_a_model`: the bytes did not arrive, or are no model
 * - `integrity`: they are not the ones that were asked for, or cannot be checked
 * - `wasm`: the engine itself could not be loaded or started
 * - `unsupported_platform`: this machine or browser lacks what the engine needs
 * - `worker`: the worker could not be started, or died
 * - `trap`: the engine crashed; the model is lost, others are not
 * - `disposed`: the model was disposed of before or during the call
 *
 * @typedef {'ok' | 'out_of_memory' | 'invalid_argument' | 'invalid_shape' | 'invalid_model' | 'unsupported_model'
 *   | 'internal' | 'network' | 'http' | 'truncated' | 'not_a_model' | 'integrity' | 'wasm' | 'unsupported_platform'
 *   | 'worker' | 'trap' | 'disposed'} ErrorCode
 */

/**
 * @typedef {object} ErrorDetails
 * @property {string} [hint] what to do about it, a sentence
 * @property {string} [node] name of the model's node it happened at
 * @property {string} [url] the resource it happened with
 * @property {unknown} [cause] the error underneath
 */

export class OctavoError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message what went wrong, a sentence without its full stop
   * @param {ErrorDetails} [details]
   */
  constructor(code, message, { hint, node, url, cause } = {}) {
    super(hint ? `${message}. ${hint}` : message, cause === undefined ? undefined : { cause });
    this.name = 'OctavoError';
    this.code = code;
    if (hint) this.hint = hint;
    if (node) this.node = node;
    if (url) this.url = url;
  }
}

/**
 * @param {string} message
 * @param {string} [hint]
 */
export const invalidArgument = (message, hint) => new OctavoError('invalid_argument', message, { hint });
