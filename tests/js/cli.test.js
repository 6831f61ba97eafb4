// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { noBrowser } from '../helpers/browser.js';
import { addOneModel, onnxModel } from '../helpers/onnx_model.js';

const octavo = fileURLToPath(new URL('../../cli/octavo.js', import.meta.url));
let folder = '';
let model = '';
let picture = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octavo-'));
  model = join(folder, 'model.onnx');
  picture = join(folder, 'picture.onnx');
  await writeFile(model, addOneModel());
  await writeFile(
    picture,
    onnxModel({
      inputs: { image: { dtype: 'float32', shape: ['batch', 3, 1, 2] } },
      outputs: { y: { dtype: 'float32', shape: ['batch', 3, 1, 2] } },
      nodes: [{ op: 'Relu', inputs: ['image'], outputs: ['y'] }],
    }),
  );
  await writeFile(join(folder, 'x.bin'), Float32Array.of(-5, 0, 1, 2));
});

after(() => rm(folder, { recursive: true }));

/**
 * @param {string[]} args
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
 */
const run = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [octavo, ...args], (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

test('help says what there is, for the whole and for each command', async () => {
  const { status, stdout } = await run('--help');
  assert.equal(status, 0);
  for (const name of ['check', 'inspect', 'run', 'bench', 'scan', 'compile', 'build']) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    const help = await run(name, '--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, new RegExp(`^Usage: octavo ${name} `));
  }
  assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('compile writes a prepared model beside its source, which check and run take', async () => {
  const { status, stdout, stderr } = await run('compile', model);
  assert.equal(status, 0, stderr);
  const out = join(folder, 'model.octavo');
  assert.match(stdout, /model\.octavo {2}\d+ B\n$/);
  assert.match((await run('check', out, '--shape', 'x=2,2')).stdout, /model\.octavo: supported \(octavo, /);
  const results = join(folder, 'prepared');
  assert.equal((await run('run', out, '--input', `x=${join(folder, 'x.bin')}`, '--out', results)).status, 0);
  assert.deepEqual(await readFile(join(results, 'output_0.bin')), Buffer.from(Float32Array.of(0, 1, 2, 3).buffer));
  const again = await run('compile', out, '-o', join(folder, 'again.octavo'));
  assert.equal(again.status, 2);
  assert.match(again.stderr, /prepared one already/);
});

test('misuse is one line and status 2', async () => {
  const out = join(folder, 'out');
  const cases = {
    'which command': [],
    "no command 'fly'": ['fly'],
    'MODEL is missing': ['inspect'],
    "'--fast'": ['inspect', model, '--fast'],
    'one MODEL only': ['bench', model, model],
    '--out DIR is missing': ['run', model],
    "wants NAME=VALUE, not 'x'": ['run', model, '--input', 'x', '--out', out],
    "no input 'z'": ['run', model, '--input', 'z=x.bin', '--out', out],
    "'x' is missing": ['run', model, '--out', out],
    "no variant 'avx'": ['inspect', model, '--variant', 'avx'],
    'from 1 on': ['bench', model, '--threads', '0'],
    'whole numbers': ['inspect', model, '--shape', 'x=2,many'],
    'above 0': ['bench', model, '--seconds', '0'],
  };
  await Promise.all(
    Object.entries(cases).map(async ([text, args]) => {
      const { status, stderr } = await run(...args);
      assert.equal(status, 2, `${args}: ${stderr}`);
      assert.match(stderr, /^octavo: [^\n]+\n$/);
      assert.ok(stderr.includes(text), stderr);
    }),
  );
});

test('failure is one line and status 1', async () => {
  const out = join(folder, 'out');
  for (const args of [
    ['inspect', join(folder, 'nothing.onnx')],
    ['inspect', join(folder, 'x.bin')],
    ['run', model, '--input', `x=${join(folder, 'nothing.bin')}`, '--out', out],
  ]) {
    const { status, stderr } = await run(...args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^octavo: [^\n]+\n$/);
  }
});

test('run writes raw outputs in the model’s order, and tells of them in JSON', async () => {
  const out = join(folder, 'out');
  const { stdout, stderr } = await run('run', model, '--input', `x=${join(folder, 'x.bin')}`, '--out', out, '--json');
  assert.equal(stderr, '');
  const { outputs, ms } = JSON.parse(stdout);
  assert.ok(ms > 0);
  assert.deepEqual(outputs, [{ name: 'y', dtype: 'float32', shape: [2, 2], file: join(out, 'output_0.bin') }]);
  const bytes = await readFile(join(out, 'output_0.bin'));
  assert.deepEqual(new Float32Array(bytes.buffer, bytes.byteOffset, 4), Float32Array.of(0, 1, 2, 3));
});

test('run takes an image from a PNG, at the input’s own size', async () => {
  const { PNG } = await import('pngjs');
  const image = new PNG({ width: 2, height: 1 });
  image.data.set([255, 0, 51, 255, 0, 255, 51, 255]);
  const file = join(folder, 'image.png');
  await writeFile(file, PNG.sync.write(image));
  const { stderr } = await run('run', picture, '--image', `image=${file}`, '--out', folder);
  assert.equal(stderr, '');
  const bytes = await readFile(join(folder, 'output_0.bin'));
  const values = [...new Float32Array(bytes.buffer, bytes.byteOffset, 6)];
  [1, 0, 0, 1, 0.2, 0.2].forEach((value, i) => assert.ok(Math.abs(values[i] - value) < 1e-6, String(values)));
});

test('inspect tells shapes, arithmetic and memory; a shape that is open has to be said', async () => {
  const open = await run('inspect', model);
  assert.match(open.stdout, /x +float32 \[2, \?\]/);
  assert.match(open.stdout, /Memory\n +depends on the shapes/);
  const { stdout } = await run('inspect', model, '--shape', 'x=2,1000', '--json');
  const { memory, planned, steps } = JSON.parse(stdout);
  assert.deepEqual(planned.outputs[0].shape, [2, 1000]);
  assert.ok(memory.activations >= 8000);
  assert.ok(steps.every((/** @type {any} */ step) => step.arithmetic === 'float' && step.why));
});

test('check names what runs in what, the memory and the multiply-adds, with status 0', async () => {
  const { status, stdout } = await run('check', picture);
  assert.equal(status, 0);
  assert.match(stdout, /supported/);
  assert.match(stdout, /float +Relu +y/);
  assert.match(stdout, /together +[\d.]+ k?B/);
  const open = await run('check', model);
  assert.equal(open.status, 2);
  assert.match(open.stderr, /--shape x=/);
  const report = JSON.parse((await run('check', model, '--shape', 'x=2,64', '--json')).stdout);
  assert.equal(report.supported, true);
  assert.ok(report.steps.length > 0 && report.memory.total > 0);
});

test('check names every missing operator and the remedy, with status 1', async () => {
  const file = join(folder, 'odd.onnx');
  const y = { dtype: 'float32', shape: [2] };
  const nodes = [{ op: 'FancyAttention', name: 'first', inputs: ['x'], outputs: ['a'] },
    { op: 'Stranger', name: 'second', inputs: ['a'], outputs: ['y'] }];
  await writeFile(file, onnxModel({ inputs: { x: y }, outputs: { y }, nodes }));
  const { status, stdout } = await run('check', file);
  assert.equal(status, 1);
  assert.match(stdout, /unsupported/);
  assert.match(stdout, /FancyAttention \(1, first 'first'\), Stranger \(1, first 'second'\)/);
  const report = JSON.parse((await run('check', file, '--json')).stdout);
  assert.deepEqual([report.supported, report.error.code, report.error.node], [false, 'unsupported_model', 'first']);
  assert.match(report.error.hint, /formats\.md/);
});

test('check, inspect and bench tell what is left to runs; build refuses it', async () => {
  const file = join(folder, 'stages.onnx');
  const x = { dtype: 'float32', shape: [1, 2000] };
  const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['s'] }, { op: 'NonZero', name: 'count', inputs: ['s'], outputs: ['y'] }];
  await writeFile(file, onnxModel({ inputs: { x }, outputs: { y: undefined }, nodes }));
  const { status, stdout } = await run('check', file);
  assert.equal(status, 0);
  assert.match(stdout, /supported, as far as can be told before a run.*\n[^]*shapes depend on data\n +NonZero +count\n/);
  assert.match((await run('inspect', file)).stdout, /\[\.\.\.\][^]*shapes depend on data\n +NonZero +count\n/);
  assert.match((await run('bench', file, '--seconds', '0.1')).stdout, /Planned in the run\n +[\d.]+ ms/);
  const build = await run('build', '--models', file);
  assert.equal(build.status, 2);
  assert.match(build.stderr, /'count' depend on data/);
});

test('bench tells percentiles and steps', async () => {
  const { stdout, stderr } = await run('bench', model, '--shape', 'x=2,64', '--seconds', '0.1', '--json');
  assert.equal(stderr, '');
  const { p50, p95, p99, runs, profile } = JSON.parse(stdout);
  assert.ok(runs >= 10 && p50 <= p95 && p95 <= p99);
  assert.ok(profile.steps.length > 0);
  assert.match((await run('bench', model, '--shape', 'x=2,64', '--seconds', '0.1')).stdout, /p50 +[\d.]+ ms/);
});

test('bench --roofline holds each step against the peak of this machine', async () => {
  const args = ['bench', model, '--shape', 'x=2,64', '--seconds', '0.1', '--roofline'];
  const { peaks, profile } = JSON.parse((await run(...args, '--json')).stdout);
  assert.ok(peaks.int8.gmacs > 0.1 && peaks.float32.gmacs > 0.1);
  for (const { bytes, gigabytes, ofPeak } of profile.steps) {
    assert.ok(bytes >= 2 * 64 * 4 && gigabytes > 0);
    assert.ok(ofPeak >= 0 && ofPeak < 1);
  }
  assert.match((await run(...args)).stdout, /At most, here\n +int8 +[\d.]+ GMAC\/s/);
});

test('bench runs in a browser as well', { skip: noBrowser }, async () => {
  const { stdout, stderr } = await run('bench', model, '--shape', 'x=2,64', '--seconds', '0.1', '--browser', '--json');
  assert.equal(stderr, '');
  const { p50, where } = JSON.parse(stdout);
  assert.ok(p50 > 0);
  assert.match(where, /Chrome\/\d+/);
});
