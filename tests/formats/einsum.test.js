// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, distance, noiseTensor, runNode } from '../ops/one_node.js';

/**
 * What an equation means: a loop over every name.
 * @param {string} equation @param {import('../../js/index.js').Tensor[]} tensors
 */
function meaning(equation, tensors) {
  const [left, output] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const size = Object.fromEntries(terms.flatMap((term, i) => [...term].map((name, d) => [name, tensors[i].shape[d]])));
  const place = (/** @type {string} */ names, /** @type {Record<string, number>} */ at) =>
    [...names].reduce((index, name) => index * size[name] + at[name], 0);
  const names = Object.keys(size);
  const result = new Array([...output].reduce((count, name) => count * size[name], 1)).fill(0);
  const cells = names.reduce((count, name) => count * size[name], 1);
  for (let cell = 0; cell < cells; cell++) {
    /** @type {Record<string, number>} */
    const at = {};
    let rest = cell;
    for (const name of names) at[name] = rest % size[name], rest = Math.floor(rest / size[name]);
    result[place(output, at)] += terms.reduce((product, term, i) => product * tensors[i].data[place(term, at)], 1);
  }
  return { shape: [...output].map((name) => size[name]), values: result };
}

const run = async (/** @type {string} */ equation, /** @type {import('../ops/one_node.js').Input[]} */ tensors) =>
  (await runNode('Einsum', tensors, { attributes: { equation } }))[0];

const size = { b: 2, c: 3, d: 4, h: 3, i: 5, j: 4, k: 6, q: 7, v: 2 };
for (const equation of [
  'ij->ji', 'ij->j', 'ij->', 'i,i->', 'i,j->ij', 'bij,bjk->bik', 'bhid,bhjd->bhij', 'bhij,bhjd->bihd', 'ij,jk,kq->iq',
  'bik,kv->biv', 'bikv,kvj->bij', 'bcq,cq->b', 'ib, bj , k -> jki', 'bij,b->ij', 'ij,ij->ij',
]) {
  test(`'${equation}' means what its loop does, of computed operands and of constants`, async () => {
    const tensors = equation.split('->')[0].split(',').map((term, i) =>
      noiseTensor([...term.trim()].map((name) => size[/** @type {keyof typeof size} */ (name)]), i + 1));
    const wanted = meaning(equation, tensors);
    const y = await run(equation, tensors);
    assert.deepEqual(y.shape, wanted.shape);
    assert.ok(distance(y, wanted.values) < 1e-4);
    const folded = await run(equation, tensors.map((tensor, i) => (i > 0 ? constant(tensor) : tensor)));
    assert.ok(distance(folded, wanted.values) < 1e-4);
  });
}

test('an ellipsis broadcasts, and an output that is not written is the names that stand once, in order', async () => {
  const a = noiseTensor([2, 3, 4, 5]), b = noiseTensor([3, 5, 6], 2);
  const wanted = meaning('xyij,yjk->xyik', [a, b]);
  const y = await run('...ij,...jk->...ik', [a, b]);
  assert.deepEqual(y.shape, wanted.shape);
  assert.ok(distance(y, wanted.values) < 1e-4);
  const [p, q] = [noiseTensor([4, 2]), noiseTensor([4, 3], 2)];
  assert.ok(distance(await run('jb,ja', [p, q]), meaning('jb,ja->ab', [p, q]).values) < 1e-5);
});

test('a diagonal, a name from nowhere, a rank that differs and nonsense are refused', async () => {
  const square = noiseTensor([3, 3]);
  for (const equation of ['ii->i', 'ij->k', 'ijk->i', 'i*j->i', 'ij-', 'ij,jk->ik', '..ij->i']) {
    await assert.rejects(run(equation, [square]), { code: 'unsupported_model' }, equation);
  }
});
