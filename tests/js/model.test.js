// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { addOneModel, slowModel } from '../helpers/onnx_model.js';

const TWO_ROWS = Float32Array.of(-5, 0, 1, 2, 3, 4);
const PLUS_ONE = Float32Array.of(0, 1, 2, 3, 4, 5);

const square = () => new Float32Array(256 * 256).fill(1);

test('a model says what it takes and gives', async () => {
  const model = await loadModel(addOneModel());
  assert.equal(model.format, 'onnx');
  assert.deepEqual(model.inputs, [{ name: 'x', dtype: 'float32', shape: [2, null], quantization: null, byValue: false }]);
  assert.equal(model.outputs[0].name, 'y');
  assert.deepEqual(model.operators, { Add: 1, Relu: 1 });
  assert.deepEqual(model.cache, { status: 'off', reason: '' });
});

test('a run gives tensors by name, from an array, a tensor and an array with a shape', async () => {
  const model = await loadModel(addOneModel());
  for (const x of [TWO_ROWS, new Tensor('float32', [2, 3], TWO_ROWS), { data: TWO_ROWS, shape: [2, 3] }]) {
    const { y } = await model.run({ x });
    assert.ok(y instanceof Tensor);
    assert.deepEqual([y.dtype, y.shape, y.data], ['float32', [2, 3], PLUS_ONE]);
  }
});

test('outputs are the caller’s own: the next run does not change them', async () => {
  const model = await loadModel(addOneModel());
  const first = await model.run({ x: TWO_ROWS });
  await model.run({ x: new Float32Array(6).fill(9) });
  assert.deepEqual(first.y.data, PLUS_ONE);
});

test('each shape gets a plan; more shapes than are kept work as well', async () => {
  const model = await loadModel(addOneModel());
  assert.equal(model.plan, null);
  assert.equal(model.memory, null);
  for (const columns of [1, 2, 3, 4, 5, 6, 1, 6]) {
    const { y } = await model.run({ x: new Float32Array(2 * columns).fill(columns) });
    assert.deepEqual([y.shape, y.data], [[2, columns], new Float32Array(2 * columns).fill(columns + 1)]);
  }
});

test('memory is known before it is allocated', async () => {
  const model = await loadModel(slowModel(3));
  const { memory, plan } = model;
  assert.ok(memory && plan);
  assert.equal(memory.total, memory.model + memory.weights + memory.activations + memory.plan);
  assert.ok(memory.activations >= 2 * 256 * 256 * 4);
  assert.equal(plan.macs, 3 * 256 ** 3);
  assert.equal(
    plan.steps.reduce((sum, step) => sum + step.macs, 0),
    plan.macs,
  );

  const open = await loadModel(addOneModel());
  await open.prepare({ x: [2, 1 << 20] });
  assert.ok(open.memory && open.memory.activations >= 8 << 20);
  assert.ok(open.memory.wasm < open.memory.activations);
});

test('calls that come together are answered in order, each with its own', async () => {
  const model = await loadModel(addOneModel());
  const columns = [3, 1, 4, 1, 5];
  const answers = await Promise.all(columns.map((count) => model.run({ x: new Float32Array(2 * count).fill(count) })));
  assert.deepEqual(
    answers.map(({ y }) => y.data[0] - 1),
    columns,
  );
});

test('an input that is changed after the call does not change a call that waits', async () => {
  const model = await loadModel(addOneModel());
  const x = Float32Array.of(1, 1);
  const calls = [model.run({ x }), model.run({ x }), model.run({ x })];
  x.fill(50);
  for (const { y } of await Promise.all(calls)) assert.deepEqual(y.data, Float32Array.of(2, 2));
});

test('a call that fails does not keep the next from working', async () => {
  const model = await loadModel(addOneModel());
  const calls = await Promise.allSettled([
    model.run({ x: new Float32Array(3) }),
    model.run({ z: TWO_ROWS }),
    model.run({ x: TWO_ROWS }),
  ]);
  assert.deepEqual(
    calls.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
});

test('an abort stops a run between two steps, and the model works after it', async () => {
  const model = await loadModel(slowModel());
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 15);
  const begin = performance.now();
  await assert.rejects(model.run({ x: square() }, { signal: controller.signal }), reason);
  const abortedAfter = performance.now() - begin;
  const { y } = await model.run({ x: square() });
  const whole = performance.now() - begin - abortedAfter;
  assert.ok(abortedAfter < whole, `aborted after ${abortedAfter} ms, a whole run takes ${whole} ms`);
  assert.ok(Math.abs(Number(y.data[7]) - 1) < 1e-3);
});

test('a call that is aborted while it waits never runs', async () => {
  const model = await loadModel(slowModel(50));
  const controller = new AbortController();
  const first = model.run({ x: square() });
  const second = model.run({ x: square() }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(second, { name: 'AbortError' });
  await first;
  await assert.rejects(model.run({ x: square() }, { signal: AbortSignal.abort('no') }), (why) => why === 'no');
});

test('the event loop turns during a run, the first and those that know how long steps take', async () => {
  const model = await loadModel(slowModel());
  for (let run = 0; run < 3; run++) {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { y } = await model.run({ x: square() });
    clearInterval(timer);
    assert.ok(turns >= 3, `${turns} turns in run ${run}`);
    assert.ok(Math.abs(Number(y.data[7]) - 1) < 1e-3);
  }
});

test('a profile has a time for every step and sums them by operator', async () => {
  const model = await loadModel(slowModel(5));
  const profile = await model.profile({ x: square() }, { runs: 1 });
  assert.equal(profile.runs, 1);
  assert.equal(profile.steps.length, model.plan?.steps.length);
  assert.ok(profile.ms > 0 && profile.steps.every(({ ms }) => ms >= 0));
  const sum = profile.operators.reduce((total, { ms }) => total + ms, 0);
  assert.ok(Math.abs(sum - profile.ms) < 1e-6 * profile.ms, 'one run: the steps are the whole');
  assert.equal(
    profile.operators.reduce((total, { count }) => total + count, 0),
    profile.steps.length,
  );
  await assert.rejects(model.profile({ x: square() }, { runs: 0 }), { code: 'invalid_argument' });
});

test('a model that was disposed of rejects, and can be disposed of twice', async () => {
  const model = await loadModel(slowModel());
  const running = model.run({ x: square() });
  const waiting = model.run({ x: square() });
  await model.dispose();
  await model.dispose();
  await assert.rejects(running, { code: 'disposed' });
  await assert.rejects(waiting, { code: 'disposed' });
  await assert.rejects(model.run({ x: square() }), { code: 'disposed', message: /Load it again/ });
  await assert.rejects(model.prepare(), { code: 'disposed' });
});

test('a shape that the model cannot compute is a typed error, and the model works after it', async () => {
  const model = await loadModel(addOneModel());
  await assert.rejects(model.run({ x: { data: new Float32Array(2 ** 20), shape: [2 ** 20, 1] } }), {
    code: 'invalid_shape',
  });
  await assert.rejects(model.prepare({ x: [2, 2 ** 31 - 1] }), (/** @type {any} */ error) => error.code !== 'trap');
  await assert.rejects(model.prepare({ x: [2, 2 ** 40] }), (/** @type {any} */ error) => error.code !== 'trap');
  assert.deepEqual((await model.run({ x: TWO_ROWS })).y.data, PLUS_ONE);
});
