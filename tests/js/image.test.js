// SPDX-License-Identifier: MIT
//
// The image functions against their definitions, written out plainly in JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  fromTensor, homography, imageMemory, letterbox, mapPoint, resize, toTensor, warpPerspective,
} from '../../js/image.js';
import { difference, picture } from '../helpers/pictures.js';

/** Area average when shrinking, bilinear when growing, along one axis. */
function tapsOf(start, length, out, size) {
  const scale = length / out;
  return Array.from({ length: out }, (_, i) => {
    if (scale <= 1) {
      const centre = Math.min(Math.max(start + (i + 0.5) * scale - 0.5, 0), size - 1);
      const first = Math.floor(centre);
      return [[first, first + 1 - centre], [Math.min(first + 1, size - 1), centre - first]];
    }
    const begin = start + i * scale;
    const taps = [];
    for (let at = Math.floor(begin); at < begin + scale && at < size; at++) {
      taps.push([at, (Math.min(at + 1, begin + scale) - Math.max(at, begin)) / scale]);
    }
    return taps;
  });
}

function plainResize(image, { width, height, from }) {
  const rect = from ?? { x: 0, y: 0, width: image.width, height: image.height };
  const across = tapsOf(rect.x, rect.width, width, image.width);
  const down = tapsOf(rect.y, rect.height, height, image.height);
  return picture(width, height, (u, v) => [0, 1, 2, 3].map((c) => {
    const rowSum = (y) => across[u].reduce((sum, [x, a]) => sum + a * image.data[(y * image.width + x) * 4 + c], 0);
    return down[v].reduce((sum, [y, b]) => sum + b * rowSum(y), 0);
  }));
}

const pixelOf = ({ data, width }, x, y) => data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);

function plainWarp(image, H, { width, height }) {
  const limit = (value, most) => Math.min(Math.max(value, 0), most);
  return picture(width, height, (u, v) => {
    const [px, py] = mapPoint(H, [u + 0.5, v + 0.5]);
    const [x, y] = [limit(px - 0.5, image.width - 1), limit(py - 0.5, image.height - 1)];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const at = (i, j, c) => pixelOf(image, limit(x0 + i, image.width - 1), limit(y0 + j, image.height - 1))[c];
    const [a, b] = [x - x0, y - y0];
    return [0, 1, 2, 3].map((c) => (at(0, 0, c) * (1 - a) + at(1, 0, c) * a) * (1 - b) +
      (at(0, 1, c) * (1 - a) + at(1, 1, c) * a) * b);
  });
}

test('resize averages areas when it shrinks and interpolates when it grows, each axis for itself', async () => {
  const image = picture(53, 37);
  for (const [width, height] of [[53, 37], [17, 9], [1, 1], [120, 80], [20, 90], [200, 5], [52, 36]]) {
    const found = await resize(image, { width, height });
    assert.ok(difference(found, plainResize(image, { width, height })) <= 1, `${width}x${height}`);
  }
});

test('resize takes a part of the image, between pixels too', async () => {
  const image = picture(64, 48);
  for (const from of [{ x: 3.25, y: 4.5, width: 40.5, height: 30.25 }, { x: 60, y: 44, width: 4, height: 4 }]) {
    const found = await resize(image, { width: 16, height: 12, from });
    assert.ok(difference(found, plainResize(image, { width: 16, height: 12, from })) <= 1);
  }
  const outside = { x: 50, y: 0, width: 20, height: 10 };
  await assert.rejects(resize(image, { width: 4, height: 4, from: outside }), { code: 'invalid_argument' });
});

test('a single row, column and pixel can be resized', async () => {
  for (const [w, h] of [[1, 1], [1, 40], [40, 1]]) {
    const image = picture(w, h);
    const found = await resize(image, { width: 7, height: 7 });
    assert.ok(difference(found, plainResize(image, { width: 7, height: 7 })) <= 1);
  }
});

