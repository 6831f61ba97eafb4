// SPDX-License-Identifier: MIT
//
// The C tests (tests/*/*.test.c), built natively and run under AddressSanitizer and UndefinedBehaviorSanitizer, with
// unsigned and with signed activations.
import { execFile, execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { missingCommand } from './helpers/commands.js';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const skip = missingCommand(['clang', 'cmake', 'ninja']);

test('the C tests pass under sanitizers', { skip, timeout: 20 * 60_000 }, async (t) => {
  execFileSync('cmake', ['--preset', 'native'], { cwd, stdio: 'pipe' });
  execFileSync('cmake', ['--build', '--preset', 'native', '-j2'], { cwd, stdio: 'pipe' });
  const listing = execFileSync('ctest', ['--preset', 'native', '--show-only=json-v1'], { cwd, encoding: 'utf8' });
  for (const { name, command } of JSON.parse(listing).tests) {
    await t.test(name, () => promisify(execFile)(command[0], command.slice(1), { cwd }));
  }
});
