// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { f32, i64, noiseTensor, numbers, runNode } from './one_node.js';

const x = noiseTensor([2, 3, 4]);

for (const [op, inputs, attributes, wanted] of /** @type {[string, any[], any, number[]][]} */ ([
  ['Reshape', [i64(6, 4)], {}, [6, 4]], ['Reshape', [i64(0, -1)], {}, [2, 12]],
  ['Reshape', [i64(-1, 0, 2, 2)], {}, [2, 3, 2, 2]], ['Flatten', [], { axis: 2 }, [6, 4]],
  ['Flatten', [], { axis: 0 }, [1, 24]], ['Flatten', [], { axis: 3 }, [24, 1]], ['Flatten', [], { axis: -1 }, [6, 4]],
  ['Unsqueeze', [i64(0, -1)], {}, [1, 2, 3, 4, 1]], ['Unsqueeze', [i64(1)], {}, [2, 1, 3, 4]],
  ['Identity', [], {}, [2, 3, 4]],
])) {
  test(`${op} to [${wanted}] (${JSON.stringify(attributes)})`, async () => {
    const [y] = await runNode(op, [x, ...inputs], { attributes });
    assert.deepEqual([y.shape, y.numbers], [wanted, numbers(x)]);
  });
}

test('Squeeze drops the axes it is told, or every dimension of 1', async () => {
  const ones = f32([1, 2, 1, 1], [5, 6]);
  assert.deepEqual((await runNode('Squeeze', [ones, i64(0, -1)]))[0].shape, [2, 1]);
  assert.deepEqual((await runNode('Squeeze', [ones]))[0].shape, [2]);
});

test('an image in channels-first order keeps its order of elements', async () => {
  const image = noiseTensor([1, 3, 2, 2]);
  assert.deepEqual((await runNode('Reshape', [image, i64(2, 6)]))[0].numbers, numbers(image));
});

test('a shape of another size is refused', async () => {
  await assert.rejects(runNode('Reshape', [x, i64(5, 5)]), { code: 'invalid_shape', message: /\[2, 3, 4\].*\[5, 5\]/ });
  await assert.rejects(runNode('Reshape', [x, i64(-1, 5)]), { code: 'invalid_shape' });
  await assert.rejects(runNode('Reshape', [x, i64(-1, -1)]), { code: 'invalid_shape' });
});

test('a 0 with no dimension to copy is refused', async () => {
  await assert.rejects(runNode('Reshape', [x, i64(2, 3, 4, 0)]), { code: 'invalid_shape' });
});

test('squeezing a dimension that is not 1 is refused', async () => {
  await assert.rejects(runNode('Squeeze', [x, i64(0)]), { code: 'invalid_shape' });
});

test('an axis twice, and too many dimensions, are refused', async () => {
  await assert.rejects(runNode('Unsqueeze', [x, i64(0, 0)]), { code: 'invalid_model', message: /twice/ });
  await assert.rejects(runNode('Unsqueeze', [x, i64(0, 1, 2, 3, 4, 5)]), { code: 'unsupported_model', message: /at most 8/ });
});
