// SPDX-License-Identifier: MIT
//
// The half of the benchmark that runs in the browser. run.js calls the two functions that this file puts on
// `globalThis`: `start` measures one peer from nothing, `compare` runs all of them in turn on the same input.
import { litert } from './peers/litert.js';
import { octavo } from './peers/octavo.js';
import { onnxruntimeWeb } from './peers/onnxruntime_web.js';
import { tfjsTflite } from './peers/tfjs_tflite.js';

/**
 * @typedef {{ name: string, dtype: string, shape: (number | null)[] }} Input
 * @typedef {Input & { shape: number[], data: ArrayLike<number | bigint> }} Feed
 *
 * @typedef {object} Opened
 * @property {string} detail which build or back end it chose
 * @property {Input[]} inputs
 * @property {(feeds: Feed[]) => Promise<ArrayLike<number | bigint>[]>} run
 * @property {() => unknown} close
 *
 * One runtime. `open` loads it and the model; a runtime that cannot read the model throws.
 * @typedef {object} Peer
 * @property {string} name of the package
 * @property {('onnx' | 'tflite')[]} reads
 * @property {(url: string) => Promise<Opened>} open
 */

/** @type {Peer[]} Octavo first: what the others compute is compared with it */
const peers = [octavo, onnxruntimeWeb, litert, tfjsTflite];

const ARRAYS = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/** A small generator, so that every peer gets the same bytes in every run (xorshift32). */
function randomBytes() {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  };
}

/** Inputs in 0..1 for floats, over the whole range for bytes. */
function makeFeeds(inputs, shapes) {
  const next = randomBytes();
  return inputs.map(({ name, dtype, shape }) => {
    const whole = shapes[name] ?? shape.map((size) => (size === null || size < 1 ? 1 : size));
    const count = whole.reduce((product, size) => product * size, 1);
    const data = new ARRAYS[dtype](count);
    for (let i = 0; i < count; i++) {
      const byte = next();
      data[i] = dtype === 'float32' ? byte / 255 : dtype === 'int64' ? BigInt(byte) : byte;
    }
    return { name, dtype, shape: whole, data };
  });
}

/** The bytes that a tensor of the same role holds elsewhere, where the peer knows fewer types. */
const asKnownTo = (input, feed) =>
  ARRAYS[input.dtype] === feed.data.constructor ? feed : { ...feed, dtype: input.dtype, data: ARRAYS[input.dtype].from(feed.data) };

/** The peer's feeds: the same values under its own names, in its own order where names differ. */
const feedsFor = (opened, feeds) =>
  opened.inputs.map((input, i) => {
    const feed = feeds.find(({ name }) => name === input.name) ?? feeds[i];
    return { ...asKnownTo(input, feed), name: input.name };
  });

/** The largest difference between two results, as a part of the first one's range. */
function difference(expected, actual) {
  let low = Infinity;
  let high = -Infinity;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = Number(expected[i]);
    low = Math.min(low, value);
    high = Math.max(high, value);
    worst = Math.max(worst, Math.abs(value - Number(actual[i])));
  }
  return high > low ? worst / (high - low) : worst;
}

const format = (url) => (url.endsWith('.tflite') ? 'tflite' : 'onnx');

/** Which peers read this kind of file. */
globalThis.peersFor = (url) => peers.filter(({ reads }) => reads.includes(format(url))).map(({ name }) => name);

/** From nothing to the first result: milliseconds, and the bytes fetched for it, the model's included. */
globalThis.start = async (name, url, shapes) => {
  const begin = performance.now();
  const opened = await peers.find((peer) => peer.name === name).open(url);
  await opened.run(makeFeeds(opened.inputs, shapes));
  const ms = performance.now() - begin;
  const bytes = performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.decodedBodySize, 0);
  await opened.close();
  return { ms, bytes };
};

/**
 * Runs every peer in turn, `rounds` times after `warmup` ones; what one machine hiccup costs, it costs them all alike.
 * @returns {Promise<{ name: string, detail?: string, times?: number[], difference?: number, refusal?: string }[]>}
 */
globalThis.compare = async (url, shapes, { warmup, rounds, budgetMs }) => {
  const results = [];
  const running = [];
  let feeds;
  let expected;
  for (const peer of peers.filter(({ reads }) => reads.includes(format(url)))) {
    try {
      const opened = await peer.open(url);
      feeds ??= makeFeeds(opened.inputs, shapes);
      const own = feedsFor(opened, feeds);
      const outputs = await opened.run(own);
      expected ??= outputs;
      const worst = Math.max(...expected.map((output, i) => difference(output, outputs[i])));
      const result = { name: peer.name, detail: opened.detail, times: [], difference: worst };
      results.push(result);
      running.push({ opened, own, result });
    } catch (error) {
      results.push({ name: peer.name, refusal: String(error?.message ?? error).split('\n')[0] });
    }
  }
  const begin = performance.now();
  for (let round = -warmup; round < rounds; round++) {
    for (const { opened, own, result } of running) {
      const before = performance.now();
      await opened.run(own);
      if (round >= 0) result.times.push(performance.now() - before);
    }
    if (round > 10 && performance.now() - begin > budgetMs) break;
  }
  for (const { opened } of running) await opened.close();
  return results;
};
