// SPDX-License-Identifier: MIT
//
// The .inc lists are the only places that say what there is. What must go with an entry is checked here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { filesIn, read, root } from '../helpers/tree.js';

const exists = (path) => existsSync(join(root, path));

const operators = [...read('src/ops/ops.inc').matchAll(/^OCT_OPERATOR\(\s*(\w+),\s*(\w+)/gm)].map((match) => match[2]);
const kernels = [...read('src/kernels/kernels.inc').matchAll(/^OCT_KERNEL\(\s*(\w+),\s*(\w+),\s*(\w+)\)/gm)].map(
  ([, family, name, machine]) => ({ family, name, machine }),
);

test('every operator has its file and its test', () => {
  assert.ok(operators.length > 0);
  assert.deepEqual(operators.filter((stem) => !exists(`src/ops/${stem}.c`)), []);
  const tested = (stem) => exists(`tests/ops/${stem}.test.js`) || exists(`tests/ops/${stem}.test.c`);
  assert.deepEqual(operators.filter((stem) => !tested(stem)), []);
});

test('every kernel family has exactly one reference', () => {
  const families = [...new Set(kernels.map(({ family }) => family))];
  const references = (name) => kernels.filter(({ family, machine }) => family === name && machine === 'ref').length;
  assert.ok(families.length > 0);
  assert.deepEqual(families.filter((name) => references(name) !== 1), []);
});

test('every kernel is defined once, in its family’s folder, in a file named for its machine', () => {
  const wrong = kernels.filter(({ family, name, machine }) => {
    const files = filesIn(`src/kernels/${family}`, /\.c$/);
    const defines = (path) => path.split('/').pop().startsWith(machine) && read(path).includes(`oct_${name}__${machine}`);
    return files.filter(defines).length !== 1;
  });
  assert.deepEqual(wrong, []);
});

test('every attribute is kept by prepared models, but for those that infer sets', () => {
  const source = read('src/graph/attr.h');
  const structs = [...source.matchAll(/^typedef struct (oct_\w+) \{([^}]*)\}/gms)];
  const members = Object.fromEntries(structs.map(([, name, body]) => [name, membersOf(body)]));
  const [, union] = source.match(/typedef union oct_attr \{([^}]*)\}/s);
  const kept = read('src/formats/prepared_attr.inc');
  const all = [...union.matchAll(/(oct_\w+) (\w+);/g)].flatMap(([, type, name]) => members[type].map((member) => `${name}.${member}`));
  const settled = [...source.matchAll(/(\w+): set by infer/g)].map(([, name]) => name);
  const missing = all.filter((member) => !new RegExp(`\\b${member.replace('.', '\\.')}\\b`).test(kept));
  assert.ok(all.length > 100, String(all.length));
  assert.deepEqual(missing.filter((member) => !settled.includes(member.split('.')[1])), []);
});

/** Names of a struct's members, one line at a time, without those whose comment says that infer sets them. */
function membersOf(body) {
  const lines = body.split(/\n/).filter((line) => !line.includes('set by infer'));
  return lines.flatMap((line) => line.replace(/\/\/.*/, '').split(';')).flatMap((declaration) => {
    const [, names] = declaration.match(/^\s*\w+ (.+)$/) ?? [];
    return names ? names.split(/,(?![^[]*\])/).map((name) => name.trim().replace(/\[.*/, '')) : [];
  });
}
