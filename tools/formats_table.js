// SPDX-License-Identifier: MIT
//
// Writes docs/formats.md from the readers' own lists of operators: node tools/formats_table.js [--check]
// With --check it writes nothing, and fails if the page is stale (tests/formats/formats_page.test.js does so).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} path from the root of the project */
const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** @param {string} path */
const read = (path) => readFileSync(file(path), 'utf8');

const page = 'docs/formats.md';

/**
 * The arguments of every line `NAME(...)` of a list.
 * @param {string} path
 * @param {string} name
 */
function linesOf(path, name) {
  const pattern = new RegExp(`^${name}\\((.*?)(?:,\\s*"(.*)")?\\)$`, 'gm');
  const lines = [...read(path).matchAll(pattern)];
  return lines.map(([, names, notes = '']) => [...names.split(',').map((text) => text.trim()), notes]);
}

/** @param {string} path */
function number(path, pattern) {
  const found = read(path).match(pattern);
  if (!found) throw new Error(`${path} has no ${pattern}`);
  return found[1];
}

/** @param {string[][]} rows */
const table = (rows) => ['| operator | becomes | notes |', '|---|---|---|',
  ...rows.map(([name, becomes, notes]) => `| ${name} | \`${becomes}\` | ${notes} |`)].join('\n');

const onnx = linesOf('src/formats/onnx_ops.inc', 'ONNX_OP').map(([name, , op, , , notes]) => [name, op, notes]);
const tflite = ['TFLITE_OP', 'TFLITE_CUSTOM'].flatMap((name) => linesOf('src/formats/tflite_ops.inc', name))
  .map(([name, , op, , notes]) => [name, op, notes]);
tflite.sort(([a], [b]) => (a < b ? -1 : 1));

const oldest = number('src/formats/onnx.h', /OCT_ONNX_OPSET_MIN = (\d+)/);
const newest = number('src/formats/onnx.h', /OCT_ONNX_OPSET_MAX = (\d+)/);
const schema = number('src/formats/tflite.c', /SCHEMA_VERSION = (\d+)/);

const text = `<!-- Made by tools/formats_table.js from the lists in src/formats; do not edit. -->
# What can be read

A model with an operator that is not here is refused, with the name of the first such node and the list of all that is
missing. \`npx octavo inspect MODEL\` tells what a model has and how each part of it will run.

Both formats become the same graph (\`src/graph/graph.h\`), whose operators (\`src/ops/ops.inc\`) the middle column
names. Tensors have at most 8 dimensions and 1 GiB; nodes at most 64 inputs and 64 outputs. Dimensions that the file
leaves open are settled by the inputs of each run.

## ONNX

Opset ${oldest} to ${newest}, in one file or with constants in others beside it (external data). float16, bfloat16 and double are
computed in float32, and are float32 at the API too. Sequences, strings and sparse tensors are not read. Inputs that
decide shapes are planned for by value; where data that the model computes decide them (the count of a NonZero, the
bounds of a Slice), each run plans what is behind them, except in bodies of Loop and Scan. A
\`QuantizeLinear\`/\`DequantizeLinear\` pair around an operator with an integer form makes it run in int8 where scales and zero points are constants, one a tensor; every other quantization is computed
as what it means, in float32. [conformance.md](conformance.md) has what ONNX's own tests say.

${table(onnx)}

## TFLite

Schema version ${schema}; the main subgraph, and those that initialize variables. int8 and uint8 (per tensor, weights
per channel), float32, float16 weights, and int8 weights beside float activations, which are rounded as LiteRT quantizes
them and multiplied in float32. int16 activations are computed in float32 and rounded to the tensor's steps after every
operator. Sparse weights are not read.

${table(tflite)}
`;

if (!process.argv.includes('--check')) writeFileSync(file(page), text);
else if (read(page) !== text) {
  console.error(`${page} is stale: run node tools/formats_table.js`);
  process.exit(1);
}
