// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Engine } from '../../js/engine.js';
import { rehearse } from '../../js/rehearsal.js';
import { loadWasm } from '../../js/wasm.js';

/** An engine, and the names of the functions of it that are called. */
async function watchedEngine() {
  const engine = await Engine.create(await loadWasm({ variant: 'simd128' }));
  const called = [];
  const call = engine.call.bind(engine);
  engine.call = (name, ...args) => {
    called.push(name);
    return call(name, ...args);
  };
  return { engine, called };
}

test('a rehearsal runs to its end while nothing comes, and gives its memory back', async () => {
  const { engine, called } = await watchedEngine();
  const never = new Promise(() => {});
  await rehearse(engine, never);
  assert.ok(called.includes('oct_plan_run'));
  assert.equal(called.at(-1), 'oct_model_destroy');
  const before = engine.memoryBytes;
  for (let i = 0; i < 20; i++) await rehearse(engine, never);
  assert.equal(engine.memoryBytes, before);
});

test('a rehearsal does not begin when the model is there, and ends when it comes', async () => {
  const { engine, called } = await watchedEngine();
  await rehearse(engine, Promise.resolve());
  assert.deepEqual(called, []);
  let come;
  const arriving = new Promise((resolve) => (come = resolve));
  const rehearsing = rehearse(engine, arriving);
  setTimeout(come, 1);
  await rehearsing;
  assert.equal(called.at(-1), 'oct_model_destroy');
});

test('a model that does not arrive after all ends a rehearsal, and is told elsewhere', async () => {
  const { engine, called } = await watchedEngine();
  await rehearse(engine, Promise.reject(new Error('broken off')));
  assert.deepEqual(called, []);
});
