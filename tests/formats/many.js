// SPDX-License-Identifier: MIT
//
// One model of each format with a node of every operator that takes floats, side by side, each an output of its own:
// what shows that the translate functions work at all, and what a fuzzer needs to reach them.
import { onnxModel } from '../helpers/onnx_model.js';
import { constant } from './constant.js';
import { flexMap } from './write_flexbuffer.js';
import { f32, i32, ints, table, tfliteModel, u8 } from './write_tflite.js';

const UNARY = ['Abs', 'Ceil', 'Elu', 'Erf', 'Exp', 'Floor', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Log', 'Neg',
  'Reciprocal', 'Relu', 'Round', 'Sigmoid', 'Sqrt', 'Tanh', 'Identity', 'Dropout', 'Softmax', 'Flatten', 'Transpose',
  'GlobalAveragePool', 'GlobalMaxPool', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceSum', 'ArgMax', 'ArgMin',
  'Shape'];
const BINARY = ['Add', 'Div', 'Mul', 'Pow', 'Sub', 'PRelu', 'Equal', 'Greater', 'Less', 'Max', 'Min', 'Sum'];

const window = { kernel_shape: [2, 2], strides: [2, 1], pads: [0, 1, 1, 0] };

/** @typedef {import('../helpers/onnx_model.js').Node} Node */

/** @type {Omit<Node, 'outputs'>[]} */
const others = [
  { op: 'AveragePool', inputs: ['x'], attributes: { ...window, count_include_pad: 1, ceil_mode: 1 } },
  { op: 'MaxPool', inputs: ['x'], attributes: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER' } },
  { op: 'MaxPool', inputs: ['line'], attributes: { kernel_shape: [3] } },
  { op: 'BatchNormalization', inputs: ['x', 'two', 'two', 'two', 'two'] },
  { op: 'Cast', inputs: ['x'], attributes: { to: 6 } },
  { op: 'Clip', inputs: ['x', '', 'half'] },
  { op: 'Concat', inputs: ['x', 'x'], attributes: { axis: -1 } },
  { op: 'Expand', inputs: ['two', 'shape'] },
  { op: 'Conv', inputs: ['x', 'w'], attributes: { group: 2, dilations: [1, 2] } },
  { op: 'Conv', inputs: ['line', 'w1', 'two'], attributes: { kernel_shape: [2], pads: [1, 0] } },
  { op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { group: 2, strides: [2, 2], output_padding: [1, 0] } },
  { op: 'ConstantOfShape', inputs: ['shape'] },
  { op: 'Constant', inputs: [], attributes: { value_ints: [1, 2, 3] } },
  { op: 'Gather', inputs: ['x', 'zero'], attributes: { axis: 2 } },
  { op: 'Gemm', inputs: ['square', 'square', 'two'], attributes: { transA: 1, alpha: { float: 2 } } },
  { op: 'MatMul', inputs: ['x', 'square4'] },
  { op: 'Pad', inputs: ['x', 'pads'], attributes: { mode: 'reflect' } },
  { op: 'Reshape', inputs: ['x', 'flat'] },
  { op: 'Resize', inputs: ['x', '', '', 'sizes'], attributes: { mode: 'linear' } },
  { op: 'Slice', inputs: ['x', 'zero', 'end', 'end', 'end'] },
  { op: 'Squeeze', inputs: ['x', 'zero'] },
  { op: 'Unsqueeze', inputs: ['x', 'zero'] },
  { op: 'QLinearConv', inputs: ['q', 's', 'z', 'wq', 's', 'z', 's', 'z'] },
  { op: 'QLinearMatMul', inputs: ['q', 's', 'z', 'wm', 's', 'z', 's', 'z'] },
  { op: 'QLinearAdd', domain: 'com.microsoft', inputs: ['q', 's', 'z', 'q', 's', 'z', 's', 'z'] },
];

export function manyOnnx() {
  /** @type {Omit<Node, 'outputs'>[]} */
  const single = [
    ...UNARY.map((op) => ({ op, inputs: ['x'] })), ...BINARY.map((op) => ({ op, inputs: ['x', 'c'] })), ...others,
  ];
  const nodes = single.map((node, i) => ({ ...node, outputs: [`y${i}`] }));
  const names = [...nodes.map(({ outputs }) => outputs[0]), 'a', 'b', 'highest', 'where'];
  return onnxModel({
    inputs: { x: { dtype: 'float32', shape: [1, 2, 4, 4] } },
    outputs: Object.fromEntries(names.map((name) => [name, undefined])),
    constants: {
      c: constant('float32', [1, 2, 1, 4], [1, 2, 3, 4, 5, 6, 7, 8]), two: constant('float32', [2], [1, 2]),
      w: constant('float32', [2, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), half: constant('float32', [], [0.5]),
      w1: constant('float32', [2, 8, 2], Array(32).fill(0.5)), shape: constant('int64', [2], [3, 2]),
      zero: constant('int64', [1], [0]), end: constant('int64', [1], [1]),
      square: constant('float32', [2, 2], [1, 2, 3, 4]),
      square4: constant('float32', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]), flat: constant('int64', [2], [0, -1]),
      lines: constant('int64', [3], [1, 8, -1]), pads: constant('int64', [8], [0, 0, 1, 1, 0, 0, 1, 1]),
      sizes: constant('int64', [4], [1, 2, 8, 3]), s: constant('float32', [], [0.1]), z: constant('uint8', [], [3]),
      wq: constant('uint8', [1, 2, 1, 1], [1, 250]), wm: constant('uint8', [4, 1], [1, 250, 7, 8]),
    },
    nodes: [
      { op: 'Reshape', inputs: ['x', 'lines'], outputs: ['line'] },
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'] },
      { op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: 1 } },
      { op: 'MaxPool', inputs: ['x'], outputs: ['highest', 'where'], attributes: window },
      ...nodes,
    ],
  });
}

