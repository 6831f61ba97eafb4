// SPDX-License-Identifier: MIT
//
// Prepared models from JavaScript: the same bits as their source, from the same API, and a refusal that says what to do.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { compileModel } from '../../js/compile.js';
import { arrayOf, createPool, loadModel, Tensor } from '../../js/index.js';
import { samples } from '../formats/samples.js';
import { addOneModel } from '../helpers/onnx_model.js';
import { dataFolder } from '../models/expected.js';

/** @typedef {import('../../js/index.js').Model} Model */

const VERSION_AT = 8;

/** Something for every input. @param {Model} model @param {number} open the size of dimensions that are open */
const feeds = (model, open = 2) => Object.fromEntries(model.inputs.map(({ name, dtype, shape }) => {
  const dims = (shape ?? [1]).map((dim) => dim ?? open);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const value = (/** @type {number} */ i) => (dtype.endsWith('64') ? BigInt(i % 2) : (i * 37) % 101 % (dtype === 'bool' ? 2 : 101));
  return [name, new Tensor(dtype, dims, arrayOf(dtype).from(/** @type {any} */ (Array.from({ length: count }, (_, i) => value(i)))))];
}));

/** What a model says of itself, but for its format. @param {Model} model */
const said = ({ inputs, outputs, operators, variables, plan }) =>
  ({ inputs, outputs, operators, variables, steps: plan?.steps, macs: plan?.macs });

/**
 * Runs source and prepared model twice, for what they keep between runs, and compares all that they give and say.
 * @param {Uint8Array} source
 * @param {Record<string, Uint8Array>} [externalData]
 */
async function givesTheSame(source, externalData) {
  const model = await loadModel(source, { externalData });
  const prepared = await loadModel(await compileModel(source, { externalData }));
  assert.equal(prepared.format, 'octavo');
  for (let run = 0; run < 2; run++) {
    assert.deepEqual(await prepared.run(feeds(prepared)), await model.run(feeds(model)));
  }
  assert.deepEqual(said(prepared), said(model));
  await Promise.all([model.dispose(), prepared.dispose()]);
}

for (const { name, bytes, externalData } of samples()) {
  test(`${name}, compiled, gives the same bits and says the same`, () => givesTheSame(bytes, externalData));
}

for (const name of ['mlperf_vww96_int8.tflite', 'mlperf_toycar_dynquant.tflite', 'mobilefacenet_perchannel_qdq.onnx',
  'mww_hey_jarvis_v2.tflite', 'light_squeezenet.onnx']) {
  const file = join(dataFolder, 'models', name);
  test(`${name}, compiled, gives the same bits and says the same`, { skip: existsSync(file) ? false : `no ${file}` },
    () => givesTheSame(readFileSync(file)));
}

test('a prepared model has the hash of its source inside, and is the same whenever it is made', async () => {
  const source = addOneModel();
  const prepared = Buffer.from(await compileModel(source));
  assert.ok(prepared.includes(createHash('sha256').update(source).digest()));
  assert.deepEqual(Buffer.from(await compileModel(source)), prepared);
});

test('a pool takes a prepared model', async () => {
  const pool = await createPool(await compileModel(addOneModel()), { size: 2 });
  const { y } = await pool.run({ x: Float32Array.of(1, 2) });
  assert.deepEqual(y.data, Float32Array.of(2, 3));
  await pool.dispose();
});

test("another version's file is refused with the hash of the source to compile again", async () => {
  const source = addOneModel();
  const prepared = await compileModel(source);
  prepared[VERSION_AT] ^= 1;
  await assert.rejects(loadModel(prepared), (/** @type {any} */ error) =>
    error.code === 'unsupported_model' && /made by another version of Octavo; compile it again from its source/.test(error.message) &&
    error.message.includes(createHash('sha256').update(source).digest('hex')));
});

test('a file that is cut off is refused, and so is compiling what is compiled', async () => {
  const prepared = await compileModel(addOneModel());
  await assert.rejects(loadModel(prepared.subarray(0, prepared.length - 8)), { code: 'invalid_model', message: /cut off/ });
  await assert.rejects(compileModel(prepared), { code: 'invalid_argument', message: /prepared one already/ });
});
