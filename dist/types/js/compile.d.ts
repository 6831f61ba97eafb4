/**
 * @param {import('./fetch_bytes.js').Source} source ONNX or TFLite, from wherever loadModel takes it
 * @param {Pick<import('./load_model.js').LoadOptions, 'externalData' | 'signal' | 'variant' | 'wasm'>} [options]
 * @returns {Promise<Uint8Array>} to be kept as a file, and given to loadModel
 */
export declare function compileModel(source: import('./fetch_bytes.js').Source, { externalData, signal, variant, wasm }?: Pick<import('./load_model.js').LoadOptions, 'externalData' | 'signal' | 'variant' | 'wasm'>): Promise<Uint8Array>;
