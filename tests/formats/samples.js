// SPDX-License-Identifier: MIT
//
// Small models of both formats: one that quantizes, one in float, each with most of what a reader has to understand.
// The seeds of the fuzz corpus (tests/fuzz/make_corpus.js) and the models that reader tests damage.
import { onnxModel } from '../helpers/onnx_model.js';
import { constant } from './constant.js';
import { controlOnnx } from './control.js';
import { externalModel, FILES } from './external.js';
import { manyOnnx, manyTflite } from './many.js';
import { sumModel } from './variables.js';
import { f32, i32, table, tfliteModel, u8 } from './write_tflite.js';

/** @param {number} count */
const ramp = (count) => Array.from({ length: count }, (_, i) => ((i * 37) % 17 - 8) / 8);
/** @param {number} count */
const bytes = (count) => Array.from({ length: count }, (_, i) => (i * 29) % 255 - 127);

/** Convolution, batch norm, pooling, resizing, shape arithmetic, a head with softmax; a batch of any size. */
export const onnxFloat = () => onnxModel({
  opset: 13,
  inputs: { x: { dtype: 'float32', shape: ['n', 3, 8, 8] } },
  outputs: { y: { dtype: 'float32', shape: ['n', 5] }, small: { dtype: 'float32', shape: ['n', 4, 2, 2] } },
  constants: {
    w: constant('float32', [4, 3, 3, 3], ramp(108)), b: constant('float32', [4], ramp(4)),
    one: constant('float32', [4], [1, 1, 1, 1]), low: constant('float32', [], [0]), high: constant('float32', [], [6]),
    scales: constant('float32', [4], [1, 1, 2, 2]), zero: constant('int64', [1], [0]),
    rest: constant('int64', [1], [-1]),
    fc: constant('float32', [64, 5], ramp(320)), pads: constant('int64', [8], [0, 0, 1, 1, 0, 0, 0, 0]),
    starts: constant('int64', [2], [0, 0]), ends: constant('int64', [2], [4, 4]), axes: constant('int64', [2], [2, 3]),
  },
  nodes: [
    { op: 'Pad', inputs: ['x', 'pads'], outputs: ['padded'], attributes: { mode: 'constant' } },
    { op: 'Conv', name: 'conv', inputs: ['padded', 'w', 'b'], outputs: ['c'],
      attributes: { kernel_shape: [3, 3], pads: [0, 0, 1, 1], strides: [1, 1], group: 1 } },
    { op: 'BatchNormalization', inputs: ['c', 'one', 'b', 'b', 'one'], outputs: ['n'],
      attributes: { epsilon: { float: 1e-3 } } },
    { op: 'Clip', inputs: ['n', 'low', 'high'], outputs: ['r'] },
    { op: 'MaxPool', inputs: ['r'], outputs: ['m'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Resize', inputs: ['m', '', 'scales'], outputs: ['u'],
      attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } },
    { op: 'Add', inputs: ['u', 'r'], outputs: ['s'] },
    { op: 'Slice', inputs: ['s', 'starts', 'ends', 'axes'], outputs: ['corner'] },
    { op: 'AveragePool', inputs: ['corner'], outputs: ['small'],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Shape', inputs: ['corner'], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'zero'], outputs: ['batch'] },
    { op: 'Concat', inputs: ['batch', 'rest'], outputs: ['flat'], attributes: { axis: 0 } },
    { op: 'Reshape', inputs: ['corner', 'flat'], outputs: ['f'] },
    { op: 'MatMul', inputs: ['f', 'fc'], outputs: ['z'] },
    { op: 'Softmax', inputs: ['z'], outputs: ['y'], attributes: { axis: -1 } },
  ],
});

/** QuantizeLinear and DequantizeLinear around a convolution, per channel, and a quantized output. */
export const onnxQdq = () => onnxModel({
  inputs: { x: { dtype: 'float32', shape: [1, 2, 4, 4] } },
  outputs: { y: { dtype: 'uint8', shape: [1, 3, 4, 4] } },
  constants: {
    xs: constant('float32', [], [0.02]), xz: constant('uint8', [], [128]), w: constant('int8', [3, 2, 1, 1], bytes(6)),
    ws: constant('float32', [3], [0.01, 0.02, 0.03]), wz: constant('int8', [3], [0, 0, 0]),
    b: constant('int32', [3], [10, -20, 30]), bs: constant('float32', [3], [0.0002, 0.0004, 0.0006]),
    bz: constant('int32', [3], [0, 0, 0]), ys: constant('float32', [], [0.05]), yz: constant('uint8', [], [3]),
  },
  nodes: [
    { op: 'QuantizeLinear', inputs: ['x', 'xs', 'xz'], outputs: ['xq'] },
    { op: 'DequantizeLinear', inputs: ['xq', 'xs', 'xz'], outputs: ['xd'] },
    { op: 'DequantizeLinear', inputs: ['w', 'ws', 'wz'], outputs: ['wd'], attributes: { axis: 0 } },
    { op: 'DequantizeLinear', inputs: ['b', 'bs', 'bz'], outputs: ['bd'], attributes: { axis: 0 } },
    { op: 'Conv', name: 'conv', inputs: ['xd', 'wd', 'bd'], outputs: ['c'] },
    { op: 'Relu', inputs: ['c'], outputs: ['r'] },
    { op: 'QuantizeLinear', inputs: ['r', 'ys', 'yz'], outputs: ['y'] },
  ],
});

/** Shapes that depend on data, and on data that depend on such shapes; and what a detector ends in. */
export const onnxStages = () => onnxModel({
  inputs: { x: { dtype: 'float32', shape: [4, 8] } },
  outputs: { found: undefined, part: undefined, picks: undefined, best: undefined, kept: undefined, y: undefined },
  constants: {
    w: constant('float32', [8, 8], ramp(64)), one: constant('int64', [1], [1]), zero: constant('int64', [1], [0]), all: constant('int64', [1], [-1]),
    boxes: constant('int64', [3], [1, 8, 4]), classes: constant('int64', [3], [1, 4, 8]), most: constant('int64', [1], [3]),
    overlap: constant('float32', [1], [0.5]), two: constant('int64', [], [2]), half: constant('float32', [], [0.5]),
  },
  nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['p'] },
    { op: 'Relu', inputs: ['p'], outputs: ['r'] },
    { op: 'NonZero', inputs: ['r'], outputs: ['places'] },
    { op: 'Transpose', inputs: ['places'], outputs: ['rows'] },
    { op: 'GatherND', inputs: ['r', 'rows'], outputs: ['found'] },
    { op: 'ReduceMax', inputs: ['found'], outputs: ['top'], attributes: { keepdims: 0 } },
    { op: 'Cast', inputs: ['top'], outputs: ['whole'], attributes: { to: 7 } },
    { op: 'Reshape', inputs: ['whole', 'one'], outputs: ['k'] },
    { op: 'Slice', inputs: ['r', 'zero', 'k'], outputs: ['part'] },
    { op: 'Reshape', inputs: ['p', 'boxes'], outputs: ['b'] },
    { op: 'Reshape', inputs: ['p', 'classes'], outputs: ['c'] },
    { op: 'NonMaxSuppression', inputs: ['b', 'c', 'most', 'overlap'], outputs: ['picks'] },
    { op: 'Gather', inputs: ['picks', 'two'], outputs: ['which'], attributes: { axis: 1 } },
    { op: 'Gather', inputs: ['b', 'which'], outputs: ['best'], attributes: { axis: 1 } },
    { op: 'Less', inputs: ['top', 'half'], outputs: ['none'] },
    { op: 'Greater', inputs: ['r', 'half'], outputs: ['large'] },
    { op: 'Reshape', inputs: ['large', 'all'], outputs: ['keep'] },
    { op: 'Compress', inputs: ['r', 'keep'], outputs: ['kept'] },
    { op: 'If', inputs: ['none'], outputs: ['y'], attributes: {
      then_branch: { outputs: { a: undefined }, nodes: [{ op: 'Exp', inputs: ['p'], outputs: ['a'] }] },
      else_branch: { outputs: { d: undefined }, nodes: [{ op: 'Shape', inputs: ['part'], outputs: ['d'] }] },
    } },
  ],
});

