// SPDX-License-Identifier: MIT
//
// Makes dist/: `npm run build`, or only the WebAssembly modules (`-- wasm`), or only the JavaScript (`-- js`).
//
// The same sources give the same bytes on every machine (see toolchain.sh), which .ci/run relies on: it builds dist/
// again and compares. Each module is checked to be a bare one before it is taken over.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { builds } from './builds.js';
import { bundle, types } from './bundle.js';
import { wasmImports } from './wasm_names.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
/** Each kind of machine, and each with shared memory besides. */
export const variants = builds.flatMap((name) => [name, `${name}_threads`]);

/** Runs a program in the project's folder and lets it print. */
const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: 'inherit' });

function buildWasm() {
  const toolchain = join(root, 'tools/toolchain.sh');
  run(toolchain, 'emcmake', 'cmake', '--preset', 'wasm');
  run(toolchain, 'cmake', '--build', 'build/wasm', '-j2');
  for (const variant of variants) {
    const bytes = readFileSync(join(root, `build/wasm/octavo_${variant}.wasm`));
    const imports = wasmImports(bytes);
    if (imports.join() !== 'env.memory') {
      throw new Error(`octavo_${variant}.wasm must import env.memory and nothing else; it imports ${imports.join(', ')}`);
    }
    writeFileSync(join(dist, `octavo_${variant}.wasm`), bytes);
    console.log(`dist/octavo_${variant}.wasm  ${bytes.length} bytes`);
  }
}

function writeSums() {
  const names = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length + 1))
    .sort();
  const line = (name) => `${createHash('sha256').update(readFileSync(join(dist, name))).digest('hex')}  ${name}\n`;
  writeFileSync(join(dist, 'SHA256SUMS'), names.map(line).join(''));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dist, { recursive: true });
  const only = process.argv[2];
  if (only !== 'js') buildWasm();
  if (only !== 'wasm') {
    await bundle();
    types();
  }
  writeSums();
}
