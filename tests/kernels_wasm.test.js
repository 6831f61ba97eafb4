// SPDX-License-Identifier: MIT
//
// The kernels on real wasm instructions: the C tests of tests/kernels, compiled for each build and run in a Node that
// knows relaxed SIMD (the npm package `node`; the Node that runs this may be older).
//
// Where they cannot be compiled here (no toolchain was made or named, and none is made for a test), they are skipped by
// name; in CI that is a failure. A build whose dot product means something else on this machine (features.js) is skipped
// by name too: x86 cannot run the one for ARM.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { missingCommand } from './helpers/commands.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const toolchain = process.env.OCTAVO_TOOLCHAIN ?? join(cache, 'octavo/toolchain');
const skip = existsSync(toolchain) || process.env.CI ? false : missingCommand(['emcc', 'em-config']);

test('the kernels give the same bytes as their references in each wasm build', { skip, timeout: 20 * 60_000 }, async (t) => {
  const run = (...command) => execFileSync(join(root, 'tools/toolchain.sh'), command, { cwd: root, stdio: 'pipe' });
  run('emcmake', 'cmake', '--preset', 'wasm');
  run('cmake', '--build', 'build/wasm', '-j2', '--target', 'kernel_tests');
  const node = join(root, 'node_modules/node/bin/node');
  const question = "import('./js/index.js').then(({ usableVariants }) => console.log(usableVariants().join()))";
  const usable = execFileSync(node, ['-e', question], { cwd: root, encoding: 'utf8' }).trim().split(',');
  for (const file of readdirSync(join(root, 'build/wasm')).filter((name) => /^kernels_.*\.js$/.test(name))) {
    const skip = usable.some((variant) => file.endsWith(`_${variant}.js`)) ? false : 'not for this machine';
    await t.test(file, { skip }, () => promisify(execFile)(node, [join(root, 'build/wasm', file)], { cwd: root }));
  }
});
