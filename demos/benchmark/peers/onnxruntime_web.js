// SPDX-License-Identifier: MIT
//
// onnxruntime-web, its wasm execution provider.

const folder = '/node_modules/onnxruntime-web/dist';

/** @type {import('./index.js').Peer} */
export const onnxruntimeWeb = {
  name: 'onnxruntime-web',
  reads: ['onnx'],
  builds: [],

  async open(url, { threads }) {
    const ort = await import(`${folder}/ort.wasm.min.mjs`);
    ort.env.wasm.numThreads = threads;
    const session = await ort.InferenceSession.create(url, { executionProviders: ['wasm'] });
    return {
      build: 'simd',
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
    };
  },
};
