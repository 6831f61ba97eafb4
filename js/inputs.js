// SPDX-License-Identifier: MIT
//
// What a caller passes to run, checked against what the model wants and turned into feeds: one shape and one array an
// input, in the model's order. Every refusal names the input, what came, what is wanted, and how to get there.
import { invalidArgument, OctavoError } from './errors.js';
import { imageLayout } from './image.js';
import { describe, dtypesOf, elementCount, named, Tensor } from './tensor.js';

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
export function toFeeds(wanted, inputs) {
  checkNames(wanted, inputs);
  return wanted.map((io) => toFeed(io, inputs[io.name]));
}

/**
 * Shapes in the model's order, for a plan without data.
 * @param {IO[]} wanted
 * @param {Record<string, readonly number[]>} shapes
 */
export function toShapes(wanted, shapes) {
  const fixed = wanted.filter((io) => isStatic(io.shape)).map((io) => [io.name, io.shape]);
  const all = { ...Object.fromEntries(fixed), ...shapes };
  checkNames(wanted, all);
  return wanted.map((io) => checkShape(io, all[io.name]));
}

/** Dimensions are int32 in the engine. */
const MAXIMUM_DIM = 0x7fffffff;

/**
 * Does the model leave nothing open?
 * @param {IO['shape']} shape
 */
export const isStatic = (shape) => shape?.every((dim) => dim !== null) ?? false;

/**
 * The shape, if nothing is open but the batch: of one.
 * @param {IO['shape']} shape
 * @returns {number[] | undefined}
 */
export function batchOfOne(shape) {
  if (shape?.length === 0) return []; // a scalar has no batch
  const [batch, ...rest] = shape ?? [null, null];
  return isStatic(rest) ? [batch ?? 1, .../** @type {number[]} */ (rest)] : undefined;
}

/**
 * @param {IO} io
 * @returns {string} such as "float32 [1, ?, 3]"
 */
export const signature = ({ dtype, shape }) => `${dtype} [${shape?.map((dim) => dim ?? '?').join(', ') ?? '...'}]`;

/**
 * @param {any} value
 * @returns {value is import('./image.js').ImageLike}
 */
const isImageLike = (value) =>
  Number.isInteger(value?.width) &&
  Number.isInteger(value?.height) &&
  (value.data instanceof Uint8ClampedArray || value.data instanceof Uint8Array);

/**
 * @param {IO[]} wanted
 * @param {Record<string, unknown>} given by name
 */
function checkNames(wanted, given) {
  const list = wanted.map((io) => `${io.name}: ${signature(io)}`).join('; ');
  const isBare = ArrayBuffer.isView(given) || given instanceof Tensor || isImageLike(given) || Array.isArray(given);
  if (typeof given !== 'object' || given === null || isBare) {
    throw invalidArgument(
      `Inputs are passed by name, as an object, not as ${describe(given)}`,
      `The model wants ${list}.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (!wanted.some((io) => io.name === name)) {
      throw invalidArgument(`The model has no input '${name}'`, `It wants ${list}.`);
    }
  }
  for (const io of wanted) {
    if (given[io.name] == null) throw invalidArgument(`Input '${io.name}' is missing`, `The model wants ${list}.`);
  }
}

/**
 * @param {IO} io
 * @param {InputValue} value
 * @returns {Feed}
 */
function toFeed(io, value) {
  if (value instanceof Tensor && value.dtype !== io.dtype) throw wrongType(io, value.dtype);
  if (isImageLike(value)) {
    imageLayout(io.shape ?? []); // throws where an image does not fit
    const { data, width, height } = value; // an ImageData cannot be posted with its buffer transferred
    return { image: { data, width, height } };
  }
  if (ArrayBuffer.isView(value)) {
    const data = checkArray(io, value);
    return { shape: resolveShape(io, data.length), data };
  }
  if (ArrayBuffer.isView(value?.data) && Array.isArray(value.shape)) {
    const data = checkArray(io, value.data);
    const shape = checkShape(io, value.shape);
    if (elementCount(shape) === data.length) return { shape, data };
    const message =
      `Input '${io.name}' has shape [${shape}], which is ${elementCount(shape)} elements, ` +
      `but its data has ${data.length}`;
    const hint = data.length === 0 ? 'An array that was transferred is empty: pass another.' : undefined;
    throw new OctavoError('invalid_shape', message, { hint });
  }
  throw invalidArgument(
    `Input '${io.name}' cannot be ${describe(value)}: it is ${signature(io)}`,
    `Pass a Tensor, ${named(io.dtype)}, { data, shape }, or an image.`,
  );
}

/**
 * @param {IO} io
 * @param {TypedArray} data
 */
function checkArray(io, data) {
  if (!dtypesOf(data).includes(io.dtype)) throw wrongType(io, data.constructor.name);
  return data;
}

/**
 * @param {IO} io
 * @param {string} given
 */
function wrongType(io, given) {
  const { name, dtype, quantization } = io;
  const isFloat = /^float/i.test(given);
  const { scale, zeroPoint } = quantization ?? {};
  const hint =
    isFloat && quantization
      ? `Quantize first: round(x / ${scale}) + ${zeroPoint}, clamped to the range of ${dtype}.`
      : `Pass a Tensor of ${dtype}, or ${named(dtype)}.`;
  return invalidArgument(`Input '${name}' is ${signature(io)}, but ${given} came`, hint);
}

/**
 * @param {IO} io
 * @param {readonly (number | null)[]} shape
 */
function checkShape(io, shape) {
  const wanted = io.shape ?? shape;
  const fits =
    Array.isArray(shape) &&
    shape.length === wanted.length &&
    shape.every((dim, axis) => Number.isInteger(dim) && dim >= 0 && dim <= MAXIMUM_DIM && (wanted[axis] ?? dim) === dim);
  if (fits) return /** @type {readonly number[]} */ (shape);
  throw new OctavoError('invalid_shape', `Input '${io.name}' is ${signature(io)}, but shape [${shape}] came`, {
    hint: 'A dimension that is ? takes any size; the others must be as they are.',
  });
}

/**
 * The model's shape, its one unknown dimension found from the number of elements.
 * @param {IO} io
 * @param {number} length
 */
function resolveShape(io, length) {
  const shape = io.shape ?? [null, null];
  const unknown = shape.filter((dim) => dim === null).length;
  const known = elementCount(shape.map((dim) => dim ?? 1));
  if (unknown > 1) {
    throw new OctavoError(
      'invalid_shape',
      `Input '${io.name}' is ${signature(io)}: an array alone does not tell its shape`,
      { hint: 'Pass a Tensor or { data, shape }.' },
    );
  }
  if (unknown === 1 && known > 0 && length > 0 && length % known === 0) {
    return shape.map((dim) => dim ?? length / known);
  }
  if (unknown === 0 && length === known) return /** @type {number[]} */ (shape);
  throw new OctavoError(
    'invalid_shape',
    `Input '${io.name}' is ${signature(io)}, ${unknown ? 'a multiple of ' : ''}${known} ` +
      `elements, but ${length} came`,
  );
}

/**
 * The feed in memory of its own.
 * @param {Feed} feed
 * @returns {Feed}
 */
export function copyFeed(feed) {
  if ('data' in feed) return { shape: feed.shape, data: feed.data.slice() };
  const { data, width, height } = feed.image;
  return { image: { data: data.slice(), width, height } };
}
