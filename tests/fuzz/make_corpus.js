// SPDX-License-Identifier: MIT
//
// Writes the seeds of the fuzz corpus, corpus/<format>/<sample>, and the dictionaries: node tests/fuzz/make_corpus.js
// Each sample is also compiled, for the reader of prepared models. (What a seed of those says of its version does not count,
// but what it has should be what the version of now has: make them again when it changes.)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { compileModel } from '../../js/compile.js';
import { samples } from '../formats/samples.js';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

for (const { name, bytes, externalData } of samples()) {
  const [stem, format] = name.split('.');
  mkdirSync(here(`corpus/${format}`), { recursive: true });
  writeFileSync(here(`corpus/${format}/${stem}`), bytes);
  mkdirSync(here('corpus/octavo'), { recursive: true });
  writeFileSync(here(`corpus/octavo/${stem}_${format}`), await compileModel(bytes, { externalData }));
}

const attributes = ['axis', 'axes', 'perm', 'mode', 'pads', 'strides', 'dilations', 'kernel_shape', 'group', 'auto_pad',
  'SAME_UPPER', 'VALID', 'nearest', 'linear', 'alpha', 'beta', 'transA', 'transB', 'keepdims', 'value', 'to', 'split',
  'starts', 'ends', 'ceil_mode', 'output_padding', 'output_shape', 'sizes', 'scales', 'epsilon', 'constant', 'reflect'];
const operators = [...readFileSync(here('../../src/formats/onnx_ops.inc'), 'utf8').matchAll(/^ONNX_OP\((\w+)/gm)];
const words = [...attributes, ...operators.map(([, name]) => name)];
writeFileSync(here('onnx.dict'), `# Made by make_corpus.js.\n${words.map((word) => `"${word}"`).join('\n')}\n`);

const odd = ['\\x00\\x00\\x00\\x00', '\\xff\\xff\\xff\\xff', '\\xff\\xff\\xff\\x7f', '\\x01\\x00\\x00\\x00', '\\x02\\x00\\x00\\x00'];
writeFileSync(here('octavo.dict'), `# Made by make_corpus.js.\n${odd.map((word) => `"${word}"`).join('\n')}\n`);

const numbers = ['TFL3', '\\x00\\x00\\x00\\x00', '\\xff\\xff\\xff\\xff', '\\xff\\xff\\xff\\x7f', '\\x01'];
writeFileSync(here('tflite.dict'), `# Made by make_corpus.js.\n${numbers.map((word) => `"${word}"`).join('\n')}\n`);
