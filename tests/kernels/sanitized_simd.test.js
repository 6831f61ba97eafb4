// SPDX-License-Identifier: MIT
//
// The SIMD kernels under AddressSanitizer and UndefinedBehaviorSanitizer: wasm's instructions are played by SIMDe
// (Debian's libsimde-dev), so that a read or write past a buffer's end is seen at the byte where it happens.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { missingCommand } from '../helpers/commands.js';

const cwd = fileURLToPath(new URL('../..', import.meta.url));
const simde = existsSync('/usr/include/simde/wasm/simd128.h') ? false : 'not installed: libsimde-dev';
const skip = missingCommand(['clang']) || simde;

for (const sign of [0, 1]) {
  const what = sign ? 'signed' : 'unsigned';
  test(`SIMD kernels stay inside their buffers, with ${what} activations`, { skip, timeout: 20 * 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'octavo-simd-'));
    const program = join(folder, 'kernels');
    const kernels = readdirSync(join(cwd, 'src/kernels'), { recursive: true }).map(String)
      .filter((file) => file.endsWith('.c')).map((file) => join('src/kernels', file));
    try {
      execFileSync('clang', ['-std=gnu17', '-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all',
        '-ffp-contract=off', '-fno-strict-aliasing', '-D__wasm_simd128__', '-DOCT_RELAXED=1',
        `-DOCT_ACT_SIGNED=${sign}`,
        '-Isrc', '-Itests', '-Itests/kernels/simde', 'tests/kernels/kernels.test.c', ...kernels, '-lm', '-o', program],
      { cwd, stdio: 'pipe' });
      execFileSync(program, { cwd, stdio: 'pipe' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
