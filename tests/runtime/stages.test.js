// SPDX-License-Identifier: MIT
//
// Models whose shapes depend on data that a run computes: a run plans the rest from them, and goes on. (Inputs of 1024
// elements and fewer may be planned for by value instead: those here are larger where it matters.)
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { table, tfliteModel, u8 } from '../formats/write_tflite.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { f32, noise } from '../ops/one_node.js';

/** @typedef {import('../helpers/onnx_model.js').Node} Node */
/** @typedef {import('../helpers/onnx_model.js').Graph} Graph */

/** @param {string} op @param {string[]} inputs @param {string | string[]} outputs @param {Node['attributes']} [attributes] @returns {Node} */
const node = (op, inputs, outputs, attributes) => ({ op, inputs, outputs: [outputs].flat(), attributes });
/** @param {number[]} values */
const ints = (...values) => new Tensor('int64', [values.length], values);
/** @param {number[]} values */
const floats = (...values) => f32([values.length], values);
/** @param {Tensor} tensor */
const numbers = ({ data }) => Array.from(/** @type {Iterable<number | bigint>} */ (data), Number);

const SIDE = 40, ALL = SIDE * SIDE;

/** A model of an input x of [1, 40, 40], which `s` is the Relu of. @param {Graph} graph */
const open = ({ nodes, ...graph }) =>
  loadModel(onnxModel({ inputs: { x: { dtype: 'float32', shape: [1, SIDE, SIDE] } }, ...graph,
    nodes: [node('Relu', ['x'], 's'), ...nodes] }));

/** x with these elements above 0. @param {number[]} places @param {number} [value] */
const image = (places, value = 1) => {
  const data = new Float32Array(ALL).fill(-1);
  for (const at of places) data[at] = value;
  return { x: f32([1, SIDE, SIDE], [...data]) };
};

test('NonZero of what a run computes: as many as there are, none included', async () => {
  const model = await open({
    outputs: { places: { dtype: 'int64', shape: [3, 'count'] }, s: { dtype: 'float32', shape: [1, SIDE, SIDE] }, found: undefined },
    nodes: [node('NonZero', ['s'], 'places'), node('Transpose', ['places'], 'rows'), node('GatherND', ['s', 'rows'], 'found')],
  });
  assert.deepEqual(model.outputs.map(({ shape, dtype }) => [dtype, shape]),
    [['int64', [3, null]], ['float32', [1, SIDE, SIDE]], [null, null]]);
  assert.deepEqual(model.plan?.rest.map(({ type }) => type), ['NonZero', 'Transpose', 'GatherND']);
  for (const at of [[], [5], [0, 41, 83, ALL - 1], []]) {
    const { places, found, s } = await model.run(image(at, 7));
    assert.deepEqual(places.shape, [3, at.length]);
    assert.deepEqual(numbers(places), [...at.map(() => 0), ...at.map((i) => Math.floor(i / SIDE)), ...at.map((i) => i % SIDE)]);
    assert.deepEqual([found.shape, numbers(found)], [[at.length], at.map(() => 7)]);
    assert.deepEqual(s.shape, [1, SIDE, SIDE]);
  }
  await model.dispose();
});

test('a size that the file says of such an output is not believed', async () => {
  const model = await open({ outputs: { places: { dtype: 'int64', shape: [3, 5] } }, nodes: [node('NonZero', ['s'], 'places')] });
  assert.equal(model.outputs[0].shape, null);
  assert.deepEqual((await model.run(image([1, 2]))).places.shape, [3, 2]);
  await model.dispose();
});

test('NonZero of an input itself, of any size', async () => {
  const model = await loadModel(onnxModel({ inputs: { x: { dtype: 'float32', shape: ['n'] } }, outputs: { y: undefined },
    nodes: [node('NonZero', ['x'], 'y')] }));
  for (const size of [3, 5000, 0, 2000]) {
    const { y } = await model.run({ x: f32([size], Array.from({ length: size }, (_, i) => i % 2)) });
    assert.deepEqual(y.shape, [1, size >> 1]);
    assert.ok(numbers(y).every((at, i) => at === 2 * i + 1));
  }
  await model.dispose();
});

