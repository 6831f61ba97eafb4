// SPDX-License-Identifier: MIT
//
// `npm test`, or `npm test -- PATH...` for some of it: runs every tests/**/*.test.js in Node's own test runner.
//
// A fresh clone has no development dependencies yet: they are fetched first. One of them is a Node that knows relaxed
// SIMD, which the tests run in, so that every build is tested. Chrome or Chromium is expected, because the half of Octavo
// that matters runs there; where none is found, the tests that need it are skipped by name, and the first and last lines
// say so. In CI a missing browser is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findChrome } from '../tests/helpers/chrome.js';

const root = fileURLToPath(new URL('..', import.meta.url));

function testFiles(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => {
      const inside = join(path, name);
      return statSync(join(root, inside)).isDirectory() || name.endsWith('.test.js') ? testFiles(inside) : [];
    });
}

if (!existsSync(join(root, 'node_modules'))) {
  console.log('fetching the development dependencies (npm ci)');
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: root, stdio: 'inherit', shell: true });
  if (status !== 0) process.exit(1);
}

const chrome = findChrome();
const noChrome = 'NO CHROME OR CHROMIUM FOUND: the browser tests do not run. Install one, or set CHROME to its path.';
if (!chrome) {
  console.error(noChrome);
  if (process.env.CI) process.exit(1);
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : ['tests'];
const { status } = spawnSync(
  join(root, 'node_modules/node/bin/node'),
  ['--test', '--test-reporter=spec', '--test-concurrency=2', ...paths.flatMap(testFiles)],
  { cwd: root, stdio: 'inherit' },
);
if (!chrome) console.error(noChrome);
process.exit(status ?? 1);
