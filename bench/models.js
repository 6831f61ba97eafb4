// SPDX-License-Identifier: MIT
//
// What is measured: the demos' own models, and published ones where the project's test data lies beside the project.
// `shapes` names the inputs that a file leaves open.

/** @typedef {{ name: string, path: string, shapes?: Record<string, number[]> }} BenchModel */

const data = '../shared/data/models';

/** @type {BenchModel[]} paths are relative to the project */
export const models = [
  { name: 'page_corners', path: 'models/page_corners.onnx' },
  { name: 'page_clean', path: 'models/page_clean.onnx', shapes: { tile: [1, 3, 256, 256] } },
  { name: 'mobilefacenet_perchannel_qdq', path: `${data}/mobilefacenet_perchannel_qdq.onnx` },
  { name: 'st_mnv2_128_050_int8', path: `${data}/st_mnv2_128_050_int8.onnx` },
  { name: 'ppocrv4_det_160_qdq_int8', path: `${data}/ppocrv4_det_160_qdq_int8.onnx` },
  { name: 'coral_mnv2_100_224_quant', path: `${data}/coral_mnv2_100_224_quant.tflite` },
  { name: 'tfls_mnv1_025_224_fp32', path: `${data}/tfls_mnv1_025_224_fp32.tflite` },
];
