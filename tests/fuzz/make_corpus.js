// SPDX-License-Identifier: MIT
//
// Writes the seeds of the fuzz corpus, corpus/<format>/<sample>, and the dictionaries: node tests/fuzz/make_corpus.js
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { samples } from '../formats/samples.js';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

for (const { name, bytes } of samples()) {
  const [stem, format] = name.split('.');
  mkdirSync(here(`corpus/${format}`), { recursive: true });
  writeFileSync(here(`corpus/${format}/${stem}`), bytes);
}

const attributes = ['axis', 'axes', 'perm', 'mode', 'pads', 'strides', 'dilations', 'kernel_shape', 'group', 'auto_pad',
  'SAME_UPPER', 'VALID', 'nearest', 'linear', 'alpha', 'beta', 'transA', 'transB', 'keepdims', 'value', 'to', 'split',
  'starts', 'ends', 'ceil_mode', 'output_padding', 'output_shape', 'sizes', 'scales', 'epsilon', 'constant', 'reflect'];
const operators = [...readFileSync(here('../../src/formats/onnx_ops.inc'), 'utf8').matchAll(/^ONNX_OP\((\w+)/gm)];
const words = [...attributes, ...operators.map(([, name]) => name)];
writeFileSync(here('onnx.dict'), `# Made by make_corpus.js.\n${words.map((word) => `"${word}"`).join('\n')}\n`);

const numbers = ['TFL3', '\\x00\\x00\\x00\\x00', '\\xff\\xff\\xff\\xff', '\\xff\\xff\\xff\\x7f', '\\x01'];
writeFileSync(here('tflite.dict'), `# Made by make_corpus.js.\n${numbers.map((word) => `"${word}"`).join('\n')}\n`);
