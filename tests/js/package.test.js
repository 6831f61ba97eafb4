// SPDX-License-Identifier: MIT
//
// The package as others see it: what its exports name is there, its types hold, nothing else goes into it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const run = promisify(execFile);
const tsc = (/** @type {string[]} */ ...args) =>
  run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', ...args], { cwd: root }).catch(({ stdout }) =>
    assert.fail(stdout),
  );

test('every file that the exports name is there, types first', () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    const files = typeof target === 'string' ? [target] : Object.values(target);
    if (typeof target === 'object') assert.equal(Object.keys(target)[0], 'types', name);
    for (const file of files.filter((path) => !path.includes('*'))) assert.ok(existsSync(`${root}/${file}`), file);
  }
  assert.ok(existsSync(fileURLToPath(import.meta.resolve('octavo/wasm/octavo_simd128.wasm'))));
  assert.ok(existsSync(fileURLToPath(import.meta.resolve('octavo/worker'))));
});

test('the package is imported by its name, with the same names in Node and in a page', async () => {
  const node = await import('octavo');
  const page = await import('../../web/index.js');
  assert.deepEqual(Object.keys(node), Object.keys(page));
  assert.equal(typeof (await import('octavo/image')).resize, 'function');
  assert.equal(typeof (await import('octavo/scan')).scan, 'function');
});

test('it needs no other package', () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.sideEffects, false);
  const optional = Object.keys(manifest.peerDependenciesMeta).filter(
    (name) => manifest.peerDependenciesMeta[name].optional,
  );
  assert.deepEqual(Object.keys(manifest.peerDependencies), optional);
});

test('the sources’ own types hold', async () => {
  await tsc('--project', '.');
});

test('the published types hold for a program in TypeScript', async () => {
  await tsc(
    '--ignoreConfig',
    '--strict',
    '--target',
    'esnext',
    '--module',
    'nodenext',
    '--lib',
    'esnext,dom',
    '--types',
    'node',
    'tests/js/consumer.ts',
  );
});
