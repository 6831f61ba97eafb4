// SPDX-License-Identifier: MIT
//
// Models in a page: in a worker by default, under the strictest content security policy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { noBrowser } from '../helpers/browser.js';
import { addOneModel, onnxModel, slowModel } from '../helpers/onnx_model.js';
import { sumModel } from '../formats/variables.js';
import { openSite } from './site.js';

const simd128 = readFileSync(new URL('../../dist/octavo_simd128.wasm', import.meta.url));

/** Where x is above 0, and the same as rows: as many as there are. */
const placesModel = onnxModel({
  inputs: { x: { dtype: 'float32', shape: [2000] } },
  outputs: { y: { dtype: 'int64', shape: [1, 'count'] }, z: undefined },
  nodes: [
    { op: 'Relu', inputs: ['x'], outputs: ['s'] },
    { op: 'NonZero', inputs: ['s'], outputs: ['y'] },
    { op: 'Transpose', inputs: ['y'], outputs: ['z'] },
  ],
});

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
/** @type {import('playwright-core').Page} */
let page;

if (!noBrowser) {
  before(async () => {
    site = await openSite({
      '/made/add_one': { body: addOneModel() },
      '/made/slow': { body: slowModel() },
      '/made/sum': { body: sumModel({ start: Float32Array.of(10, 20) }) },
      '/made/places': { body: placesModel },
      '/made/html': { body: '<!doctype html><title>Shop</title>', type: 'text/html' },
      '/made/endless': { body: addOneModel(), isEndless: true },
      '/made/wasm/octavo_relaxed.wasm': { body: 'nothing', status: 404 },
      '/made/wasm/octavo_relaxed_u8.wasm': { body: '<html>', type: 'text/html' },
      '/made/wasm/octavo_relaxed_s8.wasm': { body: Uint8Array.of(0, 97, 115, 109, 9), type: 'application/wasm' },
      '/made/wasm/octavo_simd128.wasm': { body: simd128, type: 'application/wasm' },
      '/made/slow_wasm': { body: simd128, type: 'application/wasm', after: '/made/add_one' },
      '/made/missing': { body: 'nothing', status: 404 },
    });
    page = await site.openPage();
    await page.evaluate(async () => {
      const all = /** @type {any} */ (globalThis);
      all.octavo = await import(/** @type {any} */ ('/web/index.js'));
      /** What a promise was rejected with, as the test can read it. */
      all.failure = (/** @type {Promise<unknown>} */ promise) =>
        promise.then(
          () => assertNever(),
          (/** @type {any} */ error) =>
            typeof error !== 'object'
              ? error
              : {
                  name: error.name,
                  code: error.code,
                  message: error.message,
                  hint: error.hint,
                  node: error.node,
                  url: error.url,
                },
        );
      const assertNever = () => {
        throw new Error('it did not fail');
      };
    });
  });
  after(() => site.close());
}

/**
 * @param {string} name
 * @param {() => Promise<void>} body
 */
const inBrowser = (name, body) => test(name, { skip: noBrowser }, body);

/** A terminated worker is gone soon, not at once. */
async function noWorkerIsLeft() {
  for (let i = 0; i < 50 && page.workers().length > 0; i++) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 0);
}

/** In the page. */
const { octavo, failure } = /** @type {any} */ (globalThis);

inBrowser('a model runs in a worker, which ends with it', async () => {
  const y = await page.evaluate(async () => {
    const model = /** @type {any} */ (globalThis.model = await octavo.loadModel('/made/add_one'));
    const { y } = await model.run({ x: Float32Array.of(1, -5) });
    return { dtype: y.dtype, shape: [...y.shape], data: [...y.data], isTensor: y instanceof octavo.Tensor };
  });
  assert.deepEqual(y, { dtype: 'float32', shape: [2, 1], data: [2, 0], isTensor: true });
  assert.equal(page.workers().length, 1);
  await page.evaluate(() => /** @type {any} */ (globalThis).model.dispose());
  await noWorkerIsLeft();
});

inBrowser('the worker reads the model while the engine is still on its way', async () => {
  const order = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/add_one', { wasm: { url: '/made/slow_wasm' }, warmup: true });
    const { y } = await model.run({ x: Float32Array.of(1, 2) });
    await model.dispose();
    return [...y.data];
  });
  assert.deepEqual(order, [2, 3]);
});

