// SPDX-License-Identifier: MIT
//
// The compiled engine. A module is fetched and compiled once a page, then shared by every model and posted to every
// worker. The best build that the machine computes right with is taken; if it cannot be fetched or compiled, the next.
import { OctavoError, invalidArgument } from './errors.js';
import { usableVariants } from './features.js';
import { bytesOf, fetchOk, locate, quoteAnswer } from './fetch_bytes.js';
import { readFile } from './files.js';

/** @typedef {import('./features.js').Variant} Variant */

/** How a module is linked: its memory its own, or one that threads can share. */
/** @typedef {'alone' | 'threads'} Link */

/**
 * Where the engine comes from, if not from beside this package. One of:
 * - `url`: of a wasm file, or of the folder with all of them (then it ends with '/')
 * - `binary`: the bytes of one
 * - `module`: a compiled one
 *
 * @typedef {object} WasmOptions
 * @property {string | URL} [url]
 * @property {BufferSource} [binary]
 * @property {WebAssembly.Module} [module]
 */

// Whole literals, because bundlers find files by them.
const FILES = {
  simd128: {
    alone: new URL('../dist/octavo_simd128.wasm', import.meta.url),
    threads: new URL('../dist/octavo_simd128_threads.wasm', import.meta.url),
  },
  relaxed: {
    alone: new URL('../dist/octavo_relaxed.wasm', import.meta.url),
    threads: new URL('../dist/octavo_relaxed_threads.wasm', import.meta.url),
  },
  relaxed_u8: {
    alone: new URL('../dist/octavo_relaxed_u8.wasm', import.meta.url),
    threads: new URL('../dist/octavo_relaxed_u8_threads.wasm', import.meta.url),
  },
  relaxed_s8: {
    alone: new URL('../dist/octavo_relaxed_s8.wasm', import.meta.url),
    threads: new URL('../dist/octavo_relaxed_s8_threads.wasm', import.meta.url),
  },
};

/** @type {Map<string, Promise<WebAssembly.Module>>} compiled modules by URL */
const compiled = new Map();

/** @type {WebAssembly.Module | undefined} what a worker was given by its page */
let given;

/**
 * Makes `module` the one that loadWasm answers with unless told otherwise: a worker compiles nothing.
 * @param {WebAssembly.Module} module
 */
export function giveWasm(module) {
  given = module;
}

/**
 * @param {object} [options]
 * @param {Variant} [options.variant] one build and no other
 * @param {WasmOptions} [options.wasm]
 * @param {boolean} [options.threads] one that threads can share, if it can be had
 * @returns {Promise<WebAssembly.Module>}
 */
export async function loadWasm({ variant, wasm = {}, threads = false } = {}) {
  const variants = chooseVariants(variant);
  if (wasm.module) return wasm.module;
  if (wasm.binary) return compile(wasm.binary);
  if (given && !variant && !wasm.url) return given;
  if (wasm.url && !String(wasm.url).endsWith('/')) return compileOnce(wasm.url);

  /** @type {unknown} */
  let failure;
  for (const candidate of variants) {
    for (const link of /** @type {Link[]} */ (threads ? ['threads', 'alone'] : ['alone'])) {
      try {
        const name = `octavo_${candidate}${link === 'threads' ? '_threads' : ''}.wasm`;
        return await compileOnce(wasm.url ? `${wasm.url}${name}` : FILES[candidate][link]);
      } catch (error) {
        failure = error;
      }
    }
  }
  throw failure;
}

/** @param {Variant | undefined} asked */
function chooseVariants(asked) {
  const usable = usableVariants();
  if (usable.length === 0) {
    throw new OctavoError('unsupported_platform', 'This browser has no WebAssembly SIMD', {
      hint: 'Every browser has it since 2023 (Chrome 91, Firefox 89, Safari 16.4): please update.',
    });
  }
  if (asked === undefined) return usable;
  if (!Object.hasOwn(FILES, asked)) {
    throw invalidArgument(`There is no variant '${asked}'`, `Variants are ${Object.keys(FILES).join(', ')}.`);
  }
  if (!usable.includes(asked)) {
    throw new OctavoError('unsupported_platform', `Variant ${asked} would compute wrong results on this machine`, {
      hint: `Leave variant away; usable here: ${usable.join(', ')}.`,
    });
  }
  return [asked];
}

/** @param {string | URL} file */
function compileOnce(file) {
  const place = locate(file);
  const key = String(place instanceof URL ? place : place.path);
  const known = compiled.get(key);
  if (known) return known;
  const module =
    place instanceof URL ? fetchAndCompile(place) : readFile(place.path).then((bytes) => compile(bytes, key));
  compiled.set(key, module);
  module.catch(() => compiled.delete(key));
  return module;
}

/** @param {URL} url */
async function fetchAndCompile(url) {
  const response = await fetchOk(url, {});
  const isStreamable = response.headers.get('content-type')?.startsWith('application/wasm');
  if (isStreamable) return rethrow(WebAssembly.compileStreaming(response), url.href);
  return compile(await response.arrayBuffer(), url.href);
}

/**
 * @param {BufferSource} binary
 * @param {string} [url]
 */
function compile(binary, url) {
  const bytes = bytesOf(binary);
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (!isWasm) {
    throw new OctavoError(
      'wasm',
      `This is not a WebAssembly file: ${url ?? 'wasm.binary'} begins with ${quoteAnswer(bytes)}`,
      { url, hint: "Serve the package's wasm files, or say where they are with the option wasm: { url }." },
    );
  }
  return rethrow(WebAssembly.compile(binary), url);
}

/**
 * @param {Promise<WebAssembly.Module>} compiling
 * @param {string} [url]
 */
async function rethrow(compiling, url) {
  try {
    return await compiling;
  } catch (cause) {
    const text = String(cause);
    const hint = /content security policy|unsafe-eval/i.test(text)
      ? "Allow it in the page's Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'."
      : "Serve the wasm files of this package's own version, unchanged.";
    throw new OctavoError('wasm', `The engine does not compile (${text})`, { url, hint, cause });
  }
}
