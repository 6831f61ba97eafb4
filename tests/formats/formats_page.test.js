// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('docs/formats.md lists the operators that the readers have', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../tools/formats_table.js', import.meta.url)), '--check']);
});