/** int8: convolution per channel, addition, mean, fully connected; any batch. */
export const tfliteInt8 = () => tfliteModel({
  inputs: [0],
  outputs: [8],
  tensors: [
    { name: 'x', dtype: 'int8', shape: [1, 4, 4, 2], signature: [-1, 4, 4, 2], quant: { scale: [0.02], zero: [-3] } },
    { name: 'w', dtype: 'int8', shape: [2, 3, 3, 2], data: Int8Array.from(bytes(36)),
      quant: { scale: [0.01, 0.02], zero: [0, 0] } },
    { name: 'b', dtype: 'int32', shape: [2], data: Int32Array.of(100, -50),
      quant: { scale: [0.0002, 0.0004], zero: [0, 0] } },
    { name: 'c', dtype: 'int8', shape: [1, 4, 4, 2], quant: { scale: [0.04], zero: [-128] } },
    { name: 's', dtype: 'int8', shape: [1, 4, 4, 2], quant: { scale: [0.06], zero: [5] } },
    { name: 'axes', dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) },
    { name: 'm', dtype: 'int8', shape: [1, 2], quant: { scale: [0.05], zero: [2] } },
    { name: 'fc', dtype: 'int8', shape: [3, 2], data: Int8Array.from(bytes(6)), quant: { scale: [0.03], zero: [0] } },
    { name: 'y', dtype: 'int8', shape: [1, 3], quant: { scale: [0.1], zero: [0] } },
  ],
  operators: [
    { code: 3, in: [0, 1, 2], out: [3], options: table(u8(0), i32(1), i32(1), u8(1)) },
    { code: 0, in: [3, 0], out: [4], options: table(u8(0)) },
    { code: 40, in: [4, 5], out: [6], options: table(u8(0)) },
    { code: 9, in: [6, 7, -1], out: [8], options: table(u8(0)) },
  ],
});

