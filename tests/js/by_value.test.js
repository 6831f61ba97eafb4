// SPDX-License-Identifier: MIT
//
// Inputs whose elements decide shapes. A plan is for what they hold, so every run plans for what it is given.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';

const reshape = (/** @type {(number | string)[]} */ shape) => onnxModel({
  inputs: { x: { dtype: 'float32', shape: [2, 3] }, to: { dtype: 'int64', shape } },
  outputs: { y: undefined },
  nodes: [{ op: 'Reshape', inputs: ['x', 'to'], outputs: ['y'] }],
});
const x = Float32Array.of(1, 2, 3, 4, 5, 6);
/** @param {number[]} dims */
const to = (...dims) => new Tensor('int64', [dims.length], dims);

test('the target of a Reshape may come with each run, another each time', async () => {
  const model = await loadModel(reshape([2]));
  assert.deepEqual(model.inputs.map(({ byValue }) => byValue), [false, true]);
  for (const dims of [[3, 2], [6, 1], [3, 2], [-1, 3]]) {
    const { y } = await model.run({ x, to: to(...dims) });
    assert.deepEqual(y.shape, dims[0] < 0 ? [2, 3] : dims);
    assert.deepEqual(y.data, x);
  }
  await model.dispose();
});

test('its length may be open too', async () => {
  const model = await loadModel(reshape(['rank']));
  assert.deepEqual((await model.run({ x, to: to(6) })).y.shape, [6]);
  assert.deepEqual((await model.run({ x, to: to(1, 2, 3) })).y.shape, [1, 2, 3]);
  await model.dispose();
});

test('one that is computed with counts as well; an image never does', async () => {
  const model = await loadModel(onnxModel({
    inputs: { image: { dtype: 'float32', shape: [1, 1, 64, 64] }, half: { dtype: 'int64', shape: [1] } },
    outputs: { y: undefined },
    constants: { two: to(2), cut: to(1) },
    nodes: [
      { op: 'Mul', inputs: ['half', 'two'], outputs: ['end'] },
      { op: 'Slice', inputs: ['image', 'cut', 'end', 'two'], outputs: ['y'] },
    ],
  }));
  assert.deepEqual(model.inputs.map(({ byValue }) => byValue), [false, true]);
  const { y } = await model.run({ image: new Float32Array(4096), half: to(3) });
  assert.deepEqual(y.shape, [1, 1, 5, 64]);
  await model.dispose();
});

test('a plan without values is refused, by the name of the input', async () => {
  const model = await loadModel(reshape([2]));
  await assert.rejects(model.prepare(), { code: 'invalid_argument', message: /'to'/ });
  await assert.rejects(model.run({ x, to: to(4, 4) }), { code: 'invalid_shape', message: /4, 4|24|16/ });
  await model.dispose();
});
