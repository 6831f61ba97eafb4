// SPDX-License-Identifier: MIT
//
// onnxruntime-web, its wasm execution provider, one thread.

/** @typedef {import('../page.js').Peer} Peer */

/** @type {Peer} */
export const onnxruntimeWeb = {
  name: 'onnxruntime-web',
  reads: ['onnx'],

  async open(url) {
    const ort = await import('/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs');
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(url, { executionProviders: ['wasm'] });
    return {
      detail: 'wasm',
      inputs: session.inputMetadata.map(({ name, type, shape }) => ({
        name,
        dtype: type,
        shape: shape.map((size) => (typeof size === 'number' ? size : null)),
      })),
      async run(feeds) {
        const tensors = feeds.map(({ name, dtype, data, shape }) => [name, new ort.Tensor(dtype, data, shape)]);
        const outputs = await session.run(Object.fromEntries(tensors));
        return session.outputNames.map((name) => outputs[name].data);
      },
      close: () => session.release(),
    };
  },
};