inBrowser('inline there is no worker', async () => {
  const data = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/add_one', { worker: false });
    const { y } = await model.run({ x: Float32Array.of(1, 2) });
    return [...y.data];
  });
  assert.deepEqual(data, [2, 3]);
  assert.equal(page.workers().length, 0);
});

inBrowser('the page has what the worker knows: inputs, plan, memory, profile', async () => {
  const report = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/slow');
    const profile = await model.profile({ x: new Float32Array(256 * 256) }, { runs: 2 });
    const { inputs, memory, plan, variant } = model;
    await model.dispose();
    return { inputs, memory, steps: plan.steps.length, variant, timed: profile.steps.length, ms: profile.ms };
  });
  assert.equal(report.inputs[0].name, 'x');
  assert.ok(report.memory.total > 0 && report.memory.wasm >= report.memory.activations);
  assert.equal(report.timed, report.steps);
  assert.ok(report.ms > 0);
  assert.match(report.variant, /^(simd128|relaxed(_[us]8)?)$/);
});

inBrowser('a model in a worker keeps its variables, and resets', async () => {
  const seen = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/sum');
    const next = async () => [...(await model.run({ x: Float32Array.of(1, 2) })).y.data];
    const sums = [await next(), await next()];
    await model.reset();
    sums.push(await next());
    const { variables } = model;
    await model.dispose();
    return { sums, variables };
  });
  assert.deepEqual(seen.sums, [[11, 22], [12, 24], [11, 22]]);
  assert.deepEqual(seen.variables, [{ name: 'sum', dtype: 'float32', shape: [2] }]);
});

inBrowser('results whose shapes depend on data come out of a worker, empty ones too', async () => {
  const seen = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/places');
    const places = async (/** @type {number[]} */ ...at) => {
      const x = new Float32Array(2000);
      for (const i of at) x[i] = 1;
      const { y, z } = await model.run({ x });
      return [y.shape, Array.from(/** @type {any} */ (y.data), Number), z.shape];
    };
    const all = [model.outputs[0].shape, await places(), await places(3, 1999)];
    await model.dispose();
    return all;
  });
  assert.deepEqual(seen, [[1, null], [[1, 0], [], [0, 1]], [[1, 2], [3, 1999], [2, 1]]]);
});

inBrowser('every kind of source reaches the worker, with progress', async () => {
  const seen = await page.evaluate(async () => {
    const fetched = async () => fetch('/made/add_one');
    const bytes = await (await fetched()).arrayBuffer();
    const shifted = new Uint8Array(bytes.byteLength + 3);
    shifted.set(new Uint8Array(bytes), 3);
    const sources = {
      url: '/made/add_one',
      URL: new URL('/made/add_one', location.href),
      Request: new Request('/made/add_one'),
      post: new Request('/made/add_one', { method: 'POST', body: 'please' }),
      Response: await fetched(),
      Blob: new Blob([bytes]),
      ArrayBuffer: bytes,
      part: shifted.subarray(3),
      stream: new Blob([bytes]).stream(),
    };
    const results = [];
    for (const [name, source] of Object.entries(sources)) {
      let loaded = 0;
      const model = await octavo.loadModel(source, { onProgress: (/** @type {any} */ at) => (loaded = at.loaded) });
      const { y } = await model.run({ x: Float32Array.of(1, 2) });
      await model.dispose();
      results.push([name, loaded === bytes.byteLength, ...y.data]);
    }
    return results;
  });
  assert.deepEqual(
    seen.filter(([, all, a, b]) => !all || a !== 2 || b !== 3),
    [],
  );
});

inBrowser('inputs are copied, unless they are given away', async () => {
  const lengths = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/add_one');
    const kept = new Float32Array(6),
      given = new Float32Array(6);
    await model.run({ x: kept });
    await model.run({ x: given }, { transfer: true });
    await model.dispose();
    return [kept.length, given.length];
  });
  assert.deepEqual(lengths, [6, 0]);
});

inBrowser('calls that come together are answered in order', async () => {
  const first = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/add_one');
    const calls = [3, 1, 4].map((n) => model.run({ x: new Float32Array(2 * n).fill(n) }));
    const answers = await Promise.all(calls);
    await model.dispose();
    return answers.map(({ y }) => y.data[0]);
  });
  assert.deepEqual(first, [4, 2, 5]);
});

