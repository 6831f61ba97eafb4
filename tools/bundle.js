// SPDX-License-Identifier: MIT
//
// The JavaScript in dist/: octavo.js (a module, for a page without a bundler), octavo.iife.js (for a script tag, with
// octavo.image and octavo.scan), octavo.worker.js (both start it), and the types, made from JSDoc.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = join(fileURLToPath(import.meta.url), '../..');

/** In dist/, everything lies side by side. */
const neighbours = {
  name: 'neighbours',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](wasm|start_worker)\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll("'../dist/", "'./")
        .replace("'./worker.js'", "'./octavo.worker.js'"),
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  banner: { js: '/*! Octavo, MIT */' },
  plugins: [neighbours],
};

const scriptTag = `
  export * from './web/index.js';
  export * as image from './js/image.js';
  export * as scan from './js/scan.js';`;

export async function bundle() {
  const module = (from, to) => build({ ...common, entryPoints: [from], outfile: to, format: 'esm' });
  await module('web/index.js', 'dist/octavo.js');
  await module('web/worker.js', 'dist/octavo.worker.js');
  await build({
    ...common,
    stdin: { contents: scriptTag, resolveDir: root },
    outfile: 'dist/octavo.iife.js',
    format: 'iife',
    globalName: 'octavo',
    inject: ['web/script_url.js'],
    define: { 'import.meta.url': 'scriptUrl' },
  });
}

export function types() {
  rmSync(join(root, 'dist/types'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const entries = ['js/index.js', 'js/image.js', 'js/scan.js', 'js/compile.js'];
  const flags =
    '--ignoreConfig --allowJs --checkJs --declaration --emitDeclarationOnly --rootDir . --outDir dist/types';
  const dialect =
    '--target esnext --module nodenext --lib esnext,dom,dom.iterable,dom.asynciterable --types node --skipLibCheck';
  const args = [...entries, ...flags.split(' '), ...dialect.split(' ')];
  execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'inherit' });
}
