// SPDX-License-Identifier: MIT
//
// Octavo on the page's own thread, as its peers run.

/** @typedef {import('../page.js').Peer} Peer */

/** @type {Peer} */
export const octavo = {
  name: 'octavo',
  reads: ['onnx', 'tflite'],

  async open(url) {
    const { loadModel } = await import('../../dist/octavo.js');
    const model = await loadModel(url, { worker: false });
    return {
      detail: model.variant,
      inputs: model.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
      async run(feeds) {
        const outputs = await model.run(Object.fromEntries(feeds.map((feed) => [feed.name, feed])));
        return model.outputs.map(({ name }) => outputs[name].data);
      },
      close: () => model.dispose(),
    };
  },
};