/** A list constant. @param {string} name @param {number[]} values */
const list = (name, values) => ({ name, dtype: /** @type {const} */ ('int32'), shape: [values.length],
  data: Int32Array.from(values) });

/** Options of a convolution: SAME, strides, then the operator's own. */
const slide = [u8(0), i32(1), i32(1)];
/** @type {{ code: number, in: number[], options?: import('./write_tflite.js').Slot, outputs?: number,
 *   custom?: string, customOptions?: Uint8Array }[]} */
const tfliteNodes = [
  ...[8, 14, 19, 20, 21, 28, 47, 59, 73, 75, 76, 77, 92, 101, 104, 111, 116, 117].map((code) => ({ code, in: [0] })),
  ...[11, 50, 66, 108, 150, 158].map((code) => ({ code, in: [0] })),
  ...[0, 18, 41, 42].map((code) => ({ code, in: [0, 1], options: table(u8(1)) })),
  ...[54, 55, 57, 58, 61, 62, 63, 71, 72, 78, 90, 95, 99].map((code) => ({ code, in: [0, 1] })),
  ...[40, 74, 81, 82, 89].map((code) => ({ code, in: [0, 2], options: table(u8(1)) })),
  ...[1, 17].map((code) => ({ code, in: [0], options: table(...slide, i32(2), i32(2), u8(3)) })),
  { code: 2, in: [0, 0], options: table(i32(3), u8(0)) },
  { code: 3, in: [0, 3, -1], options: table(...slide, u8(1)) },
  { code: 4, in: [0, 4, -1], options: table(...slide, i32(1), u8(0)) },
  { code: 67, in: [5, 3, 0], options: table(...slide) },
  { code: 9, in: [0, 6, -1], options: table(u8(0), u8(0), u8(1)) },
  { code: 22, in: [0], options: table(ints([2, -1])) },
  { code: 23, in: [0, 2] },
  { code: 97, in: [0, 2], options: table(u8(1), u8(0)) },
  { code: 25, in: [0], options: table(f32(1)) },
  { code: 34, in: [0, 7] },
  { code: 100, in: [0, 7], options: table(u8(0)) },
  { code: 36, in: [0, 2], options: table(i32(1)) },
  { code: 39, in: [0, 8] },
  { code: 43, in: [0] },
  { code: 45, in: [0, 9, 5, 10], options: table(i32(1), i32(2), i32(0), i32(0), i32(1)) },
  { code: 49, in: [11, 0], outputs: 2 },
  { code: 56, in: [0, 11] },
  { code: 79, in: [0, 11] },
  { code: 65, in: [0, 9, 10] },
  { code: 70, in: [0, 11] },
  { code: 83, in: [0, 0], options: table(i32(2), i32(1)) },
  { code: 88, in: [0], options: table(i32(2), i32(3)), outputs: 2 },
  { code: 98, in: [0], options: table(f32(0.5)) },
  { code: 45, in: [0, 9, 5, 10], options: table(i32(0), i32(0), i32(2), i32(4), i32(0)) },
  ...[93, 110].map((code) => ({ code, in: [0] })),
  { code: 94, in: [5, 12] },
  { code: 130, in: [1, 5] },
  { code: 105, in: [0, 2] },
  { code: 106, in: [0, 1, 0] },
  { code: 7, in: [9, 0] },
  { code: 126, in: [0, 0], options: table(u8(0), u8(1)) },
  { code: 38, in: [0, 13, 14] },
  { code: 37, in: [0, 15, 16] },
  { code: 32, in: [0, 3, 1], custom: 'Convolution2DTransposeBias',
    customOptions: new Uint8Array(Int32Array.of(1, 2, 1).buffer) },
  { code: 64, in: [24, 0, 0] },
  { code: 32, in: [17, 18, 19], outputs: 4, custom: 'TFLite_Detection_PostProcess',
    customOptions: flexMap({ num_classes: 1, max_detections: 2, max_classes_per_detection: 1, nms_score_threshold: 0.5,
      nms_iou_threshold: 0.5, y_scale: 10, x_scale: 10, h_scale: 5, w_scale: 5 }) },
  { code: 44, in: [21, 22, 22, 22, 22, 22, 22, 22, 22, -1, -1, -1, 1, 1, 1, 1, -1, -1, 23, 23],
    options: table(u8(4), f32(1)) },
  { code: 9, in: [0, 20, -1], options: table(u8(0), u8(0), u8(1)) },
];

