// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { toFeeds, toShapes } from '../../js/inputs.js';

/** @typedef {import('../../js/session.js').IO} IO */

/**
 * @param {IO['dtype']} dtype
 * @param {IO['shape']} shape
 * @param {Partial<IO>} [more]
 * @returns {IO}
 */
const io = (dtype, shape, more) => ({ name: 'image', dtype, shape, quantization: null, ...more });

/** @param {IO} input @param {any} value */
const feed = (input, value) => /** @type {any} */ (toFeeds([input], { image: value })[0]);

test('an array takes the model’s shape, and finds its one open dimension', () => {
  assert.deepEqual(feed(io('float32', [2, 3]), new Float32Array(6)).shape, [2, 3]);
  assert.deepEqual(feed(io('float32', [null, 3]), new Float32Array(12)).shape, [4, 3]);
});

test('an array whose length does not fit is refused with both lengths', () => {
  assert.throws(() => feed(io('float32', [2, 3]), new Float32Array(5)), {
    code: 'invalid_shape',
    message: "Input 'image' is float32 [2, 3], 6 elements, but 5 came",
  });
  assert.throws(() => feed(io('float32', [null, 3]), new Float32Array(5)), {
    message: /a multiple of 3 elements, but 5/,
  });
  assert.throws(() => feed(io('float32', [null, 3]), new Float32Array(0)), { code: 'invalid_shape' });
});

test('an array does not tell two open dimensions', () => {
  assert.throws(() => feed(io('float32', [null, null, 3]), new Float32Array(12)), {
    message: /Tensor or \{ data, shape \}/,
  });
  assert.throws(() => feed(io('float32', null), new Float32Array(12)), { code: 'invalid_shape' });
  const data = new Float32Array(12);
  assert.deepEqual(feed(io('float32', [null, null, 3]), { data, shape: [2, 2, 3] }), { data, shape: [2, 2, 3] });
  assert.deepEqual(feed(io('float32', null), { data, shape: [12] }).shape, [12]);
});

test('a tensor of another type or shape is refused with what is wanted', () => {
  assert.throws(() => feed(io('int8', [4]), new Tensor('uint8', [4], new Uint8Array(4))), {
    code: 'invalid_argument',
    message: /'image' is int8 \[4\], but uint8 came\. Pass a Tensor of int8, or an Int8Array/,
  });
  assert.throws(() => feed(io('int8', [null, 4]), new Tensor('int8', [4], new Int8Array(4))), {
    code: 'invalid_shape',
    message: /int8 \[\?, 4\], but shape \[4\] came/,
  });
});

test('floats for a quantized input are refused with the way to quantize them', () => {
  const input = io('int8', [4], { quantization: { scale: 0.5, zeroPoint: -3 } });
  assert.throws(() => feed(input, new Float32Array(4)), {
    code: 'invalid_argument',
    message: /Float32Array came\. Quantize first: round\(x \/ 0\.5\) \+ -3/,
  });
});

test('data that was transferred, or changed behind a tensor’s back, is refused', () => {
  const tensor = new Tensor('float32', [2, 2], new Float32Array(4));
  structuredClone(tensor.data, { transfer: [tensor.data.buffer] });
  assert.throws(() => feed(io('float32', [2, 2]), tensor), { code: 'invalid_shape', message: /transferred is empty/ });
  tensor.data = new Float32Array(5);
  assert.throws(() => feed(io('float32', [2, 2]), tensor), { code: 'invalid_shape', message: /4 elements.* 5$/ });
});

test('bytes do for uint8 and bool, and pixels for uint8', () => {
  assert.ok(feed(io('bool', [2]), new Uint8Array(2)));
  assert.ok(feed(io('uint8', [2]), new Uint8ClampedArray(2)));
  assert.throws(() => feed(io('bool', [2]), new Uint8ClampedArray(2)), { code: 'invalid_argument' });
});

test('inputs are named exactly, all of them', () => {
  const two = [io('int8', [1]), io('int8', [1], { name: 'mask' })];
  const one = new Int8Array(1);
  assert.throws(() => toFeeds(two, { image: one }), {
    message: /'mask' is missing.*image: int8 \[1\]; mask: int8 \[1\]/,
  });
  assert.throws(() => toFeeds(two, { image: one, mask: one, more: one }), { message: /no input 'more'/ });
  assert.throws(() => toFeeds(two, { image: one, mask: /** @type {any} */ (null) }), { message: /'mask' is missing/ });
  for (const bare of [one, [one], null, 'image', new Tensor('int8', [1], one)]) {
    assert.throws(() => toFeeds(two, /** @type {any} */ (bare)), { code: 'invalid_argument', message: /by name/ });
  }
});

test('what is no input at all is named', () => {
  for (const value of [[1, 2], 5, 'x', { data: [1, 2], shape: [2] }, {}]) {
    assert.throws(() => feed(io('int8', [2]), value), { code: 'invalid_argument', message: /'image' cannot be/ });
  }
});

test('an image is let through where the input can be one', () => {
  const image = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
  assert.deepEqual(feed(io('uint8', [1, 8, 8, 3]), image), { image });
  assert.throws(() => feed(io('uint8', [1, 1000]), image), { code: 'invalid_shape', message: /no image/ });
});

test('shapes for a plan may leave away what is fixed', () => {
  const wanted = [io('int8', [1, 4]), io('int8', [null], { name: 'mask' })];
  assert.deepEqual(toShapes(wanted, { mask: [7] }), [[1, 4], [7]]);
  assert.throws(() => toShapes(wanted, {}), { message: /'mask' is missing/ });
  assert.throws(() => toShapes(wanted, { mask: [-7] }), { code: 'invalid_shape' });
  assert.throws(() => toShapes(wanted, { mask: /** @type {any} */ (7) }), { code: 'invalid_shape' });
});
