// SPDX-License-Identifier: MIT
//
// Makes wasm modules that have no more than some models need: node tools/reduced.js USED.json DIR [MODULE ...]
// USED.json has lists of names, as a plan's `used` gives them (`octavo build --models` asks the models and calls this).
// MODULE is one of octavo_simd128 and its sisters (builds.js); all of them if left away.
//
// The lists become a header of macros, one a name (src/base/keep.h): what a build does not keep nothing refers to, and
// the linker leaves it out.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { builds } from './builds.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const FORMATS = { onnx: 'ONNX', tflite: 'TFLITE', octavo: 'PREPARED' };
const MODULES = builds.map((name) => `octavo_${name}`);

/**
 * The arguments of every line `NAME(...)` of a list.
 * @param {string} path
 * @param {RegExp} name
 */
const linesOf = (path, name) =>
  [...readFileSync(join(root, path), 'utf8').matchAll(new RegExp(`^(?:${name.source})\\((.*)\\)$`, 'gm'))].map(
    ([, list]) => list.split(',').map((text) => text.trim()),
  );

/** @param {Set<string>} kept @param {string} name @param {string} macro @param {string} yes @param {string} no */
const line = (kept, name, macro, yes, no) => `#define ${macro} ${kept.has(name) ? yes : no}`;

const families = () => [...new Set(linesOf('src/kernels/kernels.inc', /OCT_KERNEL/).map(([family]) => family))];

/** @param {Record<string, string[]>} used @returns {string} */
export function header(used) {
  const operators = new Set(used.operators), kernels = new Set(used.kernels);
  const met = new Set(used.met), readers = new Set();
  const readerLines = [];
  for (const format of ['onnx', 'tflite']) {
    const listed = linesOf(`src/formats/${format}_ops.inc`, format === 'onnx' ? /ONNX_OP/ : /TFLITE_OP|TFLITE_CUSTOM/);
    for (const [name, translate] of listed) if (used[format]?.includes(name)) readers.add(`${format}_${translate}`);
    for (const translate of new Set(listed.map(([, name]) => `${format}_${name}`))) {
      readerLines.push(line(readers, translate, `OCT_READS_${translate}(reader)`, 'reader', 'NULL'));
    }
  }
  return [
    '// Made by tools/reduced.js; do not edit.',
    ...Object.entries(FORMATS).map(([name, macro]) =>
      `#define OCT_HAS_FORMAT_${macro} ${used.formats.includes(name) ? 1 : 0}`),
    ...linesOf('src/ops/ops.inc', /OCT_OPERATOR/).flatMap(([name]) => [
      line(operators, name, `OCT_HAS_${name}(present, absent)`, 'present', 'absent'),
      line(met, name, `OCT_MEETS_${name}`, '1', '0'),
    ]),
    ...families().map((family) => line(kernels, family, `OCT_FAST_${family}(...)`, '__VA_ARGS__', '')),
    ...readerLines,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [list, out, ...modules] = process.argv.slice(2);
  const build = 'build/reduced';
  const run = (/** @type {string[]} */ ...args) =>
    execFileSync(join(root, 'tools/toolchain.sh'), args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(join(root, build), { recursive: true });
  mkdirSync(out, { recursive: true });
  const used = JSON.parse(readFileSync(list, 'utf8'));
  const plain = families().filter((family) => !used.kernels.includes(family));
  writeFileSync(join(root, build, 'reduced.h'), header(used));
  writeFileSync(join(root, build, 'reduced.cmake'), `set(plain_families ${plain.join(' ')})\n`);
  run('emcmake', 'cmake', '--preset', 'wasm', '-B', build, '-DOCT_REDUCED=ON');
  for (const module of modules.length > 0 ? modules : MODULES) {
    run('cmake', '--build', build, '-j2', '--target', module);
    const file = join(out, `${module}.wasm`);
    copyFileSync(join(root, build, `${module}.wasm`), file);
    console.log(`${file}  ${statSync(file).size} bytes`);
  }
}
