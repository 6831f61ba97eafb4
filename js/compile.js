// SPDX-License-Identifier: MIT
//
// compileModel: the prepared form of a model, which starts faster and gives the same bits. The file is for the engine's own
// version; it says what it was made from, by SHA-256.
import { Engine } from './engine.js';
import { OctavoError } from './errors.js';
import { sha256 } from './integrity.js';
import { ModelFiles, parseExternals } from './model_files.js';
import { loadWasm } from './wasm.js';

/** Where a prepared model says how many bytes it has (src/formats/prepared.c). */
const SIZE_AT = 12;

/**
 * @param {import('./fetch_bytes.js').Source} source ONNX or TFLite, from wherever loadModel takes it
 * @param {Pick<import('./load_model.js').LoadOptions, 'externalData' | 'signal' | 'variant' | 'wasm'>} [options]
 * @returns {Promise<Uint8Array>} to be kept as a file, and given to loadModel
 */
export async function compileModel(source, { externalData, signal, variant, wasm } = {}) {
  signal?.throwIfAborted();
  const engine = await Engine.create(await loadWasm({ variant, wasm }));
  const files = new ModelFiles(source, { externals: parseExternals(externalData), signal });
  await files.read(engine);
  const digest = await sha256(engine.peek(files.own.address, files.own.length));
  if (!digest) {
    throw new OctavoError('unsupported_platform', 'A model cannot be compiled here: WebCrypto is missing', {
      hint: 'Browsers have it only in secure contexts; or run octavo compile.',
    });
  }
  const model = files.create(engine);
  const file = engine.pointer('oct_model_compile', model, engine.keep(digest));
  const [size] = engine.read(Uint32Array, file + SIZE_AT, 1);
  return engine.read(Uint8Array, file, size);
}