test('an empty image, a wrong length and a size of no pixels are refused, and the next call works', async () => {
  const image = picture(4, 4);
  const empty = { data: new Uint8ClampedArray(0), width: 0, height: 0 };
  const short = { ...image, height: 5 };
  const float = { data: new Float32Array(64), width: 4, height: 4 };
  for (const bad of [empty, short, float, null, {}]) {
    await assert.rejects(resize(/** @type {any} */ (bad), { width: 2, height: 2 }), { code: 'invalid_argument' });
  }
  for (const [width, height] of [[0, 2], [2, -1], [2.5, 2], [NaN, 2]]) {
    await assert.rejects(resize(image, { width, height }), { code: 'invalid_argument' });
  }
  assert.equal((await resize(image, { width: 2, height: 2 })).data.length, 16);
});

test('60 megapixels pass through a few megabytes of wasm memory', async () => {
  const [width, height] = [7744, 7744];
  const data = new Uint8ClampedArray(width * height * 4);
  data.fill(90, 0, data.length / 2).fill(180, data.length / 2);
  const small = await resize({ data, width, height }, { width: 8, height: 8 });
  assert.deepEqual([small.data[0], small.data[255]], [90, 180]);
  const H = homography([[0, 0], [64, 0], [64, 64], [0, 64]], [[0, 0], [width, 0], [width, height], [0, height]]);
  const warped = await warpPerspective({ data, width, height }, H, { width: 64, height: 64 });
  assert.deepEqual([warped.data[0], warped.data[64 * 64 * 4 - 1]], [90, 180]);
  assert.ok(await imageMemory() < 48e6, `${await imageMemory()} bytes`);
});

test('letterbox keeps proportions and says where a point went', async () => {
  const { image, scale, left, top } = await letterbox(picture(40, 20, () => [200, 10, 10]), { width: 32, height: 32 });
  assert.deepEqual([scale, left, top], [0.8, 0, 8]);
  assert.deepEqual([...image.data.slice(0, 4)], [114, 114, 114, 255]);
  assert.deepEqual([...image.data.slice((16 * 32 + 5) * 4).slice(0, 4)], [200, 10, 10, 255]);
});

test('toTensor normalizes and quantizes in every layout and type', async () => {
  const image = picture(37, 11);
  const quantization = { scale: 0.02, zeroPoint: 3 };
  for (const [dtype, low, high] of [['float32', -Infinity, Infinity], ['int8', -128, 127], ['uint8', 0, 255]]) {
    for (const isPlanar of [true, false]) {
      const shape = isPlanar ? [1, 3, null, null] : [null, null, null, 3];
      const io = { dtype, shape, quantization: dtype === 'float32' ? null : quantization };
      const [mean, std] = [[0.4, 0.5, 0.6], [0.2, 0.3, 0.25]];
      const { data, shape: found } = await toTensor(image, /** @type {any} */ (io), { mean, std, bgr: true });
      assert.deepEqual(found, isPlanar ? [1, 3, 11, 37] : [1, 11, 37, 3]);
      for (let c = 0; c < 3; c++) {
        for (let at = 0; at < 37 * 11; at++) {
          const real = (image.data[at * 4 + 2 - c] / 255 - mean[c]) / std[c];
          const wanted = io.quantization ? Math.min(Math.max(real / 0.02 + 3, low), high) : real;
          const value = Number(data[isPlanar ? c * 37 * 11 + at : at * 3 + c]);
          assert.ok(Math.abs(value - wanted) <= (io.quantization ? 0.5001 : 1e-5), `${dtype} ${value} ${wanted}`);
        }
      }
    }
  }
});

test('an input of one channel gets luma, one of bytes without quantization the pixels themselves', async () => {
  const image = picture(2, 1, (x) => x ? [255, 255, 255] : [100, 50, 200]);
  const io = /** @type {any} */ ({ dtype: 'uint8', shape: [1, 1, 1, 2], quantization: null });
  assert.deepEqual([...(await toTensor(image, io)).data], [Math.round(29.9 + 29.35 + 22.8), 255]);
});

