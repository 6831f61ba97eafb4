// SPDX-License-Identifier: MIT
//
// Which folder may know which: every #include and every import is read, and one that points upward is named. The
// directions are the drawing of docs/architecture.md.
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

import { filesIn, read } from '../helpers/tree.js';

// A folder of src/ and the folders it may include, besides itself.
const C_MAY_KNOW = {
  base: [],
  kernels: ['base'],
  graph: ['ops', 'base'],
  ops: ['graph', 'kernels', 'base'],
  formats: ['graph', 'base'],
  runtime: ['graph', 'ops', 'kernels', 'base'],
  image: ['kernels', 'base'],
  api: ['runtime', 'formats', 'image', 'graph', 'ops', 'kernels', 'base'],
};
const KNOWS_THE_ABI = ['api', 'image']; // they implement octavo.h

test('no C file includes upward', () => {
  const wrong = [];
  for (const path of filesIn('src', /\.(c|h|inc)$/)) {
    const layer = path.split('/')[1];
    for (const [, included] of read(path).matchAll(/^#include "([^"]+)"/gm)) {
      const target = included.split('/')[0];
      const fits =
        included === 'octavo.h'
          ? KNOWS_THE_ABI.includes(layer)
          : target === layer || C_MAY_KNOW[layer]?.includes(target);
      if (!fits) wrong.push(`${path} includes ${included}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no operator includes another', () => {
  const stems = [...read('src/ops/ops.inc').matchAll(/^OCT_OPERATOR\(\s*\w+,\s*(\w+)/gm)].map((match) => match[1]);
  const wrong = filesIn('src/ops', /\.[ch]$/).filter((path) =>
    [...read(path).matchAll(/^#include "ops\/(\w+)\.[ch]"/gm)].some(
      ([, stem]) => stems.includes(stem) && path !== `src/ops/${stem}.c`,
    ),
  );
  assert.deepEqual(wrong, []);
});

/** The specifiers that a JavaScript file imports: static, dynamic and, for types, in JSDoc. */
const importsOf = (path) =>
  [...read(path).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g)].map((match) => match[2]);

/** The file that a specifier means, relative to the project; one with a leading slash is for a page that we serve. */
const resolve = (path, specifier) =>
  specifier.startsWith('/') ? specifier.slice(1) : normalize(join(dirname(path), specifier)).replaceAll('\\', '/');

const inside = (folder) => (target) => target.startsWith(`${folder}/`);

function upward(folder, allowed) {
  return filesIn(folder, /\.js$/).flatMap((path) =>
    importsOf(path)
      .filter((specifier) => !specifier.startsWith('node:'))
      .filter((specifier) => !/^[./]/.test(specifier) || !allowed(resolve(path, specifier), path))
      .map((specifier) => `${path} imports ${specifier}`),
  );
}

test('js/ imports nothing but js/, and no package', () => {
  assert.deepEqual(upward('js', inside('js')), []);
});

test('js/ names a node: module only in a dynamic import, so that it loads anywhere', () => {
  const wrong = filesIn('js', /\.js$/).filter((path) => /^import .*['"]node:/m.test(read(path)));
  assert.deepEqual(wrong, []);
});

test('web/ imports nothing but web/ and js/, and no package', () => {
  assert.deepEqual(upward('web', (target) => inside('web')(target) || inside('js')(target)), []);
});

/** Files that package.json's exports name. */
function publicFiles() {
  const leaves = (value) => (typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(leaves));
  return new Set(leaves(JSON.parse(read('package.json')).exports).map((path) => normalize(path)));
}

test('a demo imports its own files and the package’s public ones', () => {
  const entries = publicFiles();
  const fits = (target, path) => target.startsWith(`${dirname(path)}/`) || entries.has(target);
  assert.deepEqual(upward('demos', fits), []);
});

test('the command line imports its own files and the package’s public ones', () => {
  const entries = publicFiles();
  assert.deepEqual(upward('cli', (target) => inside('cli')(target) || entries.has(target)), []);
});
