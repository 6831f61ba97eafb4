// SPDX-License-Identifier: MIT
//
// octavo build: engines that have no more than the given models need. It asks the models, and leaves the compiling to
// tools/reduced.js, which the repository has and the package has not.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { loadModel } from '../js/index.js';

import { Misuse } from './misuse.js';

export const summary = 'makes a smaller engine, for given models only';

export const help = `Usage: octavo build --models MODEL ... [-o DIR]

Compiles wasm modules with the operators, kernels and readers that the MODELs (ONNX, TFLite or prepared) need, and no others, and
writes them to DIR (reduced). Serve them in the place of the package's own. Another model is refused, by the name of the
operator that is lacking.

It needs the repository (git clone; npm install), not the package alone, and Emscripten 3.1.60 or newer on PATH; without
that tools/toolchain.sh makes a Debian root with it.

  --models MODEL ...   the models that the build is for
  -o, --out DIR        where the modules go (reduced)
  --variant NAME       one of simd128, relaxed, relaxed_u8, relaxed_s8; else all of them`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  models: { type: 'string', multiple: true },
  out: { type: 'string', short: 'o', default: 'reduced' },
  variant: { type: 'string', multiple: true },
};

const builder = fileURLToPath(new URL('../tools/reduced.js', import.meta.url));

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const files = [...(values.models ?? []), ...positionals];
  if (files.length === 0) throw new Misuse('--models MODEL ... is missing');
  if (!existsSync(builder)) {
    throw new Error('octavo build compiles C, which the package does not carry: run it in a clone of the repository, ' +
      'with Emscripten 3.1.60 or newer on PATH (or let tools/toolchain.sh make a Debian root with it)');
  }
  const folder = mkdtempSync(join(tmpdir(), 'octavo-build-'));
  try {
    const list = join(folder, 'used.json');
    writeFileSync(list, JSON.stringify(await usedBy(files)));
    const modules = (values.variant ?? []).map((/** @type {string} */ name) => `octavo_${name}`);
    execFileSync(process.execPath, [builder, list, values.out, ...modules], { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What the models need, together.
 * @param {string[]} files
 */
async function usedBy(files) {
  /** @type {Record<string, Set<string>>} */
  const all = {};
  for (const file of files) {
    const model = await loadModel(file);
    if (!model.plan) await model.prepare(Object.fromEntries(model.inputs.map(({ name, shape }) => [name, someShape(shape)])));
    const { used, rest } = /** @type {NonNullable<typeof model.plan>} */ (model.plan);
    if (rest.length > 0) {
      throw new Misuse(`what ${file} needs is not known before it runs, since the shapes of '${rest[0].name}' depend on ` +
        'data: leave it to the full build');
    }
    for (const [kind, names] of Object.entries(used)) for (const name of names) (all[kind] ??= new Set()).add(name);
    await model.dispose();
  }
  return Object.fromEntries(Object.entries(all).map(([kind, names]) => [kind, [...names]]));
}

/** @param {readonly (number | null)[] | null} shape */
const someShape = (shape) => (shape ?? []).map((dim) => dim ?? 1);
