// SPDX-License-Identifier: MIT
//
// A model of control flow: an If, a Loop with an If in it, a Scan and an LSTM.
import { onnxModel } from '../helpers/onnx_model.js';
import { constant } from './constant.js';

const row = { dtype: 'float32', shape: [2] };
const bool = { dtype: 'bool', shape: [] }, long = { dtype: 'int64', shape: [] };

/** @param {string} op @param {string} input @param {string} output */
const branch = (op, input, output) =>
  ({ outputs: { [output]: undefined }, nodes: [{ op, inputs: [input], outputs: [output] }] });
/** @param {string} condition @param {string} input @param {string} output */
const choice = (condition, input, output) => ({ op: 'If', inputs: [condition], outputs: [output], attributes: {
  then_branch: branch('Abs', input, `${output}_then`), else_branch: branch('Neg', input, `${output}_else`) } });

export const controlOnnx = () => onnxModel({
  inputs: { c: bool, x: row },
  outputs: { y: row, all: { dtype: 'float32', shape: [3, 2] }, sums: undefined, h: undefined },
  constants: { three: constant('int64', [], [3]), zero: constant('int64', [], [0]), seq: constant('int64', [3], [3, 1, 2]),
    w: constant('float32', [1, 4, 2], [1, 0, 0, 1, 1, 1, 0, 0]), r: constant('float32', [1, 4, 1], [1, 2, 3, 4]) },
  nodes: [
    choice('c', 'x', 'a'),
    { op: 'Loop', inputs: ['three', '', 'a'], outputs: ['y', 'all'], attributes: { body: {
      inputs: { turn: long, go: bool, v: row }, outputs: { on: undefined, next: undefined, seen: undefined },
      nodes: [{ op: 'Identity', inputs: ['go'], outputs: ['on'] }, { op: 'Add', inputs: ['v', 'x'], outputs: ['sum'] },
        { op: 'Equal', inputs: ['turn', 'zero'], outputs: ['first'] }, choice('first', 'sum', 'next'),
        { op: 'Identity', inputs: ['next'], outputs: ['seen'] }] } } },
    { op: 'Scan', inputs: ['x', 'all'], outputs: ['last', 'sums'], attributes: { num_scan_inputs: 1, body: {
      inputs: { s: row, v: row }, outputs: { t: undefined, u: undefined },
      nodes: [{ op: 'Add', inputs: ['s', 'v'], outputs: ['t'] }, { op: 'Relu', inputs: ['t'], outputs: ['u'] }] } } },
    { op: 'Reshape', inputs: ['sums', 'seq'], outputs: ['sequence'] },
    { op: 'LSTM', inputs: ['sequence', 'w', 'r'], outputs: ['', 'h'], attributes: { hidden_size: 1 } },
  ],
});
