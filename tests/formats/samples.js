// SPDX-License-Identifier: MIT
//
// Small models of both formats: one that quantizes, one in float, each with most of what a reader has to understand.
// The seeds of the fuzz corpus (tests/fuzz/make_corpus.js) and the models that reader tests damage.
import { onnxModel, tensor } from './write_onnx.js';
import { f32, i32, table, tfliteModel, u8 } from './write_tflite.js';

/** @param {number} count */
const ramp = (count) => Array.from({ length: count }, (_, i) => ((i * 37) % 17 - 8) / 8);
/** @param {number} count */
const bytes = (count) => Array.from({ length: count }, (_, i) => (i * 29) % 255 - 127);

/** Convolution, batch norm, pooling, resizing, shape arithmetic, a head with softmax; a batch of any size. */
export const onnxFloat = () => onnxModel({
  opset: 13,
  inputs: [{ name: 'x', shape: ['n', 3, 8, 8] }],
  outputs: [{ name: 'y', shape: ['n', 5] }, { name: 'small', shape: ['n', 4, 2, 2] }],
  constants: [
    tensor('w', 'float32', [4, 3, 3, 3], ramp(108)), tensor('b', 'float32', [4], ramp(4)),
    tensor('one', 'float32', [4], [1, 1, 1, 1]), tensor('low', 'float32', [], [0]), tensor('high', 'float32', [], [6]),
    tensor('scales', 'float32', [4], [1, 1, 2, 2]), tensor('zero', 'int64', [1], [0]),
    tensor('rest', 'int64', [1], [-1]),
    tensor('fc', 'float32', [64, 5], ramp(320)), tensor('pads', 'int64', [8], [0, 0, 1, 1, 0, 0, 0, 0]),
    tensor('starts', 'int64', [2], [0, 0]), tensor('ends', 'int64', [2], [4, 4]), tensor('axes', 'int64', [2], [2, 3]),
  ],
  nodes: [
    { op: 'Pad', in: ['x', 'pads'], out: ['padded'], attributes: { mode: 'constant' } },
    { op: 'Conv', name: 'conv', in: ['padded', 'w', 'b'], out: ['c'],
      attributes: { kernel_shape: [3, 3], pads: [0, 0, 1, 1], strides: [1, 1], group: 1 } },
    { op: 'BatchNormalization', in: ['c', 'one', 'b', 'b', 'one'], out: ['n'],
      attributes: { epsilon: { float: 1e-3 } } },
    { op: 'Clip', in: ['n', 'low', 'high'], out: ['r'] },
    { op: 'MaxPool', in: ['r'], out: ['m'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Resize', in: ['m', '', 'scales'], out: ['u'],
      attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } },
    { op: 'Add', in: ['u', 'r'], out: ['s'] },
    { op: 'Slice', in: ['s', 'starts', 'ends', 'axes'], out: ['corner'] },
    { op: 'AveragePool', in: ['corner'], out: ['small'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Shape', in: ['corner'], out: ['shape'] },
    { op: 'Gather', in: ['shape', 'zero'], out: ['batch'] },
    { op: 'Concat', in: ['batch', 'rest'], out: ['flat'], attributes: { axis: 0 } },
    { op: 'Reshape', in: ['corner', 'flat'], out: ['f'] },
    { op: 'MatMul', in: ['f', 'fc'], out: ['z'] },
    { op: 'Softmax', in: ['z'], out: ['y'], attributes: { axis: -1 } },
  ],
});

/** QuantizeLinear and DequantizeLinear around a convolution, per channel, and a quantized output. */
export const onnxQdq = () => onnxModel({
  inputs: [{ name: 'x', shape: [1, 2, 4, 4] }],
  outputs: [{ name: 'y', dtype: 'uint8', shape: [1, 3, 4, 4] }],
  constants: [
    tensor('xs', 'float32', [], [0.02]), tensor('xz', 'uint8', [], [128]), tensor('w', 'int8', [3, 2, 1, 1], bytes(6)),
    tensor('ws', 'float32', [3], [0.01, 0.02, 0.03]), tensor('wz', 'int8', [3], [0, 0, 0]),
    tensor('b', 'int32', [3], [10, -20, 30]), tensor('bs', 'float32', [3], [0.0002, 0.0004, 0.0006]),
    tensor('bz', 'int32', [3], [0, 0, 0]), tensor('ys', 'float32', [], [0.05]), tensor('yz', 'uint8', [], [3]),
  ],
  nodes: [
    { op: 'QuantizeLinear', in: ['x', 'xs', 'xz'], out: ['xq'] },
    { op: 'DequantizeLinear', in: ['xq', 'xs', 'xz'], out: ['xd'] },
    { op: 'DequantizeLinear', in: ['w', 'ws', 'wz'], out: ['wd'], attributes: { axis: 0 } },
    { op: 'DequantizeLinear', in: ['b', 'bs', 'bz'], out: ['bd'], attributes: { axis: 0 } },
    { op: 'Conv', name: 'conv', in: ['xd', 'wd', 'bd'], out: ['c'] },
    { op: 'Relu', in: ['c'], out: ['r'] },
    { op: 'QuantizeLinear', in: ['r', 'ys', 'yz'], out: ['y'] },
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

/** Every sample: its name, format and bytes. */
export const samples = () => [
  { name: 'float.onnx', bytes: onnxFloat() },
  { name: 'qdq.onnx', bytes: onnxQdq() },
  { name: 'int8.tflite', bytes: tfliteInt8() },
  { name: 'float.tflite', bytes: tfliteFloat() },
];