test('Compress by a computed condition', async () => {
  const model = await open({
    outputs: { y: undefined },
    constants: { last: ints(2), half: f32([], [0.5]) },
    nodes: [
      node('ReduceMax', ['s'], 'tops', { axes: [0, 1], keepdims: 0 }),
      node('Greater', ['tops', 'half'], 'keep'),
      node('Compress', ['s', 'keep'], 'y', { axis: 2 }),
    ],
  });
  const { y } = await model.run(image([3, 43, 9]));
  assert.deepEqual(y.shape, [1, SIDE, 2]);
  assert.deepEqual(numbers(y).slice(0, 4), [1, 1, 1, 0]);
  assert.deepEqual((await model.run(image([]))).y.shape, [1, SIDE, 0]);
  await model.dispose();
});

/** What a parameter that comes out of the image does: k is its largest element. */
const parameters = /** @type {Record<string, { nodes: Node[], wanted: (k: number) => number[] }>} */ ({
  Slice: { nodes: [node('Slice', ['line', 'zero', 'k'], 'y')], wanted: (k) => [k] },
  'Slice of a Slice': {
    nodes: [node('Slice', ['line', 'k', 'far'], 'tail'), node('Shape', ['tail'], 'left'), node('Slice', ['line', 'zero', 'left'], 'y')],
    wanted: (k) => [ALL - k],
  },
  Range: { nodes: [node('Squeeze', ['k'], 'k0'), node('Range', ['none', 'k0', 'one0'], 'y')], wanted: (k) => [k] },
  Reshape: { nodes: [node('Concat', ['k', 'rest'], 'to', { axis: 0 }), node('Reshape', ['line', 'to'], 'y')], wanted: (k) => [k, ALL / k] },
  Expand: { nodes: [node('Expand', ['one', 'k'], 'y')], wanted: (k) => [k] },
  Tile: { nodes: [node('Tile', ['line', 'k'], 'y')], wanted: (k) => [ALL * k] },
  Pad: { nodes: [node('Concat', ['k', 'one'], 'pads', { axis: 0 }), node('Pad', ['line', 'pads'], 'y')], wanted: (k) => [ALL + k + 1] },
  TopK: { nodes: [node('TopK', ['line', 'k'], ['y', 'places'])], wanted: (k) => [k] },
  ConstantOfShape: { nodes: [node('Concat', ['k', 'k'], 'to', { axis: 0 }), node('ConstantOfShape', ['to'], 'y')], wanted: (k) => [k, k] },
  OneHot: { nodes: [node('OneHot', ['far', 'k', 'pair'], 'y')], wanted: (k) => [1, k] },
  Split: {
    nodes: [node('Sub', ['far', 'k'], 'others'), node('Concat', ['k', 'others'], 'sizes', { axis: 0 }), node('Split', ['line', 'sizes'], ['y', 'z'])],
    wanted: (k) => [k],
  },
});

for (const [name, { nodes, wanted }] of Object.entries(parameters)) {
  test(`${name} with parameters out of the data`, async () => {
    const model = await open({
      outputs: { y: undefined },
      constants: { zero: ints(0), one: ints(1), far: ints(ALL), rest: ints(-1), none: new Tensor('int64', [], [0]),
        one0: new Tensor('int64', [], [1]), pair: ints(0, 1), all: ints(ALL) },
      nodes: [
        node('ReduceMax', ['s'], 'top', { keepdims: 0 }), node('Cast', ['top'], 'whole', { to: 7 }),
        node('Reshape', ['whole', 'one'], 'k'), node('Reshape', ['s', 'all'], 'line'), ...nodes,
      ],
    });
    for (const k of [2, 16, 4]) assert.deepEqual((await model.run(image([0], k))).y.shape, wanted(k));
    await model.dispose();
  });
}

test('a convolution with weights that are computed', async () => {
  const model = await loadModel(onnxModel({
    inputs: { x: { dtype: 'float32', shape: [1, 4, 24, 24] } },
    outputs: { y: undefined },
    constants: { start: ints(0, 0, 0), end: ints(4, 1, 1), axes: ints(1, 2, 3) },
    nodes: [
      node('Relu', ['x'], 's'), node('Slice', ['s', 'start', 'end', 'axes'], 'w'), node('Conv', ['s', 'w'], 'y'),
    ],
  }));
  for (const seed of [1, 2]) {
    const x = f32([1, 4, 24, 24], noise(2304, seed)), s = numbers(x).map((v) => Math.max(0, v));
    const { y } = await model.run({ x });
    const wanted = [0, 1, 2, 3].reduce((sum, c) => sum + s[576 * c] * s[576 * c + 575], 0);
    assert.deepEqual(y.shape, [1, 1, 24, 24]);
    assert.ok(Math.abs(numbers(y)[575] - wanted) < 1e-5);
  }
  await model.dispose();
});

