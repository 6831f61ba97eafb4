// SPDX-License-Identifier: MIT
//
// Bands of rows as a user sees them: one step in plans and profiles, less memory, the same bits.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';

const SIZE = 64;
const WIDE = 32;

/** Expand, depthwise, project; what the caller reads is whole. @param {string[]} read */
function blockModel(read) {
  const image = (/** @type {number} */ channels) => ({ dtype: 'float32', shape: [1, channels, SIZE, SIZE] });
  const images = { wide: image(WIDE), filtered: image(WIDE), y: image(8) };
  const weights = (/** @type {number[]} */ ...shape) => {
    const length = shape.reduce((product, dim) => product * dim);
    return { dtype: 'float32', shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * shape.length + length)) };
  };
  const conv = (/** @type {string} */ x, /** @type {string} */ w, /** @type {string} */ y, attributes = {}) =>
    ({ op: 'Conv', inputs: [x, w], outputs: [y], attributes });
  return onnxModel(/** @type {any} */ ({
    inputs: { x: image(8) },
    outputs: Object.fromEntries(Object.entries(images).filter(([name]) => read.includes(name))),
    constants: { a: weights(WIDE, 8, 1, 1), b: weights(WIDE, 1, 3, 3), c: weights(8, WIDE, 1, 1) },
    nodes: [
      conv('x', 'a', 'wide'),
      conv('wide', 'b', 'filtered', { group: WIDE, pads: [1, 1, 1, 1] }),
      conv('filtered', 'c', 'y'),
    ],
  }));
}

/** A convolution and a sum with what an earlier one made. @param {boolean} isWhole */
function residualModel(isWhole) {
  const image = { dtype: 'float32', shape: [1, WIDE, 14, 14] };
  const weights = Float32Array.from({ length: WIDE * WIDE }, (_, i) => Math.sin(i));
  const conv = (/** @type {string} */ x, /** @type {string} */ y) =>
    ({ op: 'Conv', inputs: [x, 'w'], outputs: [y] });
  return onnxModel(/** @type {any} */ ({
    inputs: { x: image },
    outputs: isWhole ? { a: image, b: image, sum: image, y: image } : { y: image },
    constants: { w: { dtype: 'float32', shape: [WIDE, WIDE, 1, 1], data: weights } },
    nodes: [
      conv('x', 'a'),
      conv('a', 'b'),
      { op: 'Add', inputs: ['b', 'x'], outputs: ['sum'] },
      { op: 'Sigmoid', inputs: ['sum'], outputs: ['y'] },
    ],
  }));
}

test('a residual sum and an activation run with the convolution before them', async () => {
  const x = Float32Array.from({ length: WIDE * 14 * 14 }, (_, i) => Math.cos(i / 7));
  const whole = await loadModel(residualModel(true));
  const { y } = await whole.run({ x });
  for (const threads of [1, 2]) {
    const model = await loadModel(residualModel(false), { threads });
    assert.deepEqual((await model.run({ x })).y.data, y.data);
    const joined = model.plan?.steps.flatMap(({ joins }) => joins?.map(({ type }) => type) ?? []);
    assert.deepEqual(joined, ['Conv', 'Add', 'Sigmoid']);
    await model.dispose();
  }
  await whole.dispose();
});

test('steps that run in bands are one in plans and profiles, take less memory, and give the same bits', async () => {
  const x = Float32Array.from({ length: 8 * SIZE * SIZE }, (_, i) => Math.cos(i / 7));
  const whole = await loadModel(blockModel(['wide', 'filtered', 'y']));
  const { y } = await whole.run({ x });
  assert.ok(whole.plan?.steps.every(({ joins }) => !joins));
  for (const threads of [1, 2, 3]) {
    const model = await loadModel(blockModel(['y']), { threads });
    assert.deepEqual((await model.run({ x })).y.data, y.data);
    const profile = await model.profile({ x }, { runs: 2 });
    for (const steps of [model.plan?.steps ?? [], profile.steps]) {
      const [band, ...others] = steps.filter(({ op }) => op === 'CONV');
      assert.equal(others.length, 0);
      assert.deepEqual([band.type, band.joins?.map(({ type }) => type)], ['bands', ['Conv', 'Conv', 'Conv']]);
      assert.equal(band.macs, band.joins?.reduce((sum, { macs }) => sum + macs, 0));
    }
    const image = WIDE * SIZE * SIZE * 4;
    assert.ok(Number(model.memory?.activations) < Number(whole.memory?.activations) - image);
    await model.dispose();
  }
  await whole.dispose();
});
