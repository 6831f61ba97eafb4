// SPDX-License-Identifier: MIT
//
// Octavo on the page's own thread, as its peers run.

/** @type {import('./index.js').Peer} */
export const octavo = {
  name: 'octavo',
  reads: ['onnx', 'tflite'],
  builds: ['simd128', 'relaxed', 'relaxed_u8', 'relaxed_s8'],

  async open(url, { threads, build, from }) {
    const { loadModel } = await (from ? import(from) : import('../../../web/index.js'));
    const model = await loadModel(url, { worker: false, threads, variant: build });
    return {
      build: model.variant,
      threads: () => model.threads ?? 1,
      inputs: model.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
      async run(feeds) {
        const outputs = await model.run(Object.fromEntries(feeds.map((feed) => [feed.name, feed])));
        return model.outputs.map(({ name }) => outputs[name].data);
      },
    };
  },
};
