// SPDX-License-Identifier: MIT
//
// Files, where there are any. Node's modules are asked for through a global, so that this library has no import that a
// browser or a bundler could stumble over.
import { OctavoError } from './errors.js';

/** @returns {typeof import('node:fs')} */
function fileSystem() {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (!fs) {
    throw new OctavoError('unsupported_platform', 'Files cannot be read by path here', {
      hint: 'Pass a URL, a Blob or bytes; in Node, use version 20.16 or newer.',
    });
  }
  return fs;
}

/** @param {string | URL} path */
export async function readFile(path) {
  try {
    return await fileSystem().promises.readFile(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/**
 * The path of a file in the folder of another, or below.
 * @param {string | URL} path
 * @param {string[]} steps
 */
export function pathBeside(path, steps) {
  if (path instanceof URL) return new URL(steps.map(encodeURIComponent).join('/'), path);
  const { dirname, join } = /** @type {typeof import('node:path')} */ (
    globalThis.process.getBuiltinModule('node:path')
  );
  return join(dirname(path), ...steps);
}

/**
 * A file's bytes, piece by piece, and their number.
 * @param {string | URL} path
 */
export async function openFile(path) {
  try {
    const fs = fileSystem();
    const { size } = await fs.promises.stat(path);
    return { chunks: piecesOf(path), size };
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/**
 * Opens the file when the first piece is asked for: who never asks leaves nothing open.
 * @param {string | URL} path
 */
async function* piecesOf(path) {
  try {
    yield* fileSystem().createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/**
 * @param {string | URL} path
 * @param {any} cause
 */
function cannotRead(path, cause) {
  if (cause instanceof OctavoError) return cause;
  const why = cause?.code === 'ENOENT' ? 'there is no such file' : String(cause?.message ?? cause);
  return new OctavoError('network', `Cannot read ${path}: ${why}`, { url: String(path), cause });
}