inBrowser('an abort stops the worker’s run, and the model works after it', async () => {
  const times = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/slow');
    const x = new Float32Array(256 * 256).fill(1);
    const timed = async (/** @type {Promise<unknown>} */ promise) => {
      const begin = performance.now();
      const result = await promise.catch((error) => error);
      return { ms: performance.now() - begin, result };
    };
    await model.run({ x });
    const whole = await timed(model.run({ x }));
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 10);
    const aborted = await timed(model.profile({ x }, { signal: controller.signal, runs: 1000 }));
    const next = await timed(model.run({ x }));
    await model.dispose();
    return { whole: whole.ms, aborted: aborted.ms, reason: aborted.result, next: next.ms };
  });
  assert.equal(times.reason, 'enough');
  assert.ok(times.aborted < times.whole * 20, JSON.stringify(times));
  assert.ok(times.next < times.whole * 20, `the aborted run went on: ${JSON.stringify(times)}`);
});

inBrowser('the main thread is never blocked for 50 ms while a model is loaded and run in a worker', async () => {
  const longTasks = () =>
    page.evaluate(async () => {
      /** @type {number[]} */
      const long = [];
      const observer = new PerformanceObserver((list) =>
        long.push(...list.getEntries().map(({ duration }) => duration)),
      );
      observer.observe({ type: 'longtask' });
      const model = await octavo.loadModel('/made/slow');
      for (let i = 0; i < 3; i++) await model.run({ x: new Float32Array(256 * 256) });
      await model.dispose();
      await new Promise((resolve) => setTimeout(resolve, 50));
      observer.disconnect();
      return long;
    });
  // A busy machine may hold up any thread; what we do to the page ourselves would be there every time.
  const attempts = [await longTasks()];
  while (attempts.length < 3 && attempts.at(-1)?.length) attempts.push(await longTasks());
  assert.deepEqual(attempts.at(-1), []);
});

inBrowser('an image is taken where the model wants one', async () => {
  const { onnxModel } = await import('../helpers/onnx_model.js');
  const bytes = [
    ...onnxModel({
      inputs: { image: { dtype: 'float32', shape: [1, 3, 2, 2] } },
      outputs: { y: { dtype: 'float32', shape: [1, 3, 2, 2] } },
      nodes: [{ op: 'Relu', inputs: ['image'], outputs: ['y'] }],
    }),
  ];
  const data = await page.evaluate(async (model) => {
    const loaded = await octavo.loadModel(Uint8Array.from(model));
    const image = new ImageData(2, 2);
    image.data.set([255, 0, 51, 255, 255, 0, 51, 255, 255, 0, 51, 255, 255, 0, 51, 255]);
    const { y } = await loaded.run({ image });
    await loaded.dispose();
    return [...y.data];
  }, bytes);
  const expected = [1, 1, 1, 1, 0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2];
  assert.ok(
    data.every((value, i) => Math.abs(value - expected[i]) < 1e-6),
    String(data),
  );
});

