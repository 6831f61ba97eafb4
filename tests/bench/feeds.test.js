// SPDX-License-Identifier: MIT
//
// That all runtimes get the same input, and that their results are compared as they should be.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { differenceOf, quantile } from '../../demos/benchmark/compare.js';
import { feedsFor, makeFeeds } from '../../demos/benchmark/feeds.js';

const shapeOf = (shape) => makeFeeds([{ name: 'x', dtype: 'float32', shape }])[0].shape;

test('what a shape leaves open is 1, but 224 for the sides of an image, whichever way it lies', () => {
  assert.deepEqual(shapeOf([null, 10]), [1, 10]);
  assert.deepEqual(shapeOf([null, 3, null, null]), [1, 3, 224, 224]);
  assert.deepEqual(shapeOf([-1, -1, -1, 3]), [1, 224, 224, 3]);
  assert.deepEqual(shapeOf([]), []);
});

test('values that steer a model are taken as given', () => {
  const [rate] = makeFeeds([], [{ name: 'sr', dtype: 'int64', shape: [], values: ['16000'] }]);
  assert.deepEqual(rate.data, BigInt64Array.of(16000n));
});

test('another runtime gets the same values under its own names, in its own order and types', () => {
  const feeds = makeFeeds([
    { name: 'a', dtype: 'uint8', shape: [4] },
    { name: 'b', dtype: 'uint8', shape: [4] },
  ]);
  const [b, a] = feedsFor([{ name: 'b', dtype: 'uint8', shape: [4] }, { name: 'a', dtype: 'int32', shape: [4] }], feeds);
  assert.deepEqual(b.data, feeds[1].data);
  assert.deepEqual(a.data, Int32Array.from(feeds[0].data));
  const [other] = feedsFor([{ name: 'serving_a', dtype: 'uint8', shape: [4] }], feeds);
  assert.deepEqual([other.name, other.data], ['serving_a', feeds[0].data]);
});

test('a difference is a part of the range; outputs in another order are told apart', () => {
  const [scores, boxes] = [Float32Array.of(0, 10), Float32Array.of(1, 2, 3)];
  assert.equal(differenceOf([scores, boxes], [boxes, scores]), 0);
  assert.equal(differenceOf([scores], [Float32Array.of(1, 10)]), 0.1);
  assert.equal(differenceOf([scores], [Float32Array.of(0)]), Infinity);
  assert.equal(differenceOf([Float32Array.of(0, 2 ** -22)], [Float32Array.of(0, 0)]), 2 ** -22);
  assert.equal(differenceOf([BigInt64Array.of(5n)], [BigInt64Array.of(5n)]), 0);
});

test('a median is the middle, a quantile never past the end', () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1], 0.95), 1);
});
