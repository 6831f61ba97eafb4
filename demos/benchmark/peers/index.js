// SPDX-License-Identifier: MIT
//
// The runtimes that are measured, one file each, here and by `npm run bench`. Loading this list loads none of them:
// `open` does that, in a page.
import { litert } from './litert.js';
import { octavo } from './octavo.js';
import { onnxruntimeWeb } from './onnxruntime_web.js';
import { tfjsTflite } from './tfjs_tflite.js';

/**
 * @typedef {{ name: string, dtype: string, shape: (number | null)[] }} Input
 * @typedef {Input & { shape: number[], data: ArrayLike<number | bigint> }} Feed
 *
 * @typedef {object} Opened
 * @property {string} build which of its builds it is
 * @property {Input[]} inputs
 * @property {(feeds: Feed[]) => Promise<ArrayLike<number | bigint>[]>} run
 * @property {() => number} [threads] how many it runs on, where it tells
 *
 * @typedef {object} OpenOptions
 * @property {number} threads
 * @property {string} [build] one of `builds`; else the runtime's own choice
 * @property {string} [from] the script to load Octavo from; else the package's sources
 *
 * One runtime. `open` loads it and the model; a runtime that cannot read the model, or cannot run it so, throws.
 * @typedef {object} Peer
 * @property {string} name of the package
 * @property {('onnx' | 'tflite')[]} reads
 * @property {string[]} builds that may be asked for by name
 * @property {(url: string, options: OpenOptions) => Promise<Opened>} open
 */

/** @type {Peer[]} Octavo first: what the others compute is compared with it */
export const peers = [octavo, onnxruntimeWeb, litert, tfjsTflite];
