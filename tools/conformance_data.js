// SPDX-License-Identifier: MIT
//
// Lays out ONNX's own conformance suite, which the onnx Python package carries, in build/conformance (not kept in git):
// node tools/conformance_data.js. `npm run conformance` does so by itself the first time. Needs pip.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const VERSION = '1.16.1';
export const dataFolder = fileURLToPath(new URL('../build/conformance', import.meta.url));

/** The suite's folders, one per kind of test. Others (light, real) want models that the package does not carry. */
export const SUITES = ['node', 'simple', 'pytorch-converted', 'pytorch-operator'];

export function layOut() {
  if (existsSync(dataFolder)) return;
  const work = `${dataFolder}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', work];
  execFileSync('python3', [...pip, `onnx==${VERSION}`], { stdio: 'inherit' });
  const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
  execFileSync('python3', ['-m', 'zipfile', '--extract', join(work, String(wheel)), work]);
  renameSync(join(work, 'onnx/backend/test/data'), dataFolder);
  rmSync(work, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) layOut();
