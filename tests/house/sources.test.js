// SPDX-License-Identifier: MIT
//
// What every source file owes its reader: a licence line, a bounded length, no unfinished corners, no machine's paths.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filesIn, read } from '../helpers/tree.js';

const CODE = /\.(c|h|inc|js|mjs|wgsl|css|html|py|sh|cmake)$|^\.ci\/run$/;
const TEXT = /\.(c|h|inc|js|mjs|wgsl|css|html|py|sh|cmake|json|md|txt|webmanifest|svg)$|^\.ci\/run$|^\.[a-z]+$/;
const code = filesIn('.', CODE);

const lineCount = (path) => read(path).split('\n').length - 1;

/** "file:line: text" of every line that matches. */
const grep = (paths, pattern) =>
  paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
  );

test('no file is longer than 600 lines', () => {
  assert.deepEqual(code.filter((path) => lineCount(path) > 600), []);
});

test('the public header is at most 350 lines, a tool at most 150', () => {
  assert.ok(lineCount('src/octavo.h') <= 350);
  assert.deepEqual(filesIn('tools').filter((path) => lineCount(path) > 150), []);
});

test('every source file names its licence once, in its first three lines', () => {
  const named = (path) => read(path).split('\n').slice(0, 3).join('\n').includes('SPDX-License-Identifier: MIT');
  assert.deepEqual(code.filter((path) => read(path) && !named(path) && !path.endsWith('.inc')), []);
});

test('nothing is left for later', () => {
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK', 'st' + 'ub', 'not impl' + 'emented', 'for n' + 'ow'];
  assert.deepEqual(grep(code, new RegExp(`\\b(${words.join('|')})\\b`)), []);
});

test('no tabs, no space at a line’s end', () => {
  assert.deepEqual(grep(code, /\t|[ ]$/), []);
});

test('no file names a folder of somebody’s machine, or a package registry', () => {
  const folders = ['wo' + 'rk', 'op' + 't/', 'tm' + 'p/', 'ro' + 'ot', 'ho' + 'me'];
  const hosts = ['registry.npm' + 'js', 'registry.ya' + 'rnpkg', 'py' + 'pi.org', 'pythonho' + 'sted', 'deb.deb' + 'ian'];
  const pattern = new RegExp(`(^|["'\\s=:(])/(${folders.join('|')})\\b|(${hosts.join('|')})`);
  assert.deepEqual(grep(filesIn('.', TEXT), pattern), []);
});