test('a TFLite model', async () => {
  const SIZE = 2000, ARG_MAX = 56, RANGE = 96, scalar = (/** @type {number} */ value) => Int32Array.of(value);
  const model = await loadModel(tfliteModel({
    tensors: [
      { name: 'x', shape: [SIZE] }, { name: 'axis', dtype: 'int32', shape: [], data: scalar(0) },
      { name: 'top', dtype: 'int32', shape: [] }, { name: 'zero', dtype: 'int32', shape: [], data: scalar(0) },
      { name: 'one', dtype: 'int32', shape: [], data: scalar(1) }, { name: 'y', dtype: 'int32', shape: [1], signature: [-1] },
    ],
    inputs: [0], outputs: [5],
    operators: [{ code: ARG_MAX, in: [0, 1], out: [2], options: table(u8(2)) }, { code: RANGE, in: [3, 2, 4], out: [5] }],
  }));
  for (const top of [3, 0, 7]) {
    const { y } = await model.run({ x: f32([SIZE], Array.from({ length: SIZE }, (_, i) => Number(i === top))) });
    assert.deepEqual(numbers(y), Array.from({ length: top }, (_, i) => i));
  }
  await model.dispose();
});

test('what the caller asks too much of fails by the name of the node; the next run is as good as any', async () => {
  const model = await open({
    outputs: { y: undefined },
    constants: { one: ints(1), all: ints(ALL) },
    nodes: [
      node('ReduceMax', ['s'], 'top', { keepdims: 0 }), node('Cast', ['top'], 'whole', { to: 7 }),
      node('Reshape', ['whole', 'one'], 'k'), node('Reshape', ['s', 'all'], 'line'), node('TopK', ['line', 'k'], ['y', 'places']),
    ],
  });
  for (let turn = 0; turn < 3; turn++) {
    await assert.rejects(model.run(image([0], ALL + 1)), { code: 'invalid_shape', node: 'y', message: /1601 of 1600/ });
    assert.deepEqual(numbers((await model.run(image([7], 3))).y), [3, 0, 0]);
  }
  await model.dispose();
});

/** Reads of x as many elements as the last stage had, plus one: a stage for each. @param {number} length @returns {Node[]} */
const chain = (length) => Array.from({ length }, (_, i) => [
  node('Slice', ['line', 'zero', i ? `n${i - 1}` : 'first'], `part${i}`), node('ReduceSum', [`part${i}`], `sum${i}`, { keepdims: 1 }),
  node('Cast', [`sum${i}`], `n${i}`, { to: 7 }),
]).flat();

/** @param {number} length */
const chained = (length) => open({
  outputs: { [`n${length - 1}`]: undefined },
  constants: { zero: ints(0), all: ints(ALL), one: f32([1], [1]), first: ints(3) },
  nodes: [node('Reshape', ['s', 'all'], 'line'), ...chain(length)],
});

test('stages of stages: each reads as much as the one before it says', async () => {
  const model = await chained(6);
  const data = new Float32Array(ALL).fill(1);
  data[0] = 2; // 3 elements make 4, and 4 make 5
  const { n5 } = await model.run({ x: f32([1, SIDE, SIDE], [...data]) });
  assert.deepEqual(numbers(n5), [9]);
  await model.dispose();
});

test('more stages than any model has are refused when they are there', async () => {
  const model = await chained(80);
  await assert.rejects(model.run(image([0, 1, 2])), { code: 'unsupported_model', message: /64 times/ });
  await model.dispose();
});

test('branches of different shapes, where data decide which', async () => {
  const branch = (/** @type {Node[]} */ ...nodes) => ({ outputs: { [nodes.at(-1)?.outputs[0] ?? '']: undefined }, nodes });
  const model = await open({
    outputs: { y: undefined },
    constants: { half: f32([], [0.5]) },
    nodes: [
      node('ReduceMax', ['s'], 'top', { keepdims: 0 }), node('Greater', ['top', 'half'], 'any'),
      node('If', ['any'], 'y', {
        then_branch: branch(node('NonZero', ['s'], 'a')),
        else_branch: branch(node('Identity', ['top'], 'b0'), node('Cast', ['b0'], 'b', { to: 7 })),
      }),
    ],
  });
  assert.deepEqual((await model.run(image([1, 2]))).y.shape, [3, 2]);
  assert.deepEqual((await model.run(image([]))).y.shape, []);
  await model.dispose();
});

