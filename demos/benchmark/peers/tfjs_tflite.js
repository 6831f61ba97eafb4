// SPDX-License-Identifier: MIT
//
// TensorFlow.js's TFLite wrapper. It comes as classic scripts that make globals.

const folder = '/node_modules/@tensorflow';

const loadScript = (src) =>
  new Promise((resolve, reject) => {
    const onerror = () => reject(new Error(`${src} does not load`));
    const script = Object.assign(document.createElement('script'), { src, onload: resolve, onerror });
    document.head.append(script);
  });

/** @type {import('./index.js').Peer} */
export const tfjsTflite = {
  name: '@tensorflow/tfjs-tflite',
  reads: ['tflite'],
  builds: [],

  async open(url, { threads }) {
    await loadScript(`${folder}/tfjs-core/dist/tf-core.min.js`);
    await loadScript(`${folder}/tfjs-backend-cpu/dist/tf-backend-cpu.min.js`);
    await loadScript(`${folder}/tfjs-tflite/dist/tf-tflite.min.js`);
    const { tf, tflite } = globalThis;
    tflite.setWasmPath(`${folder}/tfjs-tflite/wasm/`);
    const model = await tflite.loadTFLiteModel(url, { numThreads: threads });
    return {
      build: 'simd',
      inputs: model.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
      async run(feeds) {
        const tensors = feeds.map(({ data, shape, dtype }) =>
          tf.tensor(data, shape, dtype === 'float32' ? 'float32' : 'int32'),
        );
        const result = model.predict(tensors.length === 1 ? tensors[0] : tensors);
        const outputs = result instanceof tf.Tensor ? [result] : Array.isArray(result) ? result : Object.values(result);
        const arrays = outputs.map((output) => output.dataSync());
        for (const tensor of [...tensors, ...outputs]) tensor.dispose();
        return arrays;
      },
    };
  },
};
