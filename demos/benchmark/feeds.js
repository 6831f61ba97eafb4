// SPDX-License-Identifier: MIT
//
// The input that every runtime gets: the same values, whatever names, order and types it knows them by.

/** @typedef {import('./peers/index.js').Input} Input */
/** @typedef {import('./peers/index.js').Feed} Feed */

/**
 * An input whose shape the model leaves open, or whose values mean something.
 * @typedef {{ name: string, dtype: string, shape: number[], values?: string[] }} Given
 */

const ARRAYS = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/** A small generator, so that every runtime gets the same bytes in every run (xorshift32). */
function randomBytes() {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  };
}

/** What a shape leaves open counts as 1, but an image's sides as 224. @param {(number | null)[]} open */
function closed(open) {
  const isOpen = (size) => size === null || size < 1;
  const isImage = open.length === 4 && open.slice(1).filter(isOpen).length === 2;
  return open.map((size, i) => (isOpen(size) ? (isImage && i > 0 ? 224 : 1) : size));
}

/**
 * Floats in 0..1, bytes over their whole range.
 * @param {Input[]} inputs
 * @param {Given[]} [given] instead of what the inputs say of themselves
 */
export function makeFeeds(inputs, given = inputs) {
  const next = randomBytes();
  return given.map(({ name, dtype, shape: open, values }) => {
    const shape = closed(open);
    const data = new ARRAYS[dtype](shape.reduce((product, size) => product * size, 1));
    const whole = dtype === 'int64' ? BigInt : Number;
    if (values) data.set(values.map(whole));
    else for (let i = 0; i < data.length; i++) data[i] = dtype === 'float32' ? next() / 255 : whole(next());
    return { name, dtype, shape, values, data };
  });
}

/** The same bytes in the type that a runtime calls them by. */
const asKnownTo = ({ dtype }, feed) =>
  ARRAYS[dtype] === feed.data.constructor ? feed : { ...feed, dtype, data: ARRAYS[dtype].from(feed.data) };

/**
 * The feeds under a runtime's own names, in its own order where names differ.
 * @param {Input[]} inputs
 * @param {Feed[]} feeds
 */
export const feedsFor = (inputs, feeds) =>
  inputs.map((input, i) => {
    const feed = feeds.find(({ name }) => name === input.name) ?? feeds[i];
    return { ...asKnownTo(input, feed), name: input.name };
  });
