// SPDX-License-Identifier: MIT
//
// `npm run bench` from end to end, on a model so small that it takes seconds.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { noBrowser } from '../helpers/browser.js';
import { addOneModel } from '../helpers/onnx_model.js';
import { root } from '../helpers/tree.js';

const run = promisify(execFile);

test('a model is measured from its path; numbers go to the terminal and into a file', { skip: noBrowser }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'octavo-bench-'));
  try {
    const [model, out] = [join(folder, 'add_one.onnx'), join(folder, 'results.json')];
    writeFileSync(model, addOneModel());
    const options = ['--seconds', '0.1', '--starts', '1', '--threads', '1', '--out', out];
    const { stdout } = await run(process.execPath, ['bench/run.js', model, ...options], { cwd: root });
    assert.match(stdout, /add_one\n +runtime +build +threads/);
    const { rows, claims, machine } = JSON.parse(readFileSync(out, 'utf8'));
    const own = rows.find(({ runtime }) => runtime === 'octavo');
    assert.ok(own.p50 > 0 && own.p50 < own.firstMs && own.firstMs < own.startMs && own.wasmBytes > 1e6);
    assert.equal(own.difference, 0);
    assert.equal(claims.length, 1);
    assert.match(machine.browser, /^\d+\./);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file that is not there, or is no model, is refused before a browser is started', async () => {
  for (const [path, why] of [['missing.onnx', 'there is no such file'], ['package.json', 'end with .onnx or .tflite']]) {
    const refused = run(process.execPath, ['bench/run.js', path], { cwd: root });
    await assert.rejects(refused, ({ code, stderr }) => code === 2 && stderr.includes(path) && stderr.includes(why));
  }
});
