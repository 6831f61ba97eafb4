// SPDX-License-Identifier: MIT
//
// The project's files, for the tests that read them all.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const MADE = new Set(['node_modules', 'build', 'dist', '.git', '__pycache__']);

/**
 * Paths relative to the project, sorted, without what is made by tools.
 * @param {string} folder
 * @param {RegExp} [pattern] that the path must match
 * @returns {string[]}
 */
export function filesIn(folder, pattern = /./) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (MADE.has(entry.name)) return []; // in a worktree, .git is a file
      if (entry.isDirectory()) return filesIn(path, pattern);
      return pattern.test(path) ? [path] : [];
    });
}

/** @param {string} path relative to the project */
export const read = (path) => readFileSync(join(root, path), 'utf8');
