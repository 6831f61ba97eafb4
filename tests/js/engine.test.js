// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Engine } from '../../js/engine.js';

const wasm = () => new WebAssembly.Module(readFileSync(new URL('../../dist/octavo_simd128.wasm', import.meta.url)));

/** An engine over functions of the test's own. @param {Record<string, () => unknown>} exports */
const engineOf = (exports) => new Engine(new WebAssembly.Memory({ initial: 1 }), /** @type {any} */ ({ exports }));

test('bytes come back as they were written, also after memory has moved', async () => {
  const engine = await Engine.create(wasm());
  const data = Float32Array.of(1, -2, 3.5);
  const address = engine.keep(data);
  const before = engine.memoryBytes;
  const big = engine.alloc(64 << 20);
  assert.ok(engine.memoryBytes > before);
  assert.deepEqual(engine.read(Float32Array, address, 3), data);
  engine.free(big);
  engine.free(address);
});

test('blocks are aligned to 64 bytes', async () => {
  const engine = await Engine.create(wasm());
  for (const size of [0, 1, 63, 64, 65, 100000]) assert.equal(engine.alloc(size) % 64, 0);
});

test('memory that is refused is an error, and the engine works after it', async () => {
  const engine = await Engine.create(wasm());
  assert.throws(() => engine.alloc(0xfffffff0), { code: 'out_of_memory' });
  assert.ok(engine.alloc(100));
});

test('an engine that crashed says so, and is never called again', () => {
  let calls = 0;
  const engine = engineOf({
    oct_alloc() {
      calls++;
      throw new WebAssembly.RuntimeError('unreachable');
    },
  });
  assert.throws(() => engine.alloc(1), { code: 'trap', message: /oct_alloc.*unreachable.*[Ll]oad the model again/ });
  assert.throws(() => engine.alloc(1), { code: 'trap' });
  assert.equal(calls, 1);
});

test('what the engine says of a failure is shown as sentences, names and paths as they are', () => {
  /** @param {string} hint */
  const failing = (hint) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const error = { code: 'invalid_shape', message: "input 'x' is too wide", node: 'conv1', hint };
    new Uint8Array(memory.buffer).set(new TextEncoder().encode(JSON.stringify(error)), 64);
    const exports = { oct_model_plan: () => 0, oct_error: () => 64 };
    return new Engine(memory, /** @type {any} */ ({ exports }));
  };
  const failure = { code: 'invalid_shape', node: 'conv1', message: "Input 'x' is too wide. Narrow it." };
  assert.throws(() => failing('narrow it').pointer('oct_model_plan'), failure);
  assert.throws(() => failing('docs/formats.md tells').pointer('oct_model_plan'), { hint: 'docs/formats.md tells.' });
  assert.throws(() => failing('').pointer('oct_model_plan'), { message: "Input 'x' is too wide" });
});

test('a wasm file of another version, or of something else, is refused', async () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  await assert.rejects(Engine.create(empty), { code: 'wasm', message: /ABI none/ });
});
