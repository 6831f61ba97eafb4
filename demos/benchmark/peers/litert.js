// SPDX-License-Identifier: MIT
//
// LiteRT.js on the CPU (XNNPACK). It has no int8 tensors: a model with int8 inputs is refused by it. Its `compat` build
// is the one that browsers without relaxed SIMD get; that one has no threads.

const folder = '/node_modules/@litertjs/core';

/** @type {import('./index.js').Peer} */
export const litert = {
  name: '@litertjs/core',
  reads: ['tflite'],
  builds: ['compat'],

  async open(url, { threads, build }) {
    const { loadLiteRt, loadAndCompile, supportsFeature, Tensor } = await import(`${folder}/dist/index.js`);
    const isCompat = build === 'compat' || !(await supportsFeature('relaxedSimd'));
    if (isCompat && threads > 1) throw new Error('its compat build has no threads');
    if (build === 'compat') await loadLiteRt(`${folder}/wasm/litert_wasm_compat_internal.js`);
    else await loadLiteRt(`${folder}/wasm/`, { threads: threads > 1 });
    const model = await loadAndCompile(url, { accelerator: 'wasm', cpuOptions: { numThreads: threads } });
    return {
      build: isCompat ? 'compat' : 'relaxed',
      inputs: model.getInputDetails().map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
      async run(feeds) {
        const tensors = feeds.map(({ data, shape }) => new Tensor(data, shape));
        const outputs = await model.run(tensors);
        const results = outputs.map((output) => output.toTypedArray().slice());
        for (const tensor of [...tensors, ...outputs]) tensor.delete();
        return results;
      },
    };
  },
};
