import { Tensor } from './tensor.js';
export type IO = import('./session.js').IO;
export type Feed = import('./session.js').Feed;
export type TypedArray = import('./tensor.js').TypedArray;
export type InputValue = Tensor | TypedArray | {
    data: TypedArray;
    shape: readonly number[];
} | import('./image.js').ImageLike;
/** @typedef {import('./session.js').IO} IO */
/** @typedef {import('./session.js').Feed} Feed */
/** @typedef {import('./tensor.js').TypedArray} TypedArray */
/** @typedef {Tensor | TypedArray | { data: TypedArray, shape: readonly number[] }
 *   | import('./image.js').ImageLike} InputValue */
/**
 * @param {IO[]} wanted
 * @param {Record<string, InputValue>} inputs
 * @returns {Feed[]}
 */
export declare function toFeeds(wanted: IO[], inputs: Record<string, InputValue>): Feed[];
/**
 * Shapes in the model's order, for a plan without data.
 * @param {IO[]} wanted
 * @param {Record<string, readonly number[]>} shapes
 */
export declare function toShapes(wanted: IO[], shapes: Record<string, readonly number[]>): (readonly number[])[];
/**
 * Does the model leave nothing open?
 * @param {IO['shape']} shape
 */
export declare const isStatic: (shape: IO['shape']) => boolean;
/**
 * The shape, if nothing is open but the batch: of one.
 * @param {IO['shape']} shape
 * @returns {number[] | undefined}
 */
export declare function batchOfOne(shape: IO['shape']): number[] | undefined;
/**
 * @param {IO} io
 * @returns {string} such as "float32 [1, ?, 3]"
 */
export declare const signature: ({ dtype, shape }: IO) => string;
/**
 * The feed in memory of its own.
 * @param {Feed} feed
 * @returns {Feed}
 */
export declare function copyFeed(feed: Feed): Feed;
