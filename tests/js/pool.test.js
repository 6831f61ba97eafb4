// SPDX-License-Identifier: MIT
//
// A pool in Node, where its workers are worker_threads. (In a page: tests/web/threads.test.js.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { createPool, loadModel } from '../../js/index.js';
import { poolMaker } from '../../js/pool.js';
import { sumModel } from '../formats/variables.js';
import { addOneModel, slowModel } from '../helpers/onnx_model.js';

/** @param {number} n */
const filled = (n) => new Float32Array(2 * n).fill(n);

test('calls are answered in order, each with its own input, also where there are more of them than workers', async () => {
  const pool = await createPool(addOneModel(), { size: 3 });
  assert.equal(pool.size, 3);
  const answers = await Promise.all([3, 1, 4, 1, 5, 9, 2, 6].map((n) => pool.run({ x: filled(n) })));
  assert.deepEqual(answers.map(({ y }) => y.data[0]), [4, 2, 5, 2, 6, 10, 3, 7]);
  assert.deepEqual(pool.inputs, (await loadModel(addOneModel())).inputs);
  await pool.dispose();
});

test('an input may be changed once run was called, unless it is given away', async () => {
  const pool = await createPool(addOneModel(), { size: 1 });
  const x = filled(1);
  const first = pool.run({ x });
  const second = pool.run({ x });
  x.fill(100);
  assert.deepEqual((await Promise.all([first, second])).map(({ y }) => y.data[0]), [2, 2]);
  await pool.run({ x }, { transfer: true });
  assert.equal(x.length, 0);
  await pool.dispose();
});

test('memory counts every worker, and plan is what a model would say', async () => {
  const pool = await createPool(slowModel(), { size: 2 });
  const model = await loadModel(slowModel(), { threads: 1 });
  assert.deepEqual(pool.plan, model.plan);
  assert.equal(pool.memory?.total, 2 * (model.memory?.total ?? 0));
  assert.ok((pool.memory?.wasm ?? 0) > (model.memory?.wasm ?? 0));
  await pool.dispose();
});

test('an abort takes a call out of the queue, and the others go on', async () => {
  const pool = await createPool(slowModel(), { size: 1 });
  const x = new Float32Array(256 * 256);
  const controller = new AbortController();
  const first = pool.run({ x });
  const waiting = pool.run({ x }, { signal: controller.signal });
  const last = pool.run({ x });
  controller.abort('enough');
  await assert.rejects(waiting, (reason) => reason === 'enough');
  await Promise.all([first, last]);
  await pool.dispose();
});

test('errors are typed: of the input, of the model, after dispose', async () => {
  await assert.rejects(createPool(new Uint8Array(100), { size: 2 }), { code: 'invalid_model' });
  await assert.rejects(createPool(addOneModel(), { size: 2, integrity: '0'.repeat(64) }), { code: 'integrity' });
  await assert.rejects(createPool(addOneModel(), { size: 0 }), { code: 'invalid_argument' });
  await assert.rejects(createPool(addOneModel(), { signal: AbortSignal.abort('no') }), (reason) => reason === 'no');
  const pool = await createPool(addOneModel(), { size: 2 });
  await assert.rejects(pool.run({ x: new Int8Array(2) }), { code: 'invalid_argument' });
  const running = [1, 2, 3, 4].map((n) => assert.rejects(pool.run({ x: filled(n) }), { code: 'disposed' }));
  await pool.dispose();
  await Promise.all(running);
  await assert.rejects(pool.run({ x: filled(1) }), { code: 'disposed' });
});

test('a worker that dies is replaced', async () => {
  /** @type {{ terminate(): unknown, fail(): void }[]} */
  const workers = [];
  const { nodeWorkers } = await import('../../js/node_worker.js');
  const startWorker = () => {
    const worker = /** @type {NonNullable<typeof nodeWorkers>} */ (nodeWorkers).startWorker();
    /** @type {((event: any) => void)[]} */
    const listeners = [];
    const { addEventListener } = worker;
    worker.addEventListener = (type, listener) => {
      if (type === 'error') listeners.push(listener);
      addEventListener(type, listener);
    };
    workers.push({ terminate: worker.terminate, fail: () => listeners.forEach((tell) => tell({ message: 'gone' })) });
    return worker;
  };
  const pool = await poolMaker({ startWorker })(addOneModel(), { size: 1 });
  const lost = assert.rejects(pool.run({ x: filled(1) }), { code: 'worker' });
  const queued = pool.run({ x: filled(2) });
  workers[0].fail();
  await lost;
  assert.equal((await queued).y.data[0], 3);
  assert.equal(workers.length, 2);
  await pool.dispose();
});

test('without workers a pool is one model, inline, and says so', async () => {
  const pool = await poolMaker({})(addOneModel(), { size: 4 });
  assert.equal(pool.size, 1);
  const answers = await Promise.all([1, 2].map((n) => pool.run({ x: filled(n) })));
  assert.deepEqual(answers.map(({ y }) => y.data[0]), [2, 3]);
});

test('a program with a pool ends by itself', () => {
  const script = `
    import { createPool } from '${new URL('../../js/index.js', import.meta.url)}';
    const pool = await createPool(Uint8Array.from(${JSON.stringify([...addOneModel()])}), { size: 2 });
    console.log((await pool.run({ x: Float32Array.of(1, 2) })).y.data.join());`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  assert.equal(String(said).trim(), '2,3');
});

test('a model that keeps state between runs is refused: its runs must not be spread over workers', () =>
  assert.rejects(createPool(sumModel(), { size: 2 }), { code: 'invalid_argument', hint: 'Use loadModel.' }));
