// SPDX-License-Identifier: MIT
//
// Builds for given models: what they keep, and, where C can be compiled for wasm, that they still give the same bytes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadModel, Tensor } from '../../js/index.js';
import { header } from '../../tools/reduced.js';
import { missingCommand } from '../helpers/commands.js';
import { addOneModel, onnxModel } from '../helpers/onnx_model.js';
import { dataFolder } from '../models/expected.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const toolchain = process.env.OCTAVO_TOOLCHAIN ?? join(cache, 'octavo/toolchain');
const noCompiler = existsSync(toolchain) || process.env.CI ? false : missingCommand(['emcc', 'em-config']);
const vww = join(dataFolder, 'models/mlperf_vww96_int8.tflite');

test('the header has a line for every operator, kernel family and reader, and keeps what is used', async () => {
  const model = await loadModel(addOneModel());
  await model.prepare({ x: [2, 3] });
  const { used } = /** @type {NonNullable<typeof model.plan>} */ (model.plan);
  assert.deepEqual(used.onnx, ['Add', 'Relu']);
  assert.ok(used.operators.includes('BINARY') && !used.operators.includes('CONV'), String(used.operators));
  await model.dispose();
  const text = header(used);
  assert.match(text, /^#define OCT_HAS_BINARY\(present, absent\) present$/m);
  assert.match(text, /^#define OCT_HAS_CONV\(present, absent\) absent$/m);
  assert.match(text, /^#define OCT_READS_onnx_binary\(reader\) reader$/m);
  assert.match(text, /^#define OCT_READS_tflite_conv\(reader\) NULL$/m);
  assert.match(text, /^#define OCT_FAST_gemm_qs8\(\.\.\.\) $/m);
  assert.match(text, /^#define OCT_HAS_FORMAT_ONNX 1$/m);
  assert.match(text, /^#define OCT_HAS_FORMAT_TFLITE 0$/m);
  assert.match(text, /^#define OCT_HAS_FORMAT_PREPARED 0$/m);
});

/** A convolution that takes its Relu in when the model is read: nobody asks for the operator of that. */
const convReluModel = () => onnxModel(/** @type {any} */ ({
  inputs: { x: { dtype: 'float32', shape: [1, 1, 2, 2] } },
  outputs: { y: { dtype: 'float32', shape: [1, 1, 2, 2] } },
  constants: { w: { dtype: 'float32', shape: [1, 1, 1, 1], data: Float32Array.of(2) } },
  nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] }, { op: 'Relu', inputs: ['c'], outputs: ['y'] }],
}));

test('an operator whose nodes are all fused into others is left out, but not the pass that fuses them',
  { skip: noCompiler, timeout: 15 * 60_000 }, async () => {
    const out = mkdtempSync(join(tmpdir(), 'octavo-reduced-'));
    try {
      const file = join(out, 'conv_relu.onnx');
      writeFileSync(file, convReluModel());
      const full = await loadModel(file);
      const { used } = /** @type {NonNullable<typeof full.plan>} */ (full.plan);
      await full.dispose();
      assert.match(header({ ...used, operators: ['CONV'] }), /^#define OCT_MEETS_UNARY 1$/m);
      const command = ['cli/octavo.js', 'build', '--models', file, '-o', out, '--variant', 'simd128'];
      execFileSync(process.execPath, command, { cwd: root, stdio: 'pipe' });
      const model = await loadModel(file, { wasm: { binary: readFileSync(join(out, 'octavo_simd128.wasm')) } });
      const { y } = await model.run({ x: Float32Array.of(-1, 2, 3, -4) });
      assert.deepEqual([...y.data], [0, 4, 6, 0]);
      await model.dispose();
    } finally {
      rmSync(out, { recursive: true });
    }
  });

const skip = noCompiler || (existsSync(vww) ? false : `no ${vww}`);

test('a build for one int8 model is small, gives its bytes, and refuses others by name', { skip, timeout: 15 * 60_000 }, async () => {
  const out = mkdtempSync(join(tmpdir(), 'octavo-reduced-'));
  try {
    const command = ['cli/octavo.js', 'build', '--models', vww, '-o', out, '--variant', 'simd128'];
    execFileSync(process.execPath, command, { cwd: root, stdio: 'pipe' });
    const file = join(out, 'octavo_simd128.wasm');
    assert.ok(statSync(file).size < 120_000, `${statSync(file).size} bytes`);
    const wasm = { binary: readFileSync(file) };
    const [full, reduced] = [await loadModel(vww, { variant: 'simd128' }), await loadModel(vww, { wasm })];
    const [{ name, shape: dims }] = /** @type {NonNullable<typeof full.plan>} */ (full.plan).inputs;
    const count = dims.reduce((product, dim) => product * dim, 1);
    const x = new Tensor('int8', dims, Int8Array.from({ length: count }, (_, i) => (i * 37) % 256 - 128));
    const [{ name: output }] = full.outputs;
    assert.deepEqual((await reduced.run({ [name]: x }))[output].data, (await full.run({ [name]: x }))[output].data);
    const other = join(out, 'other.onnx');
    writeFileSync(other, addOneModel());
    await assert.rejects(loadModel(other, { wasm }), (/** @type {any} */ error) =>
      error.code === 'unsupported_model' && /this build of Octavo lacks.*octavo build --models/i.test(error.message));
    await Promise.all([full.dispose(), reduced.dispose()]);
  } finally {
    rmSync(out, { recursive: true });
  }
});
