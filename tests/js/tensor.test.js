// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OctavoError, Tensor } from '../../js/index.js';
import { dtypesOf } from '../../js/tensor.js';

/** @param {string} code @param {RegExp} message */
const typed = (code, message) => (/** @type {unknown} */ error) =>
  error instanceof OctavoError && error.code === code && message.test(error.message);

test('a tensor keeps the array it is given', () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const tensor = new Tensor('float32', [2, 3], data);
  assert.equal(tensor.data, data);
  assert.equal(tensor.size, 6);
  assert.deepEqual(tensor.shape, [2, 3]);
});

test('a scalar has one element and no dimensions; a dimension of 0 has none', () => {
  assert.equal(new Tensor('float32', [], [7]).size, 1);
  assert.equal(new Tensor('int8', [3, 0], []).size, 0);
});

test('plain numbers become the type’s array, also of 64 bits and booleans', () => {
  assert.deepEqual(new Tensor('int64', [2], [1, -2]).data, BigInt64Array.of(1n, -2n));
  assert.deepEqual(new Tensor('bool', [2], [true, false]).data, Uint8Array.of(1, 0));
  assert.deepEqual(new Tensor('float64', [1], [0.5]).data, Float64Array.of(0.5));
});

test('the pixels of an ImageData are uint8 without a copy', () => {
  const pixels = Uint8ClampedArray.of(1, 2, 3, 4);
  const { data } = new Tensor('uint8', [4], pixels);
  assert.ok(data instanceof Uint8Array);
  assert.equal(data.buffer, pixels.buffer);
});

test('an array of another type is refused by name', () => {
  assert.throws(
    () => new Tensor('int8', [1], Float32Array.of(1)),
    typed('invalid_argument', /an Int8Array.*a Float32Array/),
  );
  assert.throws(
    () => new Tensor(/** @type {any} */ ('float8'), [1], [1]),
    typed('invalid_argument', /'float8'.*float32/),
  );
});

test('a shape that is none, or does not fit the data, is refused', () => {
  assert.throws(() => new Tensor('int8', [-1], [1]), typed('invalid_argument', /whole numbers/));
  assert.throws(() => new Tensor('int8', /** @type {any} */ ('4'), [1]), typed('invalid_argument', /'4'/));
  assert.throws(() => new Tensor('int8', [2, 2], [1, 2, 3]), typed('invalid_shape', /4 elements.* 3/));
});

test('bytes may be uint8 or bool, everything else is one type', () => {
  assert.deepEqual(dtypesOf(new Uint8Array(1)), ['uint8', 'bool']);
  assert.deepEqual(dtypesOf(new Uint8ClampedArray(1)), ['uint8']);
  assert.deepEqual(dtypesOf(new BigInt64Array(1)), ['int64']);
  assert.deepEqual(dtypesOf(new DataView(new ArrayBuffer(1))), []);
  assert.deepEqual(dtypesOf([1]), []);
});
