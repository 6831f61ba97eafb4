export type ErrorCode = 'ok' | 'out_of_memory' | 'invalid_argument' | 'invalid_shape' | 'invalid_model' | 'unsupported_model' | 'internal' | 'network' | 'http' | 'truncated' | 'not_a_model' | 'integrity' | 'wasm' | 'unsupported_platform' | 'worker' | 'trap' | 'disposed';
export type ErrorDetails = {
    /**
     * what to do about it, a sentence
     */
    hint?: string;
    /**
     * name of the model's node it happened at
     */
    node?: string;
    /**
     * the resource it happened with
     */
    url?: string;
    /**
     * the error underneath
     */
    cause?: unknown;
};
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
export declare class OctavoError extends Error {
    code: ErrorCode;
    hint: string | undefined;
    node: string | undefined;
    url: string | undefined;
    /**
     * @param {ErrorCode} code
     * @param {string} message what went wrong, a sentence without its full stop
     * @param {ErrorDetails} [details]
     */
    constructor(code: ErrorCode, message: string, { hint, node, url, cause }?: ErrorDetails);
}
/**
 * @param {string} message
 * @param {string} [hint]
 */
export declare const invalidArgument: (message: string, hint?: string) => OctavoError;