test('a tensor of no image is refused by its shape', async () => {
  const io = /** @type {any} */ ({ dtype: 'float32', shape: [1, 1000], quantization: null });
  await assert.rejects(toTensor(picture(4, 4), io), { code: 'invalid_shape', message: /\[1, 1000\].*is no image/ });
});

test('fromTensor is the way back, and takes NaN and values out of range', async () => {
  const image = picture(21, 9);
  for (const shape of [[1, 3, 9, 21], [1, 9, 21, 3]]) {
    const tensor = await toTensor(image, /** @type {any} */ ({ dtype: 'float32', shape, quantization: null }));
    assert.equal(difference(await fromTensor(tensor), image), 0);
    tensor.data.set([NaN, -4, 7]);
    const { data } = await fromTensor(tensor);
    assert.deepEqual(shape[1] === 3 ? [data[0], data[4], data[8]] : [...data.slice(0, 3)], [0, 0, 255]);
  }
});

test('a picture that a batch does not have is refused', async () => {
  const tensor = await toTensor(picture(4, 4), /** @type {any} */ ({ dtype: 'float32', shape: [1, 3, 4, 4] }));
  for (const index of [1, -1, NaN]) await assert.rejects(fromTensor(tensor, { index }), { code: 'invalid_argument' });
});

test('a homography maps its four points, and refuses three on a line', () => {
  const from = [[0, 0], [100, 0], [100, 140], [0, 140]], to = [[310, 40], [900, 120], [860, 1130], [220, 1000]];
  const H = homography(/** @type {any} */ (from), /** @type {any} */ (to));
  from.forEach((point, k) => mapPoint(H, /** @type {any} */ (point)).forEach((value, axis) =>
    assert.ok(Math.abs(value - to[k][axis]) < 1e-6)));
  const onLine = /** @type {any} */ ([[0, 0], [1, 1], [2, 2], [0, 5]]);
  assert.throws(() => homography(onLine, /** @type {any} */ (to)), { code: 'invalid_argument' });
});

test('warpPerspective samples where the matrix says, and repeats the edge outside', async () => {
  const image = picture(90, 70);
  const size = { width: 61, height: 83 };
  const H = homography([[0, 0], [61, 0], [61, 83], [0, 83]], [[20, 5], [95, -8], [70, 60], [3, 75]]);
  assert.ok(difference(await warpPerspective(image, H, size), plainWarp(image, H, size)) <= 1);
  const turn = [0, 1, 0, -1, 0, 70, 0, 0, 1]; // a quarter turn meets the pixels exactly
  const turned = await warpPerspective(image, turn, { width: 70, height: 90 });
  assert.equal(difference(turned, picture(70, 90, (u, v) => [...pixelOf(image, v, 69 - u)])), 0);
});

test('a matrix of nonsense reads nothing outside and harms nobody', async () => {
  for (const H of [Array(9).fill(NaN), Array(9).fill(0), [1e30, 1e30, -1e30, 0, 1e38, 0, 1, -1, 0]]) {
    assert.equal((await warpPerspective(picture(8, 8), H, { width: 9, height: 9 })).data.length, 324);
  }
});

test('a warp to a smaller size averages what it skips', async () => {
  const board = picture(256, 256, (x, y) => (x + y) % 2 ? [255, 255, 255] : [0, 0, 0]);
  const H = [4, 0, 0, 0, 4, 0, 0, 0, 1];
  const { data } = await warpPerspective(board, H, { width: 64, height: 64 });
  assert.ok(data.every((value, i) => i % 4 === 3 || Math.abs(value - 127.5) < 3));
});

test('a warp stops between strips', async () => {
  const stop = new AbortController();
  const options = { width: 3000, height: 3000, signal: stop.signal, onProgress: () => stop.abort() };
  const run = warpPerspective(picture(8, 8), [1, 0, 0, 0, 1, 0, 0, 0, 1], options);
  await assert.rejects(run, { name: 'AbortError' });
});