/** @param {number} code what its operator gives */
function dtypeOf(code) {
  if ([58, 61, 62, 63, 71, 72].includes(code)) return 'bool';
  return [56, 77, 79, 110].includes(code) ? 'int32' : 'float32';
}

export function manyTflite() {
  /** @type {import('./write_tflite.js').TensorSpec[]} */
  const tensors = [
    { name: 'x', shape: [1, 4, 4, 2] },
    { name: 'c', shape: [2], data: Float32Array.of(0.5, 2) },
    list('axes', [1, 2]),
    { name: 'w', shape: [2, 2, 2, 2], data: Float32Array.from({ length: 16 }, (_, i) => i / 8) },
    { name: 'dw', shape: [1, 2, 2, 2], data: Float32Array.from({ length: 8 }, (_, i) => i / 8) },
    list('shape', [1, 4, 4, 2]),
    { name: 'fc', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'pads', dtype: 'int32', shape: [4, 2], data: Int32Array.of(0, 0, 1, 1, 1, 1, 0, 0) },
    list('perm', [0, 2, 1, 3]),
    list('begin', [0, 0, 0, 0]),
    list('ones', [1, 1, 1, 1]),
    { ...list('axis', [3]), shape: [] },
    { name: 'half', shape: [], data: Float32Array.of(0.5) },
    list('blocks', [2, 3]),
    { ...list('borders', [1, 1, 0, 2]), shape: [2, 2] },
    list('unit', [1, 1]),
    { ...list('crops', [1, 1, 0, 2]), shape: [2, 2] },
    { name: 'boxes', shape: [1, 2, 4], data: Float32Array.of(0, 1, 0, 1, 1, 0, 1, 0) },
    { name: 'scores', shape: [1, 2, 1], data: Float32Array.of(0.6, 0.7) },
    { name: 'anchors', shape: [2, 4], data: Float32Array.of(0.5, 0.5, 1, 1, 0.4, 0.4, 1, 1) },
    { name: 'bytes', dtype: 'int8', shape: [2, 2], data: Int8Array.of(1, 2, 3, 4), quant: { scale: [0.1], zero: [0] } },
    { name: 'steps', shape: [1, 3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'square', shape: [2, 2], data: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
    { name: 'state', shape: [1, 2], variable: true },
    { name: 'yes', dtype: 'bool', shape: [1], data: Uint8Array.of(1) },
  ];
  const operators = tfliteNodes.map(({ in: inputs, outputs = 1, ...rest }) => {
    const made = Array.from({ length: outputs }, (_, i) =>
      ({ name: `y${tensors.length + i}`, dtype: dtypeOf(rest.code), shape: [1, 4, 4, 2] }));
    const out = made.map((_, i) => tensors.length + i);
    tensors.push(.../** @type {import('./write_tflite.js').TensorSpec[]} */ (made));
    return { in: inputs, out, ...rest };
  });
  return tfliteModel({ inputs: [0], outputs: operators.flatMap(({ out }) => out), tensors, operators });
}