test('a Loop that piles up as many outputs as the data say; one whose body makes such shapes is refused', async () => {
  const loop = (/** @type {Node[]} */ nodes) => open({
    outputs: { y: undefined },
    constants: { one: ints(1), all: ints(ALL), yes: new Tensor('bool', [], [1]), zero: ints(0) },
    nodes: [
      node('ReduceMax', ['s'], 'top', { keepdims: 0 }), node('Cast', ['top'], 'k', { to: 7 }), node('Reshape', ['s', 'all'], 'line'),
      node('Loop', ['k', ''], 'y', { body: {
        inputs: { turn: { dtype: 'int64', shape: [] }, go: { dtype: 'bool', shape: [] } },
        outputs: { on: undefined, slice: undefined },
        nodes: [node('Identity', ['go'], 'on'), ...nodes],
      } }),
    ],
  });
  const model = await loop([node('Mul', ['turn', 'turn'], 'slice')]);
  assert.deepEqual(numbers((await model.run(image([5], 4))).y), [0, 1, 4, 9]);
  assert.deepEqual(numbers((await model.run(image([5], 2))).y), [0, 1]);
  await model.dispose();
  const other = await loop([node('Reshape', ['turn', 'one'], 'end'), node('Slice', ['line', 'zero', 'end'], 'slice')]);
  await assert.rejects(other.run(image([5], 4)), { code: 'unsupported_model', node: 'slice', message: /while the model runs/ });
  await other.dispose();
});

// --- detectors -------------------------------------------------------------------------------------------------------

const BOXES = 400, CLASSES = 3;

/**
 * Non-maximum suppression as ONNX has it, plainly.
 * @param {ArrayLike<number>} boxes @param {ArrayLike<number>} scores @param {{ most: number, overlap: number, least?: number }} options
 */
function suppress(boxes, scores, { most, overlap, least = -Infinity }) {
  const area = (/** @type {number[]} */ [top, left, bottom, right]) => Math.max(0, bottom - top) * Math.max(0, right - left);
  const box = (/** @type {number} */ i) => [0, 1, 2, 3].map((k) => boxes[4 * i + k]);
  const rows = [];
  for (let c = 0; c < CLASSES; c++) {
    const score = (/** @type {number} */ i) => scores[c * BOXES + i];
    const order = Array.from({ length: BOXES }, (_, i) => i).filter((i) => score(i) > least).sort((a, b) => score(b) - score(a) || a - b);
    /** @type {number[]} */
    const kept = [];
    for (const i of order) {
      const a = box(i);
      const isHidden = kept.some((j) => {
        const b = box(j);
        const shared = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
        return shared > overlap * (area(a) + area(b) - shared);
      });
      if (kept.length < most && !isHidden) kept.push(i);
    }
    rows.push(...kept.map((i) => [0, c, i]));
  }
  return rows;
}

/** Boxes in eighths, so that areas are exact, and scores. @param {number} seed */
function scene(seed) {
  const raw = noise(BOXES * (4 + CLASSES), seed);
  const boxes = Array.from({ length: BOXES }, (_, i) => {
    const [y, x, h, w] = raw.slice(4 * i, 4 * i + 4).map((v) => Math.floor(16 * (v + 1)) / 8);
    return [y, x, y + h / 4 + 0.125, x + w / 4 + 0.125];
  }).flat();
  return { boxes: f32([1, BOXES, 4], boxes), scores: f32([1, CLASSES, BOXES], raw.slice(4 * BOXES).map((v) => Math.round(v * 50) / 50)) };
}

/** The picks, and the boxes of the picks. @param {Graph['constants']} constants @param {string[]} parameters */
const detector = (constants, parameters) => loadModel(onnxModel({
  inputs: { boxes: { dtype: 'float32', shape: [1, BOXES, 4] }, scores: { dtype: 'float32', shape: [1, CLASSES, BOXES] } },
  outputs: { picks: { dtype: 'int64', shape: ['count', 3] }, best: { dtype: 'float32', shape: ['count', 4] } },
  constants: { ...constants, two: new Tensor('int64', [], [2]), twice: f32([], [2]) },
  nodes: [
    node('Mul', ['boxes', 'twice'], 'large'), node('Relu', ['scores'], 'above'),
    node('NonMaxSuppression', ['large', 'above', ...parameters], 'picks'),
    node('Gather', ['picks', 'two'], 'which', { axis: 1 }), node('Squeeze', ['large'], 'flat'),
    node('Gather', ['flat', 'which'], 'best'),
  ],
}));

