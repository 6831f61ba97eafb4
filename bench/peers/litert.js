// SPDX-License-Identifier: MIT
//
// LiteRT.js on the CPU (XNNPACK), one thread. It has no int8 tensors: a model with int8 inputs is refused by it.

/** @typedef {import('../page.js').Peer} Peer */

/** @type {Peer} */
export const litert = {
  name: '@litertjs/core',
  reads: ['tflite'],

  async open(url) {
    const { loadLiteRt, loadAndCompile, Tensor } = await import('@litertjs/core');
    await loadLiteRt('/node_modules/@litertjs/core/wasm/');
    const model = await loadAndCompile(url, { accelerator: 'wasm' });
    return {
      detail: 'wasm',
      inputs: model.getInputDetails().map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
      async run(feeds) {
        const tensors = feeds.map(({ data, shape }) => new Tensor(data, shape));
        const outputs = await model.run(tensors);
        const results = outputs.map((output) => output.toTypedArray().slice());
        for (const tensor of [...tensors, ...outputs]) tensor.delete();
        return results;
      },
      close: () => model.delete(),
    };
  },
};
