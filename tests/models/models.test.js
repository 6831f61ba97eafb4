// SPDX-License-Identifier: MIT
//
// Real models give what published runtimes give (expected.js says how near), in every build that runs here: the builds
// with relaxed SIMD need a newer Node, which is a development dependency.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { modelFiles, noData } from './expected.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const newerNode = join(root, 'node_modules/node/bin/node');
const node = existsSync(newerNode) ? newerNode : process.execPath;
const run = promisify(execFile);

async function usableVariants() {
  const script = "import('./js/index.js').then(({ usableVariants }) => console.log(usableVariants().join(' ')))";
  const { stdout } = await run(node, ['-e', script], { cwd: root });
  return stdout.trim().split(' ');
}

async function judgeAll(variant) {
  const folder = mkdtempSync(join(tmpdir(), 'octavo-models-'));
  const json = join(folder, 'rows.json');
  try {
    await run(node, ['tests/models/report.js', '--variant', variant, '--json', json], { cwd: root }).catch(() => {});
    return JSON.parse(readFileSync(json, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const variant of noData ? ['each build'] : await usableVariants()) {
  test(`real models are right in ${variant}`, { skip: noData, timeout: 15 * 60_000 }, async (t) => {
    const rows = await judgeAll(variant);
    assert.deepEqual(new Set(rows.map(({ model }) => model)), new Set(modelFiles()), 'every model was tried');
    for (const { model, case: name, output, ok, text } of rows) {
      await t.test(`${model} ${name} output ${output}: ${text}`, () => assert(ok, text));
    }
  });
}