test('NonMaxSuppression picks what the plain way picks, with and without a least score', async () => {
  for (const least of [undefined, 0.3, 2]) {
    const model = await detector({ most: ints(20), overlap: floats(0.25), least: floats(least ?? 0) },
      ['most', 'overlap', ...(least === undefined ? [] : ['least'])]);
    assert.deepEqual(model.outputs.map(({ shape }) => shape), [[null, 3], [null, 4]]);
    for (let seed = 1; seed < 9; seed++) {
      const { boxes, scores } = scene(seed);
      const { picks, best } = await model.run({ boxes, scores });
      const large = numbers(boxes).map((v) => 2 * v), rows = suppress(large, numbers(scores).map((v) => Math.max(0, v)), { most: 20, overlap: 0.25, least });
      assert.deepEqual([picks.shape, numbers(picks)], [[rows.length, 3], rows.flat()]);
      assert.deepEqual([best.shape, numbers(best)], [[rows.length, 4], rows.flatMap(([, , i]) => large.slice(4 * i, 4 * i + 4))]);
      assert.equal(rows.length === 0, least === 2);
    }
    await model.dispose();
  }
});

test('a model without a box to pick from', async () => {
  const model = await loadModel(onnxModel({
    inputs: { boxes: { dtype: 'float32', shape: [1, 'n', 4] }, scores: { dtype: 'float32', shape: [1, 2, 'n'] } },
    outputs: { picks: undefined },
    constants: { most: ints(5) },
    nodes: [node('Relu', ['boxes'], 'b'), node('Relu', ['scores'], 's'), node('NonMaxSuppression', ['b', 's', 'most'], 'picks')],
  }));
  for (const n of [0, 3, 0]) {
    const { picks } = await model.run({ boxes: f32([1, n, 4], Array(n).fill([0, 0, 1, 1]).flat()), scores: f32([1, 2, n], Array(2 * n).fill(1)) });
    assert.deepEqual(picks.shape, [n ? 2 : 0, 3]);
  }
  await model.dispose();
});

/** A quantized convolution, its bytes as an output, and what is not 0 in it, if `cut`. @param {boolean} cut */
function quantizedModel(cut) {
  const scale = (/** @type {number} */ value) => f32([], [value]), zero = new Tensor('uint8', [], [7]);
  const weights = new Tensor('int8', [8, 4, 3, 3], noise(288, 5).map((v) => Math.floor(v * 100)));
  return onnxModel({
    inputs: { x: { dtype: 'float32', shape: [1, 4, 'h', 'w'] } },
    outputs: { bytes: undefined, ...(cut ? { places: undefined, again: undefined } : {}) },
    constants: { xs: scale(0.01), xz: zero, ws: scale(0.02), wz: new Tensor('int8', [], [0]), w: weights, ys: scale(0.1), yz: zero,
      spread: f32([1, 8, 1, 1], noise(8)) },
    nodes: [
      node('QuantizeLinear', ['x', 'xs', 'xz'], 'xq'), node('DequantizeLinear', ['xq', 'xs', 'xz'], 'xf'),
      node('DequantizeLinear', ['w', 'ws', 'wz'], 'wf'), node('Conv', ['xf', 'wf'], 'c', { pads: [1, 1, 1, 1] }), node('Relu', ['c'], 'r'),
      node('QuantizeLinear', ['r', 'ys', 'yz'], 'bytes'),
      ...(cut ? [
        node('DequantizeLinear', ['bytes', 'ys', 'yz'], 'f'), node('NonZero', ['f'], 'places'), node('Transpose', ['places'], 'rows'),
        node('GatherND', ['f', 'rows'], 'found'), node('QuantizeLinear', ['found', 'ys', 'yz'], 'again'),
      ] : []),
    ],
  });
}

test('int8 before the cut has the bits that it has without', async () => {
  const [whole, cut] = [await loadModel(quantizedModel(false)), await loadModel(quantizedModel(true))];
  for (const [h, w] of [[17, 23], [40, 8], [1, 1], [17, 23]]) {
    const x = f32([1, 4, h, w], noise(4 * h * w, h).map((v) => v * 2));
    const { bytes } = await whole.run({ x });
    const { bytes: same, places, again } = await cut.run({ x });
    assert.ok(cut.plan?.steps.some(({ type, q8 }) => type === 'Conv' && q8));
    assert.deepEqual(same.data, bytes.data);
    const found = numbers(bytes).filter((byte) => byte !== 7);
    assert.deepEqual(places.shape, [4, found.length]);
    assert.deepEqual(numbers(again), found);
  }
  await Promise.all([whole.dispose(), cut.dispose()]);
});