inBrowser('errors come back from the worker as they are', async () => {
  const errors = await page.evaluate(async () => {
    const model = await octavo.loadModel('/made/add_one');
    const wrongShape = await failure(model.run({ x: { data: new Float32Array(3), shape: [3, 1] } }));
    const wrongType = await failure(model.run({ x: new Int8Array(2) }));
    const running = failure(model.run({ x: new Float32Array(2) }));
    await model.dispose();
    return {
      wrongShape,
      wrongType,
      disposed: await running,
      after: await failure(model.run({ x: new Float32Array(2) })),
      missing: await failure(octavo.loadModel('/made/missing')),
      html: await failure(octavo.loadModel('/made/html')),
      integrity: await failure(octavo.loadModel('/made/add_one', { integrity: '0'.repeat(64) })),
      damaged: await failure(octavo.loadModel(new Uint8Array(100))),
      aborted: await failure(octavo.loadModel('/made/slow', { signal: AbortSignal.abort('no') })),
    };
  });
  const codes = Object.entries(errors).map(([name, error]) => [name, error.code ?? error]);
  assert.deepEqual(Object.fromEntries(codes), {
    wrongShape: 'invalid_shape',
    wrongType: 'invalid_argument',
    disposed: 'disposed',
    after: 'disposed',
    missing: 'http',
    html: 'not_a_model',
    integrity: 'integrity',
    damaged: 'invalid_model',
    aborted: 'no',
  });
  assert.match(errors.html.message, /HTML page came from .*\/made\/html: '<!doctype html><title>Shop/);
  assert.equal(errors.missing.url, `${site.url}/made/missing`);
  assert.ok(Object.values(errors).every((error) => typeof error === 'string' || error.name === 'OctavoError'));
  await noWorkerIsLeft();
});

inBrowser('an abort stops a download, and no worker is left', async () => {
  const reasons = await page.evaluate(async () => {
    const results = [];
    for (const source of ['/made/endless', new Request('/made/endless'), await fetch('/made/endless')]) {
      const controller = new AbortController();
      const onProgress = (/** @type {any} */ { loaded }) => loaded > 0 && controller.abort('enough');
      results.push(await failure(octavo.loadModel(source, { signal: controller.signal, onProgress })));
    }
    return results;
  });
  assert.deepEqual(reasons, ['enough', 'enough', 'enough']);
  await noWorkerIsLeft();
});

inBrowser('a worker that cannot be started says what to do', async () => {
  const errors = await page.evaluate(async () => ({
    missing: await failure(
      octavo.loadModel('/made/add_one', { worker: () => new Worker('/nothing.js', { type: 'module' }) }),
    ),
    blob: await failure(
      octavo.loadModel('/made/add_one', {
        worker: () => new Worker(URL.createObjectURL(new Blob(['1'], { type: 'text/javascript' }))),
      }),
    ),
    own: (await octavo.loadModel('/made/add_one', { worker: () => new Worker('/web/worker.js', { type: 'module' }) }))
      .format,
  }));
  assert.equal(errors.missing.code, 'worker');
  assert.match(errors.missing.message, /worker-src 'self'.*worker: false/);
  assert.equal(errors.blob.code, 'worker');
  assert.equal(errors.own, 'onnx');
});

inBrowser('a build that cannot be loaded is no reason to fail: the next one is taken', async () => {
  const variants = await page.evaluate(async () => {
    const best = await octavo.loadModel('/made/add_one');
    const next = await octavo.loadModel('/made/add_one', { wasm: { url: '/made/wasm/' } });
    return { best: best.variant, usable: octavo.usableVariants(), next: next.variant };
  });
  assert.equal(variants.best, variants.usable[0]);
  assert.equal(variants.next, 'simd128');
});

inBrowser('the bundles work the same: a module, and a script tag', async () => {
  const other = await openSite({
    '/made/add_one': { body: addOneModel() },
    '/tagged': { body: '<!doctype html><script src="/dist/octavo.iife.js"></script>', type: 'text/html' },
  });
  try {
    const tagged = await other.openPage('/tagged');
    const run = async (/** @type {any} */ library) => {
      const { loadModel } = await library;
      const model = await loadModel('/made/add_one');
      const { y } = await model.run({ x: Float32Array.of(1, 2) });
      return [...y.data];
    };
    assert.deepEqual(await tagged.evaluate(`(${run})(octavo)`), [2, 3]);
    assert.deepEqual(await tagged.evaluate(`(${run})(import('/dist/octavo.js'))`), [2, 3]);
    assert.equal(tagged.workers().length, 2);
    assert.equal(await tagged.evaluate('typeof octavo.image.resize'), 'function');
    assert.deepEqual(await tagged.evaluate('violations'), []);
  } finally {
    await other.close();
  }
});

inBrowser('a policy that forbids WebAssembly is named, with what to allow', async () => {
  const strict = { body: '<!doctype html>', type: 'text/html', policy: "script-src 'self'" };
  const other = await openSite({ '/strict': strict });
  try {
    const error = await (
      await other.openPage('/strict')
    ).evaluate(async () => {
      const { loadModel } = await import(/** @type {any} */ ('/web/index.js'));
      return loadModel(new Uint8Array(100)).catch((/** @type {any} */ { code, message }) => ({ code, message }));
    });
    assert.equal(error.code, 'wasm');
    assert.match(error.message, /Allow it in the page's Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'/);
  } finally {
    await other.close();
  }
});

inBrowser('none of this broke the content security policy, but for the blob that was meant to', async () => {
  assert.deepEqual(await page.evaluate('violations'), ['worker-src']);
});
