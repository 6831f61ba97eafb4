// SPDX-License-Identifier: MIT
//
// Tiling, with a stand-in for the network: a blur that reaches far and pads its edges with zeros, as real ones do.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runTiled } from '../../js/image.js';
import { Tensor } from '../../js/tensor.js';
import { difference, picture } from '../helpers/pictures.js';

const REACH = 20;

/** A box blur of every row (step 1) or column, with zeros outside. */
function blurLines(data, lines, length, step, next) {
  const out = new Float32Array(data.length);
  for (let line = 0; line < lines; line++) {
    const begin = next(line);
    let sum = 0;
    for (let at = -REACH; at < length; at++) {
      if (at + REACH < length) sum += data[begin + (at + REACH) * step];
      if (at >= 0) out[begin + at * step] = sum / (2 * REACH + 1);
      if (at - REACH >= 0) sum -= data[begin + (at - REACH) * step];
    }
  }
  return out;
}

function blur({ shape, data }) {
  const [n, c, h, w] = shape;
  const rows = blurLines(data, n * c * h, w, 1, (line) => line * w);
  const both = blurLines(rows, n * c * w, h, w, (line) => Math.floor(line / w) * h * w + line % w);
  return new Tensor('float32', shape, both);
}

function modelOf(shape, answer = blur) {
  const io = (name) => ({ name, dtype: /** @type {const} */ ('float32'), shape, quantization: null });
  const batches = [];
  return {
    inputs: [io('tile')],
    outputs: [io('clean')],
    batches,
    async run({ tile }) {
      batches.push(tile.shape);
      return { clean: answer(tile) };
    },
  };
}

const open = [null, 3, null, null];

test('tiled equals untiled, whatever the size, where the overlap is twice the reach and a ramp', async () => {
  for (const [w, h] of [[1024, 640], [701, 433], [264, 300], [257, 8], [90, 100], [1, 1]]) {
    const image = picture(w, h);
    const whole = await runTiled(modelOf(open), image, { tile: 2048 });
    const tiled = await runTiled(modelOf(open), image);
    assert.equal(difference(tiled, whole), 0, `${w}x${h}`);
  }
});

test('regions cover the picture once and count up', async () => {
  const image = picture(700, 500);
  const seen = new Uint8Array(700 * 500);
  let count = 0;
  const out = await runTiled(modelOf(open), image, {
    onTile({ x, y, width, height, image: region, done, total }) {
      assert.equal(done, ++count);
      assert.equal(region.data.length, width * height * 4);
      for (let row = y; row < y + height; row++) for (let at = x; at < x + width; at++) seen[row * 700 + at]++;
      if (done === total) assert.ok(seen.every((times) => times === 1));
    },
  });
  assert.equal(count, 12);
  assert.deepEqual([out.width, out.height], [700, 500]);
});

test('batches are as large as asked for, or as the model wants', async () => {
  const image = picture(700, 300);
  const free = modelOf(open), fixed = modelOf([4, 3, 256, 256]);
  const one = await runTiled(modelOf(open), image);
  assert.equal(difference(await runTiled(free, image, { batch: 3 }), one), 0);
  assert.deepEqual(free.batches.map(([n]) => n), [3, 1, 3, 1]);
  assert.equal(difference(await runTiled(fixed, image), one), 0);
  assert.deepEqual(fixed.batches.map(([n]) => n), [4, 4]);
});

test('a pool works at several tiles at a time, whichever comes first, and gives the same picture', async () => {
  const image = picture(700, 500);
  const one = await runTiled(modelOf(open), image);
  let running = 0, most = 0, calls = 0;
  const slow = modelOf(open);
  const pool = { ...slow, size: 3, async run(inputs) {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, ++calls % 3 ? 1 : 10));
    running--;
    return slow.run(inputs);
  } };
  assert.equal(difference(await runTiled(pool, image), one), 0);
  assert.equal(most, 4);
});

test('a tile that fails in a pool fails the picture, with the reason', async () => {
  let calls = 0;
  const model = modelOf(open);
  const failing = { ...model, size: 2, run: async (inputs) => (++calls === 3 ? Promise.reject('no') : model.run(inputs)) };
  await assert.rejects(runTiled(failing, picture(700, 500)), (reason) => reason === 'no');
});

test('a model of one size gets small pictures padded by their edges', async () => {
  const model = modelOf([1, 3, 256, 256], (tile) => tile);
  const image = picture(100, 30);
  assert.equal(difference(await runTiled(model, image), image), 0);
  assert.deepEqual(model.batches, [[1, 3, 256, 256]]);
});

test('without a whole result, only tiles are handed out', async () => {
  assert.equal(await runTiled(modelOf(open), picture(300, 300), { whole: false }), undefined);
});

test('an abort stops it before the next tile', async () => {
  const stop = new AbortController();
  const model = modelOf(open);
  const run = runTiled(model, picture(800, 800), { signal: stop.signal, onTile: () => stop.abort() });
  await assert.rejects(run, { name: 'AbortError' });
  assert.equal(model.batches.length, 1);
});

test('models of another kind and tiles that cannot overlap are refused by name', async () => {
  const image = picture(600, 600);
  const small = modelOf(open, () => new Tensor('float32', [1, 3, 8, 8], new Float32Array(192)));
  await assert.rejects(runTiled(small, image), { code: 'invalid_shape', message: /256x256 pixels came back as 8x8/ });
  const two = { ...modelOf(open), outputs: [] };
  await assert.rejects(runTiled(two, image), { code: 'invalid_argument', message: /one input and one output/ });
  for (const options of [{ tile: 250 }, { tile: 256, overlap: 200 }, { overlap: 3 }, { tile: 0 }]) {
    await assert.rejects(runTiled(modelOf(open), image, options), { code: 'invalid_argument' });
  }
  const empty = { data: new Uint8ClampedArray(0), width: 0, height: 0 };
  await assert.rejects(runTiled(modelOf(open), empty), { code: 'invalid_argument' });
});