// --- many runs -------------------------------------------------------------------------------------------------------

const m = noise(512, 3);

/** A convolution and a product behind the cut, on as many rows and columns as the image has lines that are not black. */
const heavyRest = () => loadModel(onnxModel({
  inputs: { x: { dtype: 'float32', shape: [1, 4, 'h', 'w'] } },
  outputs: { y: undefined, z: undefined, rows: undefined },
  constants: {
    w: f32([8, 4, 3, 3], noise(288)), m: f32([8, 64], m), v: f32([8, 8, 3, 3], noise(576, 9)),
    row: ints(-1, 8), start: ints(0, 0), axes: ints(2, 3), last: ints(1),
  },
  nodes: [
    node('Conv', ['x', 'w'], 'c'), node('Relu', ['c'], 'r'), node('ReduceMax', ['r'], 'tops', { axes: [0, 1, 3], keepdims: 0 }),
    node('NonZero', ['tops'], 'lines'), node('Shape', ['lines'], 'count'), node('Gather', ['count', 'last'], 'n'),
    node('Concat', ['n', 'n'], 'ends', { axis: 0 }), node('Slice', ['r', 'start', 'ends', 'axes'], 'corner'),
    node('Conv', ['corner', 'v'], 'y', { pads: [1, 1, 1, 1] }),
    node('Transpose', ['corner'], 'nhwc', { perm: [0, 2, 3, 1] }), node('Reshape', ['nhwc', 'row'], 'rows'), node('MatMul', ['rows', 'm'], 'z'),
  ],
}));

test('300 runs of other sizes and data take no more memory than the first ones', async () => {
  const model = await heavyRest();
  const run = async (/** @type {number} */ turn) => {
    const [h, w] = [12 + (turn % 7), 20 + (turn % 5)];
    const lines = 5 + (turn % 3); // the others are black
    const { y, z, rows } = await model.run({ x: f32([1, 4, h, w], noise(4 * h * w, turn).map((v, i) => ((i / w) % h < lines ? v : 0))) });
    assert.deepEqual([y.shape, z.shape], [[1, 8, lines, lines], [lines * lines, 64]]);
    const wanted = numbers(rows).slice(-8).reduce((sum, v, k) => sum + v * m[64 * k + 63], 0);
    assert.ok(Math.abs(wanted - Number(z.data.at(-1))) < 1e-5);
  };
  for (let turn = 0; turn < 70; turn++) await run(turn);
  const before = model.memory?.wasm;
  for (let turn = 70; turn < 370; turn++) await run(turn);
  assert.equal(model.memory?.wasm, before);
  await model.dispose();
});

test('an abort behind the cut leaves a model that runs', async () => {
  const SIZE = 256, LENGTH = 200;
  const model = await loadModel(onnxModel({
    inputs: { x: { dtype: 'float32', shape: [SIZE, SIZE] } },
    outputs: { places: undefined, y: undefined },
    constants: { w: f32([SIZE, SIZE], noise(SIZE * SIZE)), zero: ints(0), second: ints(1) },
    nodes: [
      node('Relu', ['x'], 's'), node('NonZero', ['s'], 'places'), node('Shape', ['places'], 'counts'),
      node('Gather', ['counts', 'second'], 'end'), node('Slice', ['s', 'zero', 'end'], 'm0'),
      ...Array.from({ length: LENGTH }, (_, i) => node('MatMul', [`m${i}`, 'w'], i + 1 < LENGTH ? `m${i + 1}` : 'y')),
    ],
  }));
  const x = f32([SIZE, SIZE], Array.from({ length: SIZE * SIZE }, (_, i) => Number(i < SIZE)));
  const abort = new AbortController();
  const running = model.run({ x }, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(running, { name: 'AbortError' });
  const { y, places } = await model.run({ x });
  assert.deepEqual([places.shape, y.shape], [[2, SIZE], [SIZE, SIZE]]);
  await model.dispose();
});

test('a profile has the rest as one time; a warmup runs it', async () => {
  const model = await loadModel(quantizedModel(true), { warmup: true });
  const { steps, restMs, ms } = await model.profile({ x: f32([1, 4, 9, 9], noise(324)) }, { runs: 3 });
  assert.ok(steps.length > 0 && restMs > 0 && ms >= restMs);
  await model.dispose();
});
