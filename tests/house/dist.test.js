// SPDX-License-Identifier: MIT
//
// dist/ is what people download. It must be what SHA256SUMS says, within its size budget, and a bare module each; the
// files that tools generate must be what the tools would write now. (.ci/run also builds dist/ again and compares.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { FUNCTIONS } from '../../js/abi.js';
import { variants } from '../../tools/build.js';
import { wasmExports, wasmImports } from '../../tools/wasm_names.js';
import { filesIn, read, root } from '../helpers/tree.js';

const KB = 1000;
const BUDGET = { wasm: 400 * KB, wasmBrotli: 150 * KB, jsGzip: 20 * KB };

const bytesOf = (path) => readFileSync(join(root, path));

test('SHA256SUMS lists every file of dist/ with its hash', () => {
  const sums = Object.fromEntries(
    read('dist/SHA256SUMS')
      .trim()
      .split('\n')
      .map((line) => line.split('  ').reverse()),
  );
  const files = readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(root, 'dist').length + 1));
  assert.deepEqual(Object.keys(sums).sort(), files.sort());
  for (const name of files) {
    assert.equal(createHash('sha256').update(bytesOf(`dist/${name}`)).digest('hex'), sums[name], name);
  }
});

for (const variant of variants) {
  test(`octavo_${variant}.wasm imports its memory only and exports the whole ABI`, () => {
    const bytes = bytesOf(`dist/octavo_${variant}.wasm`);
    assert.deepEqual(wasmImports(bytes), ['env.memory']);
    const exported = wasmExports(bytes);
    assert.deepEqual(FUNCTIONS.filter((name) => !exported.includes(name)), []);
  });

  test(`octavo_${variant}.wasm keeps its size budget`, () => {
    const bytes = bytesOf(`dist/octavo_${variant}.wasm`);
    assert.ok(bytes.length <= BUDGET.wasm, `${bytes.length} bytes`);
    const packed = brotliCompressSync(bytes).length;
    assert.ok(packed <= BUDGET.wasmBrotli, `${packed} bytes with brotli`);
  });
}

test('the core JavaScript keeps its size budget', () => {
  const packed = gzipSync(bytesOf('dist/octavo.js'), { level: 9 }).length;
  assert.ok(packed <= BUDGET.jsGzip, `${packed} bytes with gzip`);
});

for (const tool of filesIn('tools', /\/gen_\w+\.js$/)) {
  test(`what ${tool} generates is fresh`, () => {
    execFileSync(process.execPath, [join(root, tool), '--check'], { cwd: root, stdio: 'pipe' });
  });
}
