// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tensor } from '../../js/index.js';
import { everyByte, noiseTensor, numbers, runNode } from './one_node.js';

/** The definition: output index -> input index. @param {Tensor} x @param {number[]} perm */
function transposed(x, perm) {
  const shape = perm.map((axis) => x.shape[axis]);
  const strides = x.shape.map((_, i) => x.shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const values = numbers(x).map((_, at) => {
    let rest = at, from = 0;
    for (let i = perm.length - 1; i >= 0; i--) {
      from += (rest % shape[i]) * strides[perm[i]];
      rest = Math.floor(rest / shape[i]);
    }
    return numbers(x)[from];
  });
  return { shape, values };
}

for (const [shape, perm] of [
  [[5, 7], [1, 0]], [[1, 33, 40, 3], [0, 3, 1, 2]], [[2, 3, 33, 35], [0, 2, 3, 1]], [[2, 3, 4], [2, 1, 0]],
  [[2, 3, 4, 5], [1, 0, 2, 3]], [[4, 1, 6, 1], [3, 0, 1, 2]], [[3, 2, 2, 2, 3], [4, 2, 0, 3, 1]],
]) {
  test(`[${shape}] by [${perm}]`, async () => {
    const x = noiseTensor(shape);
    const [y] = await runNode('Transpose', [x], { attributes: { perm } });
    const { shape: wanted, values } = transposed(x, perm);
    assert.deepEqual([y.shape, y.numbers], [wanted, values]);
  });
}

test('without a permutation the dimensions are reversed', async () => {
  const x = noiseTensor([2, 3, 4]);
  const [y] = await runNode('Transpose', [x]);
  assert.deepEqual([y.shape, y.numbers], [[4, 3, 2], transposed(x, [2, 1, 0]).values]);
});

test('bytes and 64-bit integers move as well', async () => {
  const bytes = everyByte('uint8', [16, 16]);
  assert.deepEqual((await runNode('Transpose', [bytes]))[0].numbers, transposed(bytes, [1, 0]).values);
  const wide = new Tensor('int64', [2, 2], [1n, 2n, 3n, 2n ** 60n]);
  assert.deepEqual((await runNode('Transpose', [wide]))[0].data, BigInt64Array.of(1n, 3n, 2n, 2n ** 60n));
});

test('a permutation that names an axis twice is refused', async () => {
  await assert.rejects(runNode('Transpose', [noiseTensor([2, 2])], { attributes: { perm: [0, 0] } }),
    { code: 'invalid_model', message: /permutation/ });
});

test('an axis out of range is refused', async () => {
  await assert.rejects(runNode('Transpose', [noiseTensor([2, 2])], { attributes: { perm: [0, 2] } }),
    { code: 'invalid_model', message: /axis 2/ });
});