/** Float, with a float16 constant, padding, depthwise convolution, resizing, softmax. */
export const tfliteFloat = () => tfliteModel({
  inputs: [0],
  outputs: [9],
  tensors: [
    { name: 'x', shape: [1, 4, 4, 2] },
    { name: 'pads', dtype: 'int32', shape: [4, 2], data: Int32Array.of(0, 0, 1, 1, 1, 1, 0, 0) },
    { name: 'p', shape: [1, 6, 6, 2] },
    { name: 'half', dtype: 'float16', shape: [1, 3, 3, 2],
      data: Uint16Array.from({ length: 18 }, (_, i) => 0x3800 + i) },
    { name: 'w', shape: [1, 3, 3, 2] },
    { name: 'd', shape: [1, 4, 4, 2] },
    { name: 'size', dtype: 'int32', shape: [2], data: Int32Array.of(8, 8) },
    { name: 'r', shape: [1, 8, 8, 2] },
    { name: 'a', shape: [1, 8, 8, 2] },
    { name: 'y', shape: [1, 8, 8, 2] },
  ],
  operators: [
    { code: 34, in: [0, 1], out: [2] },
    { code: 6, in: [3], out: [4] },
    { code: 4, in: [2, 4, -1], out: [5], options: table(u8(1), i32(1), i32(1), i32(1), u8(3)) },
    { code: 23, in: [5, 6], out: [7], options: table(undefined, undefined, u8(0), u8(1)) },
    { code: 98, in: [7], out: [8], options: table(f32(0.25)) },
    { code: 25, in: [8], out: [9], options: table(f32(1)) },
  ],
});

/**
 * Every sample: its name, format and bytes, and its other files.
 * @returns {{ name: string, bytes: Uint8Array<ArrayBuffer>, externalData?: typeof FILES }[]}
 */
export const samples = () => [
  { name: 'float.onnx', bytes: onnxFloat() },
  { name: 'qdq.onnx', bytes: onnxQdq() },
  { name: 'int8.tflite', bytes: tfliteInt8() },
  { name: 'float.tflite', bytes: tfliteFloat() },
  { name: 'stages.onnx', bytes: onnxStages() },
  { name: 'many.onnx', bytes: manyOnnx() },
  { name: 'many.tflite', bytes: manyTflite() },
  { name: 'control.onnx', bytes: controlOnnx() },
  { name: 'external.onnx', bytes: externalModel(), externalData: FILES },
  { name: 'variables.tflite', bytes: sumModel({ start: Float32Array.of(1, 2) }) },
];
