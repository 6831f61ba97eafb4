// SPDX-License-Identifier: MIT
//
// Memory stays as it is, however long a page lives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { loadModel, Tensor } from '../../js/index.js';
import { samples } from '../formats/samples.js';
import { addOneModel } from '../helpers/onnx_model.js';

const RUNS = 10_000;
const WARM_UP_RUNS = 200;
const ROUNDS = 4; // of which one must be without growth: engines of JavaScript settle late, a leak grows in each
const MOST_LEFT_BYTES = 256 << 10;

setFlagsFromString('--expose-gc');
const collectGarbage = /** @type {() => void} */ (runInNewContext('gc'));

/** What JavaScript holds: its objects, and the bytes of arrays. */
async function held() {
  for (let round = 0; round < 3; round++) { // what is finalized only now is collected in the next
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** @param {() => Promise<void>} work */
async function leavesNothing(work) {
  const grown = [];
  for (let before = await held(); grown.length < ROUNDS;) {
    await work();
    const after = await held();
    if (after - before < MOST_LEFT_BYTES) return;
    grown.push(after - before);
    before = after;
  }
  assert.fail(`each time more bytes are held: ${grown}`);
}

/**
 * Runs thousands of times, and checks that nothing grows behind a warm-up.
 * @param {import('../../js/index.js').Model} model
 * @param {(run: number) => Record<string, import('../../js/index.js').Tensor>} inputs
 */
async function runLong(model, inputs) {
  for (let run = 0; run < WARM_UP_RUNS; run++) await model.run(inputs(run));
  const wasmBytes = model.memory?.wasm;
  await leavesNothing(async () => {
    for (let run = 0; run < RUNS; run++) await model.run(inputs(run));
  });
  assert.equal(model.memory?.wasm, wasmBytes);
}

/** @param {import('../../js/index.js').Model} model */
function someInputs(model) {
  return Object.fromEntries(model.inputs.map(({ name, dtype, shape }) => {
    const dims = (shape ?? []).map((dim) => dim ?? 1);
    return [name, new Tensor(dtype, dims, new Array(dims.reduce((count, dim) => count * dim, 1)).fill(1))];
  }));
}

for (const { name, bytes } of samples().filter(({ name }) => name.startsWith('qdq') || name.startsWith('int8'))) {
  test(`${RUNS} runs of ${name} leave memory as it is`, async () => {
    const model = await loadModel(bytes);
    const inputs = someInputs(model);
    await runLong(model, () => inputs);
    await model.dispose();
  });
}

test(`${RUNS} runs, each of another shape than the last, leave memory as it is`, async () => {
  const model = await loadModel(addOneModel());
  const inputs = Array.from({ length: 7 }, (_, i) => ({ x: new Tensor('float32', [2, i + 1], new Float32Array(2 * (i + 1))) }));
  await runLong(model, (run) => inputs[run % inputs.length]);
  await model.dispose();
});

test('100 models that are loaded, run and disposed of leave nothing', () =>
  leavesNothing(async () => {
    for (let i = 0; i < 100; i++) {
      const model = await loadModel(addOneModel());
      await model.run({ x: new Float32Array(6) });
      await model.dispose();
    }
  }));
